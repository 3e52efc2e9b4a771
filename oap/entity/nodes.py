"""Nodes that send streams: boot time, cluster, network interfaces (spec receiver 1.2, 1.5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from oap.growing import GrowingArray
from oap.protocol.accesslog_pb2 import EBPFAccessLogMessage, EBPFAccessLogNodeInfo

_FARTHEST_S = 2**62


@dataclass(frozen=True, slots=True)
class Node:
    """``boot_s`` in whole seconds since 1970: the sub-second part is ignored on purpose, as upstream does."""

    name: str
    cluster: str
    boot_s: int
    interfaces: Mapping[int, str] = field(default_factory=dict)


class NodeTable:
    """Dense numbers for distinct node announcements; a Rover sends the same one with every stream.

    ``boot_s`` int64, ``cluster`` int64 (dense cluster number) are aligned with the nodes; a senseless boot time is cut
    so far that adding any offset does not overflow.
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.boot_s = GrowingArray(np.int64)
        self.cluster = GrowingArray(np.int64)
        self.clusters: list[str] = []
        self._cluster_numbers: dict[str, int] = {}
        self._numbers: dict[bytes, int] = {}

    def intern(self, announcement: bytes) -> int:
        """Number of a serialised EBPFAccessLogNodeInfo that the decoder found well-formed."""
        number = self._numbers.get(announcement)
        if number is None:
            number = self._numbers[announcement] = self._add(EBPFAccessLogNodeInfo.FromString(announcement))
        return number

    def intern_repeated(self, message: bytes) -> int:
        """Number of the node of a message that holds the field several times: the library merges them."""
        return self.intern(EBPFAccessLogMessage.FromString(message).node.SerializeToString())

    def _add(self, info: EBPFAccessLogNodeInfo) -> int:
        interfaces: dict[int, str] = {}
        for interface in info.netInterfaces:
            interfaces.setdefault(interface.index, interface.name)
        node = Node(info.name, info.clusterName, info.bootTime.seconds, interfaces)
        self.nodes.append(node)
        self.boot_s.append(max(-_FARTHEST_S, min(node.boot_s, _FARTHEST_S)))
        cluster = self._cluster_numbers.setdefault(node.cluster, len(self.clusters))
        if cluster == len(self.clusters):
            self.clusters.append(node.cluster)
        self.cluster.append(cluster)
        return len(self.nodes) - 1
