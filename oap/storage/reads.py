"""What holds for reads of metrics in every backend."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from oal.functions.contract import Store
from oap.storage.contract import MetricModel, StorageError, TopRead

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


def value_store(model: MetricModel) -> Store:
    """Type of the column that queries read."""
    return next(column.store for column in model.columns if column.name == model.value_column)


def require_numbers(models: Iterable[MetricModel]) -> None:
    """StorageError when a record of one of these metrics has no single value."""
    for model in models:
        if value_store(model) is Store.TABLE:
            raise StorageError(f"metric '{model.name}' has labelled values, no single one")


def may_match(read: TopRead) -> bool:
    """Whether records meet the conditions on the attribute: every one has the attr0 of its model."""
    attr0 = read.model.attr0
    if attr0 is None:
        return not read.attr0_equal and not read.attr0_not_equal
    return all(attr0 == text for text in read.attr0_equal) and attr0 not in read.attr0_not_equal


def places_by(reads: Sequence[R], key: Callable[[R], K]) -> Mapping[K, Sequence[int]]:
    """Positions of the reads that have the same key, in order."""
    places: dict[K, list[int]] = {}
    for place, read in enumerate(reads):
        places.setdefault(key(read), []).append(place)
    return places
