"""What may stand where."""

from oal.automaton import BEGIN, Refusal, accepted_kinds, advance, read
from oal.lexis import tokenize
from oal.syntax import Disable, Name
from oal.token import END


def test_a_statement_begins_with_a_name_or_with_disable() -> None:
    assert accepted_kinds(BEGIN) == {"NAME", "DISABLE"}


def test_a_whole_statement_may_end_with_or_without_a_semicolon() -> None:
    states = list(BEGIN)
    assert all(advance(states, kind) for kind in ("DISABLE", "LPAR", "NAME", "RPAR"))
    assert accepted_kinds(states) == {"SEMICOLON", END}


def test_tokens_become_a_statement() -> None:
    assert read(tokenize("a.oal", "disable(m);").tokens[:-1]) == Disable(Name("m"))


def test_the_first_token_that_cannot_stand_is_refused() -> None:
    outcome = read(tokenize("a.oal", "disable(m;").tokens[:-1])
    assert isinstance(outcome, Refusal)
    assert (outcome.at, accepted_kinds(outcome.states)) == (3, frozenset({"RPAR"}))


def test_a_missing_end_is_refused_behind_the_last_token() -> None:
    outcome = read(tokenize("a.oal", "disable(m").tokens[:-1])
    assert isinstance(outcome, Refusal)
    assert outcome.at == 3
