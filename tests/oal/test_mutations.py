"""Single-token mistakes in the shipped rules: each is found on its line, or provably changes nothing.

Three hundred mutants, drawn with a fixed seed. A mutation changes one token (a swap: two neighbours) of the file, in a
way that a slip of the hand or a habit does:

- ``drop``, ``double``: a token is missing, or there twice;
- ``swap``: it stands before the one that it should follow;
- ``misspell``: a letter of a word is dropped, doubled or swapped with the next. Words are keywords, scopes,
  attributes, functions, enum types and constants, and the texts that select operations;
- ``unquote``, ``curl``, ``single``: the quotes of a text are missing, typographic, or single ones;
- ``reserve``: a reserved word stands in the place of a name;
- ``retype``: a token is replaced by one of another kind, taken from elsewhere in the file;
- ``respell``: another spelling of the same: ``010``, ``1_0`` and ``10l`` for 10, ``\\u0068ttp`` for http, ``type`` with
  a comment inside the blanks around it.

What is no mistake to anyone but its author is not drawn: another name for a metric where it is defined, another
number, another comparison, or another word of the same kind (``l3`` for ``l4``) make a different sound rule. No
checker can know that it was not meant; ``oap oal diff`` shows it.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from oal.compiler import compile_rules
from oal.difference import compare
from oal.lexis import tokenize
from oal.plan import Plan
from oal.reserved import KEYWORDS
from oal.token import Token
from oap.entity.scopes import k8s_catalog

_TEXT = (Path(__file__).parent.parent.parent / "config" / "oal" / "ebpf.oal").read_text(encoding="utf-8")
_TOKENS = tokenize("ebpf.oal", _TEXT).tokens[:-1]
_CATALOG = k8s_catalog()
_SEED = 20260701
_MUTANTS = 300
_TOGETHER = 12
_DISTANCE = 2000
"""Characters between mutants of one text: five rules and more."""
_WORDS = frozenset({"SCOPE", "NAME", *KEYWORDS.values()})
_COMPARISONS = frozenset({"EQ", "NE", "GT", "LT", "GE", "LE"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """A piece of the file and what stands in its place."""

    kind: str
    start: int
    end: int
    text: str

    @property
    def lines(self) -> range:
        """The lines it touches."""
        first = _TEXT.count("\n", 0, self.start) + 1
        return range(first, first + _TEXT.count("\n", self.start, self.end) + 1)


def _written(token: Token) -> str:
    return _TEXT[token.start_pos : token.end_pos]


def _is_definition(at: int) -> bool:
    return at + 1 < len(_TOKENS) and _TOKENS[at].type == "NAME" and _TOKENS[at + 1].type == "EQUAL"


def _replaced(kind: str, at: int, text: str) -> Mutant:
    return Mutant(kind, _TOKENS[at].start_pos, _TOKENS[at].end_pos, text)


def _drop(_: random.Random, at: int) -> Mutant:
    return _replaced("drop", at, "")


def _double(_: random.Random, at: int) -> Mutant:
    return _replaced("double", at, f"{_written(_TOKENS[at])} {_written(_TOKENS[at])}")


def _swap(_: random.Random, at: int) -> Mutant | None:
    if at + 1 == len(_TOKENS) or _written(_TOKENS[at]) == _written(_TOKENS[at + 1]):
        return None
    first, second = _TOKENS[at], _TOKENS[at + 1]
    between = _TEXT[first.end_pos : second.start_pos]
    return Mutant("swap", first.start_pos, second.end_pos, f"{_written(second)}{between}{_written(first)}")


def _misspell(draw: random.Random, at: int) -> Mutant | None:
    token = _TOKENS[at]
    if token.type not in {*_WORDS, "STRING"} or _is_definition(at):
        return None
    word = token.value
    letter = draw.randrange(len(word) - 1)
    slips = (
        word[:letter] + word[letter + 1 :],
        word[: letter + 1] + word[letter:],
        word[:letter] + word[letter + 1] + word[letter] + word[letter + 2 :],
    )
    wrong = draw.choice([slip for slip in slips if slip != word])
    return _replaced("misspell", at, f'"{wrong}"' if token.type == "STRING" else wrong)


def _requoted(kind: str, quotes: str) -> Callable[[random.Random, int], Mutant | None]:
    def mutate(_: random.Random, at: int) -> Mutant | None:
        token = _TOKENS[at]
        return _replaced(kind, at, quotes.replace("x", token.value)) if token.type == "STRING" else None

    return mutate


def _reserve(draw: random.Random, at: int) -> Mutant | None:
    if _TOKENS[at].type != "NAME":
        return None
    return _replaced("reserve", at, draw.choice(["Service", *KEYWORDS]))


def _retype(draw: random.Random, at: int) -> Mutant | None:
    other = draw.choice(_TOKENS)
    kinds = {_TOKENS[at].type, other.type}
    if len(kinds) == 1 or kinds <= _COMPARISONS or kinds == {"TRUE", "FALSE"}:
        return None
    return _replaced("retype", at, _written(other))


def _respell(draw: random.Random, at: int) -> Mutant | None:
    token = _TOKENS[at]
    if token.type == "NUMBER":
        digits = token.value
        return _replaced("respell", at, draw.choice([f"0{digits}", f"{digits[0]}_{digits[1:]}", f"{digits}l"]))
    if token.type == "STRING":
        return _replaced("respell", at, f'"\\u{ord(token.value[0]):04x}{token.value[1:]}"')
    return _replaced("respell", at, f"{_written(token)} /* the same */ ") if token.type != "SEMICOLON" else None


_KINDS: Sequence[Callable[[random.Random, int], Mutant | None]] = (
    _drop,
    _double,
    _swap,
    _misspell,
    _requoted("unquote", "x"),
    _requoted("curl", "“x”"),
    _requoted("single", "'x'"),
    _reserve,
    _retype,
    _respell,
)


def _drawn() -> list[Mutant]:
    """As many of each kind, each at a token that it can be applied to."""
    draw = random.Random(_SEED)  # noqa: S311  (no secret)
    mutants: dict[Mutant, None] = {}
    while len(mutants) < _MUTANTS:
        mutate = _KINDS[len(mutants) % len(_KINDS)]
        mutant = mutate(draw, draw.randrange(len(_TOKENS)))
        if mutant is not None:
            mutants[mutant] = None
    return list(mutants)


MUTANTS = _drawn()


def _applied(mutants: Sequence[Mutant]) -> str:
    text = _TEXT
    for mutant in sorted(mutants, key=lambda mutant: -mutant.start):
        text = text[: mutant.start] + mutant.text + text[mutant.end :]
    return text


def _batches() -> list[list[Mutant]]:
    """All mutants, a dozen in a text and none near another: what one mistake hides would show."""
    batches: list[list[Mutant]] = []
    for mutant in MUTANTS:
        apart = (
            batch
            for batch in batches
            if len(batch) < _TOGETHER and all(abs(mutant.start - other.start) > _DISTANCE for other in batch)
        )
        batch = next(apart, None)
        if batch is None:
            batches.append([mutant])
        else:
            batch.append(mutant)
    return batches


BATCHES = _batches()


@pytest.fixture(scope="module")
def shipped() -> Plan:
    plan = compile_rules([("ebpf.oal", _TEXT)], _CATALOG).plan
    assert plan is not None
    return plan


def test_thirty_of_each_kind_are_drawn() -> None:
    assert Counter(mutant.kind for mutant in MUTANTS) == dict.fromkeys(
        ["drop", "double", "swap", "misspell", "unquote", "curl", "single", "reserve", "retype", "respell"], 30
    )
    assert sum(map(len, BATCHES)) == _MUTANTS


@pytest.mark.parametrize("batch", BATCHES, ids=range(len(BATCHES)))
def test_a_mutant_is_found_on_its_line_or_means_the_same(batch: list[Mutant], shipped: Plan) -> None:
    findings = compile_rules([("ebpf.oal", _applied(batch))], _CATALOG).diagnostics
    found = {finding.span.line for finding in findings}
    mutated = {line for mutant in batch for line in mutant.lines}
    assert found <= mutated, "a mistake must not be told at another place, nor make others"
    for mutant in batch:
        if found.isdisjoint(mutant.lines):
            plan = compile_rules([("ebpf.oal", _applied([mutant]))], _CATALOG).plan
            assert plan is not None, mutant
            assert not compare(shipped, plan).changes_meaning, mutant
