"""Names that clients may use, from the tables of spec query 1.3 to 1.6."""

QUERIES = """
    version getTimeInfo checkHealth getMetricsTTL getRecordsTTL listLayers listLayerLevels listServices getService
    findService listInstances getInstance findEndpoint getEndpointInfo listProcesses getProcess estimateProcessScale
    getAllServices searchServices searchService getServiceInstances searchEndpoint getGlobalTopology getServiceTopology
    getServicesTopology getServiceInstanceTopology getEndpointDependencies getEndpointTopology getProcessTopology
    listInstancesByName findEndpointByName getServiceTopologyByName getServicesTopologyByNames
    getServiceInstanceTopologyByName getEndpointDependenciesByName getProcessTopologyByName getServiceHierarchy
    getInstanceHierarchy execExpression typeOfMetrics listMetrics getTemplate getAllTemplates getMenuItems
    readMetricsValue readNullableMetricsValue readMetricsValues readLabeledMetricsValues sortMetrics readHeatMap
    readSampledRecords readRecords
    hasQueryTracesV2Support supportQueryLogsByKeywords queryEvents getAlarm queryAlarmTagAutocompleteKeys
    queryAlarmTagAutocompleteValues queryLogTagAutocompleteKeys queryLogTagAutocompleteValues
    queryTraceTagAutocompleteKeys queryTraceTagAutocompleteValues queryLogs queryBasicTraces queryTraces queryTrace
    queryEBPFProfilingTasks queryPrepareCreateEBPFProfilingTaskData queryEBPFProfilingSchedules
    analysisEBPFProfilingResult listContainers ondemandPodLogs
""".split()

MUTATIONS = """
    version addTemplate changeTemplate disableTemplate createEBPFProfilingFixedTimeTask createEBPFNetworkProfiling
    keepEBPFNetworkProfiling
""".split()

FIELDS = {
    "Service": "id name group shortName layers normal",
    "ServiceInstance": "id name instanceUUID attributes language",
    "Attribute": "name value",
    "Endpoint": "id name",
    "EndpointInfo": "id name serviceId serviceName",
    "Process": "id serviceId instanceId name serviceName instanceName agentId detectType attributes labels",
    "TimeInfo": "timezone currentTimestamp",
    "HealthStatus": "score details",
    "MetricsTTL": "minute hour day coldMinute coldHour coldDay",
    "RecordsTTL": "normal trace zipkinTrace log browserErrorLog coldNormal coldTrace coldZipkinTrace coldLog "
    "coldBrowserErrorLog",
    "LayerLevel": "layer level",
    "ServiceHierarchy": "relations",
    "HierarchyServiceRelation": "upperService lowerService",
    "HierarchyRelatedService": "id name layer normal",
    "InstanceHierarchy": "relations",
    "HierarchyInstanceRelation": "upperInstance lowerInstance",
    "HierarchyRelatedInstance": "id name layer normal serviceId serviceName",
    "Topology": "nodes calls debuggingTrace",
    "ServiceInstanceTopology": "nodes calls debuggingTrace",
    "EndpointTopology": "nodes calls debuggingTrace",
    "ProcessTopology": "nodes calls debuggingTrace",
    "Node": "id name type isReal layers",
    "ServiceInstanceNode": "id serviceId name serviceName type isReal",
    "EndpointNode": "id serviceId name serviceName type isReal",
    "ProcessNode": "id serviceId serviceInstanceId name serviceName serviceInstanceName isReal",
    "Call": "id source target sourceComponents targetComponents detectPoints",
    "ExpressionResult": "type results error debuggingTrace",
    "MQEValues": "metric values",
    "Metadata": "labels",
    "MQEValue": "id owner value traceID",
    "Owner": "scope serviceID serviceInstanceID endpointID serviceName serviceInstanceName endpointName normal",
    "KeyValue": "key value",
    "MetricDefinition": "name type catalog",
    "MetricsValues": "label values",
    "IntValues": "values",
    "KVInt": "id value isEmptyValue",
    "NullableValue": "value isEmptyValue",
    "SelectedRecord": "name id value refId",
    "Record": "name id value refId",
    "HeatMap": "values buckets",
    "HeatMapColumn": "id values",
    "Bucket": "min max",
    "DashboardConfiguration": "id configuration",
    "TemplateChangeStatus": "id status message",
    "MenuItem": "title layer activate subItems icon description documentLink i18nKey",
    "DebuggingTrace": "traceId condition startTime endTime duration spans",
    "Event": "uuid source name type message parameters startTime endTime layer",
    "AlarmMessage": "startTime recoveryTime scope id name message events tags snapshot",
    "EBPFProfilingTask": "taskId serviceId serviceName serviceInstanceId serviceInstanceName processLabels processId "
    "processName taskStartTime triggerType fixedTriggerDuration targetType createTime continuousProfilingCauses",
    "EBPFProfilingTaskPrepare": "couldProfiling processLabels",
    "EBPFProfilingAnalyzation": "tip trees",
    "PodContainers": "errorReason containers",
    "Logs": "errorReason logs",
    "Duration": "start end step coldStage",
    "Pagination": "pageNum pageSize",
    "Entity": "scope normal destNormal serviceName serviceInstanceName endpointName processName destServiceName "
    "destServiceInstanceName destEndpointName destProcessName",
    "MetricsCondition": "name entity",
    "TopNCondition": "name parentService normal scope topN order",
    "RecordCondition": "name parentEntity topN order",
    "ServiceCondition": "serviceName layer",
    "InstanceCondition": "serviceName layer instanceName",
    "EndpointCondition": "serviceName layer endpointName",
    "NewDashboardSetting": "configuration",
    "DashboardSetting": "id configuration",
    "EventQueryCondition": "uuid source name type time order layer paging",
    "AlarmTag": "key value",
    "OndemandContainergQueryCondition": "serviceInstanceId",
}

ENUMS = {
    "Step": "DAY HOUR MINUTE SECOND",
    "Order": "ASC DES",
    "Scope": "All Service ServiceInstance Endpoint Process ServiceRelation ServiceInstanceRelation EndpointRelation "
    "ProcessRelation",
    "DetectPoint": "CLIENT SERVER PROXY",
    "Language": "UNKNOWN JAVA DOTNET NODEJS PYTHON RUBY GO LUA PHP",
    "ExpressionResultType": "UNKNOWN SINGLE_VALUE TIME_SERIES_VALUES SORTED_LIST RECORD_LIST",
    "MetricsType": "UNKNOWN REGULAR_VALUE LABELED_VALUE HEATMAP SAMPLED_RECORD",
    "EBPFProfilingTriggerType": "FIXED_TIME CONTINUOUS_PROFILING",
    "EBPFProfilingTargetType": "ON_CPU OFF_CPU NETWORK",
    "EventType": "Normal Error",
}
