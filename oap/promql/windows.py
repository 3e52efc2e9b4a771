"""Functions of the rows in a window before each step."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from oap.promql.errors import PromqlError
from oap.promql.series import Rows
from oap.promql.value import Floats, Vector
from oap.storage.contract import MetricModel

_Integers = npt.NDArray[np.int64]
_Fold = Callable[[Floats], Floats]

# What a row of these functions counts: calls per minute of its length, or calls.
_COUNTED: Final[Mapping[str, bool]] = {"cpm": True, "count": False, "sum": False}


def _last(values: Floats) -> Floats:
    at = values.shape[1] - 1 - np.argmax(~np.isnan(values[:, ::-1]), axis=1)
    newest: Floats = values[np.arange(len(values)), at]
    return newest


_FOLDS: Final[Mapping[str, _Fold]] = {
    "avg_over_time": lambda values: np.nanmean(values, axis=1),
    "min_over_time": lambda values: np.nanmin(values, axis=1),
    "max_over_time": lambda values: np.nanmax(values, axis=1),
    "sum_over_time": lambda values: np.nansum(values, axis=1),
    "count_over_time": lambda values: (~np.isnan(values)).sum(axis=1).astype(np.float64),
    "stddev_over_time": lambda values: np.nanstd(values, axis=1),
    "last_over_time": _last,
    "present_over_time": lambda values: np.ones(len(values)),
    "increase": lambda values: np.nansum(values, axis=1),
    "rate": lambda values: np.nansum(values, axis=1),
}
WINDOW_FUNCTIONS: Final = frozenset(_FOLDS)


def over_windows(function: str, rows: Rows, times: Floats, window_s: float) -> Vector:
    """The function of the rows that begin in the ``window_s`` seconds up to each of the times; no rows, no value.

    ``increase`` and ``rate`` add up what rows count. Raises PromqlError for metrics that count nothing.
    """
    values = np.where(rows.present, rows.values, np.nan)
    if function in {"increase", "rate"}:
        minutes = rows.times.length_s / 60.0
        factors = [_counted_per_row(function, dict(labels), model, minutes) for labels, model in _named(rows)]
        values = values * np.array(factors).reshape(-1, 1)
    first = np.searchsorted(rows.times.starts_s, times - window_s, side="right")
    after = np.searchsorted(rows.times.starts_s, times, side="right")
    folded = _fold(_FOLDS[function], values, first, after)
    if function == "rate":
        folded = folded / window_s
    labelled = Vector(rows.labels, np.nan_to_num(folded), ~np.isnan(folded))
    return labelled if function == "last_over_time" else labelled.without_name()


def _named(rows: Rows) -> list[tuple[tuple[tuple[str, str], ...], MetricModel | None]]:
    return list(zip(rows.labels, rows.models, strict=True))


def _counted_per_row(function: str, labels: Mapping[str, str], model: MetricModel | None, minutes: float) -> float:
    if model is None or model.function not in _COUNTED:
        kind = "is traffic" if model is None else f"holds {model.function} of each minute"
        raise PromqlError(f"{function}() has no meaning here: '{labels['__name__']}' {kind}; use avg_over_time()")
    return minutes if _COUNTED[model.function] else 1.0


def _fold(fold: _Fold, values: Floats, first: _Integers, after: _Integers) -> Floats:
    """Steps that see the same rows are folded once; NaN stands for nothing."""
    windows, which = np.unique(np.stack([first, after]), axis=1, return_inverse=True)
    folded = np.full((len(values), windows.shape[1]), np.nan)
    for at, (begin, end) in enumerate(windows.T.tolist()):
        seen = values[:, begin:end]
        some = ~np.isnan(seen).all(axis=1)
        if some.any():
            folded[some, at] = fold(seen[some])
    return folded[:, which.reshape(-1)]
