"""Pictures of pages, kept as build artefacts."""

from pathlib import Path

from selenium.webdriver import Chrome

from tests.oap.process.server_process import ROOT

FOLDER = ROOT / ".cache/screenshots"


def keep_picture(chrome: Chrome, name: str) -> Path:
    """Save what the window shows."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{name}.png"
    assert chrome.save_screenshot(str(file))
    return file
