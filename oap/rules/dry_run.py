"""Two rule sets over one recording."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from oal.plan import Plan
from oap.accounting import Accounts
from oap.emulator.playback import blocks
from oap.emulator.recording import Recording
from oap.receiver.block import Block
from oap.rules.comparison import Comparison, compare
from oap.rules.newest import newest_second
from oap.rules.records import Surroundings, fold

PASSES: Final = 3
"""How often a recording is gone through."""

_BATCH: Final = 2000
_FUTURE_S: Final = 600
_NS_PER_S: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class DryRun:
    """What differs, and what became of the logs: the same under all rules."""

    comparison: Comparison
    accounts: Accounts


def compare_plans(
    recording: Recording,
    plans: tuple[Plan, Plan],
    surroundings: Surroundings,
    metrics: Sequence[str],
    most: int,
    advance: Callable[[int], None],
) -> DryRun:
    """Fold a recording under the old and the new plan and compare the records of some metrics.

    ``most`` changes of each are kept (0: all). ``advance`` is told of each so many messages that are done, in all
    ``PASSES`` times those of the recording.
    """

    def watched() -> Iterator[Block]:
        for block in blocks(recording, _BATCH):
            yield block
            advance(len(block))

    now_s = newest_second(watched(), _end_s(recording))
    old, new = (fold(plan, watched(), now_s, surroundings) for plan in plans)
    return DryRun(compare(old, new, metrics, most), new.accounts)


def _end_s(recording: Recording) -> int | None:
    """Latest second that a sound log of the recording can have; None when it does not say when it was made."""
    if not recording.created_ns:
        return None
    last_ns = int(recording.times_ns[-1]) if len(recording) else 0
    return (recording.created_ns + last_ns) // _NS_PER_S + _FUTURE_S
