"""A program that saves answers as fast as it can; tests start it, and kill it.

saving_child.py save FOLDER RESPONDENT COUNT QUESTION...   one answer after the other
saving_child.py kill FOLDER ROUNDS                         savers, killed while they save
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

from readybook.edit.answers import agreed_file
from readybook.edit.entries import Saved
from saving_case import BANK, QUESTIONS, answer_file, given, mark


def save(folder, respondent, count, questions):
    """Save numbered answers by turns; each must follow on the one before."""
    agreed = respondent == "agreed"
    file = agreed_file(folder, BANK) if agreed else answer_file(folder, respondent)
    more = {"because": "so", "present": ["owner"]} if agreed else {}
    marks = dict.fromkeys(questions, "")
    for number in range(count):
        question = questions[number % len(questions)]
        text = {"because": f"no. {number}"} if agreed else {"note": f"no. {number}"}
        answer = given(number % 5, **{**more, **text})
        saved = file.save(question, answer, base=marks[question])
        if not isinstance(saved, Saved):
            sys.exit(f"{question}: {saved}")
        marks[question] = saved.mark


def save_until_killed(folder, first, acknowledge):
    file = answer_file(folder)
    number = first
    while True:
        number += 1
        question = QUESTIONS[number % len(QUESTIONS)]
        answer = given(number % 5, note=f"no. {number}\nof many")
        file.save(question, answer, base=mark(file, question))
        os.write(acknowledge, f"{number}\n".encode())


def killed_once(folder, first, moment):
    """Let a process save until it is killed; return the last number it acknowledged."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        save_until_killed(folder, first, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.readline()  # it is at work: from here any moment will do
        time.sleep(moment)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        said += pipe.read()
    return int(said.split()[-1])


def kill(folder, rounds):
    """Kill savers at random moments, and look at the file after each."""
    moments = random.Random(7)  # noqa: S311 - not for secrets
    known = 0
    for _ in range(rounds):
        known = killed_once(folder, known, moments.uniform(0, 0.02))
        stored = answer_file(folder).stored()  # or it is damaged, and this refuses it
        notes = [int(entry["note"].split()[1]) for entry in stored.values()]
        # One more than was acknowledged may be there: it was killed in between.
        expected = [range(known - 4, known + 1), range(known - 3, known + 2)]
        if sorted(notes)[-5:] not in [[n for n in r if n > 0] for r in expected]:
            sys.exit(f"acknowledged {known}, found {sorted(notes)}")
        known = max(notes)
    drafts = [*(folder / "answers").glob(".*.tmp")]
    sys.stdout.write(f"drafts left: {len(drafts)}\n")


if __name__ == "__main__":
    verb, place, *rest = sys.argv[1:]
    if verb == "kill":
        kill(Path(place), int(rest[0]))
    else:
        save(Path(place), rest[0], int(rest[1]), rest[2:])
