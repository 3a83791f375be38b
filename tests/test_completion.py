"""What completes in a cell, and what is never called for it."""

from __future__ import annotations

import queue
import subprocess
import sys

import pytest

import ninja_analytics as na
from ninja_analytics.catalog import NODE_CLASSES, TABLES
from ninja_analytics.completion import offer
from ninja_analytics.reports import REPORTS
from tests.conftest import ROOT, api_services


class Holder:
    """Something of a notebook's own in which a connection is kept."""

    def __init__(self, ninja: na.Ninja) -> None:
        self.ninja = ninja

    @property
    def trap(self) -> na.Ninja:
        raise AssertionError("code ran for a completion")


@pytest.fixture
def complete(ninja):
    """What completes at the end of some code, in a notebook with a few variables."""
    space = {"fleet": ninja, "na": na, "holder": Holder(ninja), "devices": na.device, "other": 7}
    space["kept"] = na.open_history("sandbox")

    def find(code: str) -> list[str]:
        found = offer(code, space, na.Ninja)
        if found is None:
            return []
        assert code.endswith(found.fragment)
        assert all(text.startswith(found.fragment) for text in found.texts)
        return list(found.texts)

    return find


@pytest.mark.parametrize(
    ("code", "some"),
    [
        ('fleet.table("', list(TABLES)),
        ("fleet.table(", ['"devices"', '"volumes"']),
        ('rows.ninja.by("', ["organization", "location", "node_class"]),
        ('fleet.table("volumes").ninja.with_names("dev', ["device"]),
        ('fleet.table("dev', ["devices", "devices_detailed", "device_health"]),
        ("x = [fleet.table(\n    'vol", ["volumes"]),
        ('fleet.report("fl', ["fleet_overview"]),
        ('fleet.sql("select * from soft', ["software_history", "software"]),
        (
            'fleet.history.sql("""select a\nfrom devices d\njoin os_patches_h',
            ["os_patches_history"],
        ),
        ('kept.sql("from volumes_history, dev', ["devices_history", "devices"]),
        ('fleet.report("fl', ["fleet_overview", "fleet_drift"]),
        ('holder.ninja.table("vol', ["volumes"]),
        ('fleet.tables["vol', ["volumes"]),
        ("fleet.tables.vol", ["volumes"]),
        ("print(fleet.tables.", list(TABLES)),
        ("fleet.reports.", list(REPORTS)),
        ('fleet.table("software", inst', ["installed_after=", "installed_before="]),
        ('fleet.table("software", installed_after="2026-01-01", inst', ["installed_before="]),
        ('fleet.table("software",\n    wh', ["where="]),
        ('fleet.table("software", na', ["names="]),
        ('fleet.table("volumes", include="', ["bl"]),
        ('fleet.table("software", names=["organization", "dev', ["device"]),
        ('fleet.table("devices", where=na.device.off', ["offline"]),
        ('fleet.table("devices", where=na.dev', ["na.device.offline", "na.device.organization"]),
        ('fleet.table("devices", where=(dev', ["devices.organization"]),
        ("na.device.cre", ["created"]),
        ('na.device.node_class == "WIN', ["WINDOWS_SERVER", "WINDOWS_WORKSTATION"]),
        ('fleet.table("devices", where=na.device.node_class != "MAC', ["MAC", "MAC_SERVER"]),
        ('devices.node_class.isin(["MAC", "LIN', ["LINUX_SERVER", "LINUX_WORKSTATION"]),
        ('na.device.approval_status == "', ["PENDING", "APPROVED"]),
        ('a = "it\'s"  # (don\'t\nfleet.table("vol', ["volumes"]),
        ("!echo don't\nfleet.table('vol", ["volumes"]),
        ('f(")", """\n("""); fleet.table("vol', ["volumes"]),
    ],
)
def test_what_ninjaone_has_completes(complete, code, some):
    assert set(some) <= set(complete(code))


@pytest.mark.parametrize(
    "code",
    [
        'other.table("dev', 'unknown.table("dev', 'fleet.tabel("dev', 'fleet.table("devices", "',
        'print("dev', 'holder.trap.table("dev', "holder.trap.tables.", 'fleet.table("zzz',
        'other.node_class == "WIN', 'na.device.organization == "Her', 'x["dev', "fleet.table(dev",
        'fleet.table("software", status="', "", "(", '"""', "fleet.table(\"devices\").", 'f(x, "',
    ],
)  # fmt: skip
def test_nothing_is_offered_where_nothing_is_known_and_no_code_runs(complete, code):
    assert complete(code) == []


def test_a_value_of_your_own_still_completes_beside_the_filters(ninja):
    space = {"fleet": ninja, "na": na, "my_filter": na.device.offline}

    assert not offer('fleet.table("devices", where=n', space, na.Ninja).alone
    assert offer('fleet.table("devices", where=', space, na.Ninja).alone


def test_the_shelves_complete_by_themselves(ninja):
    assert {"volumes", "software", "keys"} <= set(dir(ninja.tables))
    assert ninja.tables.volumes is ninja.tables["volumes"]
    assert ninja.reports._ipython_key_completions_() == list(REPORTS)
    with pytest.raises(AttributeError, match="nothing named 'volume'"):
        _ = ninja.tables.volume


def test_without_a_running_ipython_nothing_is_registered_or_imported(sandbox):
    code = (
        "import sys, ninja_analytics as na\n"
        f"na.connect(interactive=False, **{api_services(sandbox)!r})\n"
        "print('IPython' in sys.modules)\n"
        "import IPython\n"
        f"na.connect(interactive=False, **{api_services(sandbox)!r})\n"
    )

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "False"


@pytest.fixture(scope="module")
def kernel(sandbox, tmp_path_factory):
    """A real kernel in which a connection is made twice, and its completions asked for."""
    from jupyter_client.manager import start_new_kernel

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NINJA_HOME", str(tmp_path_factory.mktemp("kernel-home")))
        patch.setenv("NINJA_TOKEN_STORE", "memory")
        patch.setenv("PYTHONPATH", str(ROOT))
        manager, client = start_new_kernel(kernel_name="python3", startup_timeout=60)
    try:
        made = f"na.connect(interactive=False, **{api_services(sandbox)!r})"
        code = f"import ninja_analytics as na\nfleet = {made}\nfleet = {made}"
        answer = client.execute_interactive(code, timeout=60, output_hook=lambda _: None)
        assert answer["content"]["status"] == "ok", answer
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


WINDOWS = [name for name in NODE_CLASSES if name.startswith("WINDOWS_")]
OF_DEVICES = [name for name in TABLES if name.startswith("dev")]


@pytest.mark.parametrize(
    ("before", "typed", "expected"),
    [
        ('fleet.table("', "dev", OF_DEVICES),
        ('rows = fleet.table("software", ', "inst", ["installed_after=", "installed_before="]),
        ('fleet.tables["', "vol", ["volumes"]),
        ("fleet.tables.", "vol", ["volumes"]),
        ("fleet.reports.", "fle", ["fleet_overview", "fleet_drift"]),
        ("fleet.report(", "", [f'"{name}"' for name in REPORTS]),
        ('fleet.table("devices", where=na.device.node_class == "', "WINDOWS_", WINDOWS),
        ("fleet.table('devices',\n  where=na.device.", "off", ["offline"]),
        ("na.device.", "appr", ["approval_status"]),
    ],
)
def test_a_kernel_answers_with_them_and_says_what_they_replace(kernel, before, typed, expected):
    message = kernel.complete(before + typed)
    while True:
        try:
            answer = kernel.get_shell_msg(timeout=60)
        except queue.Empty:
            pytest.fail("the kernel did not answer")
        if answer["parent_header"].get("msg_id") == message:
            break
    content = answer["content"]

    assert content["status"] == "ok"
    assert content["cursor_end"] == len(before + typed)
    whole = [before[: content["cursor_start"]] + match for match in content["matches"]]
    assert sorted(whole) == sorted(before + name for name in expected)
