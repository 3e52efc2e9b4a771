"""Counts read off the state of windows."""

import numpy as np

from oal.catalog import CellColumn, Kind
from oal.plan import Compare, Operand
from oap.why.counting import Counter, Counting
from tests.oap.why.watched import Watched
from tests.oap.window.calls import FIRST_MINUTE, Call

RULES = """a = from(K8SService.*).filter(type == "protocol").filter(protocol.http.statusCode >= 500).cpm();
b = from(K8SEndpoint.*).cpm();
"""
HTTP, ENDPOINT = ("route", "http"), ("endpoint", "http")
SERVER = (Compare(Operand(CellColumn("detect_point"), Kind.ENUM), "==", "SERVER"),)


def _rig() -> Watched:
    rig = Watched(RULES)
    rig.accept(Call(0), Call(0, code=500), Call(0, code=500, role="client"), Call(0, server=20, path="/a"))
    return rig


def _read(rig: Watched, counting: Counting, **chosen: list[bool]) -> list[int]:
    workings = rig.pipeline.workings
    cells = {grain: np.array(own, dtype=np.bool_) for grain, own in chosen.items()}
    counts = counting.read(workings.windows[FIRST_MINUTE], workings.cells, cells or None)
    return [int(count) for count in counts]


def test_counters_of_all_tables_are_read_in_their_order() -> None:
    counters = [
        Counter(HTTP, "K8SService", SERVER, 0),
        Counter(ENDPOINT, "K8SEndpoint"),
        Counter(HTTP),
        Counter(HTTP, "K8SServiceRelation", SERVER),
        Counter(HTTP, "", (), 0),
    ]
    assert _read(_rig(), Counting(counters)) == [1, 3, 4, 3, 2]


def test_equal_counters_are_read_once() -> None:
    counting = Counting([Counter(HTTP), Counter(ENDPOINT), Counter(HTTP)])
    assert (len(counting), counting.position(Counter(HTTP)), counting.position(Counter(ENDPOINT))) == (2, 0, 1)
    assert _read(_rig(), counting) == [4, 3]


def test_only_chosen_cells_count() -> None:
    counting = Counting([Counter(HTTP), Counter(ENDPOINT)])
    assert _read(_rig(), counting, route=[False, True, False], endpoint=[True, False]) == [1, 2]


def test_nothing_to_count() -> None:
    assert _read(_rig(), Counting([])) == []
