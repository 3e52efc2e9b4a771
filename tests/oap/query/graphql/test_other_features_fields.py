import pytest

from tests.oap.query.client import RANGE, ask

PAGING = {"pageNum": 1, "pageSize": 21}
CASES = [
    ("query { r: hasQueryTracesV2Support }", {}, False),
    ("query { r: supportQueryLogsByKeywords }", {}, False),
    (
        """query ($c: EventQueryCondition) { r: queryEvents(condition: $c) { events { uuid source { service
        serviceInstance endpoint } name type message parameters { key value } startTime endTime layer } } }""",
        {"c": {"paging": PAGING, "time": RANGE, "source": {"service": "a"}, "order": "DES", "layer": "K8S_SERVICE"}},
        {"events": []},
    ),
    (
        """query queryAlarms($d: Duration!, $p: Pagination!, $t: [AlarmTag]) { r: getAlarm(duration: $d, paging: $p,
        tags: $t) { msgs { startTime recoveryTime scope id name message events { uuid } tags { key value }
        snapshot { expression metrics { name results { metric { labels { key value } }
        values { id owner { scope } value traceID } } } } } } }""",
        {"d": {"start": "2026-01-01 120000", "end": "2026-01-01 123000", "step": "SECOND"}, "p": PAGING, "t": []},
        {"msgs": []},
    ),
    ("query ($d: Duration!) { r: queryAlarmTagAutocompleteKeys(duration: $d) }", {"d": RANGE}, []),
    ('query ($d: Duration!) { r: queryLogTagAutocompleteValues(tagKey: "a", duration: $d) }', {"d": RANGE}, []),
    ('query ($d: Duration!) { r: queryAlarmTagAutocompleteValues(tagKey: "a", duration: $d) }', {"d": RANGE}, []),
    ("query ($d: Duration!) { r: queryLogTagAutocompleteKeys(duration: $d) }", {"d": RANGE}, []),
    ("query ($d: Duration!) { r: queryTraceTagAutocompleteKeys(duration: $d) }", {"d": RANGE}, []),
    ('query ($d: Duration!) { r: queryTraceTagAutocompleteValues(tagKey: "a", duration: $d) }', {"d": RANGE}, []),
    ("query { r: queryEvents { events { uuid } } }", {}, {"events": []}),
    ("query { r: queryLogs { errorReason logs { content } } }", {}, {"errorReason": None, "logs": []}),
    (
        "query ($c: OndemandLogQueryCondition) { r: ondemandPodLogs(condition: $c) { errorReason logs { content } } }",
        {"c": {"duration": RANGE, "container": "c"}},
        {"errorReason": "this server does not offer it", "logs": []},
    ),
    (
        """query ($c: TraceQueryCondition) { r: queryTraces(condition: $c, debug: true) { traces { spans { traceId } }
        retrievedTimeRange { startTime } debuggingTrace { traceId } } }""",
        {"c": {"traceState": "ALL", "queryOrder": "BY_DURATION", "paging": PAGING}},
        {"traces": [], "retrievedTimeRange": None, "debuggingTrace": None},
    ),
    ('query { r: queryEBPFProfilingSchedules(taskId: "a") { scheduleId process { name } } }', {}, []),
    (
        "query ($c: LogQueryCondition) { r: queryLogs(condition: $c) { errorReason logs { content } } }",
        {"c": {"paging": PAGING}},
        {"errorReason": None, "logs": []},
    ),
    (
        "query ($c: TraceQueryCondition) { r: queryBasicTraces(condition: $c) { traces { traceIds } } }",
        {"c": {"traceState": "ALL", "queryOrder": "BY_DURATION", "paging": PAGING}},
        {"traces": []},
    ),
    ('query { r: queryTrace(traceId: "a") { spans { traceId } } }', {}, {"spans": []}),
    (
        """query queryEBPFTasks($serviceId: ID, $serviceInstanceId: ID, $targets: [EBPFProfilingTargetType!],
        $triggerType: EBPFProfilingTriggerType) { r: queryEBPFProfilingTasks(serviceId: $serviceId,
        serviceInstanceId: $serviceInstanceId, targets: $targets, triggerType: $triggerType) { taskId serviceName
        processLabels continuousProfilingCauses { type message uri { uriPath } singleValue { current } } } }""",
        {"serviceId": "a", "targets": ["ON_CPU", "OFF_CPU"], "triggerType": "FIXED_TIME"},
        [],
    ),
    (
        'query { r: queryPrepareCreateEBPFProfilingTaskData(serviceId: "a") { couldProfiling processLabels } }',
        {},
        {"couldProfiling": False, "processLabels": []},
    ),
    (
        "query { r: analysisEBPFProfilingResult(scheduleIdList: [], timeRanges: []) { tip trees { elements { id } } } }",
        {},
        {"tip": "this server does not offer it", "trees": []},
    ),
    (
        "query ($c: OndemandContainergQueryCondition) { r: listContainers(condition: $c) { errorReason containers } }",
        {"c": {"serviceInstanceId": "a"}},
        {"errorReason": "this server does not offer it", "containers": []},
    ),
    (
        'mutation { r: keepEBPFNetworkProfiling(taskId: "a") { status errorReason } }',
        {},
        {"status": False, "errorReason": "this server does not offer it"},
    ),
]


@pytest.mark.parametrize(("query", "variables", "answer"), CASES)
def test_feature_that_is_not_here_answers_empty(
    query: str, variables: dict[str, object], answer: object, cluster_url: str
) -> None:
    assert ask(cluster_url, query, **variables) == {"r": answer}
