"""Findings as tables for people and as JSON for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.results import Finding, Measure, Ratio


def print_machine(console: Console, machine: Mapping[str, str]) -> None:
    """Say once what everything is measured on."""
    console.print(f"Machine: {_listed(machine)}\n", highlight=False)


def print_finding(console: Console, finding: Finding, machine: Mapping[str, str]) -> None:
    """Print one finding as a table; medians, with the smallest and the largest reading."""
    table = Table(title=finding.title, title_justify="left", title_style="bold", caption_justify="left")
    table.add_column("quantity", ratio=1)
    table.add_column("median", justify="right", no_wrap=True)
    table.add_column("min - max", justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("target", no_wrap=True)
    for measure in finding.measures:
        table.add_row(measure.name, _number(measure.median), _spread(measure), measure.unit, "")
    for at, ratio in enumerate(finding.ratios):
        if at == 0:
            table.add_section()
        table.add_row(ratio.name, f"{ratio.median:.2f}", _spread(ratio), "ratio", _verdict(ratio))
    short = {name: machine[name] for name in ("processor", "cores", "python", "numpy", "numba")}
    table.caption = "\n".join([f"input: {_listed(finding.given)}", f"machine: {_listed(short)}", *finding.notes])
    console.print(table)
    console.print()


def write_json(file: Path, findings: Sequence[Finding], machine: Mapping[str, str]) -> None:
    """Write everything, single readings included."""
    file.parent.mkdir(parents=True, exist_ok=True)
    content = {"machine": dict(machine), "findings": [_as_json(finding) for finding in findings]}
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _as_json(finding: Finding) -> dict[str, object]:
    return {
        "part": finding.part,
        "title": finding.title,
        "input": dict(finding.given),
        "measures": [{**asdict(measure), "median": measure.median} for measure in finding.measures],
        "ratios": [
            {
                "name": ratio.name,
                "median": ratio.median,
                "readings": ratio.readings,
                "target": str(ratio.target) if ratio.target else None,
                "is_met": ratio.is_met,
            }
            for ratio in finding.ratios
        ],
        "notes": list(finding.notes),
    }


def _verdict(ratio: Ratio) -> str:
    if ratio.target is None:
        return ""
    return f"[green]{ratio.target}: met[/]" if ratio.is_met else f"[red]{ratio.target}: MISSED[/]"


def _spread(quantity: Measure | Ratio) -> str:
    if len(quantity.readings) == 1:
        return ""
    show = _number if isinstance(quantity, Measure) else "{:.2f}".format
    return f"{show(min(quantity.readings))} - {show(max(quantity.readings))}"


def _listed(facts: Mapping[str, float | str] | Mapping[str, str]) -> str:
    shown = (f"{name} {value if isinstance(value, str) else _exact(value)}" for name, value in facts.items())
    return ", ".join(shown)


def _exact(value: float) -> str:
    return f"{value:,}"


def _number(value: float) -> str:
    if value >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 100 else f"{value:.2f}"
