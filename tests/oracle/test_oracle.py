"""Single rules of the specs, each on a stream made for it."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

import pytest

from oap.protocol.accesslog_pb2 import EBPFAccessLogMessage
from tests.oracle.acceptance import (
    HTTP_1,
    M34,
    NOW,
    RA,
    RATINGS_POD,
    REGISTRY,
    REVIEWS_ENDPOINT,
    REVIEWS_POD,
    RV,
    SRA,
    SRV,
)
from tests.oracle.fixture import T, average, connection, cpm, http, ip, kernel, message, node, pod
from tests.oracle.model import Event, Lookup, Mark, OracleResult, Registry
from tests.oracle.oracle import run_oracle

SERVER = connection(REVIEWS_POD, RATINGS_POD, "server", more=HTTP_1)
CLIENT = connection(RATINGS_POD, REVIEWS_POD, "client", more=HTTP_1)
WRITE = kernel("write")


def run(*raws: bytes, registry: Registry = REGISTRY, zone: tzinfo = UTC, now: int = NOW) -> OracleResult:
    return run_events([(0, Mark.BEGIN), *((0, raw) for raw in raws), (0, Mark.END)], registry, zone, now)


def run_events(events: list[Event], registry: Registry = REGISTRY, zone: tzinfo = UTC, now: int = NOW) -> OracleResult:
    result = run_oracle(events, registry=registry, zone=zone, now=now)
    assert result.received == result.folded + result.dropped.total() + result.refused
    return result


def server_components(result: OracleResult) -> set[tuple[int, ...]]:
    return {components for _, _, components in result.service_relations.values()}


# spec entities 12, further one-line checks


def test_inbound_ztunnel_without_policy_has_component_162_and_an_endpoint() -> None:
    tunnel = "attachment { zTunnel { by: ZTUNNEL_INBOUND_FUNC security_policy: NONE } }"
    inbound = connection(REVIEWS_POD, ip("10.244.1.20"), "server", more=f"{HTTP_1} {tunnel}")
    read = kernel("read", more="l2Metrics { totalPackageSize: 312 }")
    result = run(message(node(), inbound, read, http("/reviews/0", 200)))
    assert server_components(result) == {(162,)}
    assert {row[:2] for row in result.service_relations.values()} == {(SRA, SRV)}
    assert set(result.endpoint_traffic) == {REVIEWS_ENDPOINT}


def test_names_equal_after_cutting_have_no_service_relation() -> None:
    local, remote = "s" * 70 + "-local", "s" * 70 + "-remote"
    result = run(message(node(), connection(pod(local, "a"), pod(remote, "b"), "client"), WRITE, WRITE))
    assert (result.folded, result.service_relations) == (2, {})
    assert {bucket for _, bucket, _ in result.instance_relations} == {202405011234, 2024050112, 20240501}
    assert result.drop_details == {("same_service", "s" * 70): 2}


def test_unresolved_mac_has_no_duration() -> None:
    write = kernel("write", more="l3Metrics { totalResolveMACDuration: 9 totalNetFilterDuration: 8 }")
    result = run(message(node(), CLIENT, write))
    for name in ("resolve_mac_cpm", "resolve_mac_duration", "write_netfilter_duration"):
        assert result.metrics[f"kubernetes_service_{name}", SRA, M34] == {"value": 0}


def test_http_log_without_response_is_a_success() -> None:
    bare = (
        f"protocolLog {{ http {{ startTime {{ offset {{ offset: {T} }} }} endTime {{ offset {{ offset: {T} }} }} }} }}"
    )
    result = run(message(node(), SERVER, bare))
    rate = {"total": 1, "percentage": 10000, "match": 1}
    assert result.metrics["kubernetes_service_http_call_successful_rate", SRV, M34] == rate
    assert not any("status" in name for name, _, _ in result.metrics)
    assert [name for _, name, _, _ in result.endpoint_traffic.values()] == ["GET:"]


@pytest.mark.parametrize("given", ["startTime", "endTime"])
def test_missing_timestamp_is_that_of_the_other_end(given: str) -> None:
    half = f"protocolLog {{ http {{ {given} {{ offset {{ offset: {T} }} }} }} }}"
    result = run(message(node(), SERVER, half))
    assert result.metrics["kubernetes_service_http_call_time", SRV, M34] == average(0, 1, 0)


def test_log_without_any_timestamp_happened_at_boot() -> None:
    result = run(message(node(), SERVER, "kernelLogs { accept { startTime { } } }"))
    assert result.service_traffic == {(SRV, 17): (RV, 202405011000)}
    assert result.metrics["kubernetes_service_accept_time", SRV, 202405011000] == average(0, 1, 0)


def http_messages(count: int, start_ns: int) -> list[bytes]:
    """HTTP logs of the paths ``/0``, ``/1`` ...; text would be slow to parse that often."""
    sent = EBPFAccessLogMessage.FromString(message(http("/", 200, start_ns)))
    raws = []
    for number in range(count):
        sent.protocolLog.http.request.path = f"/{number}"
        raws.append(sent.SerializeToString())
    return raws


def names_of(result: OracleResult) -> set[str]:
    return {name for _, name, _, _ in result.endpoint_traffic.values()}


def test_the_3000th_distinct_name_and_all_later_ones_are_abandoned() -> None:
    paths = http_messages(3000, T)
    result = run(message(node(), SERVER), *paths, message(http("/0", 200)))
    assert names_of(result) == {f"GET:/{number}" for number in range(2999)} | {"_abandoned"}
    abandoned = "cmV2aWV3cy5ib29raW5mbw==.1_X2FiYW5kb25lZA=="
    assert result.metrics["kubernetes_service_endpoint_call_cpm", abandoned, M34] == cpm(2, 2)


def test_names_of_clients_take_up_slots() -> None:
    to_reviews = connection(RATINGS_POD, REVIEWS_POD, "client")
    at_ratings = connection(RATINGS_POD, REVIEWS_POD, "server")
    paths = http_messages(3000, T)
    result = run(message(node(), to_reviews), *paths, message(at_ratings, http("/new", 200)))
    assert names_of(result) == {"_abandoned"}


@pytest.mark.parametrize(("later_s", "name"), [(599, "_abandoned"), (600, "GET:/new")])
def test_set_of_names_lives_ten_minutes(later_s: int, name: str) -> None:
    paths = http_messages(3000, T)
    filled = (message(node(), CLIENT), *paths)
    at_ratings = connection(RATINGS_POD, REVIEWS_POD, "server")
    result = run(*filled, message(at_ratings, http("/new", 200, T + later_s * 10**9)), now=NOW + 600)
    assert names_of(result) == {name}


# spec receiver-protocol 4.2


def test_logs_before_any_node_are_dropped_and_a_node_repairs_the_stream() -> None:
    by_ip = connection(REVIEWS_POD, ip("10.96.0.10"), "client")
    result = run(message(by_ip, WRITE), message(node("prod"), WRITE), message(WRITE))
    assert (result.dropped, result.folded) == ({"no_node": 1}, 2)
    assert {row[:2] for row in result.service_relations.values()} == {(SRV, SRA)}


def test_later_node_changes_times_and_later_names_only() -> None:
    by_ip = connection(REVIEWS_POD, ip("10.96.0.10"), "client")
    hour_later = node("prod", "bootTime { seconds: 1714561200 }")
    result = run(message(node(), by_ip, WRITE), message(hour_later, WRITE), now=NOW + 3600)
    assert {row[:2] for row in result.service_relations.values()} == {(SRV, SRA)}
    assert {bucket for _, bucket, _ in result.service_relations} >= {202405011234, 202405011334}


def test_logs_before_any_connection_are_dropped() -> None:
    result = run(message(node(), WRITE, http("/", 200)), message(SERVER, WRITE))
    assert (result.dropped, result.folded) == ({"no_connection": 2}, 1)


@pytest.mark.parametrize(
    ("sent", "reason", "details"),
    [
        (connection("", ip("8.8.8.8")), "connection_loss", {("connection_loss", "null_8.8.8.8"): 1}),
        (
            "connection { local { kubernetes { serviceName: 's' podName: 'p' containerName: 'c' processName: 'n' } } }",
            "connection_loss",
            {("connection_loss", "s-p-c-n_null"): 1},
        ),
        ("connection { }", "connection_loss", {("connection_loss", "null_null"): 1}),
        (connection(pod("a", "x"), pod("a", "y")), "same_service", {("same_service", "a"): 1}),
        (connection(pod("", "x"), pod("", "y")), "same_service", {("same_service", ""): 1}),
        (connection(ip("8.8.8.8"), pod("Unknown", "y")), "same_service", {("same_service", "Unknown"): 1}),
        (connection(RATINGS_POD, REVIEWS_POD, "7"), "unknown_role", {}),
        (connection(RATINGS_POD, ip("10.0.0.1")), "lookup_failed", {}),
    ],
)
def test_invalid_connection_holds_until_the_next_one(
    sent: str, reason: str, details: dict[tuple[str, str], int]
) -> None:
    registry = {**REGISTRY, "10.0.0.1": Lookup.FAILS}
    result = run(
        message(node(), SERVER, WRITE), message(sent, WRITE), message(WRITE), message(SERVER, WRITE), registry=registry
    )
    assert (result.dropped, result.folded, result.drop_details) == ({reason: 2}, 2, details)


def test_failed_look_up_does_not_leave_the_previous_connection_in_force() -> None:
    result = run(
        message(node(), SERVER), message(connection(RATINGS_POD, ip("x"))), message(WRITE), registry={"x": Lookup.FAILS}
    )
    assert (result.dropped, result.folded) == ({"lookup_failed": 1}, 0)


@pytest.mark.parametrize(
    ("more", "components"),
    [
        ("", (110,)),
        ("tlsMode: TLS", (130,)),
        ("tlsMode: 9", (110,)),
        ("protocol: HTTP_2", (49,)),
        ("protocol: HTTP_1 tlsMode: TLS", (129,)),
        ("protocol: 9", (0,)),
        ("protocol: 9 tlsMode: TLS", (0,)),
        ("attachment { }", (110,)),
        ("attachment { zTunnel { } } tlsMode: TLS", (142, 162)),
        ("attachment { zTunnel { security_policy: 5 } }", (162,)),
    ],
)
def test_components_follow_tunnel_protocol_and_tls(more: str, components: tuple[int, ...]) -> None:
    result = run(message(node(), connection(RATINGS_POD, REVIEWS_POD, more=more), WRITE))
    assert server_components(result) == {components}


def test_components_of_a_relation_unite_in_ascending_order() -> None:
    tls = connection(RATINGS_POD, REVIEWS_POD, more="tlsMode: TLS")
    plain = connection(RATINGS_POD, REVIEWS_POD, more=HTTP_1)
    result = run(message(node(), tls, WRITE), message(plain, WRITE))
    assert server_components(result) == {(49, 130)}


@pytest.mark.parametrize(
    ("remote", "tunnel", "dest"),
    [
        (ip("10.96.0.10"), '{ real_destination_ip: "10.96.0.11" }', SRV),
        (ip("10.96.0.10"), "{ }", "VW5rbm93bg==.1"),
        (ip("10.96.0.10"), '{ real_destination_ip: "10.96.0.11" by: ZTUNNEL_INBOUND_FUNC }', SRA),
        (RATINGS_POD, '{ real_destination_ip: "10.96.0.11" }', SRA),
    ],
)
def test_outbound_tunnel_replaces_the_remote_ip_only(remote: str, tunnel: str, dest: str) -> None:
    local = pod("details.bookinfo", "details-v1-0")
    sent = connection(local, remote, more=f"attachment {{ zTunnel {tunnel} }}")
    result = run(message(node(), sent, WRITE))
    assert {row[1] for row in result.service_relations.values()} == {dest}


def test_unknown_method_is_unrecognized() -> None:
    result = run(message(node(), SERVER, http("/a?b=c", 200, method="77")))
    assert names_of(result) == {"UNRECOGNIZED:/a?b=c"}


def test_unset_oneofs_are_counted_and_ignored() -> None:
    result = run(message(node(), SERVER, "kernelLogs { } protocolLog { }", WRITE))
    assert (result.dropped, result.folded) == ({"no_operation": 1, "no_protocol": 1}, 1)
    assert result.endpoint_traffic == {}


def test_connection_reason_comes_before_all_others() -> None:
    result = run(message(connection(pod("a", "x"), pod("a", "y")), "kernelLogs { }", "protocolLog { }"))
    assert result.dropped == {"same_service": 2}


def test_missing_node_comes_before_missing_content() -> None:
    assert run(message(SERVER, "kernelLogs { }")).dropped == {"no_node": 1}


def test_undecodable_message_clears_the_connection_but_not_the_node() -> None:
    result = run(message(node(), SERVER, WRITE), b"\xff", message(WRITE), message(SERVER, WRITE))
    assert (result.messages, result.malformed) == (4, 1)
    assert (result.dropped, result.folded) == ({"no_connection": 1}, 2)


def test_empty_message_and_empty_stream_have_no_effect() -> None:
    result = run(message(node(), SERVER), b"", message(WRITE))
    assert (result.messages, result.received, result.folded) == (3, 1, 1)
    assert run() == OracleResult()


@pytest.mark.parametrize("mark", [Mark.END, Mark.ERROR])
def test_streams_share_nothing_and_forget_at_their_end(mark: Mark) -> None:
    events: list[Event] = [
        (1, Mark.BEGIN),
        (2, Mark.BEGIN),
        (1, message(node(), SERVER, WRITE)),
        (2, message(WRITE)),
        (1, mark),
        (1, Mark.BEGIN),
        (1, message(WRITE)),
    ]
    result = run_events(events)
    assert (result.dropped, result.folded) == ({"no_connection": 2}, 1)


# time: spec entities 7, receiver-protocol 1.5


@pytest.mark.parametrize(
    ("offset_ns", "minute"),
    [
        (9299999999999, 202405011234),
        (9300000000000, 202405011235),
        (2**64 - 1, 202405011000),
        (2**64 - 10**9, 202405010959),
    ],
)
def test_offsets_are_signed_and_lose_their_fraction_towards_zero(offset_ns: int, minute: int) -> None:
    start = f"startTime {{ offset {{ offset: {offset_ns} }} }}"
    result = run(message(node(), SERVER, f"kernelLogs {{ accept {{ {start} }} }}"))
    assert result.service_traffic == {(SRV, 17): (RV, minute)}


@pytest.mark.parametrize(("end_ns", "duration_ns"), [(T - 7, -7), ((T + 2**63) % 2**64, -(2**63))])
def test_durations_are_signed_and_wrap_around(end_ns: int, duration_ns: int) -> None:
    ends = f"startTime {{ offset {{ offset: {T} }} }} endTime {{ offset {{ offset: {end_ns} }} }}"
    result = run(message(node(), SERVER, f"kernelLogs {{ accept {{ {ends} }} }}"))
    assert result.metrics["kubernetes_service_accept_time", SRV, M34] == average(duration_ns, 1, duration_ns)


def test_minutes_are_those_of_the_local_calendar() -> None:
    result = run(message(node(), SERVER, WRITE), zone=ZoneInfo("Asia/Kathmandu"))
    assert result.service_traffic == {(SRV, 17): (RV, 202405011819)}


@pytest.mark.parametrize(("ahead_s", "refused"), [(600, 0), (601, 1)])
def test_logs_more_than_ten_minutes_ahead_are_refused(ahead_s: int, refused: int) -> None:
    start_ns = (NOW - 1714557600 + ahead_s) * 10**9 + 999999999
    result = run(message(node(), SERVER, kernel("write", start_ns)))
    assert (result.refused, result.folded) == (refused, 1 - refused)


@pytest.mark.parametrize(("boot", "dropped"), [("1714003200", {}), ("1714003199", {"expired": 1})])
def test_logs_of_days_older_than_the_ttl_are_expired(boot: str, dropped: dict[str, int]) -> None:
    result = run(message(node(boot=f"bootTime {{ seconds: {boot} }}"), SERVER, kernel("write", 0)))
    assert result.dropped == dropped


def test_node_without_boot_time_sends_expired_logs() -> None:
    assert run(message("node { }", SERVER, WRITE)).dropped == {"expired": 1}


def test_time_before_the_calendar_is_expired() -> None:
    assert run(message(node(boot="bootTime { seconds: -99999999999999 }"), SERVER, WRITE)).dropped == {"expired": 1}


def test_expired_and_refused_names_take_no_slot() -> None:
    old = http_messages(3000, 0)
    ancient = node(boot="bootTime { seconds: 0 }")
    result = run(message(ancient, SERVER), *old, message(node(), http("/new", 200)))
    assert names_of(result) == {"GET:/new"}


# names: spec entities 2, 3, 4, 9


def test_cluster_prefix_belongs_to_looked_up_names_only() -> None:
    result = run(message(node("prod"), connection(RATINGS_POD, ip("10.96.0.11")), WRITE))
    assert result.service_traffic == {(SRA, 17): (RA, M34)}
    assert {row[1] for row in result.service_relations.values()} == {"cHJvZDo6cmV2aWV3cy5ib29raW5mbw==.1"}


def test_sender_may_say_unknown_itself() -> None:
    unknown = pod("Unknown", "Unknown")
    result = run(message(node(), connection(unknown, RATINGS_POD), WRITE))
    assert (result.service_traffic, result.instance_traffic, len(result.instance_relations)) == ({}, {}, 3)


def test_unknown_with_a_container_is_a_service() -> None:
    named = "kubernetes { serviceName: 'Unknown' podName: 'Unknown' containerName: 'c' }"
    result = run(message(node(), connection(named, RATINGS_POD), WRITE))
    assert result.service_traffic == {("VW5rbm93bg==.1", 17): ("Unknown", M34)}


def test_empty_pod_names_have_no_instances() -> None:
    result = run(message(node(), connection(pod("a", ""), RATINGS_POD), WRITE))
    assert (result.instance_traffic, result.instance_relations) == ({}, {})
    assert len(result.service_relations) == 3


def test_blank_service_is_blank_in_ids_only_and_its_endpoint_names_are_not_cut() -> None:
    path = "/" + "p" * 200
    result = run(message(node(), connection(pod("", "x"), RATINGS_POD, "server"), http(path, 200)))
    assert result.service_traffic == {("X2JsYW5r.1", 17): ("", M34)}
    assert names_of(result) == {f"GET:{path}"}


def test_long_names_are_cut() -> None:
    local = pod("s" * 71, "i" * 71)
    result = run(message(node(), connection(local, RATINGS_POD, "server"), http("/" + "p" * 200, 200)))
    assert [name for name, _ in result.service_traffic.values()] == ["s" * 70]
    assert [name for _, name, _, _ in result.instance_traffic.values()] == ["i" * 70]
    assert names_of(result) == {"GET:/" + "p" * 145}


def test_last_ping_is_the_last_arrival_of_an_instance_and_the_latest_of_an_endpoint() -> None:
    late_then_early = (http("/a", 200, T + 10**9), http("/a", 200, T - 60 * 10**9))
    result = run(*(message(node(), SERVER, log) for log in late_then_early))
    assert [row[2:] for row in result.instance_traffic.values()] == [(202405011233, 202405011233)]
    assert [row[2:] for row in result.endpoint_traffic.values()] == [(202405011233, 202405011235)]


def test_apdex_uses_the_threshold_of_the_service_served() -> None:
    events: list[Event] = [(0, message(node(), CLIENT, http("/", 200, T, 300000000)))]
    result = run_oracle(events, registry={}, zone=UTC, now=NOW, thresholds={"default": 100, RA: 300})
    score = {"total_num": 1, "s_num": 1, "t_num": 0, "int_value": 10000}
    assert result.metrics["kubernetes_service_relation_client_apdex", f"{SRA}-{SRV}", M34] == score
