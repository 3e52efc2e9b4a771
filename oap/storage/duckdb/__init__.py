"""The embedded store: one DuckDB file."""

from oap.storage.duckdb.settings import StorageSettings
from oap.storage.duckdb.storage import DuckdbStorage

__all__ = ["DuckdbStorage", "StorageSettings"]
