"""What each law finds and says."""

import pytest

from oal.compiler import compile_rules
from tests.oal.service_catalog import conformance_catalog

_CATALOG = conformance_catalog()
_KNOWN = "K8SEndpoint, K8SService, K8SServiceInstance, K8SServiceInstanceRelation, K8SServiceRelation, Service"
_FUNCTIONS = (
    "longAvg, doubleAvg, sum, count, cpm, max, min, maxDouble, minDouble, percent, rate, apdex, percentile2, "
    "percentile, histogram, labelCount, labelAvg"
)


def _found(rule: str) -> list[tuple[str, int, str, str]]:
    findings = compile_rules([("a.oal", f"m = {rule};")], _CATALOG).diagnostics
    return [(found.code, found.span.column, found.message, found.hint) for found in findings]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            "from(K8SServce.*).count()",
            ("E201", 10, "unknown scope 'K8SServce'", f"did you mean 'K8SService'?  (known: {_KNOWN})"),
        ),
        ("from(Event.*).count()", ("E201", 10, "scope 'Event' has no source here", f"(known: {_KNOWN})")),
        (
            "from(Service.latency.x).sum()",
            ("E202", 26, "Service: 'latency' is an int and has no attribute 'x'", ""),
        ),
        (
            "from(K8SService.write).sum()",
            (
                "E206",
                21,
                "sum needs a numeric attribute, got the object attribute 'write'",
                "numeric attributes of K8SService: close.duration, read.duration, timeBucket, write.duration, ...",
            ),
        ),
        (
            "from(Service.*).filter(sideCar == null).count()",
            (
                "E202",
                28,
                "Service: 'sideCar' is no attribute, only a part of names",
                "(sideCar has: internalErrorCode)",
            ),
        ),
        (
            "from(Service.*).filter(tag == null).count()",
            ("E202", 28, "Service: 'tag' is a map: pick an entry with tag[\"key\"]", ""),
        ),
        (
            'from(Service.*).filter(name["x"] == "y").count()',
            ("E202", 28, "Service: 'name' is no map and takes no key", ""),
        ),
        (
            "from(Service.*).lableCount(name)",
            ("E203", 21, "unknown function 'lableCount'", f"did you mean 'labelCount'?  (known: {_FUNCTIONS})"),
        ),
        (
            "from(Service.*).labelCount()",
            ("E204", 21, "labelCount takes 1 to 2 arguments, got 0", "it is declared as labelCount(label[, limit])"),
        ),
        (
            "from(Service.latency).sum(1)",
            ("E204", 27, "sum takes 0 arguments, got 1", "it is declared as sum()"),
        ),
        (
            "from(Service.*).percent(status)",
            (
                "E205",
                29,
                "parameter 'condition' of percent takes a condition, got the bool attribute 'status'",
                "write status == true",
            ),
        ),
        (
            'from(Service.latency).percentile2("10")',
            (
                "E205",
                39,
                "parameter 'precision' of percentile2 takes an integer from 1, got the literal \"10\"",
                "write 10, without quotes",
            ),
        ),
        (
            "from(Service.latency).apdex(name, latency > 5)",
            (
                "E205",
                39,
                "parameter 'status' of apdex takes a bool attribute, true or false, got a condition",
                "such attributes of Service: status",
            ),
        ),
        (
            "from(Service.name).sum()",
            (
                "E206",
                18,
                "sum needs a numeric attribute, got the string attribute 'name'",
                (
                    "cast the text: from((long)...), or take one of the numeric attributes of Service: "
                    "httpResponseStatusCode, latency"
                ),
            ),
        ),
        (
            'from(Service.*).filter(latency like "5%").count()',
            (
                "E207",
                28,
                "'like' cannot compare the int attribute 'latency' with a string",
                "an int allows == != > < >= <= with a number; in with a list of numbers",
            ),
        ),
        (
            "from(K8SService.*).filter(detectPoint == RequestType.MQ).count()",
            (
                "E207",
                31,
                "'==' cannot compare the enum DetectPoint attribute 'detectPoint' with an enum constant",
                (
                    "an enum allows == != with an enum constant of DetectPoint; == != with a null; "
                    "in with a list of enum constants of DetectPoint"
                ),
            ),
        ),
        (
            'from(K8SServiceRelation.*).filter(componentIds contain "49").count()',
            (
                "E207",
                39,
                "'contain' cannot compare the list attribute 'componentIds' with a string",
                "a list allows == != with a null",
            ),
        ),
        (
            'from(Service.*).filter((long)tag["x"] != null).count()',
            (
                "E207",
                34,
                "'!=' cannot compare the long attribute 'tag' with a null",
                "a long allows == != > < >= <= with a number; in with a list of numbers",
            ),
        ),
        (
            "from(Service.*).filter(latency == 9223372036854775808).count()",
            ("E208", 39, "the number 9223372036854775808 is out of range", "the largest is 9223372036854775807"),
        ),
        (
            "from(Service.*).filter(type in [RequestType.MQ, RequestType.Mq]).count()",
            (
                "E209",
                65,
                "RequestType has no constant 'Mq'",
                "did you mean 'MQ'?  (constants: DATABASE, HTTP, RPC, gRPC, LOGIC, TCP, MQ, GenAI)",
            ),
        ),
        (
            'from(Service.*).cpm().decorator("Servicedecorator")',
            (
                "E212",
                37,
                "Service has no decorator 'Servicedecorator'",
                "did you mean 'ServiceDecorator'?  (decorators of Service: ServiceDecorator)",
            ),
        ),
        (
            'from(K8SEndpoint.*).cpm().decorator("EndpointDecorator")',
            (
                "E212",
                41,
                "K8SEndpoint has no decorator 'EndpointDecorator'",
                "(decorators of K8SEndpoint: none)",
            ),
        ),
        (
            'from(Service.*).labelCount(name).decorator("ServiceDecorator")',
            ("E212", 48, "labelCount has labelled values, which take no decorator", "leave the decorator out"),
        ),
        (
            "from(Service.latency).histogram(1, 0)",
            ("E213", 40, "parameter 'maxNumOfSteps' of histogram is 0", "it has to be 1 or more"),
        ),
        (
            "from((int)Service.status).count()",
            ("E214", 23, "the cast (int) needs a string, 'status' is a bool", ""),
        ),
        ("from((int)Service.*).count()", ("E214", 5, "the cast (int) needs an attribute, got '*'", "")),
        (
            "from(Service.latency).percentile(10)",
            ("W301", 27, "the function percentile is deprecated", "use percentile2"),
        ),
        ("from(Service.latency).cpm()", ("W302", 18, "cpm ignores the attribute 'latency'", "write from(Service.*)")),
        (
            'from(Service.*).percent(name like "a%b")',
            (
                "W303",
                39,
                "this pattern never matches: no % at either end",
                "put % at an end, or compare with ==",
            ),
        ),
    ],
)
def test_law(rule: str, expected: tuple[str, int, str, str]) -> None:
    findings = _found(rule)
    assert expected in findings
    assert {code for code, *_ in findings if code[0] == "E"} <= {expected[0]}


def test_the_largest_number_fits() -> None:
    assert _found("from(Service.*).filter(latency == 9223372036854775807).count()") == []


def test_a_number_of_any_length_is_reported() -> None:
    ((code, _, message, _),) = _found(f"from(Service.latency).percentile2({'9' * 5000})")
    assert (code, message) == ("E208", f"the number {'9' * 37}... is out of range")


def test_one_rule_can_break_several_laws() -> None:
    codes = [code for code, *_ in _found('from(Service.nme).filter(latency == "5").percentile2(0).decorator("X")')]
    assert codes == ["E202", "E207", "E213", "E212"]
