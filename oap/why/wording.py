"""An answer in words."""

from collections.abc import Iterator

from oap.why.answer import Received, StageRows, Why


def sentence(answer: Why) -> str:
    """How many rows are left after each stage, and where none is: ``1,204 write rows, ..., 0 after status >= 500``."""
    if not answer.minutes:
        return "no minute has any row yet"
    stages = ", ".join(f"{stage.rows:,} {stage.text}" for stage in _told(answer))
    if answer.vanishes_at is not None:
        return stages
    return f"{stages}: {answer.stages[-1].rows:,} {_rows(answer.stages[-1].rows)} folded into the metric"


def _told(answer: Why) -> Iterator[StageRows]:
    """The stages up to the first that leaves nothing. That of the entity is told where it loses rows."""
    for number, stage in enumerate(answer.stages):
        if number != ENTITY_STAGE or stage.rows < answer.stages[number - 1].rows:
            yield stage
        if not stage.rows:
            return


ENTITY_STAGE = 2
"""Position of the stage that asks for an entity."""


def preface(received: Received) -> str:
    """What became of all logs before any rule saw them."""
    told = f"{received.logs:,} logs received since the start"
    lost = dict(received.dropped) | ({"too far in the future": received.refused} if received.refused else {})
    reasons = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in lost.items())
    told += f", {sum(lost.values()):,} dropped before any rule: {reasons}" if lost else ", none dropped before any rule"
    if received.malformed_messages:
        told += f"; {received.malformed_messages:,} messages could not be read"
    return told


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"
