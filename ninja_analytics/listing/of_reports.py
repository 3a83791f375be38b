"""The reports told to people: the list, and all about one, in a terminal and in a notebook."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from html import escape
from types import MappingProxyType

import pandas as pd

from ninja_analytics.listing.markup import code, table_html
from ninja_analytics.listing.text import WIDTH, aligned
from ninja_analytics.reports import REPORTS, Definition, ReportSpec, Settings, found_settings


def reports(width: int = WIDTH) -> str:
    """All reports, each with the question that it answers."""
    return "\n".join(aligned([(name, spec.question) for name, spec in REPORTS.items()], width))


def one_report(spec: ReportSpec, width: int = WIDTH, settings: Settings | None = None) -> str:
    """Everything about a report: question, parameters, tables with what each loss costs, KPIs."""
    own = settings or found_settings()
    said = [f"{spec.name}: {spec.question}", *meaning(spec)]
    parts = ["\n".join(textwrap.wrap(text, width)) for text in said]
    for head, rows in (
        ("Parameters, with what they are if nothing is said", parameters(spec, own)),
        ("Tables, with what is lost without them", list(spec.about.degrades.items())),
        ("KPIs, with their thresholds", [(key, _judged(*more)) for key, *more in kpis(spec, own)]),
    ):
        parts.append("\n".join([head, *aligned(rows, width, indent="  ")]))
    return "\n\n".join(parts)


def one_report_html(spec: ReportSpec, settings: Settings | None = None) -> str:
    """Everything about a report as HTML for a notebook."""
    own = settings or found_settings()
    parts = [f"<p><b>{code(spec.name)}</b> {escape(spec.question)}</p>"]
    parts += [f"<p>{_with_code(text)}</p>" for text in meaning(spec)]
    told = [(code(name), code(value)) for name, value in parameters(spec, own)]
    parts.append(table_html(told, ("parameter", "if nothing is said")))
    cost = [(code(name), escape(lost)) for name, lost in spec.about.degrades.items()]
    parts.append(table_html(cost, ("table", "what is lost without it")))
    judged = [(code(key), *map(escape, more)) for key, *more in kpis(spec, own)]
    parts.append(table_html(judged, ("KPI", "thresholds", "what it is")))
    return f"<div>{''.join(parts)}</div>"


def meaning(spec: ReportSpec) -> Iterator[str]:
    """What the report does and what its parameters mean, a paragraph each."""
    for text in (inspect.getdoc(spec.make) or "").split("\n\n"):
        yield re.sub(r"\s*Raises .*", "", " ".join(text.split()))


def parameters(spec: ReportSpec, settings: Settings) -> list[tuple[str, str]]:
    """The parameters with their defaults, as the user's settings have them."""
    told = {**spec.whole({}), **settings.defaults(spec.name, spec.parameters)}
    return [(name, _default(told[name])) for name in spec.parameters]


def kpis(spec: ReportSpec, settings: Settings) -> Iterator[tuple[str, str, str]]:
    """The KPIs: key, thresholds as the user's settings have them, and what each is."""
    for key in _keys(spec.name):
        one: Definition = settings.definitions[key]
        yield key, one.thresholds, f"{one.label}: {one.meaning}"


@cache
def _keys(report: str) -> tuple[str, ...]:
    """The KPIs of a report, which it has even where it could read nothing."""
    spec, begin = REPORTS[report], pd.Timestamp(0, tz="UTC")
    opening = {"opening": {}, "opening_at": begin} if spec.compares == "must" else {}
    return tuple(one.key for one in spec.build({}, now=begin, **opening).kpis)  # type: ignore[arg-type]


def _judged(thresholds: str, told: str) -> str:
    return told if thresholds == "none" else f"{told} [{thresholds}]"


def _default(value: object) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return "-" if value is None else str(value)


def _with_code(text: str) -> str:
    return re.sub(r"\*(\w+)\*", r"<code>\1</code>", escape(text, quote=False))


@dataclass(frozen=True, slots=True, repr=False)
class ShownReport(ReportSpec):
    """A report that shows its question, parameters, tables and KPIs."""

    def __repr__(self) -> str:
        return one_report(self)

    def _repr_html_(self) -> str:
        return one_report_html(self)


SHOWN: Mapping[str, ShownReport] = MappingProxyType(
    {
        name: ShownReport(**{one.name: getattr(spec, one.name) for one in fields(spec)})
        for name, spec in REPORTS.items()
    }
)
