import pytest

from oap.query.mqe.value import Result
from tests.oap.query.mqe.conformance_store import Evaluator, texts_of


def labels_of(result: Result) -> list[str]:
    return [",".join(f"{name}={text}" for name, text in one.labels) for one in result.series]


def test_relabels_pairs_texts_and_leaves_the_rest(evaluator: Evaluator) -> None:
    result = evaluator.run("relabels(st, code='2xx, 4xx', kind='good,bad')")
    assert labels_of(result) == ["kind=good,proto=https", "kind=good,proto=http", "code=5xx,proto=http"]
    assert texts_of(result) == evaluator.texts("st")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "relabels(pct, p='50,75', q='a')",
            (
                "line 1, column 1: 'relabels' has 2 old and 1 new texts, the counts must agree; "
                "the n-th new text is for the n-th old one"
            ),
        ),
        ("relabels(m1, p='50', q='a')", "line 1, column 1: 'relabels' needs a metric with labels; leave it out"),
        ("aggregate_labels(m1, sum)", "line 1, column 1: 'aggregate_labels' needs a metric with labels; leave it out"),
    ],
)
def test_misuse_of_labels_keeps_type_and_data_beside_the_error(text: str, error: str, evaluator: Evaluator) -> None:
    result, operand = evaluator.run(text), "pct" if "pct" in text else "m1"
    assert (result.error, result.type) == (error, "TIME_SERIES_VALUES")
    assert texts_of(result) == evaluator.texts(operand)


def test_misused_operand_has_no_value_for_others(evaluator: Evaluator) -> None:
    result = evaluator.run("1 + aggregate_labels(m1, sum)")
    assert (result.type, result.series) == ("UNKNOWN", ())
    assert result.error == "line 1, column 5: 'aggregate_labels' needs a metric with labels; leave it out"


@pytest.mark.parametrize(
    "text",
    [
        "avg(relabels(m1,p='1',q='2'))",
        "abs(relabels(pct,p='1,2',q='2'))",
        "sort_values(aggregate_labels(m1,sum),1,des,avg)",
        "relabels(relabels(pct,p='1,2',q='2'),p='50',p='P50')",
        "aggregate_labels(aggregate_labels(aggregate_labels(st,sum),sum),sum)",
    ],
)
def test_what_is_made_of_a_misused_operand_has_no_value_either(text: str, evaluator: Evaluator) -> None:
    result = evaluator.run(text)
    assert (result.type, result.series, result.error is None) == ("UNKNOWN", (), False)


def test_the_first_choice_keeps_its_data_beside_its_error_when_no_other_has_any(evaluator: Evaluator) -> None:
    result = evaluator.run("view_as_seq(aggregate_labels(m1,sum), none)")
    assert (result.type, texts_of(result)) == ("TIME_SERIES_VALUES", [["10", "20", None, "30"]])
    assert result.error == "line 1, column 13: 'aggregate_labels' needs a metric with labels; leave it out"


@pytest.mark.parametrize(
    ("function", "values"),
    [
        ("sum", ["12", "9", "6", "9"]),
        ("avg", ["4", "4.5", "3", "3"]),
        ("max", ["8", "6", "3", "4"]),
        ("min", ["1", "3", "3", "2"]),
    ],
)
def test_groups_fold_the_points_that_are_there(function: str, values: list[str], evaluator: Evaluator) -> None:
    assert evaluator.texts(f"aggregate_labels(st, {function})") == [values]


def test_label_that_the_first_series_lacks_groups_nothing(evaluator: Evaluator) -> None:
    result = evaluator.run("aggregate_labels(st, sum(zone, proto))")
    assert labels_of(result) == ["proto=https", "proto=http"]
    assert (texts_of(result)[1], result.labelled) == (["9", "6", "3", "6"], True)
    assert not evaluator.run("aggregate_labels(st, sum(zone))").labelled


def test_single_values_stay_single_in_groups_and_become_series_when_sorted(evaluator: Evaluator) -> None:
    assert evaluator.run("aggregate_labels(avg(st), sum)").type == "SINGLE_VALUE"
    assert evaluator.run("sort_values(avg(st), 9, asc, avg)").type == "TIME_SERIES_VALUES"


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("sort_values(st, 9, des, min)", ["code=2xx,proto=http", "code=2xx,proto=https", "code=5xx,proto=http"]),
        ("sort_values(st * (0-1), 1, des, avg)", ["code=5xx,proto=http"]),
        ("sort_values(st, 0, des, avg)", []),
        (
            "sort_label_values(st, asc, proto, code)",
            ["code=2xx,proto=http", "code=5xx,proto=http", "code=2xx,proto=https"],
        ),
        (
            "sort_label_values(st, des, code)",
            ["code=5xx,proto=http", "code=2xx,proto=https", "code=2xx,proto=http"],
        ),
        (
            "sort_label_values(st, asc, zone)",
            ["code=2xx,proto=https", "code=2xx,proto=http", "code=5xx,proto=http"],
        ),
    ],
)
def test_series_are_sorted_stably(text: str, order: list[str], evaluator: Evaluator) -> None:
    assert labels_of(evaluator.run(text)) == order


@pytest.mark.parametrize("text", ["sort_values({},1,asc,avg)", "sort_label_values({},asc,p)"])
def test_sorting_leaves_what_has_no_labels(text: str, evaluator: Evaluator) -> None:
    assert evaluator.texts(text.format("m1")) == evaluator.texts("m1")
    assert evaluator.run(text.format("lab0")).series == ()
    assert evaluator.run(text.format("1")).type == "SINGLE_VALUE"


def test_labels_of_a_key_are_sorted_and_may_hold_any_sign(evaluator: Evaluator) -> None:
    assert labels_of(evaluator.run("odd")) == ["_=bare", "a=::1", "a=x/y,b=1.5"]
    assert labels_of(evaluator.run("odd{a='x/y'}")) == ["a=x/y,b=1.5"]
    assert labels_of(evaluator.run("odd{_='bare'}")) == ["_=bare"]


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("p=' 50 , ', p='99', p=''", ["p=50", "p=99"]),
        ("p=''", ["p=50", "p=75", "p=99"]),
        ("", ["p=50", "p=75", "p=99"]),
        ("p='50,42'", ["p=50"]),
        ("p='50', q='1'", []),
    ],
)
def test_selectors_unite_within_a_label_and_meet_across_labels(
    selector: str, found: list[str], evaluator: Evaluator
) -> None:
    assert labels_of(evaluator.run(f"pct{{{selector}}}")) == found


def test_selector_of_a_plain_metric_is_ignored(evaluator: Evaluator) -> None:
    assert evaluator.texts("m1{p='50'}") == evaluator.texts("m1")
