"""The checks of the storage backends by the name that the configuration selects."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from oap.storage.checking import Finding
from oap.storage.contract import MetricModel, StorageError

Check = Callable[[object, Sequence[MetricModel]], Iterator[Finding]]


def _duckdb(section: object, models: Sequence[MetricModel]) -> Iterator[Finding]:
    from oap.storage.duckdb.check import check  # noqa: PLC0415  (a backend's driver loads with it)
    from oap.storage.duckdb.settings import StorageSettings  # noqa: PLC0415

    return check(StorageSettings(**_fields(section, StorageSettings)), models)


def _mysql(section: object, models: Sequence[MetricModel]) -> Iterator[Finding]:
    try:
        from oap.storage.mysql.check import check  # noqa: PLC0415  (a backend's driver loads with it)
    except ImportError as error:
        raise StorageError(f"storage 'mysql' needs the extra 'mysql': pip install 'oap[mysql]' ({error})") from error
    from oap.storage.mysql.settings import StorageSettings  # noqa: PLC0415

    return check(StorageSettings(**_fields(section, StorageSettings)), models)


def _elasticsearch(section: object, models: Sequence[MetricModel]) -> Iterator[Finding]:
    try:
        from oap.storage.elasticsearch.check import check  # noqa: PLC0415  (a backend's driver loads with it)
    except ImportError as error:
        raise StorageError(
            f"storage 'elasticsearch' needs the extra 'elasticsearch': pip install 'oap[elasticsearch]' ({error})"
        ) from error
    from oap.storage.elasticsearch.settings import ElasticsearchStoreSettings  # noqa: PLC0415

    return check(ElasticsearchStoreSettings(**_fields(section, ElasticsearchStoreSettings)), models)


CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {"duckdb": _duckdb, "elasticsearch": _elasticsearch, "mysql": _mysql}
)


def _fields(section: object, settings: type) -> Mapping[str, Any]:
    """What a section of the configuration has of a backend's settings, under the same names."""
    names = (field.name for field in dataclasses.fields(settings))
    return {name: getattr(section, name) for name in names if hasattr(section, name)}
