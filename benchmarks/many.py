"""A thousand assessments, all different: what one costs, and what a second run does.

The worked example is varied by a seeded generator: titles, answers and money. Printed:
seconds of a CPU for one assessment among ten, a hundred and all; memory of the process
that waits for the others, at its first and at its last; and how long a run takes where
nothing changed, and where one answer did.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from running import Ran, run_apart

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "templates" / "flight-delays"
PROGRAM = Path(sys.executable).with_name("readybook")
_SEED = 16
_ANSWER = re.compile(r"(?m)^(    answer: )([0-4])$")
_CHANGED = 0.3  #: of the answers
_FEW = (10, 100)  #: what all are compared with
_SPREAD = 0.25  #: of the seconds of one among few, by which one among all may differ
_GROWS = 1.1  #: of the waiting process, from its first report to its last
_NOTHING, _ONE = 15, 5  #: seconds, and seconds more than one assessment takes


class Told(NamedTuple):
    """One run of the program."""

    ran: Ran
    memory: list[int]  #: bytes of the process that waits, each half second


def vary(case: Path, number: int) -> None:
    """Make a copy of the example that differs from every other."""
    shutil.copytree(EXAMPLE, case, ignore=shutil.ignore_patterns("data", "README.md"))
    dice = random.Random(_SEED * 1_000_003 + number)  # noqa: S311 - no secrets
    for path in sorted(case.glob("answers/*.yaml")):
        text = re.sub(
            _ANSWER,
            lambda one: one[1] + _other(int(one[2]), dice),
            path.read_text(encoding="utf-8"),
        )
        path.write_text(text, encoding="utf-8")
    scope = case / "assessment.yaml"
    factor = dice.uniform(0.5, 2)
    text = re.sub(
        r"((?:low|likely|high): )(\d+)",
        lambda one: f"{one[1]}{round(int(one[2]) * factor)}",
        scope.read_text(encoding="utf-8"),
    )
    text = re.sub(r"(?m)^(title: .+)$", rf"\1, case {number}", text)
    scope.write_text(text, encoding="utf-8")


def _other(level: int, dice: random.Random) -> str:
    if dice.random() > _CHANGED:
        return str(level)
    return str(dice.choice([one for one in range(5) if one != level]))


def report(home: Path, names: Sequence[str], out: str, made: int) -> Told:
    """Run the program on some, and look at the memory of the process that waits.

    So many have to be made, and no more, or the benchmark ends.
    """
    (home / "list").write_text("".join(f"{one}\n" for one in names), encoding="utf-8")
    seen, said = home / "seen", home / "said"
    words = [PROGRAM, "report", "@list", "--out", out, "--format", "json"]

    def run() -> None:
        with (
            said.open("w") as told,
            seen.open("w") as memory,
            subprocess.Popen(words, cwd=home, stdout=told, stderr=told) as process,
        ):
            while process.poll() is None:
                pages = Path(f"/proc/{process.pid}/statm").read_text().split()
                memory.write(f"{int(pages[1]) * os.sysconf('SC_PAGE_SIZE')}\n")
                time.sleep(0.5)
        if process.returncode:
            sys.exit(said.read_text())

    ran = run_apart(run)
    found = said.read_text().count('"state": "made"')
    if ran.failed or found != made:
        sys.exit(f"{out}: found {found:,} made, expected {made:,}; {ran.failed}")
    return Told(ran, [int(line) for line in seen.read_text().split()])


def measured(home: Path, cases: int) -> Iterator[str]:
    """Yield what came out, and which aims are met."""
    names = [f"case-{at:04}" for at in range(cases)]
    for at, name in enumerate(names):
        vary(home / name, at)
    each: dict[int, float] = {}
    for few in (*(one for one in _FEW if one < cases), cases):
        told = report(home, names[:few], f"out-{few}", few)
        each[few] = told.ran.busy / few
        yield (
            f"NOTE  among {few:,} one takes {told.ran.seconds / few:.2f} s and "
            f"{each[few]:.2f} s of a CPU"
        )
    first, *_, last = each.values()
    yield _judged(
        abs(last - first) <= _SPREAD * first,
        f"one takes as much of a CPU among {cases:,} as among {next(iter(each))}: "
        f"{last / first:.2f}",
    )
    # Its imports are behind it when the first reports come.
    settled = told.memory[len(told.memory) // 20 :]
    begun, ended = settled[0], max(settled[-20:])
    yield _judged(
        ended <= _GROWS * begun,
        f"memory of the process that waits: {begun / 1e6:.0f} MB, then "
        f"{ended / 1e6:.0f} MB",
    )
    still = report(home, names, f"out-{cases}", 0).ran.seconds
    yield _judged(still < _NOTHING, f"nothing changed: {still:.1f} s")
    changed = names[cases // 2]
    answers = home / changed / "answers" / "sponsor.yaml"
    text = re.sub(
        _ANSWER,
        lambda one: f"{one[1]}{(int(one[2]) + 1) % 5}",
        answers.read_text(encoding="utf-8"),
        count=1,
    )
    answers.write_text(text, encoding="utf-8")
    after = report(home, names, f"out-{cases}", 1).ran.seconds
    alone = report(home, [changed], "alone", 1).ran.seconds
    yield _judged(
        after <= alone + _ONE,
        f"one answer changed: {after:.1f} s; alone that one takes {alone:.1f} s",
    )


def _judged(is_met: bool, line: str) -> str:  # noqa: FBT001 - as a question it reads
    return f"{'PASS' if is_met else 'FAIL'}  {line}"


def main() -> None:
    """Measure, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000, help="default: 1000")
    chosen = parser.parse_args()
    if chosen.cases <= min(_FEW):
        parser.error(f"found {chosen.cases:,} cases, expected more than {min(_FEW)}")
    if sys.platform != "linux":
        sys.exit("found another system, expected Linux, whose kernel counts for it")
    with tempfile.TemporaryDirectory() as name:
        for line in measured(Path(name), chosen.cases):
            print(line, flush=True)


if __name__ == "__main__":
    main()
