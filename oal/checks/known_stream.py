"""W304: what is disabled exists."""

from collections.abc import Collection, Iterable

from oal.checks.report import Report
from oal.nearest import suggestion
from oal.syntax import Disable


def known_stream(statements: Iterable[Disable], known: Collection[str], report: Report) -> None:
    """Every ``disable`` names a metric or another stream."""
    for statement in statements:
        name = statement.name
        if name.text not in known:
            report.warning("W304", f"nothing is named '{name.text}'", name.span, suggestion(name.text, known))
