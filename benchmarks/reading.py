"""Measure how long it takes to read files of 1.8 MB, and to check 10,000 sheets.

Exit code 1 if one of them misses its aim, in seconds of a CPU: what else
runs on the machine does not count.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from readybook.bank.read import read_bank
from readybook.case.open import open_one
from readybook.cli.main import main as readybook
from readybook.text.documents import packaged

__all__: list[str] = []

_SIZE = 1_800_000  #: bytes, somewhat below what is read at most
_SHEETS = 10_000
_BANK = read_bank().bank
_HEAD = f'format: 1\nrole: legal\nbank: {{id: readybook, version: "{_BANK.version}"}}\n'


def main() -> int:
    """Measure, print the table, and return 1 where an aim is missed."""
    print(f"{'what is read':<34}{'s':>8}{'CPU s':>8}{'aim':>8}")
    missed = [_measured(what, {what: text}, open_one, 5) for what, text in _texts()]
    sheet = f"{_HEAD}answers:\n  SCP-01: {{answer: 2, date: 2026-01-01}}\n"
    sheets = {f"answers/person-{at}.yaml": sheet for at in range(_SHEETS)}
    missed += [
        _measured(what, {"actions.yaml": text}, _refused, 5)
        for what, text in bad_texts().items()
    ]
    missed.append(_measured(f"{_SHEETS:,} sheets, with check", sheets, _check, 30))
    return 1 if any(missed) else 0


def _check(case: Path) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as told:
        if readybook(["check", str(case)]):
            sys.exit(told.getvalue()[:500])


def _refused(case: Path) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        if readybook(["check", str(case)]) != 1:
            sys.exit("it was not refused")


def _texts() -> Iterator[tuple[str, str]]:
    """Yield a large text for each kind of file, by the name of the file."""
    scope = (packaged("templates") / "assessment" / "assessment.yaml").read_text(
        "utf-8"
    )
    needs = "  - {{id: need-{}, what: A field, use: feature, ask: legal}}\n"
    yield "assessment.yaml", _filled(f"{scope}\nneeds:\n", needs)
    rows = "  - id: action-{}\n    action: Ask for it\n    owner: legal\n"
    yield "actions.yaml", _filled("format: 1\nactions:\n", rows)
    rows = "  - id: resource-{}\n    what: A machine\n    kind: compute\n"
    yield "resources.yaml", _filled("format: 1\nresources:\n", rows)
    rows = "  - id: asset-{}\n    what: A table\n    accountable: [legal]\n"
    yield "stakeholders.yaml", _filled("format: 1\nassets:\n", rows)
    size = _SIZE // len(_BANK.questions)
    answer = "  {}:\n    answer: 2\n    date: 2026-01-01\n    note: |\n"
    line = f"      {'A note of many lines that stands under one answer. ' * 2}\n"
    answers = (
        answer.format(q.id) + line * (size // len(line)) for _, q in _BANK.questions
    )
    yield "answers/legal.yaml", f"{_HEAD}answers:\n{''.join(answers)}"


def bad_texts(size: int = _SIZE) -> dict[str, str]:
    """Return texts of so many bytes for actions.yaml, by what is wrong with them."""
    head = "format: 1\nactions:\n"
    row = "  - id: action-{0}\n    action: Ask for it\n    owner: legal\n"
    repeated = {
        "keys that are unknown": "  - key-{0}: 1\n",
        "rows without keys": "  - {{}}\n",
        "rows that are texts": "  - row-{0}\n",
        "days that are none": "  - due: day-{0}\n",
        "roles that are unknown": row.replace("legal", "role-{0}"),
        "steps that are unknown": row + "    needs: [step-{0}]\n",
        "steps that need themselves": row + "    needs: [action-{0}]\n",
        "steps that need the next": row + "    needs: [action-{1}]\n",
        "anchors and aliases": "  - &a{0} x\n  - *a{0}\n",
        "tags": "  - !x 1\n",
        "keys that are no text": "  - ~: 1\n",
        "keys after ?": "  ? a\n",
        "tabs": "  - a:\tb\n",
        "dots": "  - ...\n",
        "texts over two lines": '  - "a\n    b"\n',
    }
    texts = {what: _filled(head, one, size) for what, one in repeated.items()}
    rows = _filled(head, row, size)
    texts["one key again and again"] = _filled("", "a: 1\n", size)
    texts["brackets in the middle"] = f"{rows[: size // 2]}\n}}}}\n"
    texts["quotes that do not close"] = f'{rows}  - id: "x\n'
    texts["dashes in quotes"] = f'{head}  - "x\n    {"-" * size}"\n'
    texts["a second document"] = f"{rows}---\na: b\n"
    texts["a control character"] = f"{rows}  - id: \x01\n"
    texts["an escape of nothing"] = _filled('a: "', "\\x41", size) + '\\q"'
    texts["lists in brackets"] = _filled("a: [", "[],", size) + "]"
    texts["texts in brackets"] = _filled("a: [", "b,", size) + "]"
    return texts


def _filled(head: str, row: str, size: int = _SIZE) -> str:
    count = (size - len(head)) // len(row.format(10_000, 10_001))
    return head + "".join(row.format(at, at + 1) for at in range(count))


def _measured(
    what: str, files: dict[str, str], read: Callable[[Path], object], aim: float
) -> bool:
    """Print how long a case with these files takes; return whether the aim is missed."""
    with tempfile.TemporaryDirectory() as name:
        case = Path(name) / "case"
        shutil.copytree(packaged("templates") / "assessment", case)
        for file, text in files.items():
            (case / file).parent.mkdir(exist_ok=True)
            (case / file).write_text(text, encoding="utf-8")
        begun, busy = time.perf_counter(), time.process_time()
        read(case)
        took, busy = time.perf_counter() - begun, time.process_time() - busy
    print(f"{what:<34}{took:>8.2f}{busy:>8.2f}{aim:>8.2f}", flush=True)
    return busy > aim


if __name__ == "__main__":
    sys.exit(main())
