"""Which TLS a JDBC URL asks for (``sslMode`` of both Java drivers, and the older ``useSSL`` family)."""

import ssl
from enum import Enum

from oap.storage.contract import StorageError
from oap.storage.mysql.settings import Address, StorageSettings


class SslMode(Enum):
    """How much is asked for; each includes what the ones before it check."""

    DISABLED = "disabled"
    PREFERRED = "preferred"
    REQUIRED = "required"
    VERIFY_CA = "verify_ca"
    VERIFY_IDENTITY = "verify_identity"


_NAMES = {mode.value: mode for mode in SslMode} | {
    "disable": SslMode.DISABLED,
    "trust": SslMode.REQUIRED,
    "verify_full": SslMode.VERIFY_IDENTITY,
}


def ssl_mode(settings: StorageSettings, address: Address) -> SslMode:
    """The mode that is asked for; PREFERRED when nothing is said, as the Java driver.

    Naming a certificate is saying something: without a mode an authority is checked, a certificate of ours is shown.
    """
    parameters = address.parameters
    if "sslmode" in parameters:
        name = parameters["sslmode"].casefold().replace("-", "_")
        if name not in _NAMES:
            known = ", ".join(mode.name for mode in SslMode)
            raise StorageError(f"sslMode '{parameters['sslmode']}' of the JDBC URL is unknown; known: {known}")
        return _NAMES[name]
    if parameters.get("usessl", "true").casefold() == "false":
        return SslMode.DISABLED
    if _ca_path(settings, address) or parameters.get("verifyservercertificate", "").casefold() == "true":
        return SslMode.VERIFY_CA
    is_required = settings.ssl_cert_path or parameters.get("requiressl", "").casefold() == "true"
    return SslMode.REQUIRED if is_required else SslMode.PREFERRED


def ssl_context(settings: StorageSettings, address: Address) -> ssl.SSLContext | None:
    """What to insist on; None for DISABLED and PREFERRED. StorageError when a file cannot be used."""
    mode = ssl_mode(settings, address)
    if mode in {SslMode.DISABLED, SslMode.PREFERRED}:
        return None
    ca_path = _ca_path(settings, address)
    try:
        context = ssl.create_default_context(cafile=ca_path or None)
        if settings.ssl_cert_path:
            context.load_cert_chain(settings.ssl_cert_path, settings.ssl_key_path or None)
    except OSError as error:
        raise StorageError(f"TLS for the database: {ca_path or settings.ssl_cert_path}: {error}") from error
    context.check_hostname = mode is SslMode.VERIFY_IDENTITY
    if mode is SslMode.REQUIRED:
        context.verify_mode = ssl.CERT_NONE
    return context


def _ca_path(settings: StorageSettings, address: Address) -> str:
    return settings.ssl_ca_path or address.parameters.get("serversslcert", "")
