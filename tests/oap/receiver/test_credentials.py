"""TLS with certificates made for the tests; they are valid for a century."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import grpc
import pytest

from oap.receiver.error import ReceiverError
from oap.receiver.grpc_server import GrpcTransport, ReceiverSettings
from tests.oap.receiver.serving import HEALTH, LOCAL, WAIT_S, serving

FILES = Path(__file__).parent / "certificates"


def tls_settings(folder: Path, trusted: str = "") -> ReceiverSettings:
    return replace(
        LOCAL,
        ssl_enabled=True,
        ssl_key_path=str(folder / "server-key.pem"),
        ssl_cert_chain_path=str(folder / "server.pem"),
        ssl_trusted_cas_path=str(folder / trusted) if trusted else "",
    )


@contextmanager
def tls_channel(port: int, authority: str, client: str = "") -> Iterator[grpc.Channel]:
    own = [(FILES / f"{client}{suffix}.pem").read_bytes() for suffix in ("-key", "")] if client else [None, None]
    credentials = grpc.ssl_channel_credentials((FILES / f"{authority}.pem").read_bytes(), *own)
    with grpc.secure_channel(f"localhost:{port}", credentials) as channel:
        yield channel


def health(channel: grpc.Channel) -> bytes:
    answer: bytes = channel.unary_unary(HEALTH)(b"", timeout=WAIT_S)
    return answer


def refused(channel: grpc.Channel) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as raised:
        health(channel)
    return raised.value.code()


def test_client_that_trusts_the_authority_is_served() -> None:
    with serving(tls_settings(FILES)) as (transport, plain):
        with tls_channel(transport.port, "authority") as channel:
            assert health(channel) == b"\x08\x01"
        assert refused(plain) is grpc.StatusCode.UNAVAILABLE


def test_client_certificate_is_required_where_authorities_are_trusted() -> None:
    with serving(tls_settings(FILES, "authority.pem")) as (transport, _):
        with tls_channel(transport.port, "authority", client="client") as channel:
            assert health(channel) == b"\x08\x01"
        with tls_channel(transport.port, "authority") as channel:
            assert refused(channel) is grpc.StatusCode.UNAVAILABLE
        with tls_channel(transport.port, "authority", client="replaced-server") as channel:
            assert refused(channel) is grpc.StatusCode.UNAVAILABLE


def test_replaced_certificate_is_shown_to_the_next_client(tmp_path: Path) -> None:
    shutil.copytree(FILES, tmp_path, dirs_exist_ok=True)
    with serving(tls_settings(tmp_path)) as (transport, _):
        with tls_channel(transport.port, "authority") as channel:
            assert health(channel) == b"\x08\x01"
        for name in ("server-key.pem", "server.pem"):
            (tmp_path / f"replaced-{name}").replace(tmp_path / name)
        with tls_channel(transport.port, "other-authority") as channel:
            assert health(channel) == b"\x08\x01"


def test_certificate_that_vanished_stays_in_use(tmp_path: Path) -> None:
    shutil.copytree(FILES, tmp_path, dirs_exist_ok=True)
    with serving(tls_settings(tmp_path)) as (transport, _):
        (tmp_path / "server.pem").unlink()
        with tls_channel(transport.port, "authority") as channel:
            assert health(channel) == b"\x08\x01"


def test_missing_file_is_named_at_the_start(tmp_path: Path) -> None:
    transport = GrpcTransport(tls_settings(tmp_path))
    with pytest.raises(ReceiverError, match=r"cannot read the TLS file .*server-key\.pem: No such file or directory"):
        transport.start()
