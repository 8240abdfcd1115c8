"""How long an annotator looks at an empty page: the annotate page in Chromium, with nothing in its cache."""

import os
import shutil
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from benchmarks.annotation import filling
from benchmarks.annotation.table import Painted

EMAIL = "owner@example.org"
CHROMIUM = os.environ.get("REDRAFT_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
LARGEST = """() => new Promise((found) => new PerformanceObserver((list) => found(list.getEntries().at(-1).startTime))
    .observe({ type: "largest-contentful-paint", buffered: true }))"""
FIRST = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"


def paint(url: str, slug: str, visits: int = 5) -> Painted:
    """The medians over so many first visits, in milliseconds since the address was entered."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        _visit(browser, url, slug)  # the server's own first time
        found = [_visit(browser, url, slug) for _ in range(visits)]
        browser.close()
    first, largest, usable = (median(times) for times in zip(*found, strict=True))
    return Painted(first, largest, usable)


def _visit(browser: Browser, url: str, slug: str) -> tuple[float, float, float]:
    """First paint, largest paint, and when the answer stood there with a field to write in."""
    context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 860})
    login = {"email": EMAIL, "password": filling.PASSWORD}
    answer = context.request.post("/api/login", data=login, headers={"Origin": url})
    if not answer.ok:
        raise RuntimeError(f"The benchmark cannot log in: {answer.text()}")
    page = context.new_page()
    page.goto(f"/{slug}/annotate", wait_until="commit")
    page.get_by_role("textbox", name="Your critique").wait_for()
    usable = float(page.evaluate("() => performance.now()"))
    page.wait_for_timeout(300)
    times = float(page.evaluate(FIRST)), float(page.evaluate(LARGEST)), usable
    context.close()
    return times
