"""No answer of the sandbox contradicts NinjaOne's specification, where that file is at hand."""

from __future__ import annotations

import re

import pytest

from ninja_analytics import catalog
from tests.conftest import NO_SPEC, SPEC
from tests.sandbox_client import Asker, parts_of

pytestmark = pytest.mark.skipif(not SPEC.exists(), reason=NO_SPEC)

TABLES = catalog.TABLES
PATHS = {table.name: table.path for table in TABLES.values()}
# What a person would ask, beside what the specification's types allow.
SENSIBLE = {
    "devices": {"expand": "warranty,organization,location,role,policy,rolePolicy"},
    "devices_detailed": {"expand": "warranty,backupUsage", "pageSize": 1000},
    "volumes": {"include": "bl", "pageSize": 1000},
    "software": {"pageSize": 3000},
    "activities": {"pageSize": 1000},
    "backup_jobs": {
        "include": "all",
        "df": "class = WINDOWS_SERVER",
        "ddf": "class = WINDOWS_SERVER",
        "sf": "status in (COMPLETED, FAILED)",
        "ptf": "planType = IMAGE",
        "stf": "startTime after 2020-01-31T00:00:00Z",
    },
    "backup_usage": {"includeDeletedDevices": True, "includeLastBackupJobTimes": True},
    "device_activities": {"pageSize": 1000},
    "device_volumes": {"include": "bl"},
    "integrity_check_jobs": {"sf": "status = COMPLETED"},
    "windows_services": {"pageSize": 10_000, "state": "STOPPED"},
    "users": {"includeRoles": "true"},
    "custom_fields": {"pageSize": 1000},
    "custom_fields_detailed": {"pageSize": 1000},
    "scoped_custom_fields": {"pageSize": 1000},
    "scoped_custom_fields_detailed": {"pageSize": 1000},
    "device_custom_fields": {"withInheritance": "true"},
    "location_custom_fields": {"withInheritance": "true"},
    "ticket_log_entries": {"type": "DESCRIPTION", "pageSize": 5},
    "ticketing_people": {"userType": "CONTACT", "searchCriteria": "e", "pageSize": 500},
    "documents": {"templateIds": "11,12", "templateName": "Network overview"},
    "document_templates": {"includeTechnicianRoles": "true"},
    "checklists": {"includeArchived": "true", "required": "true"},
    "checklist_templates": {"checklistTemplateIds": "21,24", "includeArchived": "true"},
    "global_articles": {"includeArchived": "true"},
    "organization_articles": {"articleName": "Install a printer"},
    "article_folders": {"includeArchived": "true"},
    "entity_related_items": {"scope": "HOSTING"},
}
# The value of a custom field is an "object" in the specification; real ones are text, numbers,
# truths, lists and objects, as its fields are typed. There, anything is taken.
ANYTHING = (
    ("schemas", "NodeAttributeInfo", "properties", "value"),
    ("schemas", "NodeAttributes", "properties", "fields", "additionalProperties"),
    ("schemas", "ScopedAttributes", "properties", "fields", "additionalProperties"),
)


@pytest.fixture(scope="module")
def specification():
    import schemathesis
    import yaml

    document = yaml.load(SPEC.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for path in ANYTHING:
        place = document["components"]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = {}
    for table in TABLES.values():
        if table.answer == "fields":
            answer_of(document, table)["additionalProperties"] = {}
    return schemathesis.openapi.from_dict(document)


def answer_of(document, table):
    """The schema of the documented answer of *table*."""
    path = next(path for path in document["paths"] if anonymous(path) == anonymous(table.path))
    answers = document["paths"][path]["get"]["responses"]
    return next(iter(answers.values()))["content"]["application/json"]["schema"]


def anonymous(path):
    """*path* without the names of its parts."""
    return re.sub(r"{[\w-]+}", "{}", path)


@pytest.fixture(scope="module")
def ask():
    from ninja_analytics.sandbox import Sandbox

    # The specification says date-time, real answers have a day: the switch follows the former.
    with Sandbox(devices=120, seed=17, iso_install_dates=True) as sandbox:
        yield Asker(sandbox)


def operation_of(specification, table):
    wanted = anonymous(PATHS[table])
    path = next(path for path in specification if anonymous(path) == wanted)
    return specification[path]["GET"]


def at(specification, ask, table):
    """The parts of the path of *table*, by the names that the specification has for them."""
    parts = parts_of(ask.sandbox, TABLES[table])
    theirs = re.findall(r"{([\w-]+)}", operation_of(specification, table).path)
    return {name: parts[ours] for name, ours in zip(theirs, TABLES[table].per, strict=True)}


def check(specification, ask, case):
    """Send *case* and hold a good answer against the schema; refusals must be NinjaOne's."""
    from schemathesis.checks import load_all_checks
    from schemathesis.specs.openapi.checks import response_schema_conformance

    load_all_checks()
    response = case.call(base_url=ask.sandbox.base_url, headers=dict(ask.session.headers))
    if response.status_code == 200:
        case.validate_response(response, checks=[response_schema_conformance])
    else:
        # 404: nothing has the id that the path was given
        assert response.status_code in ((400, 404, 500) if case.path_parameters else (400, 500))
        assert {"resultCode", "errorMessage", "incidentId"} <= set(response.json())
    return response


@pytest.mark.parametrize("table", PATHS)
def test_whatever_the_types_allow_is_answered_as_the_specification_says(specification, ask, table):
    from hypothesis import HealthCheck, given, settings

    operation = operation_of(specification, table)

    @given(case=operation.as_strategy())
    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def answered(case):
        check(specification, ask, case)

    answered()


@pytest.mark.parametrize("table", PATHS)
def test_sensible_questions_are_answered_as_the_specification_says(specification, ask, table):
    operation = operation_of(specification, table)
    case = operation.Case(
        query=SENSIBLE.get(table, {}), path_parameters=at(specification, ask, table)
    )

    response = check(specification, ask, case)

    assert response.status_code == 200
    page = response.json()
    assert page[TABLES[table].rows_in] if TABLES[table].rows_in else page


def test_the_check_would_notice_a_contradiction(specification, ask):
    from schemathesis.core.failures import FailureGroup

    case = specification[PATHS["volumes"]]["GET"].Case(query={"pageSize": 1})
    ask.sandbox.fault("wrong-type", path="/v2/queries/volumes")

    with pytest.raises(FailureGroup):
        check(specification, ask, case)
