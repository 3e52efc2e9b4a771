"""The fold's yardstick computes what the rules say: the records that our own fold is finished to."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pytest

from bench.corpus import corpus
from bench.folding import fold_into_window, metric_updates, roll_ups
from bench.inputs import joined
from bench.placed_rows import PlacedRows
from bench.rule_by_rule import RuleByRule, Totals
from oal.functions.contract import Column, Tables
from oal.functions.grouping import add_by_number
from oal.plan import Metric

MESSAGES = 600


@cache
def placed() -> PlacedRows:
    return PlacedRows(joined("", corpus(MESSAGES, 1, churn_ports=False)), block_messages=250)


def finished(metric: Metric, columns: Sequence[Column]) -> dict[str, object]:
    state = metric.function.assemble(columns, metric.parameters)
    return {name: listed(column) for name, column in metric.function.finish(state, 1, metric.parameters).items()}


def listed(column: Column) -> object:
    if isinstance(column, Tables):
        return column.offsets.tolist(), column.keys.tolist(), column.values.tolist()
    return column.tolist()


def as_columns(metric: Metric, totals: Sequence[Totals], entities: int) -> list[Column]:
    columns = [as_column(each, entities) for each in totals]
    # A sum alone says nothing about how many rows it is of, and its function does not ask.
    return [np.zeros(entities, np.int64), *columns] if metric.function.name == "sum" else columns


def as_column(totals: Totals, entities: int) -> Column:
    if isinstance(totals, tuple):
        keys, counts = totals
        return add_by_number(keys >> 32, keys & 0xFFFFFFFF, counts, entities)
    return totals.astype(np.int64)


def ours() -> Mapping[str, dict[str, object]]:
    rows = placed()
    return {
        metric.name: finished(metric, roll.columns(metric)) for metric, roll in roll_ups(rows, fold_into_window(rows))
    }


@pytest.mark.parametrize("in_one_piece", [False, True])
def test_every_rule_finishes_to_the_same_records(in_one_piece: bool) -> None:
    rows = placed()
    by_rule = RuleByRule(rows, in_one_piece=in_one_piece)
    totals = by_rule.fold()
    theirs = {
        metric.name: finished(metric, as_columns(metric, totals[metric.name], by_rule.entities[metric.scope]))
        for metric in rows.pipeline.plan.plan.metrics
    }
    assert len(theirs) == 296
    assert theirs == ours()


def test_folding_twice_gives_the_same_totals() -> None:
    by_rule = RuleByRule(placed(), in_one_piece=False)
    assert [str(each) for each in by_rule.fold().values()] == [str(each) for each in by_rule.fold().values()]


def test_updates_are_counted_once_for_each_rule_and_log() -> None:
    rows = placed()
    one_rule = sum(len(table.numbers) for batch in rows.batches for table in batch.tables if table.name == "connect")
    window = fold_into_window(rows)
    (connects,) = (
        int(roll.presence(metric).sum())
        for metric, roll in roll_ups(rows, window)
        if metric.name == "kubernetes_service_connect_cpm"
    )
    assert connects == one_rule
    assert metric_updates(rows, window) > 20 * len(rows)
