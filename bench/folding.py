"""Fold alone: all 296 rules over rows that are decoded and placed, by shared primitives and rule by rule."""

from collections.abc import Mapping

import numpy as np

from bench.inputs import BLOCK_MESSAGES, Corpus
from bench.interleaved import interleaved, seconds
from bench.placed_rows import PlacedRows
from bench.results import Finding, Target, each_us, pairwise, per_second
from bench.rig import input_facts
from bench.rule_by_rule import RuleByRule
from oap.timebucket import Precision
from oap.window.rollup import RollUp
from oap.window.window import Window

OURS, BY_RULE = "our fold", "one mask and bincount per rule"
IN_ONE_PIECE = f"{BY_RULE}, all rows in one piece"
TARGET = Target(4)
_ROUNDS = 3


def folding(corpus: Corpus, repetitions: int) -> Finding:
    """Measure on a corpus of one minute. Ours folds block by block into a new window."""
    rows = PlacedRows(corpus)
    updates = metric_updates(rows, fold_into_window(rows))
    contenders = {
        OURS: seconds(lambda: fold_into_window(rows), _ROUNDS),
        BY_RULE: seconds(RuleByRule(rows, in_one_piece=False).fold),
        IN_ONE_PIECE: seconds(RuleByRule(rows, in_one_piece=True).fold),
    }
    for warm_up in contenders.values():
        warm_up()
    taken = interleaved(contenders, repetitions)
    return Finding(
        "fold",
        f"Fold alone, {corpus.name} corpus",
        {**_given(corpus, rows), "metric updates": updates},
        [
            *(each_us(name, "message", len(corpus), taken[name]) for name in contenders),
            per_second(OURS, "messages/s", len(corpus), taken[OURS]),
            per_second(OURS, "logs/s", len(rows), taken[OURS]),
            *(per_second(name, "metric updates/s", updates, taken[name]) for name in contenders),
        ],
        [
            pairwise(f"{OURS}, times faster than {BY_RULE}", taken[BY_RULE], taken[OURS], TARGET),
            pairwise(f"{OURS}, times faster than {IN_ONE_PIECE}", taken[IN_ONE_PIECE], taken[OURS], TARGET),
        ],
        ["a metric update is one log that one rule counts"],
    )


def fold_into_window(rows: PlacedRows) -> Window:
    """A new window with all rows folded into it."""
    (minute,) = rows.minutes
    window = Window(minute, Precision.MINUTE, rows.pipeline.plan)
    for batch in rows.batches:
        window.add(rows.inputs(batch), minute)
    return window


def metric_updates(rows: PlacedRows, window: Window) -> int:
    """How many logs all rules together count."""
    return sum(int(roll_up.presence(metric).sum()) for metric, roll_up in roll_ups(rows, window))


def roll_ups(rows: PlacedRows, window: Window) -> list[tuple]:
    """Every rule with the roll-up of its scope."""
    pipeline = rows.pipeline
    known: dict[str, RollUp] = {}
    found = []
    for metric in pipeline.plan.plan.metrics:
        if metric.scope not in known:
            table = pipeline.routes.entities.get(metric.scope, pipeline.endpoints.table)
            cells = rows.cells[metric.grain]
            known[metric.scope] = RollUp(window, metric.scope, metric.grain, cells, len(table))
        found.append((metric, known[metric.scope]))
    return found


def _given(corpus: Corpus, rows: PlacedRows) -> Mapping[str, float | str]:
    placed = sum(int(np.count_nonzero(table.minute >= 0)) for batch in rows.batches for table in batch.tables)
    return {
        **input_facts(corpus),
        "logs": placed,
        "rules": len(rows.pipeline.models),
        "messages per block": BLOCK_MESSAGES,
    }
