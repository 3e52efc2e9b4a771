"""Writes ``grammar_tables.py``; run ``python -m oal.tabulate`` after an edit of ``grammar.lark``.

To import lark and to let it build the tables takes longer than all the rest of checking the shipped rules.
"""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, cast

from lark import Lark
from lark.grammar import Rule
from lark.lexer import Lexer, Token
from lark.parsers.lalr_analysis import Action, IntParseTable, LALR_Analyzer

GRAMMAR = Path(__file__).with_name("grammar.lark")
TABLES = Path(__file__).with_name("grammar_tables.py")

_START = "statement"
_HEAD = '''"""What the parser does in each state. Written by ``oal.tabulate`` from ``grammar.lark``, not to be edited."""

from collections.abc import Mapping
from typing import Final

# ruff: noqa: E501
# fmt: off
'''

_State = Sequence[tuple[str, int | Rule]]
"""What a state does at a symbol: go to a state, or reduce by a rule; in order of the symbols."""

_Reduction = tuple[str, int, int]


def tables_text(grammar: str) -> str:
    """The module for a grammar without empty rules and without rules that hold two repetitions.

    States are numbered in the order in which they are reached, as lark's numbers differ from run to run.
    """
    states, first, last = _automaton(grammar)
    order = list(_reached(states, first))
    number = {state: at for at, state in enumerate(order)}
    rules = (rule for state in order for _, rule in states[state] if isinstance(rule, Rule))
    reductions = list(dict.fromkeys(map(_reduction, rules)))
    lines = [
        _HEAD,
        f"ACCEPTING: Final = {number[last]}",
        '"""The state of a whole statement; reading begins in state 0."""',
        "",
        "REDUCTIONS: Final[tuple[tuple[str, int, int], ...]] = (",
        *(f"    {reduction}," for reduction in reductions),
        ")",
        '"""Rules: name, number of parts, index of the part that is a list to be put in its place, or -1."""',
        "",
        "STATES: Final[tuple[Mapping[str, int], ...]] = (",
        *(f"    {_row(states[state], number, reductions)}," for state in order),
        ")",
        '"""By state and symbol: the next state, or ``~n`` for: reduce by rule n."""',
        "",
    ]
    return "\n".join(lines)


class _NoLexer(Lexer):
    """Tokens come from ``oal.lexis``."""

    def __init__(self, _: object) -> None:
        pass

    def lex(self, lexer_state: object, parser_state: object) -> Iterator[Token]:  # noqa: ARG002
        return iter(())


def _automaton(grammar: str) -> tuple[Mapping[int, _State], int, int]:
    """Lark's states by number, the first and the accepting one."""
    parser = Lark(grammar, parser="lalr", lexer=_NoLexer, start=_START)
    analysis = LALR_Analyzer(parser.parser.parser_conf)
    analysis.compute_lalr()  # type: ignore[no-untyped-call]
    table = cast("IntParseTable", analysis.parse_table)
    return (
        {state: _entries(row) for state, row in table.states.items()},
        table.start_states[_START],
        table.end_states[_START],
    )


def _entries(row: Mapping[str, tuple[Action, Any]]) -> _State:
    return sorted(((symbol, argument) for symbol, (_, argument) in row.items()), key=itemgetter(0))


def _reached(states: Mapping[int, _State], first: int) -> Iterator[int]:
    seen, waiting = {first}, [first]
    while waiting:
        state = waiting.pop(0)
        yield state
        new = [to for _, to in states[state] if isinstance(to, int) and to not in seen]
        seen.update(new)
        waiting += dict.fromkeys(new)


def _reduction(rule: Rule) -> _Reduction:
    lists = [at for at, part in enumerate(rule.expansion) if part.name.startswith("__")]
    if not rule.expansion or len(lists) > 1:
        raise ValueError(f"the parser has no such rules: {rule}")
    return str(rule.origin.name), len(rule.expansion), lists[0] if lists else -1


def _row(state: _State, number: Mapping[int, int], reductions: Sequence[_Reduction]) -> Mapping[str, int]:
    return {
        symbol: ~reductions.index(_reduction(argument)) if isinstance(argument, Rule) else number[argument]
        for symbol, argument in state
    }


if __name__ == "__main__":
    TABLES.write_text(tables_text(GRAMMAR.read_text(encoding="utf-8")), encoding="utf-8")
