"""Where checks put their findings."""

from oal.diagnostic import Diagnostic, Severity
from oal.span import Span


class Report:
    """Collects the findings of one file; ``errors`` counts those that refuse it."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._findings: list[Diagnostic] = []
        self.errors = 0

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """All findings so far."""
        return tuple(self._findings)

    def error(self, code: str, message: str, at: Span, hint: str = "") -> None:
        """A finding that refuses the rule set."""
        self.errors += 1
        self._findings.append(Diagnostic(code, message, self._file, at, hint))

    def warning(self, code: str, message: str, at: Span, hint: str = "") -> None:
        """A finding that does not."""
        self._findings.append(Diagnostic(code, message, self._file, at, hint, Severity.WARNING))
