"""Mistakes planted into a sound set are found, each where it is, and nothing else is."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from oal.diagnostic import Diagnostic, Severity, render
from oap.dashboards.check import check_templates
from oap.dashboards.codes import Code
from oap.dashboards.folder import read_template_text, template_files
from oap.dashboards.json_text import parse_json
from oap.dashboards.known_metric import KnownMetric
from oap.dashboards.printing import template_text
from tests.oap.dashboards.rule_metrics import rule_metrics
from tests.oap.dashboards.small_set import FILES, METRICS, changed

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "config" / "ui-initialized-templates"

R, S, P, E = "shop/root.json", "shop/shop.json", "shop/pod.json", "shop/edge.json"


@dataclass(frozen=True, slots=True)
class Fault:
    """``old`` is replaced by ``new`` in a file; then ``code`` is found at ``marked``, with these words and this hint."""

    file: str
    old: str
    new: str
    code: Code
    marked: str
    said: str
    hint: str = ""


FAULTS = {
    "no JSON": Fault(E, '"i": "0",', '"i": "0"', Code.NO_JSON, '"type"', 'unexpected "type"', "comma missing in front"),
    "a comma too many": Fault(P, 'cpm"]}', 'cpm"],}', Code.NO_JSON, "}", "unexpected }", "no comma stands"),
    "an unfinished comment": Fault(E, "[{", "/* [{", Code.NO_JSON, "/", "unexpected character '/'"),
    "an object alone": Fault(E, "[{", "{", Code.NO_JSON, "]", "unexpected ]"),
    "two templates": Fault(
        E, "}}]", '}}, {"id": "x"}]', Code.NOT_ONE_TEMPLATE, "{", "a second template", "a file of its own"
    ),
    "no id": Fault(E, '"id": "Edge"', '"id": " "', Code.NOT_ONE_TEMPLATE, '"', "'id' must be a text"),
    "a name that is no text": Fault(
        P, '"name": "Pod", "layer"', '"name": 7, "layer"', Code.NOT_ONE_TEMPLATE, "7", "'name' must be a text"
    ),
    "no layout member": Fault(P, '"w": 8, ', "", Code.MISSING_MEMBER, "{", "lacks 'w', a whole number"),
    "an unknown member": Fault(
        S, '"smooth"', '"smoth"', Code.UNKNOWN_MEMBER, '"smoth"', "'graph' has no 'smoth'", "did you mean 'smooth'?"
    ),
    "a member of another type of widget": Fault(
        P,
        '"expressions"',
        '"nodeExpressions": [], "expressions"',
        Code.UNKNOWN_MEMBER,
        '"nodeExpressions"',
        "of type 'Widget'",
    ),
    "an unknown member beside the configuration": Fault(
        P, '"id": "Pod"', '"id": "Pod", "config": 1', Code.UNKNOWN_MEMBER, '"config"', "a template has no 'config'"
    ),
    "a number as text": Fault(P, '"x": 0', '"x": "0"', Code.WRONG_TYPE, '"x"', "must be a whole number", 'found "0"'),
    "an expression outside of a list": Fault(
        P, '["pod_cpm / shop_cpm"]', '"pod_cpm"', Code.WRONG_TYPE, '"expressions"', "must be a list of texts"
    ),
    "an unknown graph": Fault(
        S, '"type": "Area"', '"type": "Aera"', Code.UNKNOWN_WORD, '"Aera"', "no type 'Aera'", "did you mean 'Area'?"
    ),
    "an unknown widget": Fault(
        E, '"type": "Text"', '"type": "Txt"', Code.UNKNOWN_WORD, '"Txt"', "no type 'Txt'", "'Text'"
    ),
    "an unknown entity": Fault(
        P, '"ServiceInstance"', '"Instance"', Code.UNKNOWN_WORD, '"Instance"', "no entity 'Instance'"
    ),
    "a member twice": Fault(P, '"x": 0,', '"x": 0, "x": 9,', Code.REPEATED_MEMBER, '"x": 9', "twice", "the first one"),
    "too wide": Fault(
        S, '{"x": 8, "y": 0, "w": 8,', '{"x": 8, "y": 0, "w": 17,', Code.OUTSIDE_GRID, '"x": 8', "ends in column 24"
    ),
    "without height": Fault(P, '"h": 10', '"h": 0', Code.OUTSIDE_GRID, '"x"', "has no size"),
    "left of the grid": Fault(P, '"x": 0', '"x": -1', Code.OUTSIDE_GRID, '"x"', "begins outside"),
    "panels that overlap": Fault(
        R, '"x": 12, "y": 0', '"x": 11, "y": 0', Code.OVERLAP, '"x": 11', "covers a part of 'Slowest'", "see line 5"
    ),
    "panels of one name": Fault(
        S,
        '"i": "1"',
        '"i": "0"',
        Code.REPEATED_WIDGET_ID,
        '"0", "type": "Widget", "graph": {"type": "Area"',
        "too",
        "line 7",
    ),
    "an expression that ends early": Fault(P, "pod_cpm / shop", "pod_cpm / (shop", Code.UNPARSABLE, '"', "expression"),
    "a function of another language": Fault(
        R, "avg(edge_cpm)", "mean(edge_cpm)", Code.UNPARSABLE, "mean(edge_cpm", "not an expression"
    ),
    "an unknown metric": Fault(
        S, "shop_time * 2", "2 * shop_tiem", Code.UNKNOWN_METRIC, 'shop_tiem"', "no metric 'shop_tiem'", "'shop_time'?"
    ),
    "an unknown metric behind an escape": Fault(
        P, "pod_cpm / shop_cpm", 'shop_codes{a=\\"\\u00e9\\"} / shop', Code.UNKNOWN_METRIC, 'shop"', "no metric 'shop'"
    ),
    "a metric of the wrong entity": Fault(
        S,
        '"expressions": ["shop_time"]',
        '"expressions": ["pod_cpm"]',
        Code.WRONG_SCOPE,
        "pod_cpm",
        "read here for Service",
        "'shop_cpm'",
    ),
    "a link's metric on a node": Fault(
        R, '["avg(shop_cpm)"]', '["avg(edge_cpm)"]', Code.WRONG_SCOPE, "edge_cpm", "but is read here for Service"
    ),
    "a series where there is no entity": Fault(
        R, "top_n(shop_time,10,des)", "shop_time", Code.WRONG_SCOPE, "shop_time", "but is read here for All"
    ),
    "a list of links": Fault(
        R, "top_n(shop_time,10", "top_n(edge_cpm,10", Code.WRONG_SCOPE, "edge_cpm", "which nothing lists", "top_n takes"
    ),
    "too few labels": Fault(
        S,
        '[{"label": "Load"}, {"label": "Time"}]',
        '[{"label": "Load"}]',
        Code.UNEVEN_LISTS,
        '"metricConfig"',
        "1 entries for 2",
        "use {}",
    ),
    "too many labels": Fault(
        R, '[{"label": "Load"}]', '[{"label": "Load"}, {}]', Code.UNEVEN_LISTS, '"nodeMetricConfig"', "2 entries for 1"
    ),
    "no expression": Fault(P, '["pod_cpm / shop_cpm"]', '[""]', Code.NO_EXPRESSION, "{", "stays empty"),
    "a list without a list": Fault(
        R, '["top_n(shop_time,10,des)"]', '["avg(top_n(shop_time,10,des))"]', Code.NO_LIST, "avg", "shows a list"
    ),
    "an id twice": Fault(S, '"id": "Shop"', '"id": "Pod"', Code.REPEATED_ID, '"Pod"', "'Pod' is taken", "pod.json:1"),
    "a list's rows lead nowhere": Fault(
        S,
        '"dashboardName": "Pod"',
        '"dashboardName": "Pods"',
        Code.BROKEN_LINK,
        '"Pods"',
        "no dashboard 'Pods'",
        "'Pod'?",
    ),
    "an entry leads to another entity": Fault(
        R,
        '"valueRelatedDashboard": "Shop"',
        '"valueRelatedDashboard": "Pod"',
        Code.BROKEN_LINK,
        '"Pod"',
        "a dashboard of ServiceInstance, Service is needed",
        "there is Shop",
    ),
    "an edge leads nowhere": Fault(
        R, '"linkDashboard": "Edge"', '"linkDashboard": "Egde"', Code.BROKEN_LINK, '"Egde"', "no dashboard", "'Edge'?"
    ),
    "a node leads to another entity": Fault(
        R, '"dashboard": "Shop"', '"dashboard": "Edge"', Code.BROKEN_LINK, '"Edge"', "Service is needed here"
    ),
    "an unknown companion": Fault(
        S,
        '[{"widgetId": "0-0-1"}]',
        '[{"widgetId": "1"}]',
        Code.BROKEN_ASSOCIATION,
        '"1"',
        "no widget '1'",
        "of the tab",
    ),
    "a companion of itself": Fault(
        S, '[{"widgetId": "0-0-1"}]', '[{"widgetId": "0-0-0"}]', Code.BROKEN_ASSOCIATION, '"0-0-0"', "with itself"
    ),
    "no root": Fault(R, '"isRoot": true', '"isRoot": false', Code.NO_ROOT, '"SHOP"', "layer SHOP has no root"),
    "a second root": Fault(
        S, '"isDefault": true', '"isRoot": true', Code.SEVERAL_ROOTS, '"isRoot"', "leads to 'Root', never to this root"
    ),
}


def _misuse(new: str, marked: str, said: str, hint: str = "", code: Code = Code.MISUSE) -> Fault:
    """The second expression of a chart of a service is this one."""
    return Fault(S, "shop_time * 2", new, code, marked, said, hint)


MISUSES = {
    "booleans of numbers": _misuse("shop_cpm && shop_time", "&& ", "both sides of '&&'", "write a > 0 && b > 0"),
    "a boolean of a product": _misuse("(shop_cpm > 1) * 1 || shop_time > 1", "|| ", "must be comparisons"),
    "a boolean behind an escape": _misuse('shop_codes{a=\\"\\u00e9\\"} && shop_cpm > 1', "&& ", "must be comparisons"),
    "groups of a metric without labels": _misuse(
        "1 + aggregate_labels(shop_time,sum)", "aggregate_labels(", "needs a metric with labels", "leave it out"
    ),
    "groups of groups": _misuse(
        "aggregate_labels(aggregate_labels(shop_codes,sum),avg)", "aggregate_labels(aggr", "needs a metric with labels"
    ),
    "other labels for a metric without any": _misuse("relabels(shop_time,a='b',c='d')", "relabels", "with labels"),
    "too few new labels": _misuse(
        "relabels(shop_ranks,p='50,99',p='P50')", "relabels", "2 old and 1 new texts", "the n-th new text"
    ),
    "the latest of a mean": _misuse("latest(avg(shop_time))", "latest", "needs a time series", "leave it out"),
    "the latest of a list": _misuse("latest(top_n(shop_time,3,des))", "latest", "needs a time series", "max or min"),
    "a list of a labelled metric": Fault(
        R, "top_n(shop_time,10,des)", "top_n(shop_ranks,10,des)", Code.MISUSE, "top_n", "is LABELED_VALUE", "series"
    ),
    "a list without entries": Fault(
        R, "top_n(shop_time,10,des)", "top_n(shop_time,0,des)", Code.MISUSE, "top_n", "a count of at least 1, not 0"
    ),
    "lists without entries together": Fault(
        R, "top_n(shop_time,10,des)", "top_n_of(top_n(shop_time,9,des),0,des)", Code.MISUSE, "top_n_of", "not 0"
    ),
    "a list divided by a series": _misuse(
        "top_n(shop_time,3,des) / shop_cpm", "/ ", "cannot combine", "a single value"
    ),
    "an increase over no step": _misuse(
        "increase(shop_time,0)", "increase", "at least 1 step", "increase(shop_time,1)"
    ),
    "a rate over ages": _misuse("rate(shop_time,999999999)", "rate", "there is no calendar"),
    "a mistake that looks like absence": Fault(
        S, "is_present(shop_cpm)", "is_present(latest(1))", Code.MISUSE, "latest", "needs a time series"
    ),
    "a mistake in the second choice": _misuse(
        "view_as_seq(shop_cpm,latest(avg(shop_time)))", "latest(avg", "needs a time series"
    ),
    "a function that cannot take the second choice": _misuse(
        "latest(view_as_seq(shop_cpm,avg(shop_time)))", "latest(view", "needs a time series"
    ),
    "a mistake beside a metric that resembles none": _misuse(
        "shop_ranks + zzzzzzzz * (latest(1) + shop_cpm)", "latest", "needs a time series"
    ),
    "a legend of numbers": Fault(R, "avg(shop_time) > 9", "avg(shop_time) && 1", Code.MISUSE, "&&", "comparisons"),
    "a selector of a metric without labels": _misuse(
        "avg(shop_time{p='50'})", "shop_time", "'shop_time' has no labels", "leave the braces out", Code.NO_LABEL
    ),
    "a selector in a list": Fault(
        R, "top_n(shop_time,10", "top_n(shop_time{a='b'},10", Code.NO_LABEL, "shop_time", "no labels to select by"
    ),
    "a rank that is not computed": _misuse(
        "shop_ranks{p='42,50'}", "shop_ranks", "no series with p='42'", "p is one of 50, 99", Code.NO_LABEL
    ),
    "a label that is not there": _misuse(
        "shop_ranks{rank='50,99'}", "shop_ranks", "no label 'rank'", "known: p", Code.NO_LABEL
    ),
    "another text for a rank that is not there": _misuse(
        "relabels(shop_ranks,p='42',p='P42')", "relabels", "no series with p='42'", "50, 99", Code.NO_LABEL
    ),
    "groups by a label that is not there": _misuse(
        "aggregate_labels(shop_ranks,sum(code))", "aggregate_labels", "no label 'code'", "p", Code.NO_LABEL
    ),
    "a list of another layer": Fault(
        R,
        "top_n(shop_time,10,des)",
        "top_n(shop_time,10,des,attr0='MESH')",
        Code.NO_LABEL,
        "top_n",
        "no entry of 'shop_time' has attr0='MESH'",
        "attr0 is SHOP",
    ),
    "a list of all other layers": Fault(
        R, "top_n(shop_time,10,des)", "top_n(shop_time,10,des,attr0!='SHOP')", Code.NO_LABEL, "top_n", "attr0!='SHOP'"
    ),
    "a list by an attribute that is never stored": Fault(
        R, "top_n(shop_time,10,des)", "top_n(shop_time,10,des,attr1!='x')", Code.NO_LABEL, "top_n", "attr1", "attr0"
    ),
    "a list by the layer of a metric without": Fault(
        R,
        "top_n(shop_time,10,des)",
        "top_n(pod_cpm,9,des,attr0='SHOP') / avg(top_n(shop_cpm,9,des,attr0='x'))",
        Code.NO_LABEL,
        "top_n(pod_cpm",
        "no entry of 'pod_cpm' has attr0='SHOP'",
        "leave the condition out",
    ),
    "one series to sort": _misuse("sort_values(shop_time,1,des,avg)", "sort_values", "no labels", "", Code.NO_LABEL),
    "a list in a chart": _misuse(
        "top_n(shop_time,3,des)", "top_n", "a series is shown here", "show it in a TopList", Code.LIST_SHOWN
    ),
    "a list in a column": Fault(
        R, "latest(shop_cpm)", "top_n(shop_cpm,1,des)", Code.LIST_SHOWN, "top_n", "a number is shown here", "max(...)"
    ),
    "a choice that makes no list": Fault(
        R,
        "top_n(shop_time,10,des)",
        "view_as_seq(top_n(shop_time,9,des),avg(top_n(shop_time,9,des)))",
        Code.NO_LIST,
        "view_as_seq",
        "shows a list",
    ),
    "a series in a column": Fault(
        R, "latest(shop_cpm)", "shop_cpm", Code.SERIES_SHOWN, "shop_cpm", "one number is shown", "take latest(...)"
    ),
    "a series on a node": Fault(
        R, '["avg(shop_cpm)"]', '["shop_cpm * 2"]', Code.SERIES_SHOWN, "shop_cpm * 2", "the first and oldest point"
    ),
    "a page that depends on a series": Fault(
        S, "is_present(shop_cpm)", "shop_cpm > 0", Code.SERIES_SHOWN, "shop_cpm > 0", "one number is shown"
    ),
    "a list of a list": Fault(
        R, "top_n(shop_time,10", "top_n(top_n(shop_time,9,des),10", Code.UNPARSABLE, "top_n(shop", "expected a metric"
    ),
}
FAULTS |= MISUSES


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_a_planted_fault_is_found_where_it_is(fault: Fault) -> None:
    texts = changed(fault.file, fault.old, fault.new)
    found = [one for one in check_templates(texts, METRICS).findings if one.code == fault.code]
    assert len(found) == 1, found
    place = found[0].file if fault.code is Code.NO_ROOT else fault.file
    assert _marked(found[0], texts).startswith(fault.marked)
    assert (found[0].file, fault.said in found[0].message, fault.hint in found[0].hint) == (place, True, True), found


def test_no_planted_fault_hides_behind_another() -> None:
    """Where a template cannot be read, what leads to it is broken as well; everything else causes one finding."""
    counts = {name: len(check_templates(changed(f.file, f.old, f.new), METRICS).findings) for name, f in FAULTS.items()}
    unread = {"no JSON", "a comma too many", "an unfinished comment", "an object alone", "two templates"}
    also = {"a name that is no text", "an unknown entity", "a series where there is no entity", "panels of one name"}
    also |= {"a mistake beside a metric that resembles none", "a list by the layer of a metric without"}
    assert {name for name, count in counts.items() if count != 1} == unread | also


def test_a_sound_set_has_no_findings() -> None:
    assert check_templates(FILES, METRICS).findings == ()


def test_all_findings_are_told_at_once() -> None:
    texts = {
        **FILES,
        P: FILES[P].replace("pod_cpm", "pdo_cpm").replace('"w": 8', '"w": 30').replace('"y": 0', '"y": ""'),
    }
    codes = [found.code for found in check_templates(texts, METRICS).findings]
    assert codes == [Code.WRONG_TYPE, Code.UNKNOWN_METRIC]


def test_all_mistakes_of_one_expression_are_told_at_once() -> None:
    texts = changed(
        S, "shop_time * 2", "shop_tiem{p='1'} && aggregate_labels(shop_cpm,sum) + relabels(shop_ranks,p='',p='1')"
    )
    found = check_templates(texts, METRICS).findings
    assert [(one.code, _marked(one, texts)[:9], one.span.end_column - one.span.column) for one in found] == [
        (Code.UNKNOWN_METRIC, "shop_tiem", 9),
        (Code.MISUSE, "aggregate", 16),
        (Code.MISUSE, "relabels(", 8),
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "shop_cpm > 1 && shop_time < 2",
        "shop_ranks{p='50',p='99'} / avg(shop_ranks{p='50'})",
        "shop_codes{code='5xx',proto='http'} / avg(shop_codes{code='2xx'})",
        "avg(shop_cpm) / avg(aggregate_labels(shop_codes{code='5xx'},sum))",
        "aggregate_labels(shop_codes,sum(code)) / aggregate_labels(shop_codes,sum)",
        "relabels(aggregate_labels(shop_codes,sum(code)),code='2xx',code='good')",
        "relabels(aggregate_labels(relabels(shop_codes,code='2xx',kind='good'),sum(kind)),kind='good',kind='best')",
        "relabels(relabels(shop_ranks,p='50,99',rank='P50,P99'),rank='P99',rank='slow')",
        "sort_values(sort_label_values(shop_codes,asc,code),3,des,max)",
        "view_as_seq(shop_codes,shop_cpm)",
        "avg(top_n(shop_time,3,des)) + max(top_n_of(top_n(shop_time,3,des),top_n(shop_cpm,3,asc),2,des))",
        "round(rate(shop_cpm,1),2) + increase(shop_cpm,3) - baseline(shop_cpm,upper)",
        "is_present(shop_cpm,shop_ranks) == 1",
    ],
)
def test_what_can_be_evaluated_is_no_misuse(expression: str) -> None:
    assert check_templates(changed(S, "shop_time * 2", expression), METRICS).findings == ()


@pytest.mark.parametrize("function", ["is_present", "view_as_seq", "abs"])
def test_a_mistake_deep_inside_is_told_once(function: str) -> None:
    expression = f"is_present({f'{function}(' * 80}latest(1){')' * 80}) == 1"
    texts = changed(S, "shop_time * 2", expression)
    [found] = check_templates(texts, METRICS).findings
    assert (found.code, _marked(found, texts)[:9]) == (Code.MISUSE, "latest(1)")


@pytest.mark.parametrize(
    "expression",
    [
        "top_n(shop_time,3,des,attr0='SHOP',attr0!='MESH') / max(top_n(shop_cpm,1,des,attr0='SHOP'))",
        "view_as_seq(top_n(shop_time,3,des),top_n_of(top_n(shop_cpm,1,des),2,asc))",
        "round(abs(top_n(shop_time,3,des)),1)",
    ],
)
def test_whatever_makes_a_list_may_be_shown_as_one(expression: str) -> None:
    assert check_templates(changed(R, "top_n(shop_time,10,des)", expression), METRICS).findings == ()


def test_a_series_where_one_number_is_shown_is_a_warning() -> None:
    [found] = check_templates(changed(R, "avg(shop_time) > 9", "shop_time > 9"), METRICS).findings
    assert (found.code, found.severity) == (Code.SERIES_SHOWN, Severity.WARNING)


def test_a_metric_of_values_that_nobody_here_reads_is_not_judged() -> None:
    strange = {**METRICS, "shop_time": KnownMetric("SERVICE", None)}
    for expression in ("aggregate_labels(shop_time,sum)", "shop_time{a='b'} && 1"):
        assert check_templates(changed(S, "shop_time * 2", expression), strange).findings == ()


def test_a_layer_that_does_not_exist_is_found() -> None:
    texts = {**FILES, "k8s_service/zz.json": FILES[E].replace('"Edge"', '"Other"').replace("SHOP", "K8S_SERVIC")}
    [found] = check_templates(texts, METRICS).findings
    assert (found.code, found.file, found.span[:2]) == (Code.NO_ROOT, "k8s_service/zz.json", (2, 29))
    assert found.hint == "did you mean 'K8S_SERVICE'?"


def test_two_dashboards_of_one_name_are_found() -> None:
    texts = {**FILES, "shop/zz.json": FILES[P].replace('"id": "Pod"', '"id": "Another"')}
    [found] = check_templates(texts, METRICS).findings
    assert (found.code, found.file, found.span[:2]) == (Code.REPEATED_NAME, "shop/zz.json", (2, 11))
    assert found.message == "there is another dashboard Pod (layer SHOP, entity ServiceInstance)"
    assert found.hint == "it is 'Pod' in shop/pod.json:2"


def test_a_configuration_that_is_too_long_for_a_store_is_found() -> None:
    texts = changed(E, '"nothing"', f'"{"x" * 1_000_000}"')
    [found] = check_templates(texts, METRICS).findings
    assert (found.code, found.span[:2]) == (Code.TOO_LONG, (1, 34))


def test_a_finding_is_shown_with_its_line_and_what_may_be_meant() -> None:
    texts = changed(S, "shop_time * 2", "2 * shop_tiem")
    [found] = check_templates(texts, METRICS).findings
    assert render(found, texts[found.file]) == (
        "shop/shop.json:8:43: error DASH302: there is no metric 'shop_tiem'\n"
        '           "expressions": ["shop_cpm", "2 * shop_tiem"], "metricConfig": [{"label": "Load"}, {"label": "Time"}],\n'
        "                                            ^~~~~~~~~\n"
        "  did you mean 'shop_time'?"
    )


def test_templates_beside_are_known_and_nothing_is_said_about_them() -> None:
    shop = {S: FILES[S]}
    beside = check_templates({name: text for name, text in FILES.items() if name != S}, METRICS).templates
    assert [found.code for found in check_templates(shop, METRICS).findings] == [Code.NO_ROOT, Code.BROKEN_LINK]
    assert check_templates(shop, METRICS, beside).findings == ()
    replaced = check_templates({"my.json": FILES[P]}, METRICS, beside)
    assert replaced.findings == ()


def test_only_some_findings_refuse_a_start() -> None:
    refused = {name for name, f in FAULTS.items() if check_templates(changed(f.file, f.old, f.new), METRICS).refusals}
    assert refused == {
        "no JSON",
        "a comma too many",
        "an unfinished comment",
        "an object alone",
        "two templates",
        "no id",
        "a name that is no text",
        "an id twice",
    }


@pytest.fixture(scope="module")
def shipped() -> dict[str, str]:
    return {str(file): read_template_text(file) for file in template_files(SHIPPED)}


def test_the_shipped_dashboards_are_sound(shipped: dict[str, str]) -> None:
    checked = check_templates(shipped, rule_metrics())
    assert [render(found, shipped[found.file]) for found in checked.findings] == []
    assert [template.key.name for template in checked.templates if template.is_root] == ["K8S-Service-Root"]


def test_every_shipped_metric_is_on_a_shipped_dashboard(shipped: dict[str, str]) -> None:
    shown = check_templates(shipped, rule_metrics()).metrics
    assert len(shown) == 296
    assert shown == rule_metrics().keys()


def test_shipped_files_are_laid_out_as_exported_ones(shipped: dict[str, str]) -> None:
    for file, text in shipped.items():
        [template] = parse_json(text).items
        assert template_text(template.at("id").text, template.at("configuration").plain()) == text, file


def _marked(found: Diagnostic, texts: dict[str, str]) -> str:
    return texts[found.file].split("\n")[found.span.line - 1][found.span.column - 1 :]
