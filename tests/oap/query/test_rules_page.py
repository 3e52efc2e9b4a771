from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from oap.http_server import HttpServer
from oap.last_values import LastValues
from oap.query.app import create_app
from oap.query.why_routes import why_record
from oap.storage.contract import MetricModel
from oap.why.answer import PartRows, Received, StageRows, Why
from oap.why.sampling import Samples
from tests.oap.query.browser import find, texts, until
from tests.oap.query.cluster import dependencies, fill, hand_over, memory_store, models
from tests.oap.query.rows import metric
from tests.oap.query.rules import NEW_RULE, Rules, applied, compiled, refused, shipped_plan

pytestmark = pytest.mark.browser

WRITES = "kubernetes_service_write_cpm"
ROWS = "#rule-list details:not([hidden])"


@dataclass(frozen=True, slots=True)
class Rig:
    """A server whose rules tests change by hand."""

    url: str
    rules: Rules
    models: dict[str, MetricModel]


@pytest.fixture
def rig() -> Iterator[Rig]:
    rules, known, values = Rules(shipped_plan()), dict(models()), LastValues()
    values.take(hand_over())
    with memory_store() as storage:
        fill(storage)
        deps = replace(dependencies(storage), rules=rules, last_values=values, models=lambda: known)
        app = create_app(deps, [Route("/rules/{metric}/why", answer)])
        with HttpServer(app, "127.0.0.1", 0, name="query") as server:
            yield Rig(f"http://127.0.0.1:{server.port}", rules, known)


@pytest.fixture
def page(chrome: Chrome, rig: Rig) -> Iterator[Chrome]:
    chrome.get("about:blank")
    chrome.get_log("browser")  # type: ignore[no-untyped-call]
    visit(chrome, f"{rig.url}/#rules")
    yield chrome
    assert chrome.get_log("browser") == []  # type: ignore[no-untyped-call]
    chrome.get("about:blank")


def visit(chrome: Chrome, url: str) -> None:
    chrome.get(url)
    until(chrome, lambda: texts(chrome, "#rule-list .rule"))


def answer(request: Request) -> JSONResponse:
    """Why, of a rule whose rows vanish; of one service with samples."""
    name, service = request.path_params["metric"], request.query_params.get("service")
    if service == "nobody":
        return JSONResponse({"error": "there is no service 'nobody'"}, 404)
    asked = ["rows of all operations", 'after type == "write"', "of a known service", "after write.duration > 5"]
    left = (StageRows(text, rows, (rows,)) for text, rows in zip(asked, (12040, 1204, 1204, 0), strict=True))
    samples = (
        Samples(True, 1767271200.0, (), ("12:30:01 write, client",), "write.duration > 5") if service else Samples()
    )
    received = Received(13000, {"no_service": 960}, 0, 0, 0)
    parts = (PartRows("write", (), 0, 3),)
    stages = tuple(left)
    why = Why(name, "", service, (202601011228, 202601011230), stages, parts, stages[-1].text, received, samples)
    return JSONResponse(why_record(why))


def row(chrome: Chrome, name: str) -> Mapping[str, str]:
    cells = "return [...arguments[0].children].map((cell) => cell.textContent)"
    summary = find(chrome, f"#rule-list details[data-key='{name}'] summary")
    shown: list[str] = chrome.execute_script(cells, summary)
    return dict(zip(("name", "state", "value", "entity", "minute"), shown, strict=True))


def open_rule(chrome: Chrome, name: str) -> None:
    find(chrome, f"#rule-list details[data-key='{name}'] .name").click()
    until(chrome, lambda: texts(chrome, ".rule[open] .facts dt"))


def ask_why(chrome: Chrome, service: str = "") -> None:
    find(chrome, ".rule[open] .why input").send_keys(service)
    find(chrome, ".rule[open] .ask").click()
    until(chrome, lambda: texts(chrome, ".answer p"))


def test_all_metrics_are_listed(page: Chrome) -> None:
    assert len(texts(page, ROWS)) == 296
    assert find(page, "#rule-count").text == "296"
    assert not find(page, "#refusal").is_displayed()


def test_metric_shows_state_and_last_value(page: Chrome) -> None:
    assert row(page, "kubernetes_service_http_call_cpm") == {
        "name": "kubernetes_service_http_call_cpm",
        "state": "running",
        "value": "529 / min",
        "entity": "gateway.edge greatest of 5",
        "minute": "12:30",
    }
    assert row(page, "kubernetes_service_instance_http_call_time")["entity"].startswith("gateway.edge/gateway-v1-0 ")
    assert row(page, WRITES) == {"name": WRITES, "state": "no rows yet", "value": "–", "entity": "", "minute": ""}


def test_labelled_metric_shows_all_labels_of_one_entity(page: Chrome) -> None:
    shown = row(page, "kubernetes_service_percentile")
    assert shown["value"] == "p50 32 ms · p75 44 ms · p90 64 ms · p95 84 ms · p99 160 ms"
    assert shown["entity"] == "gateway.edge one of 5"


def test_metrics_are_searched_by_name_and_rule(page: Chrome) -> None:
    find(page, "#rule-search").send_keys("percentile2 Service.")
    until(page, lambda: find(page, "#rule-count").text == "1 of 296")
    assert texts(page, f"{ROWS} .name") == ["kubernetes_service_percentile"]
    find(page, "#rule-search").send_keys(" nothing")
    until(page, lambda: find(page, "#rule-nothing").is_displayed())


def test_metrics_are_chosen_by_scope_and_state(page: Chrome) -> None:
    Select(find(page, "#rule-scope")).select_by_visible_text("K8SEndpoint")
    until(page, lambda: find(page, "#rule-count").text == "15 of 296")
    Select(find(page, "#rule-state")).select_by_visible_text("running")
    until(page, lambda: len(texts(page, ROWS)) == 3)


def test_link_shows_the_same_sight(page: Chrome) -> None:
    find(page, "#rule-search").send_keys("write_cpm")
    Select(find(page, "#rule-scope")).select_by_visible_text("K8SService")
    open_rule(page, WRITES)
    until(page, lambda: page.current_url.endswith(f"#rules&search=write_cpm&scope=K8SService&metric={WRITES}"))
    page.refresh()
    until(page, lambda: texts(page, ".rule[open] .facts dt"))
    assert texts(page, f"{ROWS} .name") == [WRITES]


def test_opened_metric_shows_its_rule_and_what_it_is(page: Chrome) -> None:
    open_rule(page, "kubernetes_service_connect_time")
    assert find(page, ".rule[open] .oal").text == (
        'kubernetes_service_connect_time = from(K8SService.connect.duration).filter(type == "connect").longAvg();'
    )
    assert find(page, ".rule[open] .place").text == "ebpf.oal:17"
    assert texts(page, ".rule[open] .facts dt") == ["Value", "Unit", "Of each", "Rows", "Hour and day", "Known flaw"]


def test_entity_leads_to_its_chart(page: Chrome) -> None:
    find(page, "#rule-list details[data-key='kubernetes_service_write_package_size'] a").click()
    wanted = "kubernetes_service_write_package_size of mysql.data"
    until(page, lambda: find(page, "#chart-title").text == wanted)
    assert not page.find_elements(By.CSS_SELECTOR, "#rules-view")


def test_refusal_is_shown_with_its_marker_under_its_place(page: Chrome, rig: Rig) -> None:
    rig.rules.refusal = refused()
    until(page, lambda: find(page, "#refusal").is_displayed())
    assert "12:30:20 · file ebpf.oal" in find(page, "#refusal").text
    report = texts(page, "#refusal .report")[0]
    assert report == rig.rules.refusal.report
    assert page.title == "rules refused · oap"
    assert horizontal_place(page, report.index("^")) == horizontal_place(page, report.index("latencie >"))


def horizontal_place(chrome: Chrome, at: int) -> float:
    """Distance of a character of the report from the left edge."""
    script = """
        const text = document.querySelector("#refusal .report").firstChild;
        const range = document.createRange();
        range.setStart(text, arguments[0]);
        range.setEnd(text, arguments[0] + 1);
        return range.getBoundingClientRect().x;
    """
    x: float = chrome.execute_script(script, at)
    return round(x, 1)


def test_refusal_goes_when_the_files_are_good(page: Chrome, rig: Rig) -> None:
    rig.rules.refusal = refused()
    until(page, lambda: find(page, "#refusal").is_displayed())
    rig.rules.refusal, rig.rules.events = None, [applied(), refused()]
    until(page, lambda: not find(page, "#refusal").is_displayed())
    assert texts(page, "#reloads .chip") == ["applied", "refused"]
    assert texts(page, "#reloads .changes") == [
        f"added: my_slow_calls_cpm · same meaning, new text: {WRITES} · from 12:31",
        "",
    ]
    assert page.title == "Rules · oap"


def test_first_view_says_that_rules_were_refused(page: Chrome, rig: Rig) -> None:
    rig.rules.refusal = refused()
    find(page, ".to-layer").click()
    until(page, lambda: find(page, "#alert").is_displayed())
    assert find(page, "#alert").text.splitlines() == [
        "Changed rules were refused at 12:30:20. The rules from before keep running.",
        "ebpf.oal:2: K8SService has no attribute 'protocol.http.latencie' Show the findings",
    ]
    find(page, "#alert a").click()
    until(page, lambda: find(page, "#refusal .report").is_displayed())
    assert not find(page, "#alert").is_displayed()


def test_new_metric_appears_without_loading_the_page_again(page: Chrome, rig: Rig) -> None:
    new = "my_slow_calls_cpm"
    rig.rules.plan, rig.rules.started = compiled(NEW_RULE), {new: 202601011231}
    rig.models[new] = metric(new, "cpm")
    until(page, lambda: texts(page, f"{ROWS} .name") == [new])
    assert row(page, new)["state"] == "starts at 12:31"
    find(page, "#to-explore").click()
    until(page, lambda: new in texts(page, "#metrics option"))


def test_changed_rule_is_shown_in_an_opened_row(page: Chrome, rig: Rig) -> None:
    open_rule(page, WRITES)
    rig.rules.plan = compiled(f'{WRITES} = from(K8SService.*).filter(type == "read").cpm();')
    until(page, lambda: '"read"' in texts(page, ".rule[open] .oal")[0])
    until(page, lambda: any("read: " in fact for fact in texts(page, ".rule[open] .facts dd")))


def test_why_shows_where_the_rows_vanish(page: Chrome) -> None:
    open_rule(page, WRITES)
    ask_why(page)
    assert find(page, ".sentence").text == (
        '12,040 rows of all operations, 1,204 after type == "write", 0 after write.duration > 5 12:28 – 12:30'
    )
    assert texts(page, ".funnel .number") == ["12,040", "1,204 −10,836", "1,204", "0, here they vanish"]
    assert texts(page, ".funnel .gone .stage") == ["after write.duration > 5"]
    assert texts(page, ".answer .hint code") == [f"oap oal why {WRITES} --samples"]
    assert "960 no service" in find(page, ".answer").text


def test_why_of_a_service_shows_samples(page: Chrome) -> None:
    open_rule(page, WRITES)
    ask_why(page, "reviews.bookinfo")
    assert texts(page, ".samples h4") == ["Logs that counted", "Logs that write.duration > 5 refused"]
    assert texts(page, ".samples pre") == ["12:30:01 write, client"]
    assert "kept until 12:40" in find(page, ".answer .hint").text


def test_why_says_what_was_asked_wrongly(chrome: Chrome, rig: Rig) -> None:
    visit(chrome, f"{rig.url}/#rules")
    open_rule(chrome, WRITES)
    ask_why(chrome, "nobody")
    assert find(chrome, ".answer .trouble").text == "there is no service 'nobody'"
    chrome.get("about:blank")


def test_disabled_metric_is_listed(page: Chrome, rig: Rig) -> None:
    rig.rules.plan = replace(rig.rules.plan, disabled=frozenset({"old_cpm"}))
    until(page, lambda: find(page, "#rule-count").text == "297")
    assert row(page, "old_cpm")["state"] == "disabled"
    find(page, "#rule-list details[data-key='old_cpm'] .name").click()
    until(page, lambda: page.find_elements(By.CSS_SELECTOR, ".rule[open] .oal"))
    assert find(page, ".rule[open] .oal").text == "disable(old_cpm);"


def test_sight_below_a_context_path(chrome: Chrome) -> None:
    with memory_store() as storage:
        deps = replace(dependencies(storage), rules=Rules(compiled(NEW_RULE)))
        with HttpServer(create_app(deps, context_path="/oap"), "127.0.0.1", 0, name="query") as server:
            visit(chrome, f"http://127.0.0.1:{server.port}/oap/#rules")
            assert texts(chrome, f"{ROWS} .name") == ["my_slow_calls_cpm"]
            chrome.get("about:blank")
