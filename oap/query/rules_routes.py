"""HTTP routes about the rules: all metrics with their state, the latest reloads, one metric explained."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from oal.nearest import excerpt, suggestion
from oap.entity.scopes import k8s_catalog
from oap.query.deps import QueryDeps
from oap.query.rule_entries import Entry, RuleEntries
from oap.reload.event import ReloadEvent, RulesView
from oap.storage.contract import MetricModel
from oap.timebucket import Precision, bucket_of, minute_index


def rules_routes(deps: QueryDeps, prefix: str = "") -> Sequence[Route]:
    """Routes below a context path.

    ``/rules`` tells all there is, ``/rules?part=reloads`` leaves the metrics out, ``/rules/NAME`` explains one metric.
    ``revision`` tells whether ``listMetrics`` would answer as before, so that pages need not ask it again and again.
    Handlers are no coroutines, so that describing a new set of rules does not hold other requests up.
    """
    entries = RuleEntries(k8s_catalog())

    def all_entries() -> Mapping[str, Entry]:
        now = bucket_of(minute_index(int(deps.clock.now_s()), deps.zone), Precision.MINUTE)
        return entries.of(deps.rules.plan, deps.rules.started, deps.last_values.snapshot, now)

    def reloads() -> Mapping[str, Any]:
        return {**_reloads(deps.rules), "revision": _revision(deps.models())}

    def rules(request: Request) -> Response:
        if request.query_params.get("part") == "reloads":
            return _json(reloads())
        return _json({"metrics": list(all_entries().values()), **reloads()})

    def rule(request: Request) -> Response:
        name = request.path_params["metric"]
        plan = deps.rules.plan
        known = all_entries()
        if name not in known:
            return _json({"error": f"there is no metric '{name}'", "hint": _hint(name, known)}, 404)
        metric = next((metric for metric in plan.metrics if metric.name == name), None)
        return _json({**known[name], **(entries.explained(metric, plan) if metric is not None else {})})

    return Route(f"{prefix}/rules", rules), Route(f"{prefix}/rules/{{metric}}", rule)


def _reloads(rules: RulesView) -> Mapping[str, Any]:
    return {"reloads": [_event(event) for event in rules.events], "refusal": _refusal(rules.refusal)}


def _revision(models: Mapping[str, MetricModel]) -> str:
    return str(hash(tuple((model.name, model.category, model.value_kind) for model in models.values())))


def _event(event: ReloadEvent) -> Mapping[str, Any]:
    return {
        "at": event.at_s,
        "cause": event.cause,
        "outcome": event.outcome,
        "seconds": event.seconds,
        "changes": asdict(event.changes),
        "starts": event.starts,
    }


def _refusal(event: ReloadEvent | None) -> Mapping[str, Any] | None:
    if event is None:
        return None
    return {"at": event.at_s, "cause": event.cause, "report": event.report, "findings": list(event.findings)}


def _hint(name: str, known: Mapping[str, Entry]) -> str:
    near = suggestion(name, known)
    similar = [one for one in known if name.lower() in one.lower()]
    return near or (f"names with it: {excerpt(similar)}" if similar else "")


def _json(tree: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(tree), status, media_type="application/json")
