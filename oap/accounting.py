"""What became of every log: received = folded + dropped(reason) + late + refused, exactly."""

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt


class Outcome(IntEnum):
    """What can become of a log. From ``NO_CONNECTION`` to ``EXPIRED`` are reasons for which it is dropped."""

    FOLDED = 0
    LATE = 1
    REFUSED = 2
    NO_CONNECTION = 3
    CONNECTION_LOSS = 4
    SAME_SERVICE = 5
    UNKNOWN_ROLE = 6
    LOOKUP_FAILED = 7
    NO_NODE = 8
    NO_OPERATION = 9
    NO_PROTOCOL = 10
    EXPIRED = 11


OUTCOMES = len(Outcome)
DROPS = tuple(outcome for outcome in Outcome if outcome >= Outcome.NO_CONNECTION)
_MAX_DETAILS = 1000
_BAD_CONNECTIONS = tuple(outcome for outcome in DROPS if outcome <= Outcome.LOOKUP_FAILED)


@dataclass(slots=True)
class Accounts:
    """Running totals.

    ``details`` counts refused connection builds, and logs without service relation, by (reason, who); it is bounded.
    """

    outcomes: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(OUTCOMES, np.int64))
    messages: int = 0
    malformed: int = 0
    bytes: int = 0
    timestamps_missing: int = 0
    details: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def received(self) -> int:
        """All logs of all well-formed messages."""
        return int(self.outcomes.sum())

    @property
    def dropped(self) -> dict[str, int]:
        """Dropped logs by reason, zero counts included."""
        return {outcome.name.lower(): int(self.outcomes[outcome]) for outcome in DROPS}

    @property
    def without_connection(self) -> int:
        """Logs dropped for want of a valid connection: what upstream counts as dropped."""
        return int(self.outcomes[list(_BAD_CONNECTIONS)].sum())

    def note(self, reason: Outcome, who: str, times: int = 1) -> None:
        """Count something refused; once full, only what is already listed goes on counting."""
        key = (reason.name.lower(), who)
        if key in self.details or len(self.details) < _MAX_DETAILS:
            self.details[key] += times
