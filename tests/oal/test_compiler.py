"""Whole rule sets."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from oal.compiler import compile_rules
from oal.diagnostic import Severity, render_all
from oal.lexis import tokenize
from tests.oal.service_catalog import conformance_catalog

_CATALOG = conformance_catalog()
_SHIPPED = (Path(__file__).parent.parent.parent / "config" / "oal" / "ebpf.oal").read_text(encoding="utf-8")
_SHIPPED_TOKENS = sorted(
    {_SHIPPED[token.start_pos : token.end_pos] for token in tokenize("ebpf.oal", _SHIPPED).tokens[:2000]}
)

_FRAGMENTS = (
    "m n Service K8SService Nope latency name tag type status protocol . http ( ) [ ] , ; = == != > in like contain "
    'null true 5 0 99999999999999999999 "x" "%" "\\q" from filter decorator disable (long) longAvg percentile2 apdex '
    "percent histogram labelCount * ' - RequestType MQ /* */ //"
)


def test_a_name_is_used_once_in_all_files_and_both_places_are_told() -> None:
    sources = [("a.oal", "x = from(Service.*).count();"), ("b.oal", "\nX = from(Service.*).cpm();")]
    (finding,) = compile_rules(sources, _CATALOG).diagnostics
    assert (finding.code, finding.file, finding.span.line) == ("E210", "b.oal", 2)
    assert finding.message == "metric 'X' is already defined at a.oal:1:1"


def test_all_findings_of_all_files_come_in_order() -> None:
    sources = [
        ("b.oal", "m = from(Service.x).sum();\n;n = from(Service.*).nope(1_);"),
        ("a.oal", "o = from(Service.*).filter(latency == 9999999999999999999).percent(name == 5);"),
    ]
    compilation = compile_rules(sources, _CATALOG)
    assert compilation.plan is None
    assert [(found.file, found.code) for found in compilation.diagnostics] == [
        ("b.oal", "E202"),
        ("b.oal", "E104"),
        ("b.oal", "E102"),
        ("a.oal", "E208"),
        ("a.oal", "E207"),
    ]


def test_warnings_do_not_refuse_the_rules() -> None:
    compilation = compile_rules([("a.oal", "m = from(Service.latency).percentile(10);")], _CATALOG)
    assert compilation.plan is not None
    assert [found.severity for found in compilation.diagnostics] == [Severity.WARNING]


def test_disable_holds_for_all_files() -> None:
    sources = [
        ("a.oal", "x = from(Service.*).count(); y = from(Service.*).cpm();"),
        ("b.oal", "disable(x); disable(segment);"),
    ]
    plan = compile_rules(sources, _CATALOG).plan
    assert plan is not None
    assert [metric.name for metric in plan.metrics] == ["y"]
    assert plan.disabled == {"x", "segment"}


def test_disabling_an_unknown_name_is_warned_about_when_names_are_given() -> None:
    sources = [("a.oal", "x = from(Service.*).count(); disable(segmnt); disable(x); disable(zipkin_span);")]
    (finding,) = compile_rules(sources, _CATALOG, {"segment", "zipkin_span"}).diagnostics
    assert (finding.code, finding.message, finding.hint) == (
        "W304",
        "nothing is named 'segmnt'",
        "did you mean 'segment'?",
    )


def test_a_metric_carries_its_canonical_text_and_place() -> None:
    plan = compile_rules([("a.oal", "\n\n  m=from(Service . latency).percentile2( 1_0 )")], _CATALOG).plan
    assert plan is not None
    (metric,) = plan.metrics
    assert metric.text == "m = from(Service.latency).percentile2(10);"
    assert (metric.file, metric.line, metric.parameters) == ("a.oal", 3, (10,))


def test_equal_rule_sets_give_equal_plans() -> None:
    text = 'm = from(Service.latency).filter(name like "a%").filter(status == true).longAvg();'
    other = 'm = from(Service.latency).filter(name like "a%")\n.filter(status == true) . longAvg()'
    first, second = compile_rules([("a.oal", text)], _CATALOG), compile_rules([("a.oal", other)], _CATALOG)
    assert first.plan == second.plan


def _compiles_or_says_why(text: str) -> None:
    compilation = compile_rules([("a.oal", text)], _CATALOG)
    errors = [found for found in compilation.diagnostics if found.severity is Severity.ERROR]
    assert (compilation.plan is None) == bool(errors)
    assert render_all(compilation.diagnostics, {"a.oal": text}, limit=0).count("a.oal:") >= len(errors)


@settings(max_examples=5000)
@given(st.text(max_size=60) | st.lists(st.sampled_from(_FRAGMENTS.split()), max_size=25).map(" ".join))
def test_no_text_makes_the_compiler_raise(text: str) -> None:
    _compiles_or_says_why(text)


@settings(max_examples=1000)
@given(st.lists(st.sampled_from(_SHIPPED_TOKENS), max_size=40).map(" ".join))
def test_no_mixture_of_the_shipped_tokens_makes_the_compiler_raise(text: str) -> None:
    _compiles_or_says_why(text)


@settings(max_examples=150)
@given(st.integers(0, len(_SHIPPED) - 2000), st.integers(0, 2000), st.text(max_size=8))
def test_no_cut_through_the_shipped_rules_makes_the_compiler_raise(start: int, length: int, filling: str) -> None:
    _compiles_or_says_why(_SHIPPED[start : start + length // 2] + filling + _SHIPPED[start + length : start + 2000])


@given(
    st.sampled_from(["*", "latency", "name", 'tag["k"]', "status", "Latency", "type"]),
    st.sampled_from(
        ["longAvg", "percent", "apdex", "rate", "percentile2", "histogram", "labelAvg", "labelCount", "avg"]
    ),
    st.lists(
        st.sampled_from(
            ["1", "0", "name", "latency", "status", "true", '"x"', "latency > 5", "type == RequestType.MQ"]
        ),
        max_size=3,
    ),
    st.sampled_from(["", '.filter(name in ["a"])', ".filter((long)name > 5)", ".filter(tags == null)"]),
)
def test_no_well_formed_rule_makes_the_compiler_raise(
    path: str, function: str, arguments: list[str], where: str
) -> None:
    text = f"m = from(Service.{path}){where}.{function}({', '.join(arguments)});"
    compilation = compile_rules([("a.oal", text)], _CATALOG)
    errors = [found for found in compilation.diagnostics if found.severity is Severity.ERROR]
    assert (compilation.plan is None) == bool(errors)
