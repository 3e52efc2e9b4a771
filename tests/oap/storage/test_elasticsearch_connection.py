"""Passwords, certificates and secrets that change, at a proxy before a real node."""

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from oap.storage.contract import StorageError, StorageUnavailable
from oap.storage.elasticsearch import ElasticsearchStorage, ElasticsearchStoreSettings
from oap.storage.elasticsearch.connection import Connection
from tests.oap.storage.samples import CPM, MINUTE, cpm, rows, series
from tests.servers.elasticsearch import SearchServer
from tests.servers.tls_proxy import TlsProxy, requiring_certificates, running_proxy


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, and what it signed: certificates of 127.0.0.1 and of a client, the latter as PKCS12 as well."""
    folder = tmp_path_factory.mktemp("certificates")
    _openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ca", "-days", "2",
             "-keyout", "ca.key", "-out", "ca.pem")  # fmt: skip
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1")
    for name in ("node", "client"):
        _openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
                 "-keyout", f"{name}.key", "-out", f"{name}.csr")  # fmt: skip
        _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                 "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", f"{name}.pem")  # fmt: skip
    (folder / "both.pem").write_text((folder / "client.key").read_text() + (folder / "client.pem").read_text())
    _openssl(folder, "pkcs12", "-export", "-in", "client.pem", "-inkey", "client.key", "-out", "client.p12",
             "-passout", "pass:secret")  # fmt: skip
    _openssl(folder, "pkcs12", "-export", "-nokeys", "-in", "ca.pem", "-out", "ca.p12", "-passout", "pass:trust")
    return folder


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def proxy(elasticsearch: SearchServer, certificates: Path) -> Iterator[TlsProxy]:
    tls = requiring_certificates(certificates / "node.pem", certificates / "node.key", certificates / "ca.pem")
    with running_proxy(elasticsearch.port, "oap", "first", tls) as running:
        yield running


@pytest.fixture
def settings(proxy: TlsProxy, certificates: Path) -> ElasticsearchStoreSettings:
    proxy.password = "first"
    return ElasticsearchStoreSettings(
        (proxy.node,),
        "tls",
        "https",
        response_timeout_ms=120_000,
        user="oap",
        password="first",
        trust_store_path=str(certificates / "ca.pem"),
        key_store_path=str(certificates / "both.pem"),
    )


def test_rows_go_through_tls_with_a_client_certificate_and_a_password(settings: ElasticsearchStoreSettings) -> None:
    storage = ElasticsearchStorage(settings)
    storage.prepare((CPM,))
    storage.write(rows(MINUTE, ["a"], cpm(3)))
    assert series(storage, CPM, "a", MINUTE, MINUTE) == {MINUTE: 3}
    storage.close()


def test_java_stores_of_the_kind_pkcs12_are_read(settings: ElasticsearchStoreSettings, certificates: Path) -> None:
    stores = replace(
        settings,
        trust_store_path=str(certificates / "ca.p12"),
        trust_store_pass="trust",
        key_store_path=str(certificates / "client.p12"),
        key_store_pass="secret",
    )
    connection = Connection(stores)
    assert connection.get("/_cluster/health")["cluster_name"] == "oap-tests"
    connection.close()


def test_a_wrong_password_is_refused(settings: ElasticsearchStoreSettings) -> None:
    with pytest.raises(StorageError, match=r"user and password are refused \(status 401\)"):
        ElasticsearchStorage(replace(settings, password="wrong"))


def test_a_certificate_of_an_unknown_authority_is_refused(settings: ElasticsearchStoreSettings) -> None:
    with pytest.raises(StorageUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        ElasticsearchStorage(replace(settings, trust_store_path=""))


def test_a_missing_client_certificate_is_refused(settings: ElasticsearchStoreSettings) -> None:
    with pytest.raises(StorageUnavailable):
        ElasticsearchStorage(replace(settings, key_store_path=""))


def test_a_java_key_store_is_refused_with_a_way_out(settings: ElasticsearchStoreSettings, tmp_path: Path) -> None:
    (tmp_path / "store.jks").write_bytes(b"\xfe\xed\xfe\xed rest")
    with pytest.raises(StorageError, match="keytool -importkeystore"):
        ElasticsearchStorage(replace(settings, trust_store_path=str(tmp_path / "store.jks")))


def test_new_secrets_are_taken_up_without_a_restart(
    settings: ElasticsearchStoreSettings, proxy: TlsProxy, tmp_path: Path
) -> None:
    secrets = tmp_path / "secrets.properties"
    secrets.write_text("user=oap\npassword=first\n")
    now = [0.0]
    connection = Connection(replace(settings, password="", secrets_management_file=str(secrets)), lambda: now[0])
    assert connection.exchange("GET", "/_cluster/health", None)[0] == 200
    secrets.write_text("# rotated\nuser=oap\npassword=second\n")
    proxy.password = "second"
    assert connection.exchange("GET", "/_cluster/health", None)[0] == 401
    now[0] = 10.0
    with capture_logs() as logs:
        assert connection.exchange("GET", "/_cluster/health", None)[0] == 200
    assert [entry["event"] for entry in logs] == ["new secrets of the storage are in use"]
    connection.close()


def test_new_secrets_that_are_refused_are_not_taken(
    settings: ElasticsearchStoreSettings, proxy: TlsProxy, tmp_path: Path
) -> None:
    secrets = tmp_path / "secrets.properties"
    secrets.write_text("user=oap\npassword=first\n")
    now = [0.0]
    connection = Connection(replace(settings, secrets_management_file=str(secrets)), lambda: now[0])
    secrets.write_text("user=oap\npassword=mistaken\n")
    now[0] = 10.0
    with capture_logs() as logs:
        assert connection.exchange("GET", "/_cluster/health", None)[0] == 200
    assert [entry["event"] for entry in logs] == ["new secrets of the storage are not taken"]
    assert proxy.refused > 0
    connection.close()


def test_rows_wait_while_the_password_changes(
    settings: ElasticsearchStoreSettings, proxy: TlsProxy, tmp_path: Path
) -> None:
    secrets = tmp_path / "secrets.properties"
    secrets.write_text("user=oap\npassword=first\n")
    now = [0.0]
    settings = replace(settings, namespace="rotated", secrets_management_file=str(secrets))
    storage = ElasticsearchStorage(settings, monotonic_s=lambda: now[0])
    storage.prepare((CPM,))
    proxy.password = "second"
    with pytest.raises(StorageUnavailable, match=r"user and password are refused \(status 401\)"):
        storage.write(rows(MINUTE, ["a"], cpm(3)))
    secrets.write_text("user=oap\npassword=second\n")
    now[0] = 10.0
    storage.write(rows(MINUTE, ["a"], cpm(3)))
    assert series(storage, CPM, "a", MINUTE, MINUTE) == {MINUTE: 3}
    storage.close()


def test_a_new_certificate_is_taken_up_without_a_restart(
    settings: ElasticsearchStoreSettings, certificates: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store.pem"
    store.write_text((certificates / "both.pem").read_text())
    now = [0.0]
    connection = Connection(replace(settings, key_store_path=str(store)), lambda: now[0])
    before = connection.exchange("GET", "/_cluster/health", None)[0]
    store.write_text("# renewed\n" + (certificates / "both.pem").read_text())
    now[0] = 10.0
    with capture_logs() as logs:
        after = connection.exchange("GET", "/_cluster/health", None)[0]
    assert (before, after) == (200, 200)
    assert [entry["event"] for entry in logs] == ["new secrets of the storage are in use"]
    connection.close()


def test_requests_shrink_to_what_a_proxy_lets_through(settings: ElasticsearchStoreSettings, proxy: TlsProxy) -> None:
    storage = ElasticsearchStorage(replace(settings, namespace="small"))
    storage.prepare((CPM,))
    storage.write(rows(MINUTE, ["first"], cpm(0)))
    proxy.most_bytes = 1000
    names = [f"pod-{number:02}" for number in range(20)]
    try:
        storage.write(rows(MINUTE, [*names, "x" * 480], cpm(*range(21))))
    finally:
        proxy.most_bytes = 1 << 30
    found = [series(storage, CPM, name, MINUTE, MINUTE) for name in names]
    assert found == [{MINUTE: number} for number in range(20)]
    assert storage.refused_rows == {"too_large": 1}
    storage.close()


def test_a_node_that_does_not_answer_in_time_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        node = f"127.0.0.1:{silent.getsockname()[1]}"
        connection = Connection(ElasticsearchStoreSettings((node,), response_timeout_ms=50))
        with pytest.raises(StorageUnavailable, match=f"no answer from {node} in time"):
            connection.get("/")
        connection.close()
