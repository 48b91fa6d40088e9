"""What a report costs among many: readybook, papermill's ways, and the least there is.

Each way renders the same copies of the worked example, two at a time; the ways take
turns, there and back, and the best turn of each counts. Printed for each: seconds by the
clock and of a CPU for one assessment, the largest process, both seconds as multiples of
readybook's, and which aims they meet.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

from running import run_apart

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "templates" / "flight-delays"
NAMES = ("1-scope", "2-data-availability", "3-data-quality", "4-provisioning",
         "5-ownership", "6-summary")  # fmt: skip
BIN = Path(sys.executable).parent
_AT_ONCE = 2
#: How many times as long as readybook each way is to take, at least.
_AIMS = {"commands": 12, "interface": 6, "calls": 1 / 1.5}


def commands(cases: Sequence[Path], out: Path) -> None:
    """The commands `papermill` and `jupyter nbconvert`, one of each for a notebook."""

    def one(case: Path) -> None:
        for name in NAMES:
            ran = out / f"{case.name}-{name}.ipynb"
            run = [BIN / "papermill", ROOT / f"notebooks/{name}.ipynb", ran, "-p"]
            show = [BIN / "jupyter", "nbconvert", "--to", "html", "--log-level=ERROR"]
            for words in ([*run, "assessment", case], [*show, ran]):
                subprocess.run(words, check=True, capture_output=True, cwd=out)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(one, cases))


def _by_interface(case: Path, out: Path) -> None:
    import papermill  # noqa: PLC0415 - only this way pays for it
    from nbconvert import HTMLExporter  # noqa: PLC0415

    exporter = globals().setdefault("_exporter", HTMLExporter())
    for name in NAMES:
        ran = papermill.execute_notebook(
            str(ROOT / f"notebooks/{name}.ipynb"), str(out / f"{case.name}-{name}.ipynb"),
            {"assessment": str(case)}, progress_bar=False,
            request_save_on_cell_execute=False,
        )  # fmt: skip
        page, _ = exporter.from_notebook_node(ran)
        (out / f"{case.name}-{name}.html").write_text(page, encoding="utf-8")


def interface(cases: Sequence[Path], out: Path) -> None:
    """Papermill's interface in a pool of processes, a kernel for each notebook."""
    with ProcessPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(_by_interface, cases, [out] * len(cases)))


def _by_calls(case: Path, out: Path) -> None:
    import nbformat  # noqa: PLC0415 - only this way pays for it

    from readybook.report.page import heading_of  # noqa: PLC0415
    from readybook.report.render import join_notebooks, page_html  # noqa: PLC0415

    ran = {}
    for name in NAMES:
        notebook = nbformat.read(ROOT / f"notebooks/{name}.ipynb", 4)
        space: dict[str, object] = {}
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            if "parameters" in cell.metadata.get("tags", []):
                exec(cell.source, space)  # noqa: S102 - our notebooks
                space["assessment"] = str(case)
            elif cell.source.startswith("workbook."):
                made = eval(cell.source, space)  # noqa: S307 - our notebooks
                bundle = getattr(made, "_repr_mimebundle_", dict)()
                data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
                shown = nbformat.v4.new_output(
                    "execute_result", data, metadata=metadata
                )
                cell.outputs = [shown]
            else:
                exec(cell.source, space)  # noqa: S102 - our notebooks
        ran[name] = notebook
    page = page_html(join_notebooks(ran), heading_of(space["workbook"].assessment))
    (out / f"{case.name}.html").write_text(page, encoding="utf-8")


def calls(cases: Sequence[Path], out: Path) -> None:
    """The least: the same pieces by plain calls in two warm processes."""
    with ProcessPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(_by_calls, cases, [out] * len(cases)))


def report(cases: Sequence[Path], out: Path) -> None:
    """What `readybook report` does."""
    words = [BIN / "readybook", "report", *cases, "--out", out, "--jobs", "2"]
    subprocess.run([*words, "--force"], check=True, capture_output=True)


WAYS = {one.__name__: one for one in (commands, interface, report, calls)}


def timed(way: str, cases: Sequence[Path]) -> tuple[float, float, float]:
    """Return seconds by the clock, seconds of a CPU, and the largest process in MB."""
    with tempfile.TemporaryDirectory() as name:
        used = run_apart(lambda: WAYS[way](cases, Path(name)))
    if used.failed:
        sys.exit(f"{way}: {used.failed}")
    return used.seconds, used.busy, used.megabytes


def main() -> None:
    """Measure, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20, help="default: 20")
    parser.add_argument("--repeat", type=int, default=2, help="turns (default: 2)")
    parser.add_argument("--only", nargs="+", choices=WAYS, default=list(WAYS))
    chosen = parser.parse_args()
    if sys.platform != "linux":
        sys.exit("found another system, expected Linux, whose kernel counts for it")
    best: dict[str, tuple[float, float, float]] = {}
    with tempfile.TemporaryDirectory() as home:
        cases = [Path(home, f"case-{at:03}") for at in range(chosen.cases)]
        for case in cases:
            shutil.copytree(EXAMPLE, case, ignore=shutil.ignore_patterns("data"))
        for turn in range(chosen.repeat):
            # There and back: what the machine does besides favours none.
            for way in chosen.only[:: -1 if turn % 2 else 1]:
                found = timed(way, cases)
                best[way] = min(best.get(way, found), found, key=lambda one: one[1])
    base = best.get("report", next(iter(best.values())))
    print(f"{chosen.cases} assessments, seconds of each\n")
    print(f"{'way':<10} {'wall':>7} {'CPU':>7} {'x wall':>7} {'x CPU':>7} {'MB':>6}")
    for way, (wall, cpu, peak) in best.items():
        each = (wall / chosen.cases, cpu / chosen.cases)
        ratio = (wall / base[0], cpu / base[1])
        print(f"{way:<10} {each[0]:7.2f} {each[1]:7.2f} {ratio[0]:7.2f} {ratio[1]:7.2f} "
              f"{peak:6.0f}")  # fmt: skip
    for way, aim in _AIMS.items():
        for at, what in enumerate(("clock", "CPU")):
            if way in best and "report" in best:
                times = best[way][at] / base[at]
                met = "PASS" if times >= aim else "FAIL"
                print(f"{met}  {way}: {times:.2f} times as long by the {what}, "
                      f"at least {aim:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
