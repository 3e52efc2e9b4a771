"""Laws that span several settings: each returns its findings as (path, message, hint)."""

import ipaddress
from collections.abc import Callable, Iterator
from typing import Final

from oap.config.config import Config
from oap.config.sections import CoreSettings, EbpfReceiverSettings, SharingServerSettings
from oap.config.time_zone import time_zone

Problem = tuple[str, str, str]


def known_time_zone(config: Config) -> Iterator[Problem]:
    """``core.timeZone`` names a zone of the tz database."""
    try:
        time_zone(config.core.time_zone)
    except ValueError as error:
        yield "core.default.timeZone", str(error), "write a name like Europe/Berlin, or nothing for the system's zone"


def complete_server_identity(config: Config) -> Iterator[Problem]:
    """A server that speaks TLS has a key and a certificate."""
    sections: list[tuple[str, CoreSettings | SharingServerSettings | EbpfReceiverSettings]] = [
        ("core", config.core),
        ("receiver-sharing-server", config.sharing_server),
        ("receiver-ebpf", config.ebpf_receiver),
    ]
    for module, section in sections:
        if section.grpc_ssl_enabled and not (section.grpc_ssl_key_path and section.grpc_ssl_cert_chain_path):
            yield (
                f"{module}.default.gRPCSslEnabled",
                f"TLS of '{module}' needs both gRPCSslKeyPath and gRPCSslCertChainPath",
                "name both files or switch gRPCSslEnabled off",
            )


def own_ports(config: Config) -> Iterator[Problem]:
    """No two servers want the same port."""
    wanted = [("core.default.gRPCPort", config.core.grpc_port), ("core.default.restPort", config.core.rest_port)]
    wanted.append(("receiver-sharing-server.default.gRPCPort", config.sharing_server.grpc_port))
    wanted.append(("receiver-ebpf.default.gRPCPort", config.ebpf_receiver.grpc_port))
    if config.telemetry is not None:
        wanted.append(("telemetry.prometheus.port", config.telemetry.port))
    if config.promql is not None:
        wanted.append(("promql.default.restPort", config.promql.port))
    if config.admin is not None:
        wanted.append(("admin-server.default.port", config.admin.port))
    taken: dict[int, str] = {}
    for path, port in wanted:
        if port in taken:
            yield path, f"'{path}' is {port}, which '{taken[port]}' takes already", "give each server its own port"
        elif port:
            taken[port] = path


def private_admin_address(config: Config) -> Iterator[Problem]:
    """``admin-server.host`` is an address that no other machine can reach."""
    host = config.admin.host if config.admin is not None else "localhost"
    if host != "localhost" and not _is_loopback(host):
        path = "admin-server.default.host"
        yield path, f"'{host}' can be reached from elsewhere, and whoever calls may do anything", "write 127.0.0.1"


def enough_windows(config: Config) -> Iterator[Problem]:
    """All minutes that may still take logs fit into memory: the late ones, the current one and the future ones."""
    window = config.window
    needed = -(-(window.allowed_lateness_s + window.future_tolerance_s) // 60) + 2
    if window.max_open_windows < needed:
        path = "window.default.maxOpenWindows"
        message = f"'{path}' ({window.max_open_windows}) is too small for allowedLateness and futureTolerance"
        yield path, message, f"write at least {needed} or shorten the other two"


def absolute_context_path(config: Config) -> Iterator[Problem]:
    """``core.restContextPath`` begins with a slash."""
    if not config.core.rest_context_path.startswith("/"):
        path = config.core.rest_context_path
        yield "core.default.restContextPath", f"'{path}' must begin with a slash", f"write '/{path}'"


LAWS: Final[tuple[Callable[[Config], Iterator[Problem]], ...]] = (
    known_time_zone,
    complete_server_identity,
    own_ports,
    enough_windows,
    absolute_context_path,
    private_admin_address,
)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
