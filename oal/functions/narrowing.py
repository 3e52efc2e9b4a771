"""Narrowing of values whose type the compiler has already checked."""

from typing import TypeVar

T = TypeVar("T")


def narrowed(thing: object, kind: type[T]) -> T:
    """The thing as what it is; TypeError when the caller broke the contract."""
    if not isinstance(thing, kind):
        raise TypeError(f"expected {kind.__name__}, got {type(thing).__name__}")
    return thing
