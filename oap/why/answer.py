"""The answer to "why is this number so, why is it empty"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from oal.plan import Metric
from oap.accounting import Accounts, Outcome
from oap.receiver.decode import layout as lay
from oap.timebucket import Precision, bucket_of
from oap.why.counting import Counting, Mask
from oap.why.error import metric_of
from oap.why.sampling import Samples
from oap.why.services import cells_of_service
from oap.why.stages import StageCounts, Stages, stage_counts, stages_of
from oap.why.workings import Workings
from oap.window.placement import OPERATIONS

_OPERATION_NAMES = [lay.TABLE_NAMES[operation] for operation in OPERATIONS]


@dataclass(frozen=True, slots=True)
class StageRows:
    """Rows that are left at a stage, in all and minute by minute."""

    text: str
    rows: int
    by_minute: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PartRows:
    """One operation: its stages, rows that the metric took in, and rows of the operation that came after their minute
    was settled (folded all the same; of all services)."""

    operation: str
    stages: tuple[StageRows, ...]
    folded: int
    late: int


@dataclass(frozen=True, slots=True)
class Received:
    """What became of all logs since the server started: dropped ones, by reason, reach no rule."""

    logs: int
    dropped: Mapping[str, int]
    refused: int
    late: int
    malformed_messages: int


@dataclass(frozen=True, slots=True)
class Why:
    """How far rows came on their way to a metric. ``minutes`` are the buckets looked at, oldest first.

    ``stages`` add up the operations; ``vanishes_at`` is the first one that leaves no row, None when rows come through.
    """

    metric: str
    rule: str
    service: str | None
    minutes: tuple[int, ...]
    stages: tuple[StageRows, ...]
    parts: tuple[PartRows, ...]
    vanishes_at: str | None
    received: Received
    samples: Samples


def why(workings: Workings, name: str, service: str | None, minutes: int, now_s: float) -> Why:
    """Explain a metric over the newest minutes that have rows. Raises WhyError.

    Of one service only the open minutes are known, because closed ones are kept as sums over all services.
    """
    metric = metric_of(workings.plan, name)
    chosen = None if service is None else cells_of_service(workings.numbering, metric.scope, service)
    indices = set(workings.windows) | (set() if chosen is not None else set(workings.history.minutes))
    looked_at = [index for index in sorted(indices) if index > max(indices) - minutes]
    stages = stages_of(workings.plan, metric)
    counts = [_counts(workings, metric, stages, index, chosen) for index in looked_at]
    rows = _stage_rows(stages.texts, [count.total.tolist() for count in counts])
    return Why(
        metric=name,
        rule=metric.text,
        service=service,
        minutes=tuple(bucket_of(index, Precision.MINUTE) for index in looked_at),
        stages=rows,
        parts=tuple(_part(workings, stages, at, counts, looked_at) for at in range(len(stages.parts))),
        vanishes_at=next((stage.text for stage in rows if not stage.rows), None),
        received=_received(workings.accounts),
        samples=workings.sampler.samples(name, now_s),
    )


def _counts(
    workings: Workings, metric: Metric, stages: Stages, index: int, chosen: Mapping[str, Mask] | None
) -> StageCounts:
    """Counts of one minute. Another generation of rules may have folded it; of a rule it did not know it has none."""
    found = None if chosen is not None else workings.history.closed(index, metric)
    window = workings.windows.get(index)
    if window is not None:
        plan = window.plan.plan
        own = next((known for known in plan.metrics if known.name == metric.name and known.text == metric.text), None)
        if own is not None:
            then = stages_of(plan, own)
            counting = Counting(list(then.counters))
            now = stage_counts(then, counting, counting.read(window, workings.cells, chosen))
            found = now if found is None else found + now
    return found or _no_rows(stages)


def _no_rows(stages: Stages) -> StageCounts:
    behind = len(stages.texts) - 1
    return StageCounts(np.zeros(behind + 1, np.int64), tuple(np.zeros(behind, np.int64) for _ in stages.parts))


def _stage_rows(texts: Sequence[str], by_minute: Sequence[Sequence[int]]) -> tuple[StageRows, ...]:
    return tuple(
        StageRows(text, sum(minute[at] for minute in by_minute), tuple(minute[at] for minute in by_minute))
        for at, text in enumerate(texts)
    )


def _part(
    workings: Workings, stages: Stages, at: int, counts: Sequence[StageCounts], indices: Sequence[int]
) -> PartRows:
    operation = stages.parts[at].operation
    texts = [f"{operation} rows", *stages.texts[2:]]
    rows = _stage_rows(texts, [count.parts[at].tolist() for count in counts])
    late = sum(workings.late.of(index, _OPERATION_NAMES.index(operation)) for index in indices)
    return PartRows(operation, rows, rows[-1].rows, late)


def _received(accounts: Accounts) -> Received:
    return Received(
        accounts.received,
        {reason: logs for reason, logs in accounts.dropped.items() if logs},
        int(accounts.outcomes[Outcome.REFUSED]),
        int(accounts.outcomes[Outcome.LATE]),
        accounts.malformed,
    )
