"""Notebooks that run with nobody there: what they leave, and how they end."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest

import ninja_analytics as na
from ninja_analytics.auth import profiles
from ninja_analytics.auth.store import open_store
from ninja_analytics.cli import exits
from ninja_analytics.errors import (
    ConsentRequiredError,
    ExportError,
    RunError,
    UnknownNameError,
    UsageError,
)
from ninja_analytics.schedule import run_notebook
from tests.sandbox_client import visit

NOW = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
PARAMETERS = 'profile = "sandbox"\nout = "out"\ndays = 30'


@pytest.fixture
def consented(sandbox):
    """A saved profile whose consent a person has given."""
    save("acme", sandbox, sandbox.clients["native"], "native")
    pending = na.begin_consent("acme")
    visit(sandbox.browse(pending.authorization_url))
    pending.wait(30)
    return "acme"


def save(name, sandbox, client, platform):
    profiles.save(profiles.Profile(name, sandbox.base_url, client.client_id, platform))
    return name


def write(path: Path, *cells: str, parameters: str | None = PARAMETERS) -> Path:
    """A notebook of code cells, the first of them tagged `parameters`."""
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_markdown_cell("# Fleet & friends\n\nA story.")]
    if parameters is not None:
        tagged = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
        book.cells.append(tagged)
    book.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(book, path)
    return path


def outputs(record: Path) -> str:
    """All that the cells of an executed notebook printed or answered."""
    cells = nbformat.read(record, as_version=4).cells
    return json.dumps([cell.get("outputs") for cell in cells])


def test_a_run_leaves_a_dated_record_and_a_page(acme, tmp_path):
    book = write(tmp_path / "fleet.ipynb", "print(profile, days)\nopen(out + '.txt', 'w').close()")

    made = run_notebook(book, profile=acme, out=tmp_path / "out", parameters={"days": 7}, now=NOW)

    assert made.notebook == tmp_path / "out" / "fleet-acme-2026-03-01.ipynb"
    assert made.html == tmp_path / "out" / "fleet-acme-2026-03-01.html"
    assert made.files == tmp_path / "out" / "fleet-acme-2026-03-01"
    assert "acme 7" in outputs(made.notebook)
    assert made.files.with_suffix(".txt").exists()


def test_a_second_run_of_the_day_overwrites_nothing(acme, tmp_path):
    book = write(tmp_path / "fleet.ipynb", "print('first')")
    first = run_notebook(book, profile=acme, out=tmp_path, now=NOW)
    before = first.notebook.read_bytes(), first.html.read_bytes()

    second = run_notebook(book, profile=acme, out=tmp_path, now=NOW)
    (tmp_path / "fleet-acme-2026-03-01-3").mkdir()
    fourth = run_notebook(book, profile=acme, out=tmp_path, now=NOW)

    assert (first.notebook.read_bytes(), first.html.read_bytes()) == before
    assert second.notebook.name == "fleet-acme-2026-03-01-2.ipynb"
    assert fourth.html.name == "fleet-acme-2026-03-01-4.html"


def test_the_page_shows_results_without_code_and_loads_nothing_from_elsewhere(acme, tmp_path):
    book = write(tmp_path / "fleet.ipynb", "secret_recipe = 1\nprint('the ' + 'result')")

    page = run_notebook(book, profile=acme, out=tmp_path / "out", now=NOW).html.read_text("utf-8")

    assert "the result" in page
    assert "<title>Fleet &amp; friends</title>" in page
    assert "secret_recipe" not in page
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page)
    assert "<script" not in page


def test_a_failing_cell_ends_in_one_sentence_and_the_record_stays(acme, tmp_path):
    book = write(tmp_path / "fleet.ipynb", "print('got here')", "1 / 0", "print('never here')")

    with pytest.raises(RunError) as caught:
        run_notebook(book, profile=acme, out=tmp_path / "out", now=NOW)

    error = caught.value
    assert "fleet.ipynb stopped in cell [4]: ZeroDivisionError: division by zero." in str(error)
    assert "\n" not in str(error)
    assert error.cause == "ZeroDivisionError"
    assert error.notebook == tmp_path / "out" / "fleet-acme-2026-03-01.ipynb"
    assert "got here" in outputs(error.notebook)
    assert "never here" not in outputs(error.notebook)
    assert exits.exit_code(error) == exits.DEFECT


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('na.connect("nobody", interactive=False)', 2),
        ('raise errors.ConsentRequiredError("Consent is needed.")', 3),
        ('raise errors.ServerError("NinjaOne cannot answer.")', 4),
        ('raise errors.IncompleteError("The pull broke.")', 5),
        ('raise errors.ExportError("The disk is full.")', 6),
    ],
)
def test_an_error_of_ours_in_a_cell_decides_the_exit_code(acme, tmp_path, cell, code):
    book = write(
        tmp_path / "fleet.ipynb",
        f"import ninja_analytics as na\nfrom ninja_analytics import errors\n{cell}",
    )

    with pytest.raises(RunError) as caught:
        run_notebook(book, profile=acme, out=tmp_path / "out")

    assert exits.exit_code(caught.value) == code


def test_a_kernel_that_dies_is_a_failed_run_with_a_record(acme, tmp_path):
    book = write(tmp_path / "fleet.ipynb", "import os\nos._exit(1)")

    with pytest.raises(RunError, match=r"fleet\.ipynb stopped: its kernel") as caught:
        run_notebook(book, profile=acme, out=tmp_path / "out")

    assert caught.value.notebook.exists()


def test_a_cell_that_asks_somebody_ends_at_once(acme, tmp_path):
    book = write(tmp_path / "fleet.ipynb", "input('Who are you? ')")

    with pytest.raises(RunError, match="StdinNotImplementedError"):
        run_notebook(book, profile=acme, out=tmp_path / "out")


def test_without_a_token_it_ends_before_anything_starts(sandbox, tmp_path):
    save("acme", sandbox, sandbox.clients["native"], "native")
    book = write(tmp_path / "fleet.ipynb", "print('never here')")
    begun = time.monotonic()

    with pytest.raises(ConsentRequiredError, match="ninja-analytics connect --profile acme"):
        run_notebook(book, profile="acme", out=tmp_path / "out")

    assert time.monotonic() - begun < 2
    assert not (tmp_path / "out").exists()


def test_without_a_token_nothing_is_imported_that_takes_its_time(sandbox, tmp_path):
    save("acme", sandbox, sandbox.clients["native"], "native")
    book = write(tmp_path / "fleet.ipynb", "print('never here')")
    code = (
        "import sys, ninja_analytics.errors as errors, ninja_analytics.schedule as schedule\n"
        f"try: schedule.run_notebook({str(book)!r}, profile='acme', out={str(tmp_path)!r})\n"
        "except errors.ConsentRequiredError: print({'nbformat', 'papermill'} & {*sys.modules})"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout == "set()\n"


def test_a_token_in_memory_only_is_refused_because_no_kernel_would_see_it(
    sandbox, tmp_path, monkeypatch
):
    monkeypatch.setenv("NINJA_TOKEN_STORE", "memory")
    save("acme", sandbox, sandbox.clients["native"], "native")
    pending = na.begin_consent("acme")
    visit(sandbox.browse(pending.authorization_url))
    pending.wait(30)
    book = write(tmp_path / "fleet.ipynb", "print('never here')")

    with pytest.raises(ConsentRequiredError, match=r"connect --profile acme"):
        run_notebook(book, profile="acme", out=tmp_path / "out")


def test_a_stored_consent_is_enough(consented, tmp_path):
    cell = "import ninja_analytics as na\nlen(na.connect(profile).table('devices'))"

    made = run_notebook(
        write(tmp_path / "fleet.ipynb", cell), profile=consented, out=tmp_path / "out"
    )

    assert "'60'" in outputs(made.notebook).replace('"', "'")


def test_the_profile_reaches_also_a_notebook_that_names_none(consented, tmp_path):
    cell = "import ninja_analytics as na\nna.connect().profile.name"
    book = write(tmp_path / "fleet.ipynb", cell, parameters=None)

    made = run_notebook(book, profile=consented, out=tmp_path / "out")

    assert "'acme'" in outputs(made.notebook)


def test_a_secret_that_a_cell_prints_does_not_stay_in_the_record(consented, tmp_path):
    store = open_store()
    token = store.load(profiles.resolve("acme").key)
    cell = (
        "from ninja_analytics.auth import profiles, store\n"
        "token = store.open_store().load(profiles.resolve(profile).key)\n"
        "print(token.access_token, token.refresh_token)"
    )
    book = write(tmp_path / "fleet.ipynb", cell, "raise ValueError(token.refresh_token)")

    with pytest.raises(RunError) as caught:
        run_notebook(book, profile=consented, out=tmp_path / "out")

    record = caught.value.notebook.read_text("utf-8")
    assert "secret removed" in record
    for secret in (token.access_token, token.refresh_token):
        assert secret not in record
        assert secret not in str(caught.value)


def test_tokens_that_a_notebook_has_used_up_do_not_stay_in_its_record_either(consented, tmp_path):
    cell = (
        "import ninja_analytics as na\n"
        "keeper = na.connect(profile)._keeper\n"
        "used = []\n"
        "for _ in range(3):\n"
        "    used += [keeper.token().access_token, keeper.token().refresh_token]\n"
        "    keeper.renew(keeper.access_token())\n"
        "print(len(used), '; '.join(token[::-1] for token in used))\n"
        "print('; '.join(used))"
    )

    made = run_notebook(
        write(tmp_path / "fleet.ipynb", cell), profile=consented, out=tmp_path / "out"
    )

    said = outputs(made.notebook)
    used = re.findall(r"[\w.-]{43,}", said)
    assert len(used) == 6
    assert said.count("[secret removed]") == 6
    for file in (made.notebook, made.html):
        text = file.read_text("utf-8")
        assert not any(token[::-1] in text for token in used)


def test_neither_tokens_nor_the_client_secret_are_saved_by_themselves(
    acme, sandbox, consented, tmp_path
):
    cell = "import ninja_analytics as na\nninja = na.connect(profile)\nninja.table('devices')"
    made = run_notebook(
        write(tmp_path / "fleet.ipynb", cell), profile=consented, out=tmp_path / "out"
    )

    token = open_store().load(profiles.resolve("acme").key)
    secret = sandbox.clients["api-services"].client_secret
    for file in (made.notebook, made.html):
        text = file.read_text("utf-8")
        assert not any(one in text for one in (token.access_token, token.refresh_token, secret))


@pytest.mark.parametrize(
    "name", ["token", "accessToken", "client_secret", "PASSWORD", "api_key", "code", "apikey"]
)
def test_a_parameter_that_looks_like_a_secret_is_refused(acme, tmp_path, name):
    book = write(tmp_path / "fleet.ipynb", parameters=f'{PARAMETERS}\n{name} = ""')

    with pytest.raises(UsageError, match="looks like a secret") as caught:
        run_notebook(book, profile=acme, out=tmp_path / "out", parameters={name: "canary"})

    assert "canary" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_parameter_that_only_sounds_like_one_is_taken(acme, tmp_path):
    book = write(tmp_path / "fleet.ipynb", parameters=f'{PARAMETERS}\nkeyboard = ""\nencoded = ""')
    given = {"keyboard": "qwerty", "encoded": "yes"}

    assert run_notebook(book, profile=acme, out=tmp_path / "out", parameters=given).html.exists()


def test_an_unknown_parameter_gets_the_nearest_name(acme, tmp_path):
    book = write(tmp_path / "fleet.ipynb")

    with pytest.raises(UnknownNameError, match="Did you mean 'days'"):
        run_notebook(book, profile=acme, out=tmp_path / "out", parameters={"day": 3})


def test_a_profile_set_outside_the_tagged_cell_is_refused(acme, tmp_path):
    book = write(tmp_path / "fleet.ipynb", 'profile = "another customer"', parameters=None)

    with pytest.raises(UsageError, match="without the tag `parameters`"):
        run_notebook(book, profile=acme, out=tmp_path / "out")


def test_the_kernel_is_this_python_whatever_kernels_the_machine_knows(acme, tmp_path, monkeypatch):
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = [str(tmp_path / "no-such-python"), "-f", "{connection_file}"]
    told = {"argv": argv, "display_name": "Other", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(told), "utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    book = write(tmp_path / "fleet.ipynb", "import sys\nprint(sys.executable)")

    made = run_notebook(book, profile=acme, out=tmp_path / "out")

    assert json.dumps(sys.executable)[1:-1] in outputs(made.notebook)


def test_braces_in_a_path_are_just_characters(acme, tmp_path):
    book = write(tmp_path / "fleet {x}.ipynb")

    assert run_notebook(book, profile=acme, out=tmp_path / "{out}", now=NOW).notebook.exists()


def test_what_is_no_notebook_is_refused_in_a_sentence(acme, tmp_path):
    wrong = tmp_path / "fleet.ipynb"
    wrong.write_text("not JSON", "utf-8")

    with pytest.raises(UsageError, match="is not a notebook"):
        run_notebook(wrong, profile=acme, out=tmp_path / "out")
    with pytest.raises(UsageError, match="There is no notebook"):
        run_notebook(tmp_path / "none.ipynb", profile=acme, out=tmp_path / "out")


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(acme, tmp_path):
    (tmp_path / "out").write_text("a file is in the way", "utf-8")

    with pytest.raises(ExportError, match="cannot be written"):
        run_notebook(write(tmp_path / "fleet.ipynb"), profile=acme, out=tmp_path / "out")


def test_the_environment_of_the_caller_stays_as_it_was(acme, tmp_path):
    before, folder = dict(os.environ), Path.cwd()

    run_notebook(write(tmp_path / "fleet.ipynb"), profile=acme, out=tmp_path / "out")

    assert dict(os.environ) == before
    assert Path.cwd() == folder


def test_a_run_that_a_voila_page_starts_does_not_take_itself_for_the_page(
    acme, tmp_path, monkeypatch
):
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")
    monkeypatch.setenv("VOILA_BASE_URL", "/")
    source = write(
        tmp_path / "fleet.ipynb",
        "from ninja_analytics.place import place\nassert place() == 'nobody', place()",
    )

    assert run_notebook(source, profile=acme, out=tmp_path / "out").notebook.is_file()
