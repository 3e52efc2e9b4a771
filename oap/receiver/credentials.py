"""Server certificates that may be replaced on disk while the server runs."""

from dataclasses import dataclass
from pathlib import Path

import grpc

from oap.receiver.error import ReceiverError


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files. ``trusted_cas`` given means that clients must show a certificate signed by one of them."""

    key: Path
    chain: Path
    trusted_cas: Path | None = None

    def _all(self) -> tuple[Path, ...]:
        return (self.key, self.chain, *([self.trusted_cas] if self.trusted_cas else []))

    def stamp(self) -> tuple[tuple[int, int, int], ...]:
        """Return what changes whenever one of the files is replaced or written."""
        return tuple((stat.st_ino, stat.st_mtime_ns, stat.st_size) for stat in (path.stat() for path in self._all()))

    def configuration(self) -> grpc.ServerCertificateConfiguration:
        """Read the files. Raises OSError."""
        roots = self.trusted_cas.read_bytes() if self.trusted_cas else None
        return grpc.ssl_server_certificate_configuration([(self.key.read_bytes(), self.chain.read_bytes())], roots)


def server_credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """Return credentials that look for new files at each handshake.

    While new files cannot be read the old ones stay in use. Raises ReceiverError when they cannot be read at first.
    """
    try:
        known = [files.stamp()]
        first = files.configuration()
    except OSError as error:
        raise ReceiverError(f"cannot read the TLS file {error.filename}: {error.strerror}") from error

    def replaced() -> grpc.ServerCertificateConfiguration | None:
        try:
            stamp = files.stamp()
            if stamp == known[0]:
                return None
            configuration = files.configuration()
        except OSError:
            return None
        known[0] = stamp
        return configuration

    return grpc.dynamic_ssl_server_credentials(first, replaced, require_client_authentication=bool(files.trusted_cas))
