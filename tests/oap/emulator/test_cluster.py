"""Pods have nodes and addresses that follow from the scenario alone."""

import yaml

from oap.emulator.cluster import place, registry
from oap.emulator.scenario_file import parse_scenario
from oap.entity.static_registry import parse_address_table
from tests.oap.emulator.small_scenario import scenario


def test_pods_go_round_robin_over_the_nodes() -> None:
    peers = place(scenario()).peers
    assert [[end.node for end in peer.endpoints] for peer in peers.values()][:4] == [[0, 1], [1, 0], [0], [1]]


def test_all_addresses_differ() -> None:
    peers = place(scenario()).peers.values()
    addresses = [end.ip for peer in peers for end in peer.endpoints]
    addresses += [peer.cluster_ip for peer in peers if peer.cluster_ip]
    assert len(set(addresses)) == len(addresses)


def test_addresses_differ_on_a_crowded_node() -> None:
    services = "services: [{name: a, namespace: s, port: 1, pods: 900}, {name: b, namespace: s, port: 1}]\n"
    text = "nodes: [{name: n}]\n" + services + "calls: [{from: a.s, to: b.s, rate: 1}]\n"
    crowded = parse_scenario(text, "crowded.yml")
    addresses = [end.ip for peer in place(crowded).peers.values() for end in peer.endpoints]
    assert len(set(addresses)) == 901


def test_excluded_and_unmonitored_services_have_no_monitored_pod() -> None:
    cluster = place(scenario())
    services = {end.service for node in (0, 1) for end in cluster.pods_of(node)}
    assert services == {"prod::web.shop", "prod::api.shop", "prod::cache.shop"}


def test_registry_resolves_pods_and_services_but_not_the_unregistered() -> None:
    table = parse_address_table(yaml.safe_dump(registry(scenario())), "registry.yml")
    peers = place(scenario()).peers
    found = {name: table.resolve(peer.endpoints[0].ip) for name, peer in peers.items()}
    assert {name for name, address in found.items() if address is None} == {"hidden.kube-system", "visitors"}
    database = found["db.data"]
    assert database is not None
    assert (database.service, database.pod) == ("db.data", peers["db.data"].endpoints[0].pod)
