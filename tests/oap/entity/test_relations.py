"""Relation rows are named once per bucket and side."""

import numpy as np

from oap.entity.names import NameLimits
from oap.entity.relations import RelationTracker
from oap.entity.routes import CLIENT, PROXY, SERVER, RouteTable, Side
from oap.storage.contract import InstanceRelationRow, ServiceRelationRow

A, B = Side("a", "a-0"), Side("b", "b-0")
SA, SB, IA, IB = "YQ==.1", "Yg==.1", "YQ==.1_YS0w", "Yg==.1_Yi0w"
MINUTE = 202405011234


def seen(*routes: bool) -> np.ndarray:
    return np.array(routes, dtype=np.bool_)


def test_routes_of_a_relation_share_a_row_with_all_their_components() -> None:
    routes = RouteTable(NameLimits())
    routes.intern(A, B, CLIENT, (130,), 1)
    routes.intern(A, B, CLIENT, (110,), 0)
    services, instances = RelationTracker(routes).new_rows(MINUTE, seen(True, True))
    assert services == [ServiceRelationRow(MINUTE, False, f"{SA}-{SB}", SA, SB, (110, 130))]
    assert instances == [InstanceRelationRow(MINUTE, False, f"{IA}-{IB}", SA, IA, SB, IB)]


def test_sides_have_rows_of_their_own_and_proxies_none() -> None:
    routes = RouteTable(NameLimits())
    for local, remote, role in ((A, B, CLIENT), (B, A, SERVER), (A, B, PROXY)):
        routes.intern(local, remote, role, (49,), 0)
    services, instances = RelationTracker(routes).new_rows(MINUTE, seen(True, True, True))
    assert [(row.is_server_side, row.entity_id) for row in services] == [(False, f"{SA}-{SB}"), (True, f"{SA}-{SB}")]
    assert [row.is_server_side for row in instances] == [False, True]


def test_row_is_named_once_per_bucket() -> None:
    routes = RouteTable(NameLimits())
    routes.intern(A, B, CLIENT, (110,), 0)
    routes.intern(A, B, CLIENT, (130,), 1)
    tracker = RelationTracker(routes)
    first, _ = tracker.new_rows(MINUTE, seen(True, False))
    again, _ = tracker.new_rows(MINUTE, seen(True, True))
    later, _ = tracker.new_rows(MINUTE + 1, seen(True, True))
    assert [row.component_ids for row in (*first, *again, *later)] == [(110,), (130,), (110, 130)]
    assert tracker.new_rows(MINUTE, seen(True, True)) == ([], [])
    tracker.forget([MINUTE])
    assert len(tracker.new_rows(MINUTE, seen(True, True))[0]) == 1


def test_missing_entities_have_no_rows() -> None:
    routes = RouteTable(NameLimits(service=1))
    routes.intern(Side("a1", "p"), Side("a2", "q"), CLIENT, (110,), 0)
    routes.intern(A, Side("b", ""), CLIENT, (110,), 0)
    services, instances = RelationTracker(routes).new_rows(MINUTE, seen(True, True))
    assert [row.entity_id for row in services] == [f"{SA}-{SB}"]
    assert [row.entity_id for row in instances] == ["YQ==.1_cA==-YQ==.1_cQ=="]
