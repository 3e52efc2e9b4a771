"""Streams keep their connection; connections find their routes; the cache forgets without anyone noticing."""

import random

import pytest

from oap.entity.addresses import VALID_FOR_S
from oap.entity.routes import ENDPOINT, INSTANCE, SERVICE
from tests.oap.entity.connection_rig import A, B, C, Rig, calling, linked, sent, stream
from tests.oracle.fixture import connection, ip, kernel, message, node, pod
from tests.oracle.model import Event, Mark

LOG = message(kernel("write"))
TO_B, TO_C = "a/a-0 > b/b-0 CLIENT 110", "a/a-0 > c/c-0 CLIENT 110"
MALFORMED = b"\x07"


def test_connection_lasts_until_the_next_one() -> None:
    found = Rig().feed(stream(LOG, linked(A, B), LOG, LOG, linked(A, C), LOG))
    assert found == ["NO_CONNECTION", TO_B, TO_B, TO_B, TO_C, TO_C]


def test_connection_lasts_from_block_to_block() -> None:
    events = stream(linked(A, B), LOG, linked(A, C), LOG)
    assert Rig().feed(events, batch=1) == [TO_B, TO_B, TO_C, TO_C]


def test_streams_do_not_leak_into_each_other() -> None:
    events: list[Event] = [(0, Mark.BEGIN), (1, Mark.BEGIN), (0, linked(A, B)), (1, LOG), (1, linked(A, C)), (0, LOG)]
    assert Rig().feed(events) == [TO_B, "NO_CONNECTION", TO_C, TO_B]


@pytest.mark.parametrize("end", [Mark.END, Mark.ERROR])
@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_slot_that_is_used_again_starts_empty(end: Mark, batch: int) -> None:
    events: list[Event] = [
        (3, Mark.BEGIN),
        (3, message(node("prod"), connection(A, ip("1.1.1.1")))),
        (3, end),
        (3, Mark.BEGIN),
        (3, LOG),
        (3, linked(A, ip("1.1.1.1"))),
    ]
    rig = Rig()
    rig.registry.hosts["1.1.1.1"] = ("b", "b-0")
    prefixed = "a/a-0 > prod::b/b-0 CLIENT 110"
    assert rig.feed(events, batch=batch) == [prefixed, "NO_CONNECTION", TO_B]


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_malformed_message_clears_the_connection_of_its_stream_only(batch: int) -> None:
    events = sent(0, [linked(A, B), MALFORMED, LOG]) + sent(1, [linked(A, C)]) + sent(0, [MALFORMED]) + sent(1, [LOG])
    found = Rig().feed(events, batch=batch)
    assert found == [TO_B, "NO_CONNECTION", "NO_CONNECTION", TO_C, "NO_CONNECTION", TO_C]


def test_malformed_message_does_not_clear_the_node() -> None:
    rig = Rig()
    rig.registry.hosts["1.1.1.1"] = ("b", "b-0")
    found = rig.feed(stream(message(node("prod")), MALFORMED, calling("1.1.1.1")))
    assert found[-1] == "a/a-0 > prod::b/b-0 CLIENT 110"


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (linked(A, B, "server"), "b/b-0 > a/a-0 SERVER 110"),
        (linked(A, B, "proxy"), "a/a-0 > b/b-0 PROXY 110"),
        (linked(A, B, more="tlsMode: TLS protocol: HTTP_2"), "a/a-0 > b/b-0 CLIENT 129"),
        (message('connection { role: client remote { ip { host: "8.8.8.8" } } }'), "CONNECTION_LOSS"),
        (message("connection { local { } remote { } }"), "CONNECTION_LOSS"),
        (linked(A, pod("a", "a-1")), "SAME_SERVICE"),
        (linked(ip("1"), ip("2")), "SAME_SERVICE"),
        (linked(A, ip("")), "a/a-0 > Unknown/Unknown CLIENT 110"),
        (linked(A, B) + b"\x12\x02\x18\x03", "UNKNOWN_ROLE"),
        (linked(A, A) + b"\x12\x02\x18\x03", "SAME_SERVICE"),
        (linked(A, B) + b"\x12\x02\x20\x05", "a/a-0 > b/b-0 CLIENT 110"),
        (linked(A, B) + b"\x12\x02\x28\x05", "a/a-0 > b/b-0 CLIENT 0"),
    ],
)
def test_connection_is_judged(raw: bytes, found: str) -> None:
    assert Rig().one(raw) == found


@pytest.mark.parametrize(
    ("tunnel", "found"),
    [
        ('real_destination_ip: "10.0.0.2"', "a/a-0 > c/c-0 CLIENT 142|162"),
        ('real_destination_ip: "10.0.0.2" security_policy: NONE', "a/a-0 > c/c-0 CLIENT 162"),
        ('real_destination_ip: "10.0.0.2" by: ZTUNNEL_INBOUND_FUNC', "a/a-0 > b/b-0 CLIENT 142|162"),
        ("", "a/a-0 > Unknown/Unknown CLIENT 142|162"),
    ],
)
def test_outbound_tunnel_names_the_real_destination(tunnel: str, found: str) -> None:
    rig = Rig()
    rig.registry.hosts |= {"10.0.0.1": ("b", "b-0"), "10.0.0.2": ("c", "c-0")}
    assert rig.one(linked(A, ip("10.0.0.1"), more=f"attachment {{ zTunnel {{ {tunnel} }} }}")) == found


def test_tunnel_does_not_change_the_local_side_or_a_known_pod() -> None:
    rig = Rig()
    rig.registry.hosts |= {"10.0.0.1": ("a", "a-0"), "10.0.0.2": ("c", "c-0")}
    more = 'attachment { zTunnel { real_destination_ip: "10.0.0.2" } }'
    assert rig.one(linked(ip("10.0.0.1"), B, more=more)) == "a/a-0 > b/b-0 CLIENT 142|162"


@pytest.mark.parametrize(
    ("rest", "services"), [("", 0), ('containerName: "x"', 1), ("port: 1", 1), ('processName: "p"', 1)]
)
def test_unknown_pod_has_no_entity_unless_more_is_said_of_it(rest: str, services: int) -> None:
    rig = Rig()
    local = f'kubernetes {{ serviceName: "Unknown" podName: "Unknown" {rest} }}'
    assert rig.one(linked(local, B)) == "Unknown/Unknown > b/b-0 CLIENT 110"
    assert len(rig.routes.entities[SERVICE]) == len(rig.routes.entities[INSTANCE]) == services


def test_ports_make_no_new_connections() -> None:
    rig = Rig()
    hosts = [linked(A, f'ip {{ host: "9.9.9.9" port: {port} }}') for port in range(1, 500)]
    rig.feed(stream(*hosts))
    assert (len(rig.cache), len(rig.routes), rig.registry.asked) == (1, 1, ["9.9.9.9"])


def test_unknown_peers_share_a_route() -> None:
    rig = Rig()
    rig.feed(stream(*(calling(f"9.9.9.{number}") for number in range(200))))
    assert (len(rig.cache), len(rig.routes)) == (200, 1)


def test_answer_is_asked_for_again_when_its_time_is_over() -> None:
    rig = Rig()
    rig.registry.hosts["10.0.0.1"] = ("b", "b-0")
    assert rig.one(calling("10.0.0.1"), now=0) == TO_B
    rig.registry.hosts["10.0.0.1"] = ("c", "c-0")
    assert rig.one(calling("10.0.0.1"), now=VALID_FOR_S - 1) == TO_B
    assert rig.one(calling("10.0.0.1"), now=VALID_FOR_S) == TO_C
    assert rig.registry.asked == ["10.0.0.1"] * 2


def test_unknown_address_is_asked_for_again_when_its_time_is_over() -> None:
    rig = Rig()
    assert rig.one(calling("10.0.0.1"), now=0) == "a/a-0 > Unknown/Unknown CLIENT 110"
    rig.registry.hosts["10.0.0.1"] = ("b", "b-0")
    assert rig.one(calling("10.0.0.1"), now=179) == "a/a-0 > Unknown/Unknown CLIENT 110"
    assert rig.one(calling("10.0.0.1"), now=180) == TO_B


def test_new_version_of_the_registry_ends_all_answers() -> None:
    rig = Rig()
    rig.registry.hosts["10.0.0.1"] = ("b", "b-0")
    assert rig.one(calling("10.0.0.1")) == TO_B
    rig.registry.hosts["10.0.0.1"] = ("c", "c-0")
    rig.registry.version += 1
    assert rig.one(calling("10.0.0.1")) == TO_C


def test_open_stream_keeps_the_address_its_connection_was_built_with() -> None:
    rig = Rig()
    rig.registry.hosts["10.0.0.1"] = ("b", "b-0")
    rig.feed(sent(0, [calling("10.0.0.1")]), now=0)
    rig.registry.hosts["10.0.0.1"] = ("c", "c-0")
    events = sent(0, [LOG]) + sent(1, [calling("10.0.0.1")]) + sent(0, [LOG]) + sent(0, [calling("10.0.0.1"), LOG])
    assert rig.feed(events, now=200) == [TO_B, TO_C, TO_B, TO_C, TO_C]


def test_failed_look_up_drops_the_logs_and_is_tried_again() -> None:
    rig = Rig()
    rig.registry.failing = {"10.0.0.1"}
    found = rig.feed(sent(0, [linked(A, B), LOG, calling("10.0.0.1"), LOG]))
    assert found == [TO_B, TO_B, "LOOKUP_FAILED", "LOOKUP_FAILED"]
    rig.registry.failing = set()
    rig.registry.hosts["10.0.0.1"] = ("c", "c-0")
    assert rig.feed(sent(0, [LOG, calling("10.0.0.1")])) == ["LOOKUP_FAILED", TO_C]


def test_node_that_comes_later_does_not_rename_a_connection() -> None:
    rig = Rig()
    rig.registry.hosts["10.0.0.1"] = ("b", "b-0")
    found = rig.feed(stream(calling("10.0.0.1"), message(node("prod")), LOG, calling("10.0.0.1")))
    assert found == [TO_B, TO_B, TO_B, "a/a-0 > prod::b/b-0 CLIENT 110"]


def test_node_of_a_message_counts_for_the_connection_in_it() -> None:
    rig = Rig()
    rig.registry.hosts["10.0.0.1"] = ("b", "b-0")
    assert rig.one(calling("10.0.0.1") + message(node("prod"))) == "a/a-0 > prod::b/b-0 CLIENT 110"


def test_refused_builds_are_noted_with_their_reason() -> None:
    rig = Rig()
    rig.registry.failing = {"10.0.0.1"}
    lost = 'connection { local { kubernetes { serviceName: "s" podName: "p" containerName: "c" processName: "x" port: 1 } } }'
    rig.feed(stream(message(lost), LOG, message(lost), linked(A, A), LOG, calling("10.0.0.1")))
    nameless = linked(pod("", "p"), pod("", "q"))
    rig.feed(stream(linked(A, A), nameless, message('connection { remote { ip { host: "8.8.8.8" } } }')))
    assert rig.accounts.details == {
        ("connection_loss", "s-p-c-x_null"): 2,
        ("connection_loss", "null_8.8.8.8"): 1,
        ("same_service", "a"): 2,
        ("same_service", ""): 1,
        ("lookup_failed", "a-a-0--_10.0.0.1"): 1,
    }


def random_events(seed: int, count: int = 400) -> list[Event]:
    """Few streams, connections of few and of very many peers, malformed messages."""
    choose = random.Random(seed)  # noqa: S311
    events: list[Event] = []
    for _ in range(count):
        slot = choose.randrange(5)
        host = choose.choice(("10.0.0.1", "10.0.0.2", f"9.9.9.{choose.randrange(300)}", f"{choose.randrange(9)}" * 90))
        raws = (
            LOG,
            linked(choose.choice((A, B, C, ip(host), "")), choose.choice((A, B, C, ip(host)))),
            calling(host) + message(node(choose.choice(("", "prod")))),
            message(node(choose.choice(("", "prod")))),
            MALFORMED,
        )
        events.append((slot, choose.choices((*raws, Mark.BEGIN, Mark.ERROR), (8, 4, 3, 1, 1, 1, 1))[0]))
    return events


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("limit", "batch"), [(1, 1), (1, 7), (3, 40), (20, 13), (200_000, 1)])
def test_forgetting_and_cutting_change_nothing(seed: int, limit: int, batch: int) -> None:
    known = {"10.0.0.1": ("b", "b-0"), "10.0.0.2": ("c", "")}
    whole, cut = Rig(), Rig(limit=limit)
    for rig in (whole, cut):
        rig.registry.hosts |= known
    events = random_events(seed)
    assert cut.feed(events, batch=batch) == whole.feed(events, batch=100_000)
    assert cut.accounts.details == whole.accounts.details
    assert limit > 1000 or len(cut.cache) < len(whole.cache)


def test_more_connections_than_the_tables_first_hold() -> None:
    rig = Rig()
    rig.registry.hosts["77.3.1.1"] = ("b", "b-0")
    raws = [calling(f"77.{number % 7}.{number // 256}.{number % 256}") for number in range(9000)]
    found = rig.feed(stream(*raws, *raws))
    assert found[:9000] == found[9000:]
    assert len(rig.cache) == 9000
    assert len(rig.registry.asked) == 9000
    assert ENDPOINT not in rig.routes.entities
