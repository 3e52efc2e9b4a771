"""What a fold reads: rows of one table with their minute and cell, columns by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

CodedTexts = tuple[npt.NDArray[np.int32], Sequence[object]]
"""Codes (-1: null) and the values they stand for."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table of a batch.

    ``numbers`` int64[n, k] with ``columns`` naming its columns (booleans are 0 and 1); ``minute`` int32[n], -1 for rows
    that are not folded; ``cell`` int32[n], -1 likewise; ``coded(name)`` gives any other column as codes into a list of
    distinct values (texts, enum constants, tuples of texts for lists, dicts for maps). ``cell_value(column, cell)``
    gives a cell column.
    """

    numbers: npt.NDArray[np.int64]
    columns: Sequence[str]
    minute: npt.NDArray[np.int32]
    cell: npt.NDArray[np.int32]
    coded: Callable[[str], CodedTexts]
    cell_value: Callable[[str, int], object]
    _codes: dict[str, CodedTexts] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.minute)

    def codes(self, name: str) -> CodedTexts:
        """``coded(name)``, computed once per batch."""
        if name not in self._codes:
            self._codes[name] = self.coded(name)
        return self._codes[name]
