"""The kept tables are those of the grammar."""

import pytest

from oal.tabulate import GRAMMAR, TABLES, tables_text


def test_the_kept_tables_are_those_of_the_grammar() -> None:
    assert TABLES.read_text(encoding="utf-8") == tables_text(GRAMMAR.read_text(encoding="utf-8")), (
        "run: python -m oal.tabulate"
    )


def test_a_grammar_with_two_repetitions_in_a_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="no such rules"):
        tables_text("statement: A* B*\n%declare A B\n")
