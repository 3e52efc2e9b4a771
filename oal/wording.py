"""Small matters of English in messages."""


def with_article(noun: str) -> str:
    """The noun with ``a`` or ``an``."""
    return f"{'an' if noun[:1].lower() in 'aeio' else 'a'} {noun}"
