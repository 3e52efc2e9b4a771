"""A numpy array that grows at its end."""

from typing import Any

import numpy as np
import numpy.typing as npt


class GrowingArray:
    """One- or more-dimensional array with room to spare; ``view`` is the filled part.

    New rows hold ``fill``. A view becomes stale when the array grows or shrinks.
    """

    def __init__(self, dtype: npt.DTypeLike, width: tuple[int, ...] = (), fill: Any = 0, room: int = 256) -> None:
        self._fill = fill
        self._room = room
        self._data = np.full((room, *width), fill, dtype=dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def view(self) -> npt.NDArray[Any]:
        """The filled part, not a copy."""
        return self._data[: self._size]

    def append(self, value: Any) -> int:
        """Add one row and return its number."""
        number = self._size
        self.resize(number + 1)
        self._data[number] = value
        return number

    def resize(self, size: int) -> None:
        """Make the filled part this long; it does not shrink by that."""
        if size > len(self._data):
            larger = np.full((max(size, 2 * len(self._data)), *self._data.shape[1:]), self._fill, self._data.dtype)
            larger[: self._size] = self._data[: self._size]
            self._data = larger
        self._size = max(size, self._size)

    def keep(self, rows: npt.NDArray[np.int64]) -> None:
        """Keep only these rows (ascending numbers, those not filled yet are passed over) and give up room."""
        kept = self._data[rows[: np.searchsorted(rows, self._size)]]
        self._size = len(kept)
        self._data = np.full((max(self._size, self._room), *kept.shape[1:]), self._fill, kept.dtype)
        self._data[: self._size] = kept
