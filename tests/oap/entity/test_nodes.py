"""Nodes are numbered by what they announce."""

from google.protobuf import text_format

from oap.entity.nodes import Node, NodeTable
from oap.protocol.accesslog_pb2 import EBPFAccessLogNodeInfo
from tests.oracle.fixture import message, node


def announcement(text: str) -> bytes:
    return text_format.Parse(text, EBPFAccessLogNodeInfo()).SerializeToString()


FULL = announcement(
    'name: "n" netInterfaces { index: 1 name: "lo" } netInterfaces { index: 2 name: "eth0" } '
    'netInterfaces { index: 2 name: "other" } bootTime { seconds: 77 nanos: 999999999 } clusterName: "prod"'
)


def test_announcement_becomes_a_node_whose_first_interface_of_a_number_counts() -> None:
    table = NodeTable()
    assert table.intern(FULL) == 0
    assert table.nodes == [Node("n", "prod", 77, {1: "lo", 2: "eth0"})]


def test_same_announcement_keeps_its_number() -> None:
    table = NodeTable()
    assert [table.intern(raw) for raw in (FULL, b"", FULL, b"")] == [0, 1, 0, 1]
    assert table.nodes[1] == Node("", "", 0, {})
    assert table.boot_s.view.tolist() == [77, 0]


def test_nodes_of_a_cluster_share_its_number() -> None:
    table = NodeTable()
    for text in ('clusterName: "prod"', "", 'clusterName: "prod" name: "b"', 'clusterName: "dev"'):
        table.intern(announcement(text))
    assert table.clusters == ["prod", "", "dev"]
    assert table.cluster.view.tolist() == [0, 1, 0, 2]


def test_repeated_field_is_merged() -> None:
    table = NodeTable()
    number = table.intern_repeated(message(node("prod")) + message('node { name: "late" bootTime { seconds: 5 } }'))
    assert table.nodes[number] == Node("late", "prod", 5, {})
    assert table.intern_repeated(message(node("prod", "")) + message('node { name: "late" }')) != number


def test_senseless_boot_time_leaves_room_for_offsets() -> None:
    table = NodeTable()
    for second in (2**63 - 1, -(2**63)):
        table.intern(announcement(f"bootTime {{ seconds: {second} }}"))
    assert table.boot_s.view.tolist() == [2**62, -(2**62)]
