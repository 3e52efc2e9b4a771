"""Reads ``jdbc:mysql://`` and ``jdbc:mariadb://`` URLs."""

import re
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl, unquote

from oap.storage.contract import StorageError
from oap.storage.mysql.settings import Address

_URL: Final = re.compile(
    r"jdbc:(?:mysql|mariadb)://(?P<host>\[[0-9A-Fa-f:.]+\]|[^:/,?\[\]@()]+)(?::(?P<port>[0-9]+))?/(?P<database>[^?]+)"
    r"(?:\?(?P<parameters>.*))?"
)
_PORT: Final = 3306

UNDERSTOOD: Final = frozenset(
    {
        "user",
        "usessl",
        "requiressl",
        "verifyservercertificate",
        "sslmode",
        "serversslcert",
        "connecttimeout",
        "sockettimeout",
    }
)
# They ask for something that this server could not give without their being noticed.
_REFUSED: Final = {
    "password": "it would be shown with the settings; write it as dataSource.password",
    "trustcertificatekeystoreurl": "Java key stores are not read; name a PEM file in sslCaPath",
    "clientcertificatekeystoreurl": "Java key stores are not read; name PEM files in sslCertPath and sslKeyPath",
    "keystore": "Java key stores are not read; name PEM files in sslCertPath and sslKeyPath",
    "socksproxyhost": "proxies are not supported; name the database itself",
}


def parsed(url: str) -> Address:
    """Where the database is. StorageError for what is no such URL; parameters for Java's statements are passed over."""
    match = _URL.fullmatch(url.strip())
    if match is None:
        raise StorageError(f"'{_masked(url)}' is no JDBC URL; write jdbc:mysql://host:3306/database")
    parameters = {key.casefold(): value for key, value in parse_qsl(match["parameters"] or "", keep_blank_values=True)}
    for name, reason in _REFUSED.items():
        if name in parameters:
            raise StorageError(f"parameter '{name}' of the JDBC URL: {reason}")
    kept = {name: value for name, value in parameters.items() if name in UNDERSTOOD}
    port = int(match["port"] or _PORT)
    if not 0 < port < 65536:
        raise StorageError(f"'{_masked(url)}' names port {port}, which does not exist")
    return Address(match["host"].strip("[]"), port, unquote(match["database"]), MappingProxyType(kept))


def _masked(url: str) -> str:
    return re.sub(r"(?i)(password=)[^&]*", r"\1***", url)
