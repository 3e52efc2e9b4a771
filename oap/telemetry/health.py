"""Which parts of the server work, and why the others do not (spec query 1.2)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from oap.telemetry import catalogue
from oap.telemetry.meters import Meter

NOT_STARTED = -1


@dataclass(frozen=True, slots=True)
class Health:
    """State of the server at one moment.

    ``score``: 0 all parts work, above 0 that many do not, below 0 not all have started. ``details`` names the parts
    that do not work with their reasons, "" when there are none.
    """

    score: int
    details: str

    @property
    def is_healthy(self) -> bool:
        """Whether everything has started and works."""
        return self.score == 0


class HealthBoard:
    """Collects what components say about themselves. Any thread may report and read.

    A component joins with ``component`` and counts as not started until its first report.
    """

    def __init__(self) -> None:
        self._reasons: dict[str, str | None] = {}

    def component(self, name: str) -> "ComponentHealth":
        """Expect reports of a component; return where it makes them."""
        if name in self._reasons:
            raise ValueError(f"component '{name}' is expected already")
        self._reasons[name] = None
        return ComponentHealth(name, self._report)

    def health(self) -> Health:
        """The state of this moment."""
        reasons = dict(self._reasons)
        failing = {name: reason for name, reason in reasons.items() if reason}
        details = "; ".join(f"{name}: {reason}" for name, reason in sorted(failing.items()))
        has_started = bool(reasons) and None not in reasons.values()
        return Health(len(failing) if has_started else NOT_STARTED, details)

    def meters(self) -> Iterator[Meter]:
        yield Meter(catalogue.UNHEALTHY, max(0, self.health().score))

    def _report(self, name: str, reason: str) -> None:
        self._reasons[name] = reason


class ComponentHealth:
    """Where one component says how it is; the latest report counts."""

    def __init__(self, name: str, report: Callable[[str, str], None]) -> None:
        self._name = name
        self._report = report

    def ok(self) -> None:
        """It works."""
        self._report(self._name, "")

    def failing(self, reason: str) -> None:
        """It does not work; the reason is for operators."""
        self._report(self._name, reason or "no reason given")
