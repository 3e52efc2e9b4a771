"""E214: only text is cast."""

from oal.bind import BoundRule
from oal.catalog import Kind
from oal.checks.report import Report
from oal.wording import with_article


def cast_of_text(rule: BoundRule, report: Report) -> None:
    """A cast stands before a string attribute or a map's entry; ``*`` has nothing to cast."""
    source = rule.syntax.source
    if source.path is None and source.cast:
        report.error("E214", f"the cast ({source.cast}) needs an attribute, got '*'", source.span)
    for path in rule.paths:
        kind = path.plain_kind
        if path.syntax.cast and kind not in {None, Kind.STRING}:
            got = with_article(str(kind))
            message = f"the cast ({path.syntax.cast}) needs a string, '{path.syntax.dotted}' is {got}"
            hint = "numbers are converted without a cast" if kind is not None and kind.is_numeric else ""
            report.error("E214", message, path.syntax.span, hint)
