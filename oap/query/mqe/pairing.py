"""Which points meet in a binary operation, and what each operator does to them (spec query 2.5)."""

from collections.abc import Callable, Mapping

import numpy as np

from oap.query.mqe.errors import Finding, MqeError
from oap.query.mqe.value import Floats, Result, ResultType, Series, single

Operation = Callable[[Floats, Floats], Floats]

_ARITHMETIC: Mapping[str, Operation] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.true_divide,
    "%": np.fmod,  # keeps the sign of the dividend
}
_COMPARISONS: Mapping[str, Operation] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<=": np.less_equal,
    "<": np.less,
    ">=": np.greater_equal,
    ">": np.greater,
}
_BOOLEANS: Mapping[str, Operation] = {"&&": np.logical_and, "||": np.logical_or}
_STAND_IN = "view_as_seq(..., 0) takes 0 for what has none"
_OPERATIONS = {**_ARITHMETIC, **_COMPARISONS, **_BOOLEANS}


def combine(operator: str, left: Result, right: Result) -> Result:
    """Result of ``left operator right``. Raises MqeError where the operands cannot be paired."""
    for operand in (left, right):
        if operand.type is ResultType.UNKNOWN:
            message = f"'{operator}' has an operand without a value"
            raise MqeError(Finding(message, hint="its metric has none for this kind of entity"))
    if operator in _BOOLEANS and not (left.boolean and right.boolean):
        message = f"both sides of '{operator}' must be comparisons"
        raise MqeError(Finding(message, hint=f"write a > 0 {operator} b > 0"))
    return _pair(operator, left, right)


def _pair(operator: str, left: Result, right: Result) -> Result:
    boolean = operator not in _ARITHMETIC
    if left.is_plain_single and right.is_plain_single:
        return Result(ResultType.SINGLE_VALUE, (_two_singles(operator, left, right),), boolean=boolean)
    if _is_many_against(left, right):
        value = _first_value(operator, right)
        kept = tuple(_apply(operator, one, one.values, value, one.present) for one in left.series)
        return Result(left.type, kept, left.labelled, boolean)
    if _is_many_against(right, left):
        value = _first_value(operator, left)
        kept = tuple(_apply(operator, one, value, one.values, one.present) for one in right.series)
        return Result(right.type, kept, right.labelled, boolean)
    if left.is_list or right.is_list:
        message = f"'{operator}' cannot combine a sorted list with another list or a time series"
        raise MqeError(Finding(message, hint="make one side a single value, such as avg(...)"))
    if left.labelled and right.labelled:
        return Result(left.type, _by_labels(operator, left, right), labelled=True, boolean=boolean)
    if right.labelled:
        return Result(right.type, _plain_with_labelled(operator, left, right), labelled=True, boolean=boolean)
    return Result(left.type, _with_first(operator, left, right), left.labelled, boolean)


def _is_many_against(many: Result, one: Result) -> bool:
    if one.type is not ResultType.SINGLE_VALUE:
        return False
    return many.type is not ResultType.SINGLE_VALUE or (many.labelled and not one.labelled)


def _two_singles(operator: str, left: Result, right: Result) -> Series:
    for operand in (left, right):
        if len(operand.series) != 1 or len(operand.series[0].values) != 1:
            raise MqeError(Finding(f"'{operator}' needs exactly one value on each side", hint=_STAND_IN))
    ours, theirs = left.series[0], right.series[0]
    return _apply(operator, single(0.0), ours.values, theirs.values, ours.present & theirs.present)


def _first_value(operator: str, operand: Result) -> Floats:
    if not operand.series or not len(operand.series[0].values):
        raise MqeError(Finding(f"'{operator}' has a side without any value", hint=_STAND_IN))
    first = operand.series[0]
    return np.array([first.values[0] if first.present[0] else 0.0])


def _apply(operator: str, kept: Series, left: Floats, right: Floats, present: np.ndarray) -> Series:
    with np.errstate(all="ignore"):
        values = _OPERATIONS[operator](left, right).astype(np.float64)
    return kept.with_points(np.where(present, values, 0.0), present)


def _matching(ours: Series, theirs: Series, operator: str) -> None:
    if len(ours.values) != len(theirs.values):
        raise MqeError(f"'{operator}' has series of different lengths")


def _with_first(operator: str, left: Result, right: Result) -> tuple[Series, ...]:
    if not left.series:
        return ()
    if not right.series:
        raise MqeError(Finding(f"'{operator}' has a side without any value", hint=_STAND_IN))
    theirs = right.series[0]
    for ours in left.series:
        _matching(ours, theirs, operator)
    return tuple(
        _apply(operator, ours, ours.values, theirs.values, ours.present & theirs.present) for ours in left.series
    )


def _by_labels(operator: str, left: Result, right: Result) -> tuple[Series, ...]:
    others = {frozenset(one.labels): one for one in right.series}
    combined = []
    for ours in left.series:
        theirs = others.get(frozenset(ours.labels))
        if theirs is None:
            combined.append(ours.with_points(np.zeros_like(ours.values), np.zeros_like(ours.present)))
            continue
        _matching(ours, theirs, operator)
        combined.append(_apply(operator, ours, ours.values, theirs.values, ours.present & theirs.present))
    return tuple(combined)


def _plain_with_labelled(operator: str, left: Result, right: Result) -> tuple[Series, ...]:
    """As upstream, oddly: a right point without a partner keeps its value and spoils that index for later series."""
    if not right.series:
        return ()
    if not left.series:
        raise MqeError(Finding(f"'{operator}' has a side without any value", hint=_STAND_IN))
    plain = left.series[0]
    usable = plain.present.copy()
    combined = []
    for ours in right.series:
        _matching(plain, ours, operator)
        paired = usable & ours.present
        met = _apply(operator, ours, plain.values, ours.values, paired)
        combined.append(ours.with_points(np.where(paired, met.values, ours.values), ours.present))
        usable = paired
    return tuple(combined)
