import json

from oap.dashboards.printing import ordered_like, template_text
from tests.oap.dashboards.small_set import EDGE


def test_a_file_is_laid_out_by_rule() -> None:
    widget = {"x": 0, "y": 0, "w": 24, "h": 9, "i": "0", "type": "Text", "graph": {"content": "größe " * 18}}
    companions = {"x": 0, "y": 9, "w": 1, "h": 9, "i": "1", "associate": [{"widgetId": f"0-0-{n}"} for n in range(6)]}
    assert template_text("T", {"name": "T", "children": [widget, companions], "expressions": []}) == (
        "[\n"
        "  {\n"
        '    "id": "T",\n'
        '    "configuration": {\n'
        '      "name": "T",\n'
        '      "children": [\n'
        "        {\n"
        '          "x": 0, "y": 0, "w": 24, "h": 9, "i": "0", "type": "Text",\n'
        '          "graph": {\n'
        f'            "content": "{"größe " * 18}"\n'
        "          }\n"
        "        },\n"
        "        {\n"
        '          "x": 0, "y": 9, "w": 1, "h": 9, "i": "1",\n'
        '          "associate": [\n'
        '            {"widgetId": "0-0-0"}, {"widgetId": "0-0-1"}, {"widgetId": "0-0-2"}, {"widgetId": "0-0-3"},\n'
        '            {"widgetId": "0-0-4"}, {"widgetId": "0-0-5"}\n'
        "          ]\n"
        "        }\n"
        "      ],\n"
        '      "expressions": []\n'
        "    }\n"
        "  }\n"
        "]\n"
    )


def test_what_is_laid_out_is_what_was_given() -> None:
    [template] = json.loads(EDGE)
    assert json.loads(template_text("Edge", template["configuration"])) == [template]


def test_members_are_ordered_like_those_of_a_model() -> None:
    ordered = ordered_like({"c": 1, "b": [{"y": 1, "x": 2}, {"y": 3}], "a": 4}, {"a": 0, "b": [{"x": 0, "y": 0}]})
    assert json.dumps(ordered) == '{"a": 4, "b": [{"x": 2, "y": 1}, {"y": 3}], "c": 1}'
