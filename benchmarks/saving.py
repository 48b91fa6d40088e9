"""Measure how long a save takes, in a file with an answer to every question.

From the change to the file on disk, fsync included, for the form's way of saving and
for writing the whole file anew with ruamel.yaml. Beside them stands what the disk alone
needs. Exit code 1 if the form's way misses its aim.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ruamel.yaml import YAML

from readybook.bank.read import read_bank
from readybook.edit.answers import AnswerFile
from readybook.edit.entries import Saved, mark_of
from readybook.model.bank import Bank
from readybook.text.documents import save_text

__all__: list[str] = []

_AIM = 0.200  #: seconds, at the 95th percentile; all that is written is read once
_NOTE = "Seen in the log of the nightly load: every day of the year, and no gap. No. {}"
_PROOF = {"reference": "Log of the nightly load, file no. 17", "date": "2026-08-28"}


def main() -> int:
    """Measure, print the table, and return 1 where the aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saves", type=int, default=300, help="of each way (300)")
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    arguments = parser.parse_args()
    bank = read_bank().bank
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        path = _fill(folder, bank)
        size = path.stat().st_size
        print(f"{len(bank.questions)} answers, {size:,} bytes, {arguments.saves} saves")
        print(f"{'way':<34}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}{'lines':>8}")
        ways: dict[str, Callable[[int], None]] = {
            "the disk alone": lambda _: save_text(path, path.read_text("utf-8")),
            "readybook": _one_answer(folder, bank),
            "readybook, file changed meanwhile": _after_an_editor(folder, path, bank),
            "ruamel.yaml, read and write all": _all_of_it(path),
        }
        results = {
            way: _measured(way, save, path, arguments.saves)
            for way, save in ways.items()
        }
    met = results["readybook"] < _AIM
    print(
        f"{'PASS' if met else 'FAIL'}: a save within {_AIM * 1000:.0f} ms in 95 of 100"
    )
    return int(not met)


def _fill(folder: Path, bank: Bank) -> Path:
    """Answer every question, with a comment by hand above each tenth."""
    file = AnswerFile(folder, "data-engineer", "data-engineer", bank)
    for _, question in bank.questions:
        file.save(question.id, _answer(3, 0), base="")
    path = folder / file.name
    text = path.read_text(encoding="utf-8")
    for _, question in bank.questions[::10]:
        line = f"  {question.id}:\n"
        text = text.replace(line, f"  # asked the platform team\n{line}")
    save_text(path, text)
    return path


def _answer(level: int, number: int) -> dict[str, object]:
    return {
        "answer": level,
        "date": "2026-09-01",
        "proof": _PROOF,
        "note": _NOTE.format(number),
    }


def _one_answer(folder: Path, bank: Bank) -> Callable[[int], None]:
    file = AnswerFile(folder, "data-engineer", "data-engineer", bank)
    ids = [question.id for _, question in bank.questions]
    marks = {question: mark_of(answer) for question, answer in file.stored().items()}
    chance = random.Random(1)  # noqa: S311 - not for secrets

    def save(number: int) -> None:
        question = chance.choice(ids)
        answer = _answer(number % 5, number)
        saved = file.save(question, answer, base=marks[question])
        if not isinstance(saved, Saved):
            raise TypeError(saved)
        marks[question] = saved.mark

    return save


def _after_an_editor(folder: Path, path: Path, bank: Bank) -> Callable[[int], None]:
    """Let somebody else write the file before each save, so that all is read again."""
    file = AnswerFile(folder, "data-engineer", "data-engineer", bank)
    first = bank.questions[0][1].id

    def save(number: int) -> None:
        with path.open("a", encoding="utf-8") as other:
            other.write("# seen\n")
        answer = _answer(number % 5, number)
        base = mark_of(file.stored().get(first))
        file.save(first, answer, base=base)

    return save


def _all_of_it(path: Path) -> Callable[[int], None]:
    yaml = YAML()
    chance = random.Random(1)  # noqa: S311 - not for secrets

    def save(number: int) -> None:
        data = yaml.load(path.read_text(encoding="utf-8"))
        answer = data["answers"][chance.choice(list(data["answers"]))]
        answer["answer"], answer["note"] = number % 5, _NOTE.format(number)
        with tempfile.SpooledTemporaryFile(mode="w+", encoding="utf-8") as out:
            yaml.dump(data, out)
            out.seek(0)
            save_text(path, out.read())

    return save


def _measured(way: str, save: Callable[[int], None], path: Path, saves: int) -> float:
    """Print a line of the table and return the 95th percentile in seconds.

    The last column has the most lines that one of the first saves changed.
    """
    taken, most = [], 0
    for number in range(saves):
        before = path.read_text(encoding="utf-8").splitlines()
        start = time.perf_counter()
        save(number)
        taken.append(time.perf_counter() - start)
        after = path.read_text(encoding="utf-8").splitlines()
        most = max(most, len(set(after) - set(before)))
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    figures = "".join(f"{cuts[at - 1] * 1000:>8.1f}" for at in (50, 95, 99))
    print(f"{way:<34}{figures}{most:>8}")
    return cuts[94]


if __name__ == "__main__":
    sys.exit(main())
