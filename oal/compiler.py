"""Rule files to a plan: read, bind, check, lower."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from oal.bind import bind
from oal.catalog import Catalog
from oal.checks.laws import check
from oal.checks.some_row import some_row
from oal.diagnostic import Diagnostic, Severity
from oal.lower.lowering import assemble, lower_rule
from oal.parser import parse
from oal.plan import Plan
from oal.syntax import Disable, Rule


@dataclass(frozen=True, slots=True)
class Compilation:
    """The plan, None if and only if there is an error, and all findings in order of file and place."""

    plan: Plan | None
    diagnostics: tuple[Diagnostic, ...]


def compile_rules(
    sources: Sequence[tuple[str, str]], catalog: Catalog, known_streams: Collection[str] | None = None
) -> Compilation:
    """Compile the rules of files given as (name, text), names all different. Never raises, whatever the texts are.

    Metrics are in file order. ``disable`` statements of all files hold for all files. ``known_streams`` are the names
    besides metrics that may be disabled; when given, other names in ``disable`` are warned about.
    """
    parsed = [parse(file, text) for file, text in sources]
    rules = [
        bind(unit.file, statement, catalog)
        for unit in parsed
        for statement in unit.script.statements
        if isinstance(statement, Rule)
    ]
    disables = {
        unit.file: [statement for statement in unit.script.statements if isinstance(statement, Disable)]
        for unit in parsed
    }
    findings = [finding for unit in parsed for finding in unit.findings]
    checked = check(rules, disables, known_streams)
    lowered = [lower_rule(rule) for rule in checked.sound]
    findings += checked.findings
    findings += [found for rule in lowered if (found := some_row(rule)) is not None]
    diagnostics = _in_order(findings, [file for file, _ in sources])
    if any(finding.severity is Severity.ERROR for finding in diagnostics):
        return Compilation(None, diagnostics)
    disabled = frozenset(statement.name.text for statements in disables.values() for statement in statements)
    return Compilation(assemble(lowered, disabled), diagnostics)


def _in_order(findings: Sequence[Diagnostic], files: Sequence[str]) -> tuple[Diagnostic, ...]:
    rank = {file: at for at, file in enumerate(files)}
    return tuple(sorted(findings, key=lambda found: (rank[found.file], found.span.line, found.span.column, found.code)))
