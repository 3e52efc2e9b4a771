"""The language conformance table (spec oal 9.1), row by row."""

import csv
import re
from pathlib import Path

import pytest

from oal.compiler import Compilation, compile_rules
from oal.diagnostic import render
from oal.plan import Compare
from tests.oal.service_catalog import conformance_catalog

_CASES = Path(__file__).parent.parent / "cases" / "oal" / "scripts.tsv"
_CATALOG = conformance_catalog()

with _CASES.open(encoding="utf-8", newline="") as _file:
    SCRIPTS = [tuple(row) for row in csv.reader(_file, delimiter="\t", quoting=csv.QUOTE_NONE)][1:]


def _expanded(script: str) -> str:
    """The abbreviations of the table: what is left out around a script."""
    script = script.replace("⏎", "\n")
    if script.startswith("from("):
        return f"m = {script};"
    if script.startswith("."):
        return f"m = from(Service.latency){script};"
    if script.startswith("*"):
        return f"m = from(Service.*){script[1:]};"
    if script.startswith("filter"):
        return f"m = from(Service.*).{script}.count();"
    return script


def _compiled(script: str) -> Compilation:
    return compile_rules([("a.oal", script)], _CATALOG)


def test_the_table_is_complete() -> None:
    assert [case for case, _, _ in SCRIPTS] == [f"A{number:02}" for number in range(1, 120)]


@pytest.mark.parametrize(("case", "script", "expected"), SCRIPTS, ids=[row[0] for row in SCRIPTS])
def test_script_has_the_stated_verdict(case: str, script: str, expected: str) -> None:
    text = _expanded(script)
    compilation = _compiled(text)
    codes = [diagnostic.code for diagnostic in compilation.diagnostics]
    verdict, *details = expected.split(", ")
    assert codes == ([] if verdict == "ok" else [verdict]), case
    assert (compilation.plan is None) == verdict.startswith("E")
    for detail in details:
        if counted := re.fullmatch(r"(\d+) metrics", detail):
            assert compilation.plan is not None
            assert len(compilation.plan.metrics) == int(counted[1])
        elif detail.startswith("suggest "):
            assert f"did you mean '{detail.removeprefix('suggest ')}'?" in render(compilation.diagnostics[0], text)
        else:
            assert _compared_number(compilation) == int(detail)


def _compared_number(compilation: Compilation) -> object:
    assert compilation.plan is not None
    (condition,) = compilation.plan.primitives["entity", "service"][0].where
    assert isinstance(condition, Compare)
    return condition.literal
