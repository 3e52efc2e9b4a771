"""E202: every path leads to an attribute."""

from oal.bind import BoundPath, BoundRule
from oal.catalog import Catalog, Kind, Scope
from oal.checks.report import Report
from oal.nearest import excerpt, suggestion
from oal.syntax import Step
from oal.wording import with_article


def known_attribute(rule: BoundRule, report: Report) -> None:
    """Every path of the rule leads to an attribute of its scope; maps take a key, nothing else does."""
    if rule.scope is None:
        return
    for path in rule.paths:
        if path.attribute is None:
            _report(rule.scope, path, rule.catalog, report)


def _report(scope: Scope, path: BoundPath, catalog: Catalog, report: Report) -> None:
    above = ""
    for step in path.syntax.steps:
        level = _names_at(scope, above)
        here = f"{above}.{step.name}" if above else step.name
        if step.name not in level:
            _report_unknown(scope, path, step, above, catalog, report)
            return
        if fault := _key_fault(scope, here, step):
            report.error("E202", f"{scope.name}: {fault}", step.span)
            return
        above = here
    last = path.syntax.steps[-1]
    hint = f"({above} has: {excerpt(_names_at(scope, above))})"
    report.error("E202", f"{scope.name}: '{above}' is no attribute, only a part of names", last.span, hint)


def _report_unknown(scope: Scope, path: BoundPath, step: Step, above: str, catalog: Catalog, report: Report) -> None:
    names = _names_at(scope, above)
    if not names:
        kind = scope.attributes[above].kind
        report.error(
            "E202", f"{scope.name}: '{above}' is {with_article(kind)} and has no attribute '{step.name}'", step.span
        )
        return
    meant = suggestion(step.name, names) or _elsewhere(scope, path, catalog)
    hint = f"{meant}  ({above or scope.name} has: {excerpt(names)})".strip()
    report.error("E202", f"{scope.name} has no attribute '{path.syntax.dotted}'", step.span, hint)


def _elsewhere(scope: Scope, path: BoundPath, catalog: Catalog) -> str:
    """The attribute under another path of the scope (``latency``, ``protocol.http.latency``), or in other scopes."""
    names = [step.name for step in path.syntax.steps]
    # One last name of many ("duration" of "write.duration") is too little to tell what was meant.
    for start in range(max(1, len(names) - 1)):
        tail = ".".join(names[start:])
        same = [known for known in scope.attributes if known == tail or known.endswith(f".{tail}")]
        if same:
            return f"did you mean '{min(same, key=len)}'?"
    others = [other for other in catalog.scopes.values() if path.syntax.dotted in other.attributes]
    return f"it is an attribute of {', '.join(other.name for other in others)}" if others else ""


def _key_fault(scope: Scope, here: str, step: Step) -> str:
    attribute = scope.attributes.get(here)
    is_map = attribute is not None and attribute.kind is Kind.MAP
    if is_map and step.key is None:
        return f"'{here}' is a map: pick an entry with {step.name}[\"key\"]"
    if step.key is not None and not is_map:
        return f"'{here}' is no map and takes no key"
    return ""


def _names_at(scope: Scope, above: str) -> set[str]:
    """The names that can follow a dotted prefix."""
    prefix = f"{above}." if above else ""
    return {path[len(prefix) :].split(".", 1)[0] for path in scope.attributes if path.startswith(prefix)}
