"""Settings of the MySQL store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

DEFAULT_URL: Final = "jdbc:mysql://localhost:3306/swtest?rewriteBatchedStatements=true&allowMultiQueries=true"


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """Where the database is and how it is asked.

    ``jdbc_url`` is upstream's, with its TLS parameters; ``ssl_*_path`` are PEM files, "" for none.
    ``metadata_query_max_size`` bounds lists of services and instances, ``max_size_of_batch_sql`` the rows of a statement,
    ``maximum_pool_size`` the connections and ``connection_timeout_ms`` the wait for one of them.
    """

    jdbc_url: str = DEFAULT_URL
    user: str = "root"
    password: str = field(default="root@1234", repr=False)
    metadata_query_max_size: int = 5000
    max_size_of_batch_sql: int = 2000
    maximum_pool_size: int = 10
    connection_timeout_ms: int = 30000
    ssl_ca_path: str = ""
    ssl_cert_path: str = ""
    ssl_key_path: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """What a JDBC URL says. ``parameters`` are the understood ones, by their lower-case name."""

    host: str
    port: int
    database: str
    parameters: Mapping[str, str]
