"""Stored rows as arrays with a place for every point of a range."""

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from oap.query.duration import Duration

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def plain_points(by_bucket: Mapping[int, int | float], duration: Duration) -> tuple[Floats, Flags]:
    """Values (float64) and which of them are there, of as many points as the range has."""
    buckets = duration.bucket_array()
    values, present = np.zeros(len(buckets)), np.zeros(len(buckets), dtype=np.bool_)
    places, is_inside = _places(by_bucket, buckets)
    values[places] = np.fromiter(by_bucket.values(), np.float64, len(by_bucket))[is_inside]
    present[places] = True
    return values, present


def labelled_points(
    tables: Mapping[int, Mapping[str, int]], keys: Sequence[str], duration: Duration
) -> tuple[Floats, Flags]:
    """The same with a row for each of the keys; other keys are left out."""
    buckets = duration.bucket_array()
    rows = {key: row for row, key in enumerate(keys)}
    count = sum(map(len, tables.values()))
    row_of = np.fromiter((rows.get(key, -1) for key in chain.from_iterable(tables.values())), np.int64, count)
    points = np.fromiter(chain.from_iterable(table.values() for table in tables.values()), np.float64, count)
    places, is_inside = _places(tables, buckets)
    place_of = np.full(len(tables), -1)
    place_of[is_inside] = places
    place_of = np.repeat(place_of, np.fromiter(map(len, tables.values()), np.int64, len(tables)))
    taken = (row_of >= 0) & (place_of >= 0)
    values, present = np.zeros((len(keys), len(buckets))), np.zeros((len(keys), len(buckets)), dtype=np.bool_)
    values[row_of[taken], place_of[taken]] = points[taken]
    present[row_of[taken], place_of[taken]] = True
    return values, present


def _places(stored: Mapping[int, object], buckets: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Flags]:
    """Index of each stored bucket that is a point of the range, and which ones are."""
    found = np.fromiter(stored, np.int64, len(stored))
    places = np.searchsorted(buckets, found)
    is_inside = buckets[np.minimum(places, len(buckets) - 1)] == found
    return places[is_inside], is_inside
