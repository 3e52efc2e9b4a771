"""Characters that word processors, web pages and input methods put in the place of the language's own.

The grammar lets names hold any character outside ASCII. These are left out: nobody means them as part of a name, and
taking them for one makes the message about a curly quote speak of something else.
"""

from collections.abc import Mapping
from types import MappingProxyType

QUOTES = "“”„‟«»‘’‚‛`´＂＇"
"""Quotation marks besides ``"`` and ``'``."""

_SYMBOLS = {
    **dict(zip("（）［］，；＝．＊＜＞！", "()[],;=.*<>!", strict=True)),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "、": ",",
    "。": ".",
    "…": "...",
}

_BLANKS = (
    "\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"

LOOKALIKES: Mapping[str, str] = MappingProxyType(
    {
        **{char: f"this only looks like {meant}" for char, meant in _SYMBOLS.items()},
        **dict.fromkeys(_BLANKS, "this is a special blank: use a plain one"),
        **dict.fromkeys(_INVISIBLE, "this character cannot be seen: delete it"),
        "\u00a0": "this is a no-break space: use a plain blank",
        "\ufeff": "this is a byte order mark: it may only start the file",
    }
)
"""Character -> what to do about it."""

NO_LETTERS = "".join(sorted(char for char in {*LOOKALIKES, *QUOTES} if not char.isascii()))
"""Those outside ASCII."""
