"""``percentile2`` and ``percentile``: values at the ranks of a tally, labelled or numbered."""

from collections.abc import Mapping, Sequence

import numpy as np

from oal.functions.arithmetic import integers, tables
from oal.functions.contract import Column, Tables
from oal.functions.kernels.kernel import Kernel
from oal.functions.ranks import RANKS, rank_keys

_LABELS = tuple(f"{{p={rank}}}" for rank in RANKS)


def _assemble(columns: Sequence[Column], parameters: tuple[int, ...]) -> Mapping[str, Column]:
    dataset = tables(columns[1])
    return {"precision": np.full(len(dataset), parameters[0], dtype=np.int64), "dataset": dataset}


def _values(state: Mapping[str, Column], labels: tuple[str, ...] | None) -> Tables:
    """The value at each rank, under the rank's number 0..4 (``labels`` then name it); empty for an empty dataset."""
    dataset, precision = tables(state["dataset"]), integers(state["precision"])
    filled, keys = rank_keys(dataset)
    offsets = np.zeros(len(dataset) + 1, dtype=np.int64)
    np.cumsum(filled * len(RANKS), out=offsets[1:])
    values = (keys * precision[filled][:, None]).reshape(-1)
    return Tables(offsets, np.tile(np.arange(len(RANKS), dtype=np.int64), len(keys)), values, labels)


def _finish_labelled(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    value = _values(state, _LABELS)
    return {"datatable_value": value, "precision": state["precision"], "dataset": state["dataset"]}


def _finish_numbered(state: Mapping[str, Column], _minutes: int, _parameters: tuple[int, ...]) -> Mapping[str, Column]:
    value = _values(state, None)
    return {"datatable_value": value, "precision": state["precision"], "dataset": state["dataset"]}


PERCENTILE2 = Kernel(_assemble, _finish_labelled)
PERCENTILE = Kernel(_assemble, _finish_numbered)
