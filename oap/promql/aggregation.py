"""Aggregations of a vector: one series for each group of labels."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from oap.promql.value import NAME, Flags, Floats, Labels, Vector, only, without

_Groups = npt.NDArray[np.int64]
_Fold = Callable[[Floats, Flags, _Groups, int], Floats]


def _sum(values: Floats, present: Flags, groups: _Groups, count: int) -> Floats:
    total = np.zeros((count, values.shape[1]))
    np.add.at(total, groups, np.where(present, values, 0.0))
    return total


def _count(values: Floats, present: Flags, groups: _Groups, count: int) -> Floats:
    return _sum(np.ones_like(values), present, groups, count)


def _mean(values: Floats, present: Flags, groups: _Groups, count: int) -> Floats:
    return _sum(values, present, groups, count) / _count(values, present, groups, count)


def _least(values: Floats, present: Flags, groups: _Groups, count: int) -> Floats:
    least = np.full((count, values.shape[1]), np.inf)
    np.fmin.at(least, groups, np.where(present, values, np.inf))
    is_number = _count(values, present & ~np.isnan(values), groups, count) > 0
    return np.where(is_number, least, np.nan)


def _most(values: Floats, present: Flags, groups: _Groups, count: int) -> Floats:
    return -_least(-values, present, groups, count)


def _one(values: Floats, present: Flags, groups: _Groups, count: int) -> Floats:  # noqa: ARG001  (one signature)
    return np.ones((count, values.shape[1]))


def _variance(values: Floats, present: Flags, groups: _Groups, count: int) -> Floats:
    apart = values - _mean(values, present, groups, count)[groups]
    return _mean(apart * apart, present, groups, count)


_FOLDS: Final[Mapping[str, _Fold]] = {
    "sum": _sum,
    "avg": _mean,
    "min": _least,
    "max": _most,
    "count": _count,
    "group": _one,
    "stdvar": _variance,
    "stddev": lambda values, present, groups, count: np.sqrt(_variance(values, present, groups, count)),
}
RANKINGS: Final = frozenset({"topk", "bottomk"})
AGGREGATIONS: Final = frozenset({*_FOLDS, *RANKINGS})


def aggregate(function: str, vector: Vector, names: frozenset[str], *, is_without: bool) -> Vector:
    """One series for each group: of these labels alone, or of all others."""
    groups, labels = _grouped(vector, names, is_without=is_without)
    present = np.zeros((len(labels), vector.values.shape[1]), dtype=np.bool_)
    np.logical_or.at(present, groups, vector.present)
    with np.errstate(all="ignore"):
        folded = _FOLDS[function](vector.values, vector.present, groups, len(labels))
    return Vector(labels, np.where(present, folded, 0.0), present)


def rank(function: str, count: Floats, vector: Vector, names: frozenset[str], *, is_without: bool) -> Vector:
    """The ``count`` (at each step) largest or smallest series of each group, with their labels."""
    groups, labels = _grouped(vector, names, is_without=is_without)
    sign = -1.0 if function == "topk" else 1.0
    order_by = np.where(vector.present, np.nan_to_num(sign * vector.values, nan=np.inf), np.inf)
    kept = np.zeros_like(vector.present)
    for group in range(len(labels)):
        members = np.flatnonzero(groups == group)
        # Absent points come last of all, whatever the values.
        order = np.lexsort((order_by[members], ~vector.present[members]), axis=0)
        places = np.argsort(order, axis=0, kind="stable")
        kept[members] = places < count
    chosen = np.flatnonzero((kept & vector.present).any(axis=1)).tolist()
    return vector.with_points(vector.values, vector.present & kept).rows(chosen)


def _grouped(vector: Vector, names: frozenset[str], *, is_without: bool) -> tuple[_Groups, tuple[Labels, ...]]:
    codes: dict[Labels, int] = {}
    groups = [
        codes.setdefault(without(one, names | {NAME}) if is_without else only(one, names), len(codes))
        for one in vector.labels
    ]
    return np.array(groups, dtype=np.int64), tuple(codes)
