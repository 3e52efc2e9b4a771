import ssl
from pathlib import Path

import pytest

from oap.storage.contract import StorageError
from oap.storage.mysql.jdbc_url import parsed
from oap.storage.mysql.settings import DEFAULT_URL, Address, StorageSettings
from oap.storage.mysql.tls import SslMode, ssl_context, ssl_mode


def mode_of(parameters: str, settings: StorageSettings | None = None) -> SslMode:
    return ssl_mode(settings or StorageSettings(), parsed(f"jdbc:mysql://db/oap{parameters}"))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (DEFAULT_URL, Address("localhost", 3306, "swtest", {})),
        ("jdbc:mysql://db.example/oap", Address("db.example", 3306, "oap", {})),
        ("jdbc:mariadb://10.0.0.7:3307/oap?", Address("10.0.0.7", 3307, "oap", {})),
        ("jdbc:mysql://[::1]:3306/oap", Address("::1", 3306, "oap", {})),
        (
            "jdbc:mysql://db:3306/oap?connectTimeout=500&SSLMODE=REQUIRED&useCursorFetch=true",
            Address("db", 3306, "oap", {"connecttimeout": "500", "sslmode": "REQUIRED"}),
        ),
    ],
)
def test_a_jdbc_url_is_understood(url: str, address: Address) -> None:
    assert parsed(url) == address


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://db/oap", r"'mysql://db/oap' is no JDBC URL; write jdbc:mysql://host:3306/database"),
        ("jdbc:postgresql://db/oap", "is no JDBC URL"),
        ("jdbc:mysql://db:3306", "is no JDBC URL"),
        ("jdbc:mysql://one:3306,two:3306/oap", "is no JDBC URL"),
        ("jdbc:mysql://db:70000/oap", "names port 70000, which does not exist"),
        ("jdbc:mysql://db/oap?password=x", r"'password' of the JDBC URL: .* write it as dataSource\.password"),
        ("jdbc:mysql://db/oap?trustCertificateKeyStoreUrl=file:x", "name a PEM file in sslCaPath"),
    ],
)
def test_what_cannot_be_understood_is_refused(url: str, reason: str) -> None:
    with pytest.raises(StorageError, match=reason):
        parsed(url)


def test_a_password_in_a_url_is_not_repeated() -> None:
    with pytest.raises(StorageError, match=r"'jdbc:mysql:db\?password=\*\*\*' is no JDBC URL"):
        parsed("jdbc:mysql:db?password=hunter2")


@pytest.mark.parametrize(
    ("parameters", "mode"),
    [
        ("", SslMode.PREFERRED),
        ("?useSSL=true", SslMode.PREFERRED),
        ("?useSSL=false", SslMode.DISABLED),
        ("?requireSSL=true", SslMode.REQUIRED),
        ("?requireSSL=true&verifyServerCertificate=true", SslMode.VERIFY_CA),
        ("?sslMode=VERIFY_IDENTITY&useSSL=false", SslMode.VERIFY_IDENTITY),
        ("?sslMode=verify-full", SslMode.VERIFY_IDENTITY),
        ("?sslMode=trust", SslMode.REQUIRED),
        ("?serverSslCert=/ca.pem", SslMode.VERIFY_CA),
    ],
)
def test_the_tls_mode_is_the_java_drivers(parameters: str, mode: SslMode) -> None:
    assert mode_of(parameters) is mode


def test_naming_certificates_asks_for_tls() -> None:
    assert mode_of("", StorageSettings(ssl_ca_path="ca.pem")) is SslMode.VERIFY_CA
    assert mode_of("", StorageSettings(ssl_cert_path="me.pem")) is SslMode.REQUIRED


def test_an_unknown_tls_mode_is_refused_with_the_known_ones() -> None:
    with pytest.raises(StorageError, match="sslMode 'STRICT' of the JDBC URL is unknown; known: DISABLED, PREFERRED"):
        mode_of("?sslMode=STRICT")


def test_a_missing_certificate_file_is_named(tmp_path: Path) -> None:
    settings = StorageSettings(ssl_ca_path=str(tmp_path / "ca.pem"))
    with pytest.raises(StorageError, match=r"TLS for the database: .*ca\.pem: .*No such file"):
        ssl_context(settings, parsed("jdbc:mysql://db/oap"))


def test_only_the_strictest_mode_checks_the_host() -> None:
    def checks(mode: str) -> tuple[bool, ssl.VerifyMode]:
        context = ssl_context(StorageSettings(), parsed(f"jdbc:mysql://db/oap?sslMode={mode}"))
        assert context is not None
        return context.check_hostname, context.verify_mode

    assert checks("REQUIRED") == (False, ssl.CERT_NONE)
    assert checks("VERIFY_CA") == (False, ssl.CERT_REQUIRED)
    assert checks("VERIFY_IDENTITY") == (True, ssl.CERT_REQUIRED)
