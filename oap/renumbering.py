"""Dense numbers after some of them were given up: what stays keeps its order and moves together."""

from collections.abc import Hashable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Kept = npt.NDArray[np.int64]
"""The old numbers that stay, ascending; their positions are the new numbers."""

_K = TypeVar("_K", bound=Hashable)
_T = TypeVar("_T")


def renumbered(numbers: npt.NDArray[Any], kept: Kept) -> npt.NDArray[np.int32]:
    """int32: the new numbers of old ones, all of which stay; negative entries mean something else and are kept."""
    return np.where(numbers >= 0, np.searchsorted(kept, numbers), numbers).astype(np.int32)


def kept_entries(entries: list[_T], kept: Kept) -> list[_T]:
    """The entries of a list that stay."""
    return [entries[number] for number in kept.tolist()]


def kept_keys(numbers: dict[_K, int], kept: Kept) -> dict[_K, int]:
    """The keys whose numbers stay, with their new numbers."""
    new = {old: number for number, old in enumerate(kept.tolist())}
    return {key: new[old] for key, old in numbers.items() if old in new}
