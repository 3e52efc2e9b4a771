import pytest
from hypothesis import given
from hypothesis import strategies as st

from oap.config.placeholders import PlaceholderError, Resolved, resolve

ENVIRON = {"HOST": "db", "PORT": "9200", "EMPTY": "", "TRICKY": "${HOST}"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", Resolved("plain")),
        ("", Resolved("")),
        ("$HOST", Resolved("$HOST")),
        ("${HOST:localhost}", Resolved("db", ("HOST",))),
        ("${OTHER:localhost}", Resolved("localhost", (), ("OTHER",))),
        ("${OTHER:}", Resolved("", (), ("OTHER",))),
        ("${EMPTY:full}", Resolved("", ("EMPTY",))),
        ("http://${HOST:h}:${PORT:1}/x", Resolved("http://db:9200/x", ("HOST", "PORT"))),
        ("${OTHER:jdbc:mysql://h:3306/d?a=b}", Resolved("jdbc:mysql://h:3306/d?a=b", (), ("OTHER",))),
        ("${OTHER:${HOST:h}:${ELSE:1}}", Resolved("db:1", ("HOST",), ("OTHER", "ELSE"))),
        ('${OTHER:{"a":{"b":1}}}', Resolved('{"a":{"b":1}}', (), ("OTHER",))),
        ("${TRICKY:}", Resolved("${HOST}", ("TRICKY",))),
        ("{${PORT:1}}", Resolved("{9200}", ("PORT",))),
    ],
)
def test_placeholders_are_substituted(text: str, expected: Resolved) -> None:
    assert resolve(text, ENVIRON) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${OTHER}", "environment variable OTHER is not set and '${OTHER}' has no default"),
        ("a ${HOST:x", "'${HOST:x' lacks its closing brace"),
        ("${:x}", "'' in '${:x}' is not the name of an environment variable"),
        ("${A B:x}", "'A B' in '${A B:x}' is not the name of an environment variable"),
    ],
)
def test_a_broken_placeholder_is_named(text: str, message: str) -> None:
    with pytest.raises(PlaceholderError) as caught:
        resolve(text, ENVIRON)
    assert str(caught.value) == message


@given(st.text(alphabet="ab$:}x", max_size=20))
def test_text_without_an_opening_is_kept(text: str) -> None:
    assert resolve(text, {"a": "1"}) == Resolved(text)


@given(value=st.text(max_size=20), default=st.text(alphabet="ab:/$", max_size=10))
def test_a_set_variable_wins_over_any_default(value: str, default: str) -> None:
    assert resolve("<${A:" + default + "}>", {"A": value}) == Resolved(f"<{value}>", ("A",))
