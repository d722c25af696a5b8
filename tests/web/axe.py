"""axe-core in a page: `assert not run(page)`."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SOURCE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def run(page: Page, *, without: tuple[str, ...] = ()) -> list[str]:
    """What axe finds wrong on the page as it stands, a line for each element. Evaluated past the page's own CSP.

    The window is made as tall as the page first: what a sticky bar covers for the moment is not hidden from anyone.
    """
    size = page.viewport_size or {}
    for _ in range(3 if size else 0):  # a map grows with its window
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": height})
    page.evaluate(SOURCE.read_text(encoding="utf-8"))
    options: dict[str, Any] = {
        "runOnly": {"type": "tag", "values": TAGS},
        "rules": {rule: {"enabled": False} for rule in without},
    }
    found = page.evaluate("async (options) => (await axe.run(document, options)).violations", options)
    if size:
        page.set_viewport_size(size)
    return [
        f"{v['id']} ({v['impact']}): {node['html'][:160]} — {node['failureSummary'][:300]}"
        for v in found
        for node in v["nodes"]
    ]
