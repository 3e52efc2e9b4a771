"""A place where a statement stops making sense, with what is needed to say why."""

from dataclasses import dataclass

from oal.repair import Repair
from oal.token import Token


@dataclass(frozen=True, slots=True)
class Mistake:
    """A token that cannot stand where it does, the statement's tokens around it, and the types that could.

    ``repair`` is a change of symbols that would let parsing go on, if there is one.
    """

    file: str
    before: tuple[Token, ...]
    token: Token
    behind: tuple[Token, ...]
    accepted: frozenset[str]
    repair: Repair | None = None

    @property
    def kind(self) -> str:
        return self.token.type

    @property
    def previous(self) -> Token | None:
        """The token before."""
        return self.before[-1] if self.before else None

    def follows(self, *kinds: str) -> bool:
        """Whether the token stands directly behind tokens of these types."""
        return tuple(token.type for token in self.before[-len(kinds) :]) == kinds

    def precedes(self, *kinds: str) -> bool:
        """Whether tokens of these types come next."""
        return tuple(token.type for token in self.behind[: len(kinds)]) == kinds

    @property
    def is_glued(self) -> bool:
        """Whether nothing stands between the token and the one before."""
        return self.previous is not None and self.previous.end_pos == self.token.start_pos

    @property
    def opening(self) -> int | None:
        """Index in ``before`` of the innermost parenthesis that is still open."""
        depth = 0
        for at in range(len(self.before) - 1, -1, -1):
            depth += {"LPAR": 1, "RPAR": -1}.get(self.before[at].type, 0)
            if depth == 1:
                return at
        return None

    @property
    def clause(self) -> str:
        """The type of the word or name before the innermost open parenthesis, empty outside of all."""
        opening = self.opening
        return self.before[opening - 1].type if opening else ""

    @property
    def inside(self) -> str:
        """What was written since the innermost open parenthesis: ``protocol.type == "http"``."""
        opening = self.opening
        return "" if opening is None else written(self.before[opening + 1 :])

    @property
    def rest(self) -> tuple[Token, ...]:
        """The tokens behind, up to the end of the innermost open parenthesis; all when it never ends."""
        depth = 1
        for at, token in enumerate(self.behind):
            depth += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
            if depth == 0:
                return self.behind[:at]
        return self.behind

    @property
    def path_before(self) -> str:
        """The dotted names that end right before the token."""
        at = len(self.before)
        while at > 0 and self.before[at - 1].type in {"NAME", "DOT"}:
            at -= 1
        return "".join(token.value for token in self.before[at:])


def written(tokens: tuple[Token, ...]) -> str:
    """Tokens as text, with blanks around operators."""
    tight = {"NAME", "DOT", "LSQB", "RSQB", "SCOPE", "STAR", "LPAR", "RPAR"}
    text, before = "", ""
    for token in tokens:
        glued = not text or (before in tight and token.type in tight and "DOT" in {before, token.type})
        text += shown_text(token) if glued or token.type == "COMMA" else f" {shown_text(token)}"
        before = token.type
    return text


def shown_text(token: Token) -> str:
    """A token's text, a string with its quotes."""
    return f'"{token.value}"' if token.type == "STRING" else token.value
