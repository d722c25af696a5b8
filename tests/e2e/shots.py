"""Pictures of pages for people to look at: `python tests/e2e/shots.py http://127.0.0.1:8000 FOLDER / /map --sizes 360 1440 --themes light dark`.

Not a test. A route may be `name=/path`. `--session KEY` signs in; `--full` takes the whole page; `--language en`; `--wait SELECTOR`.
"""

import argparse
import os
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

HEIGHTS = {320: 640, 360: 760, 768: 1024, 1440: 900, 1920: 1080}


def main() -> None:
    args = _arguments()
    args.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        program = os.environ.get("HUES_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        options = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        browser = playwright.chromium.launch(executable_path=program, args=options)
        for width in args.sizes:
            for theme in args.themes:
                _shoot(browser, args, width, theme)
        browser.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base")
    parser.add_argument("folder", type=Path)
    parser.add_argument("routes", nargs="+")
    parser.add_argument("--sizes", nargs="+", type=int, default=[360, 1440])
    parser.add_argument("--themes", nargs="+", default=["light"])
    parser.add_argument("--language", default="vi")
    parser.add_argument("--session")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--wait", help="a selector that must be there first")
    parser.add_argument("--settle", type=int, default=400, help="milliseconds")
    parser.add_argument("--no-script", action="store_true")
    parser.add_argument("--text", type=int, default=100, help="size of text in percent")
    return parser.parse_args()


def _shoot(browser: Browser, args: argparse.Namespace, width: int, theme: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS.get(width, 900)},
        color_scheme=theme,
        locale=f"{args.language}-VN",
        device_scale_factor=1,
        java_script_enabled=not args.no_script,
        service_workers="block",
    )
    if args.session:
        context.add_cookies(
            [{"name": "hues", "value": args.session, "domain": urlsplit(args.base).hostname, "path": "/"}]
        )
    page = context.new_page()
    for route in args.routes:
        name, path = route.split("=", 1) if "=" in route and not route.startswith("/") else (_name(route), route)
        page.goto(args.base.rstrip("/") + path, wait_until="networkidle")
        _settle(page, args)
        file = args.folder / f"{name}-{width}-{theme}{'-noscript' if args.no_script else ''}.png"
        page.screenshot(path=file, full_page=args.full)
        wide = (
            page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if not args.no_script
            else 0
        )
        print(file, "SCROLLS SIDEWAYS by" if wide > 0 else "", wide or "")  # noqa: T201 - a tool for people
    context.close()


def _settle(page: Page, args: argparse.Namespace) -> None:
    if args.wait:
        page.wait_for_selector(args.wait)
    if args.text != 100 and not args.no_script:
        page.evaluate(f"document.documentElement.style.fontSize = '{args.text}%'")
    if not args.no_script:
        page.evaluate("document.fonts.ready")
    page.wait_for_timeout(args.settle)


def _name(route: str) -> str:
    return re.sub(r"\W+", "-", route).strip("-") or "home"


if __name__ == "__main__":
    main()
