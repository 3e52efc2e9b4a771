"""Whatever is asked, the answer is a success or an error of the client, never a fault of the server."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oap.promql.asking import NOON, Prometheus

TOKENS = (
    "calls", "time", "pctl", "nosuch", "sum", "avg", "topk", "rate", "avg_over_time", "clamp", "scalar", "by", "on",
    "group_left", "ignoring", "bool", "offset", "and", "or", "unless", "service", "p", "1", "0", "5m", "1h", "(", ")", "{",
    "}", "[", "]", ",", "=", "!=", "=~", "<", ">=", "+", "-", "*", "/", "%", "^", "'a'", "'.*'", "'(a+)+$'", "@", "#", "\n",
)  # fmt: skip
SELECTORS = ("calls", "time", "pctl{p='50'}", "calls{service='a'}", "nosuch", "edge_calls", "calls offset 1m", "bytes")
FORMS = (
    "({x}) + ({y})", "{x} / on(service) {y}", "{x} * on(service) group_left(p) {y}", "{x} > {y}", "{x} == bool {y}",
    "{x} and {y}", "{x} or {y}", "{x} unless on(scope) {y}", "sum({x})", "avg by (service) ({x})",
    "max without (service) ({x})", "topk(2, {x})", "bottomk(0, {x})", "abs({x})", "clamp({x}, 3, 5)", "round({x}, 0)",
    "scalar({x})", "vector(scalar({x}))", "absent({x})", "-{x}", "sort({x})", "rate(calls[3m]) + {x}",
    "last_over_time(time[10m]) - {x}", "ln({x})", "stddev({x})", "{x} % 0", "({x}) ^ 0.5",
)  # fmt: skip
EVERY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def queries() -> st.SearchStrategy[str]:
    """Texts of the grammar about metrics that exist, mostly."""
    forms = st.sampled_from(FORMS)
    leaves = st.sampled_from((*SELECTORS, "1", "0"))
    return st.recursive(
        leaves, lambda parts: st.builds(lambda form, x, y: form.format(x=x, y=y), forms, parts, parts), max_leaves=5
    )


def check(prometheus: Prometheus, query: str) -> None:
    for answer in (
        prometheus.get("query", query=query, time=NOON + 300),
        prometheus.post("query_range", query=query, start=NOON, end=NOON + 300, step=45),
    ):
        body = answer.json()
        assert answer.status_code in {200, 400, 422}, (query, body)
        assert (body["status"] == "success") is (answer.status_code == 200)
        assert body.get("error", "-").strip()


@EVERY
@given(query=queries())
def test_query_of_the_grammar_is_no_fault(query: str, prometheus: Prometheus) -> None:
    check(prometheus, query)


@EVERY
@given(tokens=st.lists(st.sampled_from(TOKENS), max_size=10))
def test_sequence_of_tokens_is_no_fault(tokens: list[str], prometheus: Prometheus) -> None:
    check(prometheus, " ".join(tokens))


@EVERY
@given(text=st.text(max_size=30))
def test_any_text_is_no_fault(text: str, prometheus: Prometheus) -> None:
    check(prometheus, text)


@EVERY
@given(start=st.floats(-1e12, 1e12), length=st.floats(0, 1e9), step=st.floats(0.001, 1e7))
def test_any_range_is_no_fault(start: float, length: float, step: float, prometheus: Prometheus) -> None:
    answer = prometheus.get("query_range", query="calls", start=start, end=start + length, step=step)
    assert answer.status_code in {200, 400}, answer.text
