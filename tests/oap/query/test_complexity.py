import pytest
from graphql import parse

from oap.query.complexity import requested_fields


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("{ a }", 1),
        ("{ a b: a { c d } }", 4),
        ("{ a { ... on T { c } ...F } } fragment F on T { d { e } }", 4),
        ("{ ...F ...F } fragment F on Q { a ...G } fragment G on Q { b c }", 6),
        ("query A { a } query B { a b }", 2),
        ("fragment F on Q { a }", 0),
    ],
)
def test_fields_are_counted_wherever_they_are_used(text: str, fields: int) -> None:
    assert requested_fields(parse(text)) == fields


def test_fragments_that_double_each_other_are_counted_at_once() -> None:
    doubling = " ".join(f"fragment F{n} on Q {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    assert requested_fields(parse(f"{{ ...F0 }} {doubling} fragment F60 on Q {{ a }}")) == 2**60
