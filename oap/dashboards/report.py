"""Collects what is wrong with the templates that are checked together."""

from collections.abc import Iterable

from oal.diagnostic import Diagnostic, Severity
from oal.nearest import excerpt, nearest
from oal.span import Span
from oap.dashboards.codes import Code


class Report:
    """Findings in the order of their discovery."""

    def __init__(self) -> None:
        self._findings: list[Diagnostic] = []

    def error(self, code: Code, message: str, file: str, span: Span, hint: str = "") -> None:
        """Add something that does not work."""
        self._findings.append(Diagnostic(code, message, file, span, hint))

    def warning(self, code: Code, message: str, file: str, span: Span, hint: str = "") -> None:
        """Add something that works, but hardly as meant."""
        self._findings.append(Diagnostic(code, message, file, span, hint, Severity.WARNING))

    def findings(self) -> tuple[Diagnostic, ...]:
        """All of them by file and place."""
        return tuple(sorted(self._findings, key=lambda found: (found.file, found.span, found.code)))


def near_hint(word: str, known: Iterable[str]) -> str:
    """What may have been meant, else what there is; "" when there is nothing."""
    names = sorted(set(known))
    near = nearest(word, names)
    if near is not None:
        return f"did you mean '{near}'?"
    return f"known: {excerpt(names)}" if names else ""
