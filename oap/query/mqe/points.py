"""Functions of the points of a series (spec query 2.5)."""

from collections.abc import Callable, Mapping

import numpy as np

from oap.query.mqe.errors import Finding, MqeError
from oap.query.mqe.number_text import rounded
from oap.query.mqe.syntax import Aggregation
from oap.query.mqe.value import Floats, Result, ResultType, Series, single

_TOTALS: Mapping[Aggregation, Callable[[Floats], float]] = {
    # Totals begin with 0, so that they are never the -0 that points may be.
    Aggregation.SUM: lambda values: float(values.sum(initial=0.0)),
    Aggregation.COUNT: lambda values: float(len(values)),
    Aggregation.AVG: lambda values: float(values.sum(initial=0.0) / len(values)),
}
# Java, and so upstream, sorts NaN behind all numbers.
_CHOICES: Mapping[Aggregation, Callable[[Floats], int]] = {
    Aggregation.MAX: lambda values: int(values.argmax()),
    Aggregation.MIN: lambda values: int(values.argmin() if np.isnan(values).all() else np.nanargmin(values)),
    Aggregation.LATEST: lambda values: len(values) - 1,
}
_EXACT_POWERS = 22  # a double holds powers of ten up to this one
_WHOLE = 2.0**52
_DOUBT = 2.0**-50
_ZERO_WHEN_EMPTY = frozenset({Aggregation.SUM, Aggregation.COUNT})

_INSTEAD_OF_LATEST = {
    ResultType.UNKNOWN: "its metric has none for this kind of entity",
    ResultType.SINGLE_VALUE: "leave it out",
    ResultType.SORTED_LIST: "take max or min",
    ResultType.RECORD_LIST: "take max or min",
}


def aggregate(function: Aggregation, operand: Result) -> Result:
    """One value for each series. Raises MqeError for ``latest`` of no time series."""
    if function is Aggregation.LATEST and operand.type is not ResultType.TIME_SERIES_VALUES:
        raise MqeError(Finding("'latest' needs a time series", hint=_INSTEAD_OF_LATEST[operand.type]))
    kept = tuple(_one_value(function, series) for series in operand.series)
    return Result(ResultType.SINGLE_VALUE, kept, operand.labelled)


def _one_value(function: Aggregation, series: Series) -> Series:
    places = np.flatnonzero(series.present)
    if not len(places):
        return single(0.0 if function in _ZERO_WHEN_EMPTY else None, series.labels)
    values = series.values[places]
    if function in _TOTALS:
        with np.errstate(all="ignore"):
            return single(_TOTALS[function](values), series.labels)
    at = int(places[_CHOICES[function](values)])
    return single(float(series.values[at]), series.labels, series.ids[at], series.owners[at])


def round_points(function: str, places: int, operand: Result) -> Result:
    """``abs``, ``ceil``, ``floor`` or ``round`` of every point."""
    each = _EACH[function]
    kept = tuple(series.with_points(each(series.values, places), series.present) for series in operand.series)
    return Result(operand.type, kept, operand.labelled)


def _round(values: Floats, places: int) -> Floats:
    """Half away from zero on the shortest decimal form, which a product of doubles tells except close to a half."""
    if places > _EXACT_POWERS:
        return np.array([rounded(float(value), places) for value in values], dtype=np.float64)
    power = 10.0**places
    with np.errstate(all="ignore"):
        scaled = np.abs(values) * power
        whole = np.floor(scaled)
        # The product and the shortest form are each off by at most half a unit in the last place.
        is_clear = (scaled < _WHOLE) & (np.abs(scaled - whole - 0.5) > scaled * _DOUBT)
        result = np.where(is_clear, np.copysign(np.floor(scaled + 0.5) / power, values), values)
    for at in np.flatnonzero(~is_clear & np.isfinite(values)):
        result[at] = rounded(float(values[at]), places)
    return result


_EACH: Mapping[str, Callable[[Floats, int], Floats]] = {
    "abs": lambda values, _: np.abs(values),
    "ceil": lambda values, _: np.ceil(values),
    "floor": lambda values, _: np.floor(values),
    "round": _round,
}
