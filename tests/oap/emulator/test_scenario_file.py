"""Scenario files are read strictly: every mistake is found at once, with its place."""

from pathlib import Path

import pytest

from oap.config.finding import ConfigError
from oap.emulator.scenario import Distribution, Malformation, Method, Protocol, Ztunnel
from oap.emulator.scenario_file import load_scenario, parse_scenario
from tests.oap.emulator.small_scenario import TEXT, scenario

SHIPPED = Path(__file__).parents[3] / "config" / "scenarios"


def findings(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(ConfigError) as raised:
        parse_scenario(text, "bad.yml")
    return [(finding.line, finding.message, finding.hint) for finding in raised.value.findings]


def changed(old: str, new: str) -> list[tuple[str, str]]:
    assert old in TEXT
    return [(message, hint) for _, message, hint in findings(TEXT.replace(old, new, 1))]


def test_defaults_fill_what_is_not_said() -> None:
    read = scenario()
    assert (read.name, read.cluster, read.flush_period_ns, read.max_count) == ("small", "prod", 5_000_000_000, 10_000)
    assert read.exclude_namespaces == ("istio-system", "cert-manager", "kube-system")
    assert read.calls[5].latency_ms == Distribution(5.0, 20.0)
    assert read.calls[5].ztunnel is Ztunnel.MTLS
    assert (read.malformed.ratio, read.malformed.kinds) == (0.0, tuple(Malformation))


def test_values_become_types() -> None:
    read = scenario()
    assert read.nodes[1].clock_skew_ns == 1_500_000_000
    assert read.services[1].protocol is Protocol.HTTP2
    request = read.calls[1].requests[0]
    assert (request.method, request.parameters) == (Method.POST, (("page", ("a", "b")),))


def test_status_shares_leave_the_rest_to_2xx() -> None:
    assert scenario().calls[0].status_shares == pytest.approx((0.1, 0.6, 0.1, 0.1, 0.1))


@pytest.mark.parametrize(("name", "services", "pods"), [("bookinfo", 7, 16), ("many", 50, 200)])
def test_shipped_scenarios_are_sound(name: str, services: int, pods: int) -> None:
    read = load_scenario(SHIPPED / f"{name}.yml")
    assert (read.name, len(read.services), sum(service.pods for service in read.services)) == (name, services, pods)


def test_all_mistakes_are_found_at_once_with_their_lines() -> None:
    text = TEXT.replace("pods: 2, port: 8080", "pods: 0, port: 80800").replace(
        "rate: 3, cluster_ip", "rate: -3, clusterip"
    )
    assert findings(text) == [
        (7, "'services[0].pods' must be at least 1, found 0", ""),
        (7, "'services[0].port' must be from 1 to 65535, found 80800", ""),
        (31, "'calls[3].rate' must be above 0, found -3", ""),
        (31, "unknown key 'calls[3].clusterip'", "did you mean 'cluster_ip'?"),
    ]


def test_empty_file_lacks_all_sections() -> None:
    assert [message for _, message, _ in findings("")] == [
        "'bad.yml' lacks the key 'nodes'",
        "'bad.yml' lacks the key 'services'",
        "'bad.yml' lacks the key 'calls'",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("to: web.shop", "to: wep.shop", "no service or external is 'wep.shop'", "did you mean 'web.shop'?"),
        ("to: cache.shop", "to: web.shop", "'web.shop' calls itself", "calls inside one service are not counted"),
        ("to: cache.shop, rate: 5", "to: cache.shop", "'calls[2]' lacks the key 'rate'", ""),
        ("from: web.shop, to: cache.shop", "from: visitors, to: visitors", "'visitors' calls itself", ""),
        ("protocol: http2", "protocol: http3", "'services[1].protocol' cannot be 'http3'", "did you mean 'http2'?"),
        (
            "method: POST, path: /cart",
            "method: PSOT, path: /cart",
            "'calls[0].requests[1].method' cannot be 'PSOT'",
            "",
        ),
        ("path: /cart", 'path: "/cart?x=1"', "Rover reports HTTP/1 paths without their query", "end the path at '?'"),
        ("parameters: {id: 3}", "parameters: {ident: 3}", "parameter 'id' has no values", "add it to 'parameters'"),
        ("1500ms", "1500", "'nodes[1].clock_skew' must be a duration, found '1500'", "for example 250ms or 5s"),
        ("p99: 20ms", "p99: 2ms", "'latency.p99' is below the median", ""),
        ("3xx: 0.1", "3xx: 0.9", "the shares add up to 1.2, not to 1", ""),
        ("3xx: 0.1", "3xx: 1.9", "'calls[0].statuses.3xx' is a share from 0 to 1, found 1.9", ""),
        ("203.0.113.0/24, count: 20", "203.0.113.0/29, count: 20", "203.0.113.0/29 has only 6 usable addresses", ""),
        ("{name: n1}", "{name: n2}", "the name 'n2' occurs twice", ""),
        ("name: db", "name: cache, namespace: shop, port: 1}\n  - {name: db", "the name 'cache.shop' occurs twice", ""),
    ],
)
def test_mistake_is_named(old: str, new: str, message: str, hint: str) -> None:
    found = changed(old, new)
    assert message in [text for text, _ in found]
    assert not hint or (message, hint) in found


def test_requests_to_a_tcp_service_are_refused() -> None:
    text = TEXT.replace("to: cache.shop, rate: 5", "to: cache.shop, rate: 5, requests: [{path: /}]")
    assert [message for _, message, _ in findings(text)] == ["'requests' needs a server that speaks http1 or http2"]


def test_unknown_kind_of_malformed_message_is_refused() -> None:
    assert [message for _, message, _ in findings(TEXT + "malformed: {ratio: 0.1, kinds: [truncate]}\n")] == [
        "'malformed.kinds[0]' cannot be 'truncate'"
    ]
