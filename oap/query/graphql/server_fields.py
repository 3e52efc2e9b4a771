"""Fields of server.graphqls: version, clock, health, days of life."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ariadne import MutationType, QueryType
from graphql import GraphQLResolveInfo

from oap.query.request import request_of

query = QueryType()
mutation = MutationType()

_NO_COLD_STAGE = -1


@query.field("version")
@mutation.field("version")
def version(_: object, info: GraphQLResolveInfo) -> str:
    """Version text of this server."""
    return request_of(info).deps.version


@query.field("getTimeInfo")
def time_info(_: object, info: GraphQLResolveInfo) -> Mapping[str, Any]:
    """Offset of the zone at this moment, and the moment."""
    deps = request_of(info).deps
    now_s = deps.clock.now_s()
    return {
        "timezone": datetime.fromtimestamp(now_s, deps.zone).strftime("%z")[:5],
        "current_timestamp": int(now_s * 1000),
    }


@query.field("checkHealth")
def check_health(_: object, info: GraphQLResolveInfo) -> Mapping[str, Any]:
    """Score and details of the health board."""
    health = request_of(info).deps.health()
    return {"score": health.score, "details": health.details}


@query.field("getMetricsTTL")
def metrics_ttl(_: object, info: GraphQLResolveInfo) -> Mapping[str, int]:
    """Days of life by precision."""
    days = request_of(info).deps.metrics_ttl_days
    warm = dict.fromkeys(("minute", "hour", "day"), days)
    return warm | dict.fromkeys(("cold_minute", "cold_hour", "cold_day"), _NO_COLD_STAGE)


@query.field("getRecordsTTL")
def records_ttl(_: object, info: GraphQLResolveInfo) -> Mapping[str, int]:
    """Days of life by kind of record."""
    kinds = ("normal", "trace", "zipkin_trace", "log", "browser_error_log")
    warm = dict.fromkeys(kinds, request_of(info).deps.records_ttl_days)
    return warm | {f"cold_{kind}": _NO_COLD_STAGE for kind in kinds}
