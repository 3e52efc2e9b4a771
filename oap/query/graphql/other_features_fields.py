"""Fields of other-features.graphqls: nothing is ever found, and nothing can be ordered."""

from collections.abc import Mapping
from typing import Any

from ariadne import MutationType, QueryType
from graphql import GraphQLResolveInfo

query = QueryType()
mutation = MutationType()

_NOT_HERE = "this server does not offer it"
_LISTS = (
    "queryAlarmTagAutocompleteKeys",
    "queryAlarmTagAutocompleteValues",
    "queryLogTagAutocompleteKeys",
    "queryLogTagAutocompleteValues",
    "queryTraceTagAutocompleteKeys",
    "queryTraceTagAutocompleteValues",
    "queryEBPFProfilingTasks",
    "queryEBPFProfilingSchedules",
)
_ANSWERS: Mapping[str, Any] = {
    "hasQueryTracesV2Support": False,
    "supportQueryLogsByKeywords": False,
    "queryEvents": {"events": ()},
    "getAlarm": {"msgs": ()},
    "queryLogs": {"logs": ()},
    "queryBasicTraces": {"traces": ()},
    "queryTraces": {"traces": ()},
    "queryTrace": {"spans": ()},
    "queryPrepareCreateEBPFProfilingTaskData": {"could_profiling": False, "process_labels": ()},
    "analysisEBPFProfilingResult": {"tip": _NOT_HERE, "trees": ()},
    "listContainers": {"error_reason": _NOT_HERE, "containers": ()},
    "ondemandPodLogs": {"error_reason": _NOT_HERE, "logs": ()},
} | dict.fromkeys(_LISTS, ())
_ORDERS = ("createEBPFProfilingFixedTimeTask", "createEBPFNetworkProfiling", "keepEBPFNetworkProfiling")


def _empty(_: object, info: GraphQLResolveInfo, **_ignored: object) -> Any:
    return _ANSWERS[info.field_name]


def _refused(_: object, __: GraphQLResolveInfo, **_ignored: object) -> Mapping[str, Any]:
    return {"status": False, "error_reason": _NOT_HERE}


for _name in _ANSWERS:
    query.set_field(_name, _empty)
for _name in _ORDERS:
    mutation.set_field(_name, _refused)
