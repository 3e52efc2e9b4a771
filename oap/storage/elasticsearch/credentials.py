"""Who we are to the store: user and password, trusted and own certificates, a file of secrets that may change."""

import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates, load_pkcs12

from oap.storage.contract import StorageError
from oap.storage.elasticsearch.settings import ElasticsearchStoreSettings

_PEM: Final = b"-----BEGIN "
_JKS: Final = b"\xfe\xed\xfe\xed"


@dataclass(frozen=True, slots=True)
class Watched:
    """The files that make a new connection necessary when they change, as they were when last read."""

    stamps: tuple[tuple[str, int, int], ...]


def watched(settings: ElasticsearchStoreSettings) -> Watched:
    """Size and time of the secrets file and of both stores; a file that is missing counts as empty."""
    paths = (settings.secrets_management_file, settings.trust_store_path, settings.key_store_path)
    stamps = []
    for path in filter(None, paths):
        try:
            found = Path(path).stat()
            stamps.append((path, found.st_mtime_ns, found.st_size))
        except FileNotFoundError:
            stamps.append((path, 0, 0))
    return Watched(tuple(stamps))


def with_secrets(settings: ElasticsearchStoreSettings) -> ElasticsearchStoreSettings:
    """Settings with what the secrets file says in place of their own; a key that it lacks becomes empty, as upstream."""
    path = settings.secrets_management_file
    if not path:
        return settings
    try:
        found = _java_properties(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        raise StorageError(f"storage.elasticsearch.secretsManagementFile cannot be read: {error}") from error
    return replace(
        settings,
        user=found.get("user", ""),
        password=found.get("password", ""),
        trust_store_pass=found.get("trustStorePass", ""),
        key_store_pass=found.get("keyStorePass", ""),
    )


def tls_context(settings: ElasticsearchStoreSettings) -> ssl.SSLContext:
    """Context that trusts the trust store (the system's without one) and shows the key store's certificate."""
    context = ssl.create_default_context()
    if settings.trust_store_path:
        context = ssl.create_default_context(cadata=_trusted(settings.trust_store_path, settings.trust_store_pass))
    if settings.key_store_path:
        _show_certificate(context, settings.key_store_path, settings.key_store_pass)
    return context


def _java_properties(text: str) -> Mapping[str, str]:
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith(("#", "!")))
    return {key.strip(): value.strip() for key, _, value in pairs}


def _trusted(path: str, password: str) -> str:
    content = _content("trustStorePath", path)
    if _PEM in content:
        return content.decode("ascii", "replace")
    store = _pkcs12(path, content, password)
    certificates = [*(entry.certificate for entry in store.additional_certs)]
    if store.cert is not None:
        certificates.append(store.cert.certificate)
    return "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in certificates)


def _show_certificate(context: ssl.SSLContext, path: str, password: str) -> None:
    content = _content("keyStorePath", path)
    if _PEM not in content:
        content, password = _pem_of_pkcs12(path, content, password), ""
    # The standard library reads keys from files only.
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(content)
        file.flush()
        try:
            context.load_cert_chain(file.name, password=password or (lambda: ""))
        except (ssl.SSLError, OSError) as error:
            raise StorageError(f"storage.elasticsearch.keyStorePath {path} cannot be used: {error}") from error


def _pem_of_pkcs12(path: str, content: bytes, password: str) -> bytes:
    store = _pkcs12(path, content, password)
    if store.key is None or store.cert is None:
        raise StorageError(f"storage.elasticsearch.keyStorePath {path} holds no key with its certificate")
    key: bytes = store.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain = [store.cert.certificate, *(entry.certificate for entry in store.additional_certs)]
    return key + b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain)


def _pkcs12(path: str, content: bytes, password: str) -> PKCS12KeyAndCertificates:
    if content.startswith(_JKS):
        raise StorageError(
            f"{path} is a Java key store, which nothing but Java reads; make a PKCS12 or PEM file of it:"
            f" keytool -importkeystore -srckeystore {path} -destkeystore store.p12 -deststoretype PKCS12"
        )
    try:
        return load_pkcs12(content, password.encode() or None)
    except ValueError as error:
        raise StorageError(f"{path} is neither PEM nor PKCS12 with this password: {error}") from error


def _content(key: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise StorageError(f"storage.elasticsearch.{key} cannot be read: {error}") from error
