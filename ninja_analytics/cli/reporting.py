"""A report on the screen: its headline numbers, what a reader must not miss, and what to do first."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ninja_analytics.reports import Kpi, Report

_WIDTH = 100
_COLORS = {"good": "green", "watch": "yellow", "act": "red"}
_TOP = 5
"""Actions of a bucket on the screen."""


def show(report: Report) -> None:
    """Print the report's question, its KPIs with their states and changes, warnings and first actions."""
    from rich.console import Console

    from ninja_analytics.reports.page import about

    width = min(shutil.get_terminal_size((_WIDTH, 24)).columns, _WIDTH)
    console = Console(width=width, highlight=False, markup=False, emoji=False)
    with console.capture() as shown:
        console.print(f"{report.title}: {report.question}", style="bold")
        console.print(f"{about(report)}{' · PARTIAL' if report.partial else ''}")
        console.print()
        console.print(_kpis(report.kpis))
        for warning in report.warnings:
            console.print(f"! {warning}", style="yellow")
        _actions(report, console)
    # A log file on Windows often has an encoding without the signs or without a device's name.
    typer.echo(shown.get().encode(console.encoding, "replace").decode(console.encoding), nl=False)


def _kpis(kpis: tuple[Kpi, ...]) -> Table:
    """The headline numbers, a row each; states differ in their sign as well as in color."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    changed = any(kpi.change for kpi in kpis)
    table.add_column("KPI")
    table.add_column("Value", justify="right", no_wrap=True)
    table.add_column("State", no_wrap=True)
    table.add_column("Of")
    if changed:
        table.add_column("Change")
    for kpi in kpis:
        detail = " · ".join(filter(None, (kpi.detail, kpi.note)))
        change = [kpi.change] if changed else []
        table.add_row(kpi.label, kpi.text, _state(kpi), detail, *change)
    return table


def _state(kpi: Kpi) -> Text:
    from rich.text import Text

    from ninja_analytics.reports.page import SIGNS

    if kpi.state == "none":
        return Text("")
    return Text(f"{SIGNS[kpi.state]} {kpi.state}", style=_COLORS[kpi.state])


def _actions(report: Report, console: Console) -> None:
    """The first actions of each bucket, and how many there are."""
    from rich.table import Table

    from ninja_analytics.reports.page import BUCKETS
    from ninja_analytics.reports.report import heading

    for bucket in dict.fromkeys(report.actions["bucket"]):
        rows = report.actions[report.actions["bucket"] == bucket]
        title = f"{heading(bucket)}: {len(rows):,}"
        more = f", the first {_TOP}" if len(rows) > _TOP else ""
        console.print()
        console.print(
            title + more, style=f"bold {_COLORS.get(BUCKETS.get(bucket, ''), '')}".strip()
        )
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        columns = ("action", "device", "organization", "why")
        first = rows.head(_TOP)[list(columns)].fillna("").astype(str)
        for action, device, organization, why in first.itertuples(index=False):
            table.add_row(action, " · ".join(filter(None, (device, organization))), why)
        console.print(table)
