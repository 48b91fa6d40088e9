"""How soon the form can be used, and how soon a change is on disk, in JupyterLab.

Prints both for the full question bank: seconds from running the cell until the first
card can be answered, and milliseconds from a change in the page until the file has it.
Needs `pip install 'readybook[lab,dev]'` and a Chromium.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from playwright.sync_api import sync_playwright  # noqa: E402

import labserver  # noqa: E402 - lies beside the tests
from conftest import CHROMIUM_ARGS, CHROMIUM_NAMES  # noqa: E402

#: From running the cell to a card that can be answered, as the page's clock has it.
USABLE = """async (cell) => {
  const panel = window.jupyterapp.shell.currentWidget;
  panel.content.activeCellIndex = cell;
  panel.content.deselectAll();
  const begun = performance.now();
  window.jupyterapp.commands.execute("notebook:run-cell");
  while (!document.querySelector(".rb-form[data-ready=yes] article input"))
    await new Promise((later) => requestAnimationFrame(later));
  return (performance.now() - begun) / 1000;
}"""
#: One change; returns when it was made, and waits until it is acknowledged.
CHANGE = """async (at) => {
  const cards = [...document.querySelectorAll("article:not([hidden])")];
  const card = cards[at % cards.length];
  const inputs = card.querySelectorAll(".option input");
  const input = [...inputs].find((one) => !one.checked);
  const status = card.querySelector(".foot > .status");
  const begun = performance.timeOrigin + performance.now();
  input.click();
  while (status.dataset.state !== "good")
    await new Promise((later) => setTimeout(later, 0));
  return [begun, performance.timeOrigin + performance.now() - begun];
}"""


def main() -> None:
    """Measure, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=200, help="default: 200")
    changes = parser.parse_args().changes
    browser = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if browser is None:
        sys.exit("found no Chromium, expected one of: " + ", ".join(CHROMIUM_NAMES))
    with (
        tempfile.TemporaryDirectory() as home,
        labserver.running(Path(home) / "jupyterlab") as server,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(
            executable_path=browser, args=CHROMIUM_ARGS
        )
        context = chromium.new_context(viewport={"width": 1400, "height": 1000})
        lab = labserver.Lab(server, context, server.root)
        source = ROOT / "templates" / "flight-delays"
        shutil.copytree(source, server.root / "case")
        opening = (
            "from readybook import open_workbook\n"
            "workbook = open_workbook('case', respondent='data-engineer')"
        )
        lab.write("form.ipynb", opening, "workbook.form()")
        page = lab.open("form.ipynb")
        lab.run_cell(page, 0)
        page.locator(".jp-InputPrompt", has_text="[1]:").wait_for()
        usable = page.evaluate(USABLE, 1)
        file = server.root / "case" / "answers" / "data-engineer.yaml"
        to_disk, to_told = [], []
        for at in range(changes):
            begun, told = page.evaluate(CHANGE, at)
            # Renaming, which follows the fsync, sets the time of the last change.
            to_disk.append(file.stat().st_ctime_ns / 1e6 - begun)
            to_told.append(told)
        cards = page.locator("article").count()
        chromium.close()
    print(f"form of {cards} questions usable after {usable:.2f} s (wanted: 2)")
    print(f"change to disk: {spread(to_disk)} (wanted: 50 at the 95th percentile)")
    print(f"change to acknowledgement: {spread(to_told)}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def spread(times: list[float]) -> str:
    """Return median and 95th percentile of some milliseconds, in words."""
    late = sorted(times)[int(0.95 * len(times))]
    middle = statistics.median(times)
    return f"{len(times)} times, median {middle:.0f} ms, 95th percentile {late:.0f} ms"


if __name__ == "__main__":
    main()
