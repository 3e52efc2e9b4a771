"""Endpoints of HTTP logs: formed in order of arrival, once per distinct path, wherever a batch is cut."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from oap.entity.endpoints import EndpointCache
from oap.entity.grouping.endpoint_names import EndpointNames, GroupingRules
from oap.entity.grouping.openapi import OpenapiRules, parse_openapi
from oap.entity.grouping.pattern_tree import PatternTree
from oap.entity.names import NameLimits, endpoint_name
from oap.entity.routes import CLIENT, PROXY, SERVER, RouteTable, Side
from oap.receiver.decode import layout as lay

PEER = Side("peer", "peer-0")
EIGHT = "0123456789"


@dataclass(frozen=True, slots=True)
class Call:
    """An HTTP log; ``minute`` -1 if it is not to be folded."""

    path: str
    second: int = 0
    service: str = "a"
    role: int = SERVER
    method: int = 0
    minute: int = 0


@dataclass(slots=True)
class Rig:
    """Assigns calls and says their endpoints as (service, name), None for those without."""

    names: EndpointNames = field(default_factory=EndpointNames)
    limit: int = 200_000
    routes: RouteTable = field(default_factory=lambda: RouteTable(NameLimits()))
    cache: EndpointCache = field(init=False)

    def __post_init__(self) -> None:
        self.cache = EndpointCache(self.routes, self.names, self.limit)

    def assign(self, calls: Sequence[Call], batch: int = 100_000) -> list[tuple[str, ...] | None]:
        found = [self._assign(calls[at : at + batch]) for at in range(0, len(calls), batch)]
        return [None if number < 0 else self.cache.table.entities[number].names for part in found for number in part]

    def _assign(self, calls: Sequence[Call]) -> list[int]:
        paths = [call.path.encode() for call in calls]
        http = np.zeros((len(calls), len(lay.COLUMNS[lay.HTTP])), np.int64)
        http[:, lay.HTTP_METHOD] = [call.method for call in calls]
        http[:, lay.HTTP_PATH + 1] = [len(path) for path in paths]
        http[1:, lay.HTTP_PATH] = np.cumsum(http[:-1, lay.HTTP_PATH + 1])
        routes = [self.routes.intern(Side(call.service, "p"), PEER, call.role, (49,), 0) for call in calls]
        numbers = self.cache.assign(
            np.frombuffer(b"".join(paths), np.uint8),
            http,
            np.array([call.second for call in calls], np.int64),
            np.array([call.minute for call in calls], np.int32),
            np.array(routes, np.int32),
        )
        return [int(number) for number in numbers]


def formatted_one_by_one(calls: Sequence[Call], names: EndpointNames) -> list[tuple[str, ...] | None]:
    """What formatting every single call gives."""
    found: list[tuple[str, ...] | None] = []
    for call in calls:
        text = endpoint_name(call.method, call.path)
        if call.minute >= 0:
            names.close_ended(call.service, call.second)
        if call.minute < 0:
            found.append(None)
        elif call.role == CLIENT:
            names.format(call.service, text, call.second)
            found.append(None)
        else:
            found.append((call.service, names.endpoint(call.service, text, call.second)))
    return found


def rules() -> GroupingRules:
    """For "a" patterns; for "c" a document whose names match nothing themselves."""
    document = "{x-sw-endpoint-name-format: '${METHOD} ${PATH}', paths: {'/item/{id}': {get: {}}, /7: {get: {}}}}"
    return GroupingRules(OpenapiRules(parse_openapi(document, "d.yaml", "c")), {"a": PatternTree(["GET:/item/{var}"])})


def test_calls_of_servers_and_proxies_have_endpoints() -> None:
    calls = [
        Call("/x"),
        Call("/x", role=CLIENT),
        Call("/x", role=PROXY),
        Call("/x", method=1),
        Call("/商品", method=42),
    ]
    assert Rig().assign(calls) == [
        ("a", "GET:/x"),
        None,
        ("a", "GET:/x"),
        ("a", "POST:/x"),
        ("a", "UNRECOGNIZED:/商品"),
    ]


def test_call_that_is_not_folded_has_no_endpoint_and_takes_no_place() -> None:
    rig = Rig(EndpointNames(limit=2))
    assert rig.assign([Call("/1", minute=-1), Call("/2"), Call("/3", minute=-1)]) == [None, ("a", "GET:/2"), None]
    assert len(rig.cache) == 1


def test_last_of_three_thousand_names_is_abandoned_and_all_after_it() -> None:
    calls = [Call(f"/{number}") for number in range(3000)]
    found = Rig().assign([*calls, Call("/0"), Call("/new")])
    assert found[:2999] == [("a", f"GET:/{number}") for number in range(2999)]
    assert found[2999:] == [("a", "_abandoned")] * 3


def test_calls_of_clients_take_places_too() -> None:
    rig = Rig(EndpointNames(limit=3))
    calls = [Call("/1", role=CLIENT), Call("/2", role=CLIENT), Call("/1"), Call("/3"), Call("/1", service="b")]
    assert rig.assign(calls) == [None, None, ("a", "GET:/1"), ("a", "_abandoned"), ("b", "GET:/1")]


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_set_ends_by_the_time_of_the_logs(batch: int) -> None:
    rig = Rig(EndpointNames(limit=2))
    calls = [Call("/1", 1000), Call("/2", 1001), Call("/1", 1599), Call("/1", 1600), Call("/3", 1601), Call("/1", 1200)]
    names = ["GET:/1", "_abandoned", "_abandoned", "GET:/1", "_abandoned", "_abandoned"]
    assert rig.assign(calls, batch) == [("a", name) for name in names]


def test_names_that_match_a_rule_take_no_place() -> None:
    rig = Rig(EndpointNames(rules(), limit=2))
    calls = [Call(path) for path in ("/item/1", "/item/2", "/x", "/y", "/item/3", "/x")]
    names = ["GET:/item/{var}", "GET:/item/{var}", "GET:/x", "_abandoned", "GET:/item/{var}", "_abandoned"]
    assert rig.assign(calls) == [("a", name) for name in names]


def test_service_without_a_name_has_its_endpoints_unformatted() -> None:
    path = "/" + "x" * 200
    assert Rig(EndpointNames(limit=1)).assign([Call(path, service="")]) == [("", f"GET:{path}")]


def test_traffic_is_marked_with_its_first_and_last_minute() -> None:
    rig = Rig()
    rig.assign([Call("/x", minute=7), Call("/x", minute=5), Call("/y", minute=6), Call("/x", minute=-1)])
    assert rig.cache.first_minute.view.tolist() == [5, 6]
    assert rig.cache.last_minute.view.tolist() == [7, 6]
    assert rig.cache.is_dirty.view.tolist() == [True, True]


def test_endpoint_has_the_values_of_its_cell_columns() -> None:
    rig = Rig()
    rig.assign([Call("/reviews/0", service="reviews.bookinfo")])
    columns = ("local_service", "local_service_id", "endpoint", "endpoint_id")
    assert [rig.cache.value(column, 0) for column in columns] == [
        "reviews.bookinfo",
        "cmV2aWV3cy5ib29raW5mbw==.1",
        "GET:/reviews/0",
        "cmV2aWV3cy5ib29raW5mbw==.1_R0VUOi9yZXZpZXdzLzA=",
    ]


def random_calls(seed: int) -> list[Call]:
    """Calls of few services whose sets fill and end, some of them late, some with rules."""
    choose = random.Random(seed)  # noqa: S311
    calls, second = [], 10_000
    for _ in range(1500):
        second += choose.choice((0, 1, 5, 40))
        calls.append(
            Call(
                choose.choice((f"/item/{choose.randrange(30)}", f"/{choose.randrange(12)}", "")),
                second - choose.choice((0, 0, 0, 300, 900)),
                choose.choice(("a", "a", "b", "b", "c", "d", "e", "")),
                choose.choice((SERVER, SERVER, CLIENT, PROXY)),
                choose.choice((0, 1)),
                choose.choice((0, 0, 0, -1)),
            )
        )
    return calls


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("limit", "batch"), [(1, 1), (5, 7), (40, 100), (200_000, 1), (200_000, 1000)])
def test_cutting_and_forgetting_change_nothing(seed: int, limit: int, batch: int) -> None:
    calls = random_calls(seed)
    names, expected = (EndpointNames(rules(), limit=8, few_sets=2) for _ in range(2))
    found = Rig(names, limit).assign(calls, batch)
    assert found == formatted_one_by_one(calls, expected)
    assert names.dump() == expected.dump()
    assert {(service, "_abandoned") for service in "ab"} <= set(found)


def test_one_name_that_opens_a_set_does_not_change_the_rest_of_its_batch() -> None:
    rig = Rig(EndpointNames(rules(), limit=2))
    calls = [Call("/item/1"), Call("/x", 1000), Call("/item/1"), Call("/y", 1001), Call("/x", 1600), Call("/y", 1601)]
    names = ["GET:/item/{var}", "GET:/x", "GET:/item/{var}", "_abandoned", "GET:/x", "_abandoned"]
    assert rig.assign(calls) == [("a", name) for name in names]
    assert rig.cache.table.find(("a", "GET:/y")) is None


def test_minute_is_marked_only_for_the_name_that_the_call_has_in_the_end() -> None:
    rig = Rig(EndpointNames(limit=3))
    rig.assign([Call("/x"), Call("/1", minute=1), Call("/2", minute=2), Call("/x", minute=3)])
    last = dict(zip([entity.names[1] for entity in rig.cache.table.entities], rig.cache.last_minute.view, strict=True))
    assert last == {"GET:/x": 0, "GET:/1": 1, "_abandoned": 3}


@pytest.mark.parametrize("forgets", [False, True])
def test_names_are_formed_anew_with_other_rules(forgets: bool) -> None:
    rig = Rig()
    assert rig.assign([Call("/item/1"), Call("/x")]) == [("a", "GET:/item/1"), ("a", "GET:/x")]
    rig.names.replace_rules(rules())
    if forgets:
        rig.cache.forget_names()
    found = rig.assign([Call("/item/1"), Call("/x"), Call("/item/2")])
    assert found == [("a", "GET:/item/{var}"), ("a", "GET:/x"), ("a", "GET:/item/{var}")]
    assert len(rig.cache) == 3


def test_forgotten_names_keep_their_places() -> None:
    rig = Rig(EndpointNames(limit=3))
    before = rig.assign([Call("/1"), Call("/2")])
    rig.cache.forget_names()
    assert rig.assign([Call("/1"), Call("/2"), Call("/3")]) == [*before, ("a", "_abandoned")]


@pytest.mark.parametrize("batch", [1, 100])
def test_ended_sets_of_services_that_stopped_are_dropped(batch: int) -> None:
    rig = Rig(EndpointNames(limit=2, few_sets=4))
    calls = [Call(path, second, service) for second, service in enumerate("bcde") for path in ("/1", "/2")]
    rig.assign(calls, batch)
    assert sorted(rig.names.dump()) == ["b", "c", "d", "e"]
    found = rig.assign([Call("/1", 602, "a"), Call("/1", 603, "b"), Call("/1", 1, "c"), Call("/1", 602, "e")], batch)
    assert sorted(rig.names.dump()) == ["a", "b", "c", "e"]
    assert [names and names[1] for names in found] == ["GET:/1", "GET:/1", "GET:/1", "_abandoned"]


def test_more_paths_than_the_tables_first_hold() -> None:
    calls = [Call(f"/{number}/{EIGHT * 20}") for number in range(9000)]
    names = EndpointNames(limits=NameLimits(endpoint=1000), limit=10_000)
    found = Rig(names).assign([*calls, *calls])
    assert found == [("a", f"GET:{call.path}") for call in calls] * 2
