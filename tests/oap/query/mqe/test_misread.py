import pytest

from oap.query.mqe.errors import MqeError
from oap.query.mqe.misread import FUNCTIONS
from oap.query.mqe.parser import MqeParser

OPERAND = "expected a metric, a number, '(' or a function"


@pytest.fixture(scope="module")
def parser() -> MqeParser:
    return MqeParser()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: the expression is empty"),
        (" \t", "1: the expression is empty"),
        ("m1 +", f"5: the expression ends too early, {OPERAND}"),
        ("avg()", f"5: unexpected ')', {OPERAND}"),
        ("avg(m1", "7: the expression ends too early, expected ')'"),
        ("avg", "4: the expression ends too early, expected '('"),
        ("(((", f"4: the expression ends too early, {OPERAND}"),
        ("-1", f"1: unexpected '-', {OPERAND}; there is no sign, write 0-x for -x"),
        (".5", "1: unexpected '.'; a decimal number needs digits on both sides of its dot"),
        ("1.5.2", "2: unexpected '.'; a decimal number needs digits on both sides of its dot"),
        ("m1 m2", "4: unexpected 'm2', expected an operator, '{' or the end"),
        ("m1)", "3: unexpected ')', expected the end"),
        ("m1 @ 2", "4: unexpected character '@'"),
        ("m1 \x00", "4: unexpected character '\\x00'"),
        ("m1 & m2", "4: unexpected character '&'; did you mean '&&'?"),
        ("m1 ! m2", "4: unexpected character '!'; did you mean '!='?"),
        ("m1 = 2", "4: unexpected '=', expected an operator, '{' or the end; did you mean '=='?"),
        ("m1 > 1 and m2 > 1", "8: unexpected 'and', expected an operator or the end; did you mean '&&'?"),
        ("'abc'", f"1: unexpected 'abc', {OPERAND}"),
        ("m{a='x}", "5: the text that begins with ' is not closed"),
        ("m{a=50}", "5: unexpected '50', expected a text in quotes; put it in quotes: '50'"),
        ("m{a='x'", "8: the expression ends too early, expected '}' or ','"),
        ("m{avg='1'}", "3: 'avg' is a reserved word, expected a label name or '}'"),
        ("value", f"1: 'value' is a reserved word, {OPERAND}"),
        ("top_n(avg(m),1,des)", "7: 'avg' is a reserved word, expected a metric"),
        ("top_n(m,5)", "10: unexpected ')', expected ','"),
        ("top_n(m,5,desc)", "11: unexpected 'desc', expected asc or des; did you mean 'des'?"),
        ("top_n(m,x,des)", "9: unexpected 'x', expected a whole number"),
        (
            "top_n(m,5,des,atr0='x')",
            "15: unexpected 'atr0', expected an attribute (attr0 to attr5); did you mean 'attr0'?",
        ),
        ("top_n_of(m,1,des)", "10: unexpected 'm', expected top_n"),
        ("latst(m)", "1: there is no function 'latst'; did you mean 'latest'?"),
        ("1 + quantile(m)", f"5: there is no function 'quantile'; functions are {', '.join(FUNCTIONS)}"),
        (
            "aggregate_labels(m,summ)",
            "20: unexpected 'summ', expected avg, max, min or sum; did you mean 'sum'?",
        ),
        ("baseline(m,uper)", "12: unexpected 'uper', expected value, upper or lower; did you mean 'upper'?"),
        ("increase(m+1,1)", "11: unexpected '+', expected ','"),
    ],
)
def test_misread_text_names_place_token_and_what_was_meant(text: str, message: str, parser: MqeParser) -> None:
    with pytest.raises(MqeError) as raised:
        parser.parse(text)
    assert str(raised.value) == f"line 1, column {message}"


def test_place_counts_lines(parser: MqeParser) -> None:
    with pytest.raises(MqeError, match=r"^line 3, column 4: the expression ends too early"):
        parser.parse("m1 +\n\nm2+")
