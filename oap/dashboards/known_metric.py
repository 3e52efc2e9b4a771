"""What the checks know of the metrics that expressions may read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from oal.functions.contract import ValueKind
from oal.functions.ranks import RANKS
from oap.storage.contract import MetricModel

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "percentile2": tuple(f"{{p={rank}}}" for rank in RANKS),
    "percentile": tuple(str(number) for number in range(len(RANKS))),
}
"""Stored label keys of the functions that choose them."""


@dataclass(frozen=True, slots=True)
class KnownMetric:
    """``scope``: catalog name (SERVICE, ENDPOINT ...). ``kind``: None when nobody here reads such values.

    ``keys``: all label keys that are stored, () when only the rows tell. ``attr0``: what is stored as that attribute of
    entries of lists, None when nobody here knows.
    """

    scope: str
    kind: ValueKind | None = ValueKind.REGULAR_VALUE
    keys: tuple[str, ...] = ()
    attr0: tuple[str, ...] | None = None


KnownMetrics = Mapping[str, KnownMetric]
"""By name."""


def known_metrics(models: Mapping[str, MetricModel]) -> KnownMetrics:
    """The same metrics as the checks see them."""
    return {name: _known(model) for name, model in models.items()}


def _known(model: MetricModel) -> KnownMetric:
    attr0 = () if model.attr0 is None else (model.attr0,)
    return KnownMetric(model.category, model.value_kind, _KEYS.get(model.function, ()), attr0)
