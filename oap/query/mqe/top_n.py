"""Sorted lists: the first entities by the mean of a metric (spec query 2.5, 2.6)."""

from collections.abc import Callable, Mapping, Sequence
from math import trunc

import numpy as np

from oal.functions.contract import ValueKind
from oap.entity import ids
from oap.entity.errors import EntityError
from oap.query.mqe.errors import Finding, MqeError
from oap.query.mqe.series import Subject
from oap.query.mqe.syntax import Condition, TopN, TopNOf
from oap.query.mqe.value import Owner, Result, ResultType, Series
from oap.storage.contract import MetricModel, TopEntity

_WRITTEN_ATTRIBUTE = "attr0"


def read_top_n(node: TopN, subject: Subject) -> Result:
    """One series of entities, possibly without points. Raises MqeError for a count below 1 and for labelled metrics."""
    model = subject.model(node.metric)
    if node.count < 1:
        raise MqeError(f"'top_n' of '{model.name}' needs a count of at least 1, not {node.count}")
    if model.value_kind is not ValueKind.REGULAR_VALUE:
        message = f"'top_n' needs a metric of single values, '{model.name}' is {model.value_kind}"
        raise MqeError(Finding(message, hint="show it as a series, or list another metric"))
    return _as_result(_top_entities(node, model, subject), model, is_global=not subject.entity.service_name)


def merge_top_n(node: TopNOf, lists: Sequence[Result]) -> Result:
    """The first entries of several lists together. Raises MqeError for a count below 1."""
    if node.count < 1:
        raise MqeError(f"'top_n_of' needs a count of at least 1, not {node.count}")
    parts = [series for one in lists for series in one.series]
    values = np.concatenate([series.values for series in parts])
    order = np.argsort(-values if node.descending else values, kind="stable")[: node.count].tolist()
    names = [name for series in parts for name in series.ids]
    owners = [owner for series in parts for owner in series.owners]
    kept = tuple(names[at] for at in order), values[order], np.ones(len(order), dtype=np.bool_)
    return Result(ResultType.SORTED_LIST, (Series((), *kept, tuple(owners[at] for at in order)),))


def _top_entities(node: TopN, model: MetricModel, subject: Subject) -> Sequence[TopEntity]:
    # Attributes other than the first are never written, so neither "equals" nor "differs from" selects a record.
    if any(condition.attribute != _WRITTEN_ATTRIBUTE for condition in node.conditions):
        return ()
    service_id = None
    if subject.entity.service_name:
        service_id = subject.entity.service_id()
        if service_id is None:
            return ()
        if model.category == "SERVICE":
            return _that_service(node, model, service_id, subject)
    return subject.reads.top_n(
        model,
        subject.duration,
        node.count,
        descending=node.descending,
        service_id=service_id,
        attr0_equal=tuple(one.text for one in node.conditions if one.equal),
        attr0_not_equal=tuple(one.text for one in node.conditions if not one.equal),
    )


def _that_service(node: TopN, model: MetricModel, service_id: str, subject: Subject) -> Sequence[TopEntity]:
    """Records of services carry no service id to select by; the one service asked for is read as a series instead."""
    if not all(_holds(condition, model.attr0) for condition in node.conditions):
        return ()
    values = subject.reads.series(model, service_id, subject.duration)
    if not values:
        return ()
    return (TopEntity(service_id, trunc(sum(values.values()) / len(values))),)


def _holds(condition: Condition, stored: str | None) -> bool:
    return stored is not None and (stored == condition.text) is condition.equal


def _as_result(entities: Sequence[TopEntity], model: MetricModel, *, is_global: bool) -> Result:
    describe = _DESCRIBE.get(model.category, _describe_other)
    described = [_described(describe, entity.entity_id, is_global) for entity in entities]
    series = Series(
        (),
        tuple(name for name, _ in described),
        np.array([entity.value for entity in entities], dtype=np.float64),
        np.ones(len(entities), dtype=np.bool_),
        tuple(owner for _, owner in described),
    )
    return Result(ResultType.SORTED_LIST, (series,))


_Describe = Callable[[str, bool], tuple[str, Owner | None]]


def _described(describe: _Describe, entity_id: str, is_global: bool) -> tuple[str, Owner | None]:
    try:
        return describe(entity_id, is_global)
    except EntityError:
        return entity_id, None  # a stored id that cannot be read must not take the whole list with it


def _describe_service(entity_id: str, is_global: bool) -> tuple[str, Owner]:  # noqa: ARG001  (one signature for all)
    name, normal = ids.decode_service_id(entity_id)
    return name, Owner("Service", entity_id, name, normal)


def _describe_instance(entity_id: str, is_global: bool) -> tuple[str, Owner]:
    service_id, name = ids.decode_instance_id(entity_id)
    service, normal = ids.decode_service_id(service_id)
    owner = Owner(
        "ServiceInstance", service_id, service, normal, service_instance_id=entity_id, service_instance_name=name
    )
    return f"{service} - {name}" if is_global else name, owner


def _describe_endpoint(entity_id: str, is_global: bool) -> tuple[str, Owner]:
    service_id, name = ids.decode_endpoint_id(entity_id)
    service, normal = ids.decode_service_id(service_id)
    owner = Owner("Endpoint", service_id, service, normal, endpoint_id=entity_id, endpoint_name=name)
    return f"{service} - {name}" if is_global else name, owner


def _describe_other(entity_id: str, is_global: bool) -> tuple[str, None]:  # noqa: ARG001  (one signature for all)
    return entity_id, None


_DESCRIBE: Mapping[str, _Describe] = {
    "SERVICE": _describe_service,
    "SERVICE_INSTANCE": _describe_instance,
    "ENDPOINT": _describe_endpoint,
}
