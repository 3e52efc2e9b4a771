"""From an IP address to a service and a pod: what every registry offers (spec entities 2)."""

from dataclasses import dataclass
from typing import Protocol

VALID_FOR_S = 180
"""Upstream caches every answer, misses included, for three minutes."""

UNKNOWN_NAME = "Unknown"
"""Service and pod name of an address that nothing is known about."""


@dataclass(frozen=True, slots=True)
class ResolvedAddress:
    """``service`` is ``name.namespace`` without a cluster; ``pod`` is "" where the address is that of a service."""

    service: str
    pod: str


class AddressRegistry(Protocol):
    """Knows which service and pod an IP address belongs to. All members may be used by any thread.

    An answer, None included, may be kept for ``valid_for_s`` seconds as long as ``version`` stays the same; then it has
    to be asked for again, because addresses are given to other pods in time.
    """

    @property
    def valid_for_s(self) -> int:
        """Seconds for which an answer may be kept."""

    @property
    def version(self) -> int:
        """Grows when answers that were given earlier must no longer be used."""

    def resolve(self, host: str) -> ResolvedAddress | None:
        """Return what is known of an address; None for an unknown one and for "". Never blocks on the network.

        Raises LookupFailed when the registry cannot say anything now. The caller counts that, and must go on with
        neither the previous connection nor a remembered answer.
        """


def full_name(cluster: str, resolved: ResolvedAddress) -> str:
    """Return the service name of an answer, prefixed with the node's cluster name if it has one.

    Only names found by look-up get the prefix; names that the agent sends carry it already.
    """
    return f"{cluster}::{resolved.service}" if cluster else resolved.service


def service_and_pod(cluster: str, resolved: ResolvedAddress | None) -> tuple[str, str]:
    """Return the pair (service name, pod name) of an answer; an unknown address is ``Unknown`` in both, unprefixed."""
    if resolved is None:
        return UNKNOWN_NAME, UNKNOWN_NAME
    return full_name(cluster, resolved), resolved.pod
