"""Answers in words."""

from oap.why.answer import Received
from oap.why.wording import preface, sentence
from tests.oap.why.watched import Watched
from tests.oap.window.calls import Call

RULES = """
failed = from(K8SService.*).filter(type == "write").filter(write.duration >= 50000000).cpm();
edges = from(K8SServiceRelation.*).cpm();
"""


def test_a_sentence_ends_where_rows_vanish() -> None:
    rig = Watched(RULES)
    rig.accept(*(Call(0, kind="write") for _ in range(1204)), Call(0))
    assert sentence(rig.why("failed")) == (
        '1,205 rows of all operations, 1,204 after type == "write", 0 after write.duration >= 50000000'
    )


def test_a_sentence_ends_with_what_was_folded() -> None:
    rig = Watched(RULES)
    rig.accept(Call(0, kind="write", ms=60), Call(0))
    assert sentence(rig.why("failed")) == (
        '2 rows of all operations, 1 after type == "write", 1 after write.duration >= 50000000: '
        "1 row folded into the metric"
    )


def test_nothing_yet() -> None:
    assert sentence(Watched(RULES).why("failed")) == "no minute has any row yet"


def test_what_was_dropped_is_told_by_reason() -> None:
    received = Received(1300, {"no_connection": 90, "expired": 4}, refused=2, late=1, malformed_messages=3)
    assert preface(received) == (
        "1,300 logs received since the start, 96 dropped before any rule: 90 no connection, 4 expired, "
        "2 too far in the future; 3 messages could not be read"
    )
    assert preface(Received(5, {}, 0, 0, 0)) == "5 logs received since the start, none dropped before any rule"
