"""Rows of a selector as series with labels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from oal.functions.contract import ValueKind
from oap.promql.database import Candidate, Database
from oap.promql.grid import RowTimes
from oap.promql.matchers import accepts_all
from oap.promql.value import NAME, Flags, Floats, Labels
from oap.query.mqe.series import label_pairs
from oap.query.stored_points import labelled_points, plain_points
from oap.storage.contract import MetricModel


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Series of a selector: ``values`` and ``present`` of shape (series, rows in the order of ``times``)."""

    labels: tuple[Labels, ...]
    models: tuple[MetricModel | None, ...]
    values: Floats
    present: Flags
    times: RowTimes


def want_rows(database: Database, candidates: Sequence[Candidate], times: RowTimes) -> None:
    """Make the reads of ``read_rows``, for ``Reads.together`` to note."""
    reads = database.reads
    for one in candidates:
        if one.model is not None:
            read = reads.series if one.model.value_kind is ValueKind.REGULAR_VALUE else reads.labeled_series
            read(one.model, one.entity_id, times.duration)


def read_rows(database: Database, candidates: Sequence[Candidate], times: RowTimes) -> Rows:
    """Series with at least one row in the range."""
    found = [one for candidate in candidates for one in _series(database, candidate, times) if one[3].any()]
    count = len(times.order)
    values = np.array([values for *_, values, _ in found]).reshape(len(found), count)
    present = np.array([present for *_, present in found], dtype=np.bool_).reshape(len(found), count)
    labels, models = tuple(one[0] for one in found), tuple(one[1] for one in found)
    return Rows(labels, models, values[:, times.order], present[:, times.order], times)


def _series(
    database: Database, candidate: Candidate, times: RowTimes
) -> Iterator[tuple[Labels, MetricModel | None, Floats, Flags]]:
    model, duration = candidate.model, times.duration
    known = {**candidate.labels, NAME: candidate.name}
    if model is None:
        count = len(times.order)
        yield _sorted(known), None, np.ones(count), np.ones(count, dtype=np.bool_)
    elif model.value_kind is ValueKind.REGULAR_VALUE:
        yield (
            _sorted(known),
            model,
            *plain_points(database.reads.series(model, candidate.entity_id, duration), duration),
        )
    else:
        tables = database.reads.labeled_series(model, candidate.entity_id, duration)
        keys = sorted(set().union(*tables.values()))
        values, present = labelled_points(tables, keys, duration)
        for row, key in enumerate(keys):
            # What a metric says of itself never hides what the series is about.
            labels = {**dict(label_pairs(key)), **known}
            if accepts_all(candidate.own, labels):
                yield _sorted(labels), model, values[row], present[row]


def _sorted(labels: dict[str, str]) -> Labels:
    return tuple(sorted(labels.items()))
