"""Lists of series, labels and label values, from which Grafana builds its menus."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Final

from promql_parser import VectorSelector

from oal.functions.contract import ValueKind
from oap.promql.database import MOST_SERIES, TRAFFIC, Candidate, Database
from oap.promql.entity_labels import ENTITY_LABELS, KINDS, LAYER, SCOPE, SERVICE
from oap.promql.errors import ErrorType, PromqlError
from oap.promql.grid import Grid, Reach, choose_step, row_times
from oap.promql.matchers import Matcher, accepts_all, matchers_of
from oap.promql.series import read_rows, want_rows
from oap.promql.subset import parse_query
from oap.promql.value import NAME

_PERCENTILE: Final = "p"


def series_of(selectors: Sequence[str], grid: Grid, database: Database, zone: tzinfo) -> list[Mapping[str, str]]:
    """Labels of all series that one of the selectors means, each once. Raises PromqlError."""
    reach = Reach()
    times = row_times(grid, reach, choose_step(grid, [reach]), zone)
    candidates: list[Candidate] = []
    for text in selectors:
        tree = parse_query(text).tree
        if not isinstance(tree, VectorSelector):
            raise PromqlError(f"invalid parameter 'match[]': '{text}' is no selector of series")
        candidates += database.candidates(matchers_of(tree), times.duration)
    if len(candidates) > MOST_SERIES:
        raise PromqlError(f"more than {MOST_SERIES} series; name the service or more labels", ErrorType.EXECUTION)
    labelled = [one for one in candidates if one.model is not None and one.model.value_kind is ValueKind.LABELED_VALUE]
    # The labels that rows bring are known by their rows alone; the others are known without reading any.
    with database.reads.together():
        want_rows(database, labelled, times)
    found = [{**one.labels, NAME: one.name} for one in candidates if one not in labelled]
    found += [dict(labels) for labels in read_rows(database, labelled, times).labels]
    return list({tuple(sorted(labels.items())): labels for labels in found}.values())


def label_names(database: Database) -> list[str]:
    """Names of all labels."""
    kinds = {model.value_kind for model in database.reads.models.values()}
    own = {_PERCENTILE} if ValueKind.LABELED_VALUE in kinds else set()
    return sorted({NAME, *ENTITY_LABELS, *own})


def label_values(name: str, grid: Grid, database: Database, zone: tzinfo) -> list[str]:
    """Values of one label, whatever the metric."""
    known = {
        NAME: database.names(),
        SCOPE: {kind.scope for kind in KINDS.values()},
        SERVICE: {service.name for service in database.services},
        LAYER: {layer for service in database.services for layer in service.layers},
    }
    if name in known:
        return sorted(known[name])
    return values_in(series_of(_naming(name, database), grid, database, zone), name)


def _naming(label: str, database: Database) -> list[str]:
    """A metric whose series show the values of a label, if there is one."""
    models = database.reads.models.values()
    if label not in ENTITY_LABELS:
        labelled = [one for one in models if one.value_kind is ValueKind.LABELED_VALUE]
        return [one.name for one in labelled if one.category == "SERVICE"][:1]
    traffic = [metric for metric, category in TRAFFIC.items() if label in KINDS[category].labels]
    others = [one.name for one in models if one.category in KINDS and label in KINDS[one.category].labels]
    return [*traffic, *others][:1]


def values_in(series: Iterable[Mapping[str, str]], name: str) -> list[str]:
    """Values of a label in these series."""
    return sorted({labels[name] for labels in series if name in labels})


def metadata(database: Database, metric: str | None, limit: int | None) -> Mapping[str, list[Mapping[str, str]]]:
    """Type and meaning of metrics by name: all are gauges, a value for each minute."""
    matcher = [Matcher(NAME, lambda text: text == metric)] if metric else []
    names = [name for name in database.names() if accepts_all(matcher, {NAME: name})][:limit]
    return {name: [{"type": "gauge", "help": _help(database, name), "unit": ""}] for name in names}


def _help(database: Database, name: str) -> str:
    model = database.reads.models.get(name)
    if model is None:
        return f"1 for each {KINDS[TRAFFIC[name]].scope} that was seen"
    return f"{model.function} of each minute (hour, day) by {KINDS[model.category].scope}"
