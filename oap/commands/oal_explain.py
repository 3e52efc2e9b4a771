"""``oap oal explain``: what a metric is, where it comes from and where it goes."""

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from oal.explain import Explanation, StateUse, explain_metric, rule_of
from oal.layout import lay_out
from oal.nearest import nearest
from oal.plan import Metric
from oap.commands.metric_storage import StoredAs, stored_as
from oap.commands.oal_check import Format
from oap.commands.oal_files import plan_or_exit, read_sources, rule_files
from oap.entity.rule_defects import Defect, defects_of
from oap.entity.scopes import k8s_catalog

_HELP = """Explain a metric: its rule, the rows that reach it, its formula and unit, and where its records are stored.

\b
  oap oal explain kubernetes_service_http_call_time
  oap oal explain my_metric --config /etc/oap      rules of another configuration
  oap oal explain my_metric --format json

Exit codes: 0 explained, 1 the rules have errors, 2 there is no such metric or no rule file.
"""
_WIDTH: Final = 116
_LABEL: Final = 16
_LISTED: Final = 4


def register(group: typer.Typer) -> None:
    """Add the command ``explain``."""
    group.command("explain", help=_HELP)(explain)


def explain(
    metric: Annotated[str, typer.Argument(metavar="METRIC", help="Name of a metric.")],
    config: Annotated[
        Path,
        typer.Option("--config", "-c", envvar="OAP_CONFIG", metavar="DIRECTORY", help="Folder that holds oal/*.oal."),
    ] = Path("config"),
    output: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TEXT,
) -> None:
    """Explain a metric."""
    plan = plan_or_exit(read_sources(rule_files([config / "oal"])), 1)
    metrics = {known.name: known for known in plan.metrics}
    if metric not in metrics:
        raise typer.BadParameter(f"there is no metric '{metric}'{_near(metric, metrics)}", param_hint="METRIC")
    found = metrics[metric]
    explanation = explain_metric(found, plan, k8s_catalog())
    stores, defects = stored_as(found), defects_of(found, rule_of(found))
    dashboards = showing(metric, config / "ui-initialized-templates")
    if output is Format.JSON:
        record = asdict(explanation) | {
            "storage": [asdict(store) for store in stores],
            "defects": [asdict(defect) for defect in defects],
            "dashboards": dashboards,
        }
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(_lines(explanation, stores, defects, dashboards)))


def showing(metric: str, templates: Path) -> list[str]:
    """The dashboard templates below a folder that mention a metric, as paths relative to it."""
    word = re.compile(rf"\b{re.escape(metric)}\b")
    files = sorted(templates.rglob("*.json")) if templates.is_dir() else []
    return [str(file.relative_to(templates)) for file in files if word.search(file.read_text(encoding="utf-8"))]


def _near(metric: str, metrics: dict[str, Metric]) -> str:
    near = nearest(metric, metrics)
    if near is not None:
        return f"; did you mean '{near}'?"
    similar = [name for name in metrics if metric.lower() in name.lower()]
    more = f" and {len(similar) - _LISTED} more" if len(similar) > _LISTED else ""
    return f"; names with it: {', '.join(similar[:_LISTED])}{more}" if similar else ""


def _lines(
    explanation: Explanation, stores: Sequence[StoredAs], defects: Sequence[Defect], dashboards: Sequence[str]
) -> Iterator[str]:
    yield explanation.metric
    yield from _entry("rule", f"{explanation.file}:{explanation.line}")
    yield from (f"    {line}" for line in (lay_out(explanation.file, explanation.rule).text or "").splitlines())
    yield from _entry("scope", f"{explanation.scope}: one record per {explanation.entity}")
    for operation in explanation.operations:
        yield from _entry("rows", f"{operation.table}: {operation.meaning}")
    if not explanation.operations:
        yield from _entry("rows", "none: no operation can meet the conditions")
    for attribute, constants in explanation.reach.items():
        yield from _entry(attribute, ", ".join(constants) or "none")
    yield from _entry("value", explanation.formula)
    yield from _entry("unit", explanation.unit)
    yield from _entry("hour and day", explanation.longer)
    for operation in explanation.operations:
        for title, use in zip(_titles("folded state", ""), operation.state, strict=False):
            yield from _entry(title, f"{operation.table}: {use.text}{_shared(use)}")
    for title, column in zip(_titles("record", ""), explanation.columns, strict=False):
        value = "  <- the value" if column.is_value else ""
        yield from _entry(title, f"{column.name} {column.store}: {column.merge}{value}")
    if explanation.decorator is not None:
        yield from _entry("decorator", f"{explanation.decorator}: attr0 holds the layer")
    for title, store in zip(_titles("stored", ""), stores, strict=False):
        yield from _entry(title, f"{store.store}: {', '.join(store.places)}; {store.rows}; {', '.join(store.columns)}")
    if dashboards:
        yield from _entry("dashboards", ", ".join(dashboards))
    for title, defect in zip(_titles("known flaw", ""), defects, strict=False):
        yield from _entry(title, f"{defect.problem}. Right: {defect.correct}")


def _titles(first: str, other: str) -> Iterator[str]:
    yield first
    while True:
        yield other


def _entry(title: str, text: str) -> Iterator[str]:
    lines = textwrap.wrap(text, _WIDTH - _LABEL, break_long_words=False, break_on_hyphens=False) or [""]
    yield f"  {title:<{_LABEL}}{lines[0]}".rstrip()
    yield from (f"  {'':<{_LABEL}}{line}" for line in lines[1:])


def _shared(use: StateUse) -> str:
    if not use.shared_with:
        return "  (of this metric alone)"
    more = len(use.shared_with) - _LISTED
    names = ", ".join(use.shared_with[:_LISTED])
    return f"  (shared with {names}{f' and {more} more' if more > 0 else ''})"
