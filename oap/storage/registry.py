"""The storage backends by the name that the configuration selects."""

import dataclasses
import difflib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Protocol

from oap.storage.contract import StorageError
from oap.storage.listing import ListedStorage


class FileSettings(Protocol):
    """What the settings of a backend that keeps a file must have."""

    @property
    def path(self) -> str: ...

    @property
    def memory_limit_mb(self) -> int: ...


Factory = Callable[..., ListedStorage]


def _duckdb(settings: FileSettings) -> ListedStorage:
    from oap.storage.duckdb import DuckdbStorage, StorageSettings  # noqa: PLC0415  (a backend's driver loads with it)

    return DuckdbStorage(StorageSettings(settings.path, settings.memory_limit_mb))


def _mysql(settings: object) -> ListedStorage:
    try:
        from oap.storage.mysql import MysqlStorage, StorageSettings  # noqa: PLC0415  (a backend's driver loads with it)
    except ImportError as error:
        raise StorageError(f"storage 'mysql' needs the extra 'mysql': pip install 'oap[mysql]' ({error})") from error

    # The section of the configuration has every field of the backend's settings under the same name.
    names = (field.name for field in dataclasses.fields(StorageSettings))
    return MysqlStorage(StorageSettings(**{name: getattr(settings, name) for name in names}))


def _elasticsearch(settings: object) -> ListedStorage:
    try:
        from oap.storage.elasticsearch import (  # noqa: PLC0415  (a backend's driver loads with it)
            ElasticsearchStorage,
            ElasticsearchStoreSettings,
        )
    except ImportError as error:
        raise StorageError(
            f"storage 'elasticsearch' needs the extra 'elasticsearch': pip install 'oap[elasticsearch]' ({error})"
        ) from error

    names = [field.name for field in dataclasses.fields(ElasticsearchStoreSettings) if hasattr(settings, field.name)]
    return ElasticsearchStorage(ElasticsearchStoreSettings(**{name: getattr(settings, name) for name in names}))


STORAGES: Final[Mapping[str, Factory]] = MappingProxyType(
    {"duckdb": _duckdb, "elasticsearch": _elasticsearch, "mysql": _mysql}
)


def open_storage(selector: str, settings: object) -> ListedStorage:
    """Open the selected backend with its section of the configuration.

    Raises ``StorageError`` for an unknown selector, and when the backend cannot be opened.
    """
    factory = STORAGES.get(selector)
    if factory is None:
        raise StorageError(f"unknown storage '{selector}'; {_suggestion(selector)}")
    return factory(settings)


def _suggestion(selector: str) -> str:
    close = difflib.get_close_matches(selector.casefold(), STORAGES, n=1)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(STORAGES)}"
