"""Functions of numbers and vectors, apart from those of windows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from oap.promql.value import Flags, Floats, Scalar, Value, Vector

_Each = Callable[[Floats], Floats]


def _half_up(values: Floats) -> Floats:
    return np.floor(values + 0.5)


_OF_EACH: Final[Mapping[str, _Each]] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "floor": np.floor,
    "exp": np.exp,
    "ln": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "sqrt": np.sqrt,
    "sgn": np.sign,
}
SORTS: Final = frozenset({"sort", "sort_desc"})
FUNCTIONS: Final = frozenset(
    {*_OF_EACH, *SORTS, "round", "clamp", "clamp_min", "clamp_max", "scalar", "vector", "time", "absent"}
)


def call(function: str, arguments: Sequence[Value], times: Floats) -> Value:
    """Value of a function. The parser has checked number and kinds of the arguments."""
    match function, arguments:
        case "time", _:
            return Scalar(times)
        case "vector", [Scalar(values)]:
            return Vector(((),), values.reshape(1, -1), np.ones((1, len(times)), dtype=np.bool_))
        case "scalar", [Vector() as vector]:
            return _scalar(vector)
        case "absent", [Vector() as vector]:
            present: Flags = ~np.any(vector.present, axis=0, keepdims=True)
            return Vector(((),), np.ones_like(present, dtype=np.float64), present)
        case _, [Vector() as vector] if function in SORTS:
            return vector  # the order is made where the answer is written, only instant queries have one
        case _, [Vector() as vector, *rest]:
            return _each(function, vector, [one.values for one in rest if isinstance(one, Scalar)])
    raise AssertionError(function)  # every function of FUNCTIONS has a case


def _each(function: str, vector: Vector, bounds: Sequence[Floats]) -> Vector:
    values = vector.values
    with np.errstate(all="ignore"):
        if function in _OF_EACH:
            values = _OF_EACH[function](values)
        elif function == "round":
            to = bounds[0] if bounds else np.ones(1)
            values = _half_up(values / to) * to
        elif function == "clamp_min":
            values = np.maximum(values, bounds[0])
        elif function == "clamp_max":
            values = np.minimum(values, bounds[0])
        else:
            values = np.minimum(np.maximum(values, bounds[0]), bounds[1])
    return vector.with_points(values, vector.present).without_name()


def _scalar(vector: Vector) -> Scalar:
    is_one = vector.present.sum(axis=0) == 1
    return Scalar(np.where(is_one, np.where(vector.present, vector.values, 0.0).sum(axis=0), np.nan))
