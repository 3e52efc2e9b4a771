"""All metrics as people look for them: rule, state, last value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Any

from oal.catalog import Catalog
from oal.explain import Explanation, explain_metric, rule_of
from oal.layout import lay_out
from oal.plan import Metric, Plan
from oap.entity import ids
from oap.entity.errors import EntityError
from oap.entity.routes import ENDPOINT, INSTANCE, INSTANCE_RELATION, SERVICE, SERVICE_RELATION
from oap.entity.rule_defects import defects_of
from oap.last_values import LastValue
from oap.rules.entity_text import entity_text
from oap.rules.values import table_key

Entry = Mapping[str, Any]


class State(StrEnum):
    """How a metric stands; a metric that is yet to begin names its minute behind ``STARTS``."""

    RUNNING = "running"
    STARTS = "starts at"
    EMPTY = "no rows yet"
    DISABLED = "disabled"


class RuleEntries:
    """Entries of the metrics of a plan; what depends on the plan alone is worked out once. Any thread may ask."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._described: tuple[Plan | None, Mapping[str, Entry]] = (None, {})

    def of(
        self, plan: Plan, started: Mapping[str, int], latest: Mapping[str, LastValue], now: int
    ) -> Mapping[str, Entry]:
        """Entries by metric name in file order, disabled ones last. ``now`` is the minute bucket of this moment."""
        entries = {
            name: {**rule, **_standing(rule["scope"], started.get(name), latest.get(name), now)}
            for name, rule in self._rules_of(plan).items()
        }
        return entries | {name: _disabled(name) for name in sorted(plan.disabled)}

    def explained(self, metric: Metric, plan: Plan) -> Entry:
        """What ``oap oal explain`` says of a metric, apart from what its entry has."""
        said = asdict(explain_metric(metric, plan, self._catalog))
        flaws = [asdict(defect) for defect in defects_of(metric, rule_of(metric))]
        return {name: value for name, value in said.items() if name not in {"metric", "file", "rule"}} | {
            "flaws": flaws
        }

    def _rules_of(self, plan: Plan) -> Mapping[str, Entry]:
        described, rules = self._described
        if described is not plan:
            # Two threads that come at once do this twice, to the same end.
            rules = {metric.name: _rule(explain_metric(metric, plan, self._catalog), metric) for metric in plan.metrics}
            self._described = plan, rules
        return rules


def shown_entity(scope: str, entity_id: str) -> str:
    """An entity id as people write the entity; the id itself where that cannot be told."""
    names = _NAMES.get(scope)
    try:
        return entity_id if names is None else entity_text(scope, names(entity_id))
    except EntityError:
        return entity_id


def _rule(said: Explanation, metric: Metric) -> Entry:
    return {
        "name": said.metric,
        "scope": said.scope,
        "file": Path(said.file).name,
        "line": said.line,
        "text": (lay_out(said.file, said.rule).text or said.rule).strip(),
        "unit": said.unit,
        "function": metric.function.name,
    }


def _standing(scope: str, since: int | None, last: LastValue | None, now: int) -> Entry:
    if last is not None and since is not None and last.bucket < since:
        last = None  # a value of the rule that had this name before
    if since is not None and since > now:
        state = f"{State.STARTS} {_clock(since)}"
    else:
        state = State.EMPTY if last is None else State.RUNNING
    return {"state": state, "since": since, "last": None if last is None else _last(scope, last)}


def _last(scope: str, last: LastValue) -> Entry:
    value = last.value
    return {
        "bucket": last.bucket,
        "entities": last.entities,
        "entity": shown_entity(scope, last.entity_id),
        "entity_id": last.entity_id,
        "value": {table_key(key): entry for key, entry in value.items()} if isinstance(value, Mapping) else value,
    }


def _disabled(name: str) -> Entry:
    text = f"disable({name});"
    rule = {"name": name, "scope": "", "file": "", "line": 0, "text": text, "unit": "", "function": ""}
    return {**rule, "state": State.DISABLED, "since": None, "last": None}


def _clock(bucket: int) -> str:
    return f"{bucket // 100 % 100:02}:{bucket % 100:02}"


def _service(entity_id: str) -> Sequence[str]:
    return (ids.decode_service_id(entity_id)[0],)


def _instance(entity_id: str) -> Sequence[str]:
    service, name = ids.decode_instance_id(entity_id)
    return *_service(service), name


def _endpoint(entity_id: str) -> Sequence[str]:
    service, name = ids.decode_endpoint_id(entity_id)
    return *_service(service), name


def _service_relation(entity_id: str) -> Sequence[str]:
    source, dest = ids.decode_service_relation_id(entity_id)
    return *_service(source), *_service(dest)


def _instance_relation(entity_id: str) -> Sequence[str]:
    source, dest = ids.decode_instance_relation_id(entity_id)
    return *_instance(source), *_instance(dest)


_NAMES: Mapping[str, Callable[[str], Sequence[str]]] = {
    SERVICE: _service,
    INSTANCE: _instance,
    ENDPOINT: _endpoint,
    SERVICE_RELATION: _service_relation,
    INSTANCE_RELATION: _instance_relation,
}
