"""Whether a place of a dashboard can show what its expression makes (spec query 2.3, 5.1, 5.5)."""

from oap.dashboards.codes import Code
from oap.dashboards.expressions import ExpressionUse, Shown
from oap.dashboards.known_metric import KnownMetrics
from oap.dashboards.outcomes import outcomes
from oap.dashboards.report import Report
from oap.query.mqe.syntax import Expression
from oap.query.mqe.value import Result, ResultType


def check_shown(file: str, use: ExpressionUse, expression: Expression, metrics: KnownMetrics, report: Report) -> None:
    """Lists are where a list is shown and nowhere else, one number is where one number is shown."""
    results = [one for one in outcomes(expression, metrics) if isinstance(one, Result)]
    whole = use.node.inside(0, len(use.node.text))
    if use.shown is Shown.LIST:
        if not all(one.is_list for one in results):
            message = "a TopList shows a list, but this makes none"
            report.error(Code.NO_LIST, message, file, whole, "take top_n(metric,10,des)")
    elif use.shown is not Shown.ANYTHING and any(one.is_list for one in results):
        message = f"a {use.shown} is shown here, but this makes a list of entities"
        report.error(Code.LIST_SHOWN, message, file, whole, "show it in a TopList, or take max(...) or avg(...)")
    elif use.shown is Shown.NUMBER and any(one.type is ResultType.TIME_SERIES_VALUES for one in results):
        message = "one number is shown here, but this makes a series, of which the first and oldest point is taken"
        report.warning(Code.SERIES_SHOWN, message, file, whole, "take latest(...) or avg(...)")
