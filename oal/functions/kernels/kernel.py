"""What the arithmetic of one function consists of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from oal.functions.contract import Column


@dataclass(frozen=True, slots=True)
class Kernel:
    """The two steps of a function, vectorised over records; ``oal.functions.contract.Function`` says what they give."""

    assemble: Callable[[Sequence[Column], tuple[int, ...]], Mapping[str, Column]]
    finish: Callable[[Mapping[str, Column], int, tuple[int, ...]], Mapping[str, Column]]


def as_it_is(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    """The record of a function whose state is its value."""
    return state
