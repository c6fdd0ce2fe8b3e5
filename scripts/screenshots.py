"""Pictures of every page of a site at the width of a phone and of a desktop.

Usage: python scripts/screenshots.py SITE OUT [--full]

Needs Playwright's Python package and a Chromium (its path in CHROMIUM where it is not on the
PATH as `chromium`).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

SIZES = {"phone": (390, 844), "desktop": (1440, 900)}
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def main() -> int:
    """Take the pictures; return 0, or 2 where there is no Chromium or no page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("site", type=Path, help="folder of a published site, or one page")
    parser.add_argument("out", type=Path, help="folder for the pictures")
    parser.add_argument("--full", action="store_true", help="the whole page, not its first screen")
    given = parser.parse_args()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    pages = [given.site] if given.site.is_file() else sorted(given.site.glob("*.html"))
    if not chromium or not pages:
        print("Chromium is not installed" if not chromium else f"no page in {given.site}")
        return 2
    given.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        for device, (width, height) in SIZES.items():
            view = browser.new_page(viewport={"width": width, "height": height})
            for page in pages:
                view.goto(page.resolve().as_uri())
                view.wait_for_timeout(500)
                picture = given.out / f"{page.stem}-{device}.png"
                view.screenshot(path=picture, full_page=given.full)
                print(picture)
            view.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
