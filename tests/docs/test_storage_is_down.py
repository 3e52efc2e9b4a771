"""The page for the person on call names what is there: metrics, settings, events of the log."""

import re
from typing import Final

from oap.telemetry.catalogue import CATALOGUE
from tests.docs.markdown_steps import ROOT
from tests.oap.storage.outages import BACK, LOST

PAGE: Final = (ROOT / "docs" / "storage-is-down.md").read_text(encoding="utf-8")
SETTINGS: Final = (ROOT / "config" / "application.yml").read_text(encoding="utf-8")


def test_its_metrics_exist() -> None:
    named = set(re.findall(r"\boap_[a-z_]+", PAGE))
    assert len(named) >= 9
    assert named - {definition.name for definition in CATALOGUE} == set()


def test_its_settings_exist() -> None:
    named = {name.rpartition(".")[2] for name in re.findall(r"`((?:[a-z-]+\.)?[a-z]+[A-Z]\w+)`", PAGE)}
    named |= set(re.findall(r"\b(?:OAP|SW)_[A-Z_]+", PAGE))
    assert len(named) >= 9
    assert {name for name in named if name not in SETTINGS} - {"checkHealth"} == set()


def test_its_events_are_those_of_the_log() -> None:
    assert all(f"`{event}`" in PAGE for event in (LOST, BACK))
