"""Progress in the form that suits the place, and no trace of it where nobody watches."""

from __future__ import annotations

import io
import logging
import subprocess
import sys

import pytest

from ninja_analytics.errors import UnknownNameError
from ninja_analytics.progress import announce, progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def pull(kind: str, *, every: float = 0.0) -> None:
    with progress("software", kind, every=every) as collector:
        collector.advance(rows=1000, pages=1)
        collector.advance(rows=500, pages=1)


def test_without_a_terminal_there_are_log_lines_and_nothing_on_the_screen(caplog, capfd):
    with caplog.at_level(logging.INFO, "ninja_analytics"):
        pull("auto")

    assert "software: so far, 1500 rows in 2 pages" in caplog.text
    assert "software: done, 1500 rows" in caplog.text
    assert capfd.readouterr() == ("", "")


def test_a_quick_pull_writes_no_log_line(caplog):
    with caplog.at_level(logging.INFO, "ninja_analytics"):
        pull("log", every=60)

    assert caplog.text == ""


def test_a_terminal_gets_a_bar_on_standard_error(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)

    with progress("software", "auto") as collector:
        collector.advance(rows=1500, pages=2)
        collector.note("NinjaOne asks to slow down.")

    assert "software: 1.50k rows" in screen.getvalue()
    assert "NinjaOne asks to slow down." in screen.getvalue()


def test_none_shows_nothing(caplog, capfd):
    with caplog.at_level(logging.DEBUG):
        pull("none")

    assert capfd.readouterr() == ("", "")
    assert caplog.text == ""


def test_an_unknown_kind_is_refused_with_a_hint():
    with pytest.raises(UnknownNameError, match="terminal"), progress("software", "terminl"):
        pass


def test_a_wait_is_told_where_the_pull_is_shown(caplog):
    with progress("software", "log"):
        announce(30, "NinjaOne asks to slow down.")

    assert "software: NinjaOne asks to slow down. Waiting 30 s." in caplog.text


def test_a_wait_outside_of_a_pull_is_logged(caplog):
    announce(30, "NinjaOne asks to slow down.")

    assert "Waiting 30 s" in caplog.text


def test_nothing_is_imported_for_bars_that_are_not_shown():
    code = (
        "import sys; from ninja_analytics.progress import progress\n"
        "with progress('x', 'auto') as c: c.advance(rows=1)\n"
        "print([m for m in ('tqdm', 'ipywidgets', 'IPython') if m in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "[]"


CELL = """
import time
from ninja_analytics.progress import progress
with progress("software", "auto", every=0) as collector:
    time.sleep(0.6)  # the bar waits a moment, so that quick pulls show none
    collector.advance(rows=1000, pages=1)
"""


@pytest.mark.parametrize("somebody_there", [True, False])
def test_a_widget_is_shown_to_a_person_in_a_notebook_and_to_nobody_else(somebody_there):
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    messages: list[str] = []
    try:
        client.execute_interactive(
            CELL,
            allow_stdin=somebody_there,
            timeout=60,
            stdin_hook=lambda _: None,
            output_hook=lambda message: messages.append(message["msg_type"]),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)

    assert ("display_data" in messages) is somebody_there
    assert ("comm_open" in messages) is somebody_there
    assert "error" not in messages
