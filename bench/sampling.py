"""What explaining numbers costs: samples that nobody asked for, samples of one rule, counts between two filters."""

import gc
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from bench.inputs import Corpus
from bench.interleaved import seconds
from bench.placed_rows import PlacedBatch, PlacedRows
from bench.results import Finding, Measure, Target, each_us, pairwise
from bench.rig import NOW_S, input_facts
from oal.plan import Metric, Plan, Primitive
from oap.entity.connections import Attribution
from oap.timebucket import Precision
from oap.why import traced_row
from oap.why.history import History
from oap.why.sampling import Sampler
from oap.why.traced_row import Numbering
from oap.window.placement import Placement
from oap.window.window import FoldPlan, Window, fold_plan

ABSENT, OFF, ON = "fold without the hook", "fold, sampling off", "fold, one rule sampled"
UNCOUNTED = "fold without counts between filters"
SAMPLED = "kubernetes_service_http_status_4xx_cpm"
TARGET = Target(1.03, at_most=True)
_ROUNDS = 3
_TURNS = 8

Fold = Callable[[int, Window], None]
"""Folds a batch, by its number, into a window."""


def sampling(corpus: Corpus, repetitions: int) -> Finding:
    """Measure on a corpus of one minute, all in turns; and what a hand-over notes of a minute."""
    rows = PlacedRows(corpus)
    plan = rows.pipeline.plan
    uncounted = fold_plan(without_counts_between(plan.plan))
    off, on = (Sampler(_numbering(rows), rows.cells) for _ in range(2))
    on.switch_on(plan.plan, SAMPLED, NOW_S)
    placed = [_placed(batch) for batch in rows.batches]
    minute = rows.minutes

    def hooked(sampler: Sampler) -> Fold:
        def fold(number: int, window: Window) -> None:
            inputs = rows.inputs(rows.batches[number], plan)
            if sampler:
                sampler.look(plan.plan, inputs, minute, placed[number], NOW_S)
            window.add(inputs, minute[0])

        return fold

    contenders = {
        ABSENT: (plain_fold(rows, plan), plan),
        OFF: (hooked(off), plan),
        ON: (hooked(on), plan),
        UNCOUNTED: (plain_fold(rows, uncounted), uncounted),
    }
    fold_in_turns(rows, contenders)
    readings = [fold_in_turns(rows, contenders) for _ in range(repetitions)]
    taken = {name: [reading[name] for reading in readings] for name in contenders}
    window = Window(minute[0], Precision.MINUTE, plan)
    for number in range(len(rows.batches)):
        contenders[ABSENT][0](number, window)
    history = History()
    history.take(window, rows.cells)
    noted = [seconds(lambda: history.take(window, rows.cells), _ROUNDS)() for _ in range(repetitions)]
    return Finding(
        "sampling",
        f"Explaining numbers, {corpus.name} corpus",
        {**input_facts(corpus), "rules": len(plan.plan.metrics)},
        [
            *(each_us(name, "message", len(corpus), taken[name]) for name in contenders),
            Measure("noting a minute at a hand-over", "ms", tuple(second * 1e3 for second in noted)),
        ],
        [
            pairwise(f"{OFF}, in relation to {ABSENT}", taken[OFF], taken[ABSENT], TARGET),
            pairwise(f"{ON}, in relation to {ABSENT}", taken[ON], taken[ABSENT]),
            pairwise(f"{ABSENT}, in relation to {UNCOUNTED}", taken[ABSENT], taken[UNCOUNTED]),
        ],
        [
            f"primitives: {_primitives(plan.plan)}, without counts between filters {_primitives(uncounted.plan)}",
            "the samples of a rule are full after the first blocks; looking at all rows of its operation costs a third more",
        ],
    )


def plain_fold(rows: PlacedRows, plan: FoldPlan) -> Fold:
    """Folds a batch by these rules, and does nothing else."""
    (minute,) = rows.minutes

    def fold(number: int, window: Window) -> None:
        window.add(rows.inputs(rows.batches[number], plan), minute)

    return fold


def fold_in_turns(rows: PlacedRows, contenders: Mapping[str, tuple[Fold, FoldPlan]]) -> Mapping[str, float]:
    """Seconds of processor time that each takes for all rows; they take turns batch by batch, several times.

    The least of each batch's times counts. So close together, and without what others did to the processor's caches, a
    difference of a hundredth can be seen.
    """
    (minute,) = rows.minutes
    taken = dict.fromkeys(contenders, 0.0)
    names = list(contenders)
    windows = {name: Window(minute, Precision.MINUTE, plan) for name, (_, plan) in contenders.items()}
    gc.collect()
    gc.disable()
    try:
        for number in range(len(rows.batches)):
            least = dict.fromkeys(names, math.inf)
            for _ in range(_TURNS):
                names = [*names[1:], names[0]]
                for name in names:
                    started = time.thread_time()
                    contenders[name][0](number, windows[name])
                    least[name] = min(least[name], time.thread_time() - started)
            for name, seconds_taken in least.items():
                taken[name] += seconds_taken
    finally:
        gc.enable()
    return taken


def without_counts_between(plan: Plan) -> Plan:
    """The plan without the state that only stages read."""
    wanted: dict[tuple[str, str], dict[int, int]] = {place: {} for place in plan.primitives}
    for metric in plan.metrics:
        for part in metric.parts:
            known = wanted[metric.grain, part.table]
            for index in part.primitives:
                known.setdefault(index, len(known))
    primitives: Mapping[tuple[str, str], tuple[Primitive, ...]] = {
        place: tuple(plan.primitives[place][index] for index in known) for place, known in wanted.items()
    }
    return replace(plan, metrics=tuple(_renumbered(metric, wanted) for metric in plan.metrics), primitives=primitives)


def _renumbered(metric: Metric, numbers: Mapping[tuple[str, str], Mapping[int, int]]) -> Metric:
    parts = tuple(
        replace(part, primitives=tuple(numbers[metric.grain, part.table][at] for at in part.primitives), stages=())
        for part in metric.parts
    )
    return replace(metric, parts=parts)


def _numbering(rows: PlacedRows) -> Numbering:
    pipeline = rows.pipeline
    return Numbering(pipeline.routes, pipeline.endpoints, pipeline.nodes)


def _placed(batch: PlacedBatch) -> traced_row.PlacedBatch:
    most = max(len(table.route) for table in batch.tables)
    route = np.full((len(batch.tables), most), -1, dtype=np.int32)
    for number, table in enumerate(batch.tables):
        route[number, : len(table.route)] = table.route
    nothing = np.zeros(0, np.int64)
    attribution = Attribution(np.full(len(batch.message_node), -1, np.int32), batch.message_node)
    return traced_row.PlacedBatch(batch.batch, attribution, Placement(route, route, nothing, ()))


def _primitives(plan: Plan) -> int:
    return sum(len(primitives) for primitives in plan.primitives.values())
