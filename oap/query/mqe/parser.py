"""Text of a metric expression to its tree (spec query 2.1, 2.2)."""

from functools import cache, lru_cache
from importlib.resources import files

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput, VisitError

from oap.query.mqe.errors import Finding, MqeError, Place
from oap.query.mqe.misread import explain
from oap.query.mqe.syntax import Expression
from oap.query.mqe.tree import ToSyntax

# No dashboard's expression comes near either. The height bounds the stack of everything that walks a tree.
_LONGEST = 10_000
_HIGHEST = 100


class MqeParser:
    """Parses expressions and remembers the last few thousand: dashboards send the same ones again and again."""

    def __init__(self) -> None:
        self._lark = _lark()
        self._remembered = lru_cache(maxsize=4096)(self._outcome)

    def parse(self, text: str) -> Expression:
        """Tree of the text. Raises MqeError, naming the place, if it is not one whole expression."""
        outcome = self._remembered(text)
        if isinstance(outcome, MqeError):
            raise MqeError(*outcome.findings)
        return outcome

    def _outcome(self, text: str) -> Expression | MqeError:
        # Mistakes are remembered too, or a dashboard with one would be parsed at every refresh.
        try:
            return self._parse(text)
        except MqeError as error:
            return error

    def _parse(self, text: str) -> Expression:
        if len(text) > _LONGEST:
            raise MqeError(Finding(f"the expression is longer than {_LONGEST} characters", Place(1, _LONGEST + 1)))
        try:
            tree = self._lark.parse(text)
        except UnexpectedInput as error:
            raise MqeError(explain(error, text, self._lark)) from None
        _check_height(tree)
        try:
            expression: Expression = ToSyntax().transform(tree)
        except VisitError as error:
            raise error.orig_exc from None
        return expression


@cache
def _lark() -> Lark:
    grammar = files("oap.query.mqe").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", maybe_placeholders=True, propagate_positions=True)


def _check_height(tree: Tree[Token]) -> None:
    heights: dict[int, int] = {}
    for part in tree.iter_subtrees():  # children first
        below = (heights[id(child)] for child in part.children if isinstance(child, Tree))
        heights[id(part)] = height = 1 + max(below, default=0)
        if height > _HIGHEST:
            place = Place(part.meta.line, part.meta.column)
            raise MqeError(Finding(f"the expression is nested more than {_HIGHEST} levels deep", place))
