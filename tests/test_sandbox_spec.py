"""No answer of the sandbox contradicts NinjaOne's specification, where that file is at hand."""

from __future__ import annotations

import pytest

from ninja_analytics import catalog
from tests.conftest import NO_SPEC, SPEC
from tests.sandbox_client import Asker

pytestmark = pytest.mark.skipif(not SPEC.exists(), reason=NO_SPEC)

PATHS = {table.name: table.path for table in catalog.TABLES.values()}
# What a person would ask, beside what the specification's types allow.
SENSIBLE = {
    "devices": {"expand": "warranty,organization,location,role,policy,rolePolicy"},
    "devices_detailed": {"expand": "warranty", "pageSize": 1000},
    "volumes": {"include": "bl", "pageSize": 1000},
    "software": {"pageSize": 3000},
    "activities": {"pageSize": 1000},
}


@pytest.fixture(scope="module")
def specification():
    import schemathesis

    return schemathesis.openapi.from_path(SPEC)


@pytest.fixture(scope="module")
def ask():
    from ninja_analytics.sandbox import Sandbox

    # The specification says date-time, real answers have a day: the switch follows the former.
    with Sandbox(devices=120, seed=17, iso_install_dates=True) as sandbox:
        yield Asker(sandbox)


def check(specification, ask, case):
    """Send *case* and hold a good answer against the schema; refusals must be NinjaOne's."""
    from schemathesis.checks import load_all_checks
    from schemathesis.specs.openapi.checks import response_schema_conformance

    load_all_checks()
    response = case.call(base_url=ask.sandbox.base_url, headers=dict(ask.session.headers))
    if response.status_code == 200:
        case.validate_response(response, checks=[response_schema_conformance])
    else:
        assert response.status_code in (400, 500)
        assert {"resultCode", "errorMessage", "incidentId"} <= set(response.json())
    return response


@pytest.mark.parametrize("table", PATHS)
def test_whatever_the_types_allow_is_answered_as_the_specification_says(specification, ask, table):
    from hypothesis import HealthCheck, given, settings

    operation = specification[PATHS[table]]["GET"]

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
    operation = specification[PATHS[table]]["GET"]

    response = check(specification, ask, operation.Case(query=SENSIBLE.get(table, {})))

    assert response.status_code == 200
    page = response.json()
    rows = page if isinstance(page, list) else page.get("results", page.get("activities"))
    assert rows


def test_the_check_would_notice_a_contradiction(specification, ask):
    from schemathesis.core.failures import FailureGroup

    case = specification[PATHS["volumes"]]["GET"].Case(query={"pageSize": 1})
    ask.sandbox.fault("wrong-type", path="/v2/queries/volumes")

    with pytest.raises(FailureGroup):
        check(specification, ask, case)
