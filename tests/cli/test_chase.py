"""The verb `chase`: who owes what, and only what moved."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil

import pytest

from many_cases import edit
from readybook.cli.main import main
from readybook.model.portfolio import Owed
from readybook.show.portfolio.blockers import moved_since

pytestmark = pytest.mark.slow
DAY = dt.date(2026, 11, 30)


def owed(**more):
    return Owed(**{"role": "legal", "kind": "proof", "about": "x", "what": "X", **more})


@pytest.fixture
def folder(root, tmp_path):
    """A copy of the worked example, judged on 30 November 2026."""
    ignored = shutil.ignore_patterns("data", "README.md")
    shutil.copytree(
        root / "templates" / "flight-delays", tmp_path / "flights", ignore=ignored
    )
    return tmp_path / "flights"


def printed(capsys, *words):
    """The exit code, what is printed, and what is said beside it."""
    code = main(["chase", *map(str, words)])
    return code, *capsys.readouterr()


def parts(text):
    """What is printed, by role."""
    blocks = (" ".join(one.split()) for one in text.split("\n\n"))
    heads = (one.splitlines()[0] for one in text.split("\n\n"))
    return dict(zip(heads, blocks, strict=True))


def test_each_role_is_told_what_it_owes_how_long_over_and_what_waits(
    folder, tmp_path, capsys
):
    """One that cannot be read harms no other, and all of its problems are told."""
    (tmp_path / "empty").mkdir()
    words = (folder, folder, tmp_path / "empty", "--as-of", "2026-12-12")
    code, out, error = printed(capsys, *words)
    told = parts(out)

    assert code == 3
    assert "empty/assessment.yaml: found no such file" in error
    assert "45 days over" in told["Finance"]  # since 28 October
    assert "10 December 2026" not in told["Finance"]
    assert "Waits for it: its gate." in told["Finance"]
    assert "Over" not in told["Security (nobody yet)"]
    settle = "Have the airport partner deliver departures from SWF."
    assert told["Data owner"].count(settle) == 1  # named twice, owed once
    assert "Categories populated (AVL-03) and Owner per asset" in told["Data owner"]
    assert "Decide on the serving node" in told["Finance"]  # it is late by a day
    assert "Action, since 23 November 2026, due 11 December 2026, 1 day over" in out


def test_nothing_that_moved_is_nothing_printed(folder, capsys):
    """Measured anew or not: the newest evidence is of 23 November."""
    assert printed(capsys, folder, "--since", "2026-11-29") == (0, "", "")
    assert printed(capsys, folder, "--since", "2026-11-29", "--format", "csv")[1] == ""
    _, out, _ = printed(capsys, folder, "--since", "2026-11-22", "--format", "csv")
    kinds = {row["kind"] for row in csv.DictReader(io.StringIO(out))}
    assert "acceptance" in kinds  # and nothing that was measured only a day later
    assert not {"proof", "answer"} & kinds


def test_what_moved_is_told_since_a_day_and_since_a_milestone(folder, capsys):
    """Only a milestone knows of a row that has no date, such as a new action."""
    code, out, _ = printed(capsys, folder, "--since", "2026-10-20")
    told = parts(out)
    assert code == 0
    assert "Over its date since: - Cloud account" in told["Finance"]
    assert "No longer owed: - Decide on the serving node" in told["Finance"]
    assert "New: - Fields at prediction time" in told["Data engineer"]
    assert "strike SWF" not in out

    main(["milestone", str(folder), "--name", "Now"])
    capsys.readouterr()
    assert printed(capsys, folder, "--since", "now")[1] == ""
    line = (
        "actions:\n  - { id: ask, action: Ask twice, owner: legal, decides: [AVL-03] }"
    )
    edit(folder / "actions.yaml", "(?m)^actions:$", line)
    edit(folder / "resources.yaml", r"(?m)^(    asked_on: 2026-09-28)$",
         r"\1\n    granted_on: 2026-11-30")  # fmt: skip
    _, out, _ = printed(capsys, folder, "--since", "NOW", "--format", "json")
    moved = {(one["about"], one["moved"]) for one in json.loads(out)["owed"]}
    assert moved == {("ask", "new"), ("permission/cloud-account", "ended")}


def test_unknown_milestones_and_days_ahead_are_refused(folder, capsys):
    """Which there are is told."""
    for since in ("Kick-off", "2026-12-01"):
        code, out, error = printed(capsys, folder, "--since", since)
        assert (code, out) == (1, "")
        assert f"flights/milestones: found '{since}'" in error
        assert "All roles asked" in error
    assert printed(capsys, folder.parent / "x*")[0] == 2


@pytest.mark.parametrize(
    ("then", "now", "ways"),
    [
        ({}, {}, ()),
        ({"due": DAY}, {"due": DAY}, ()),  # on that day it is not over yet
        ({"due": DAY.replace(day=29)}, {"due": DAY.replace(day=29)}, ("over",)),
        ({"due": DAY.replace(day=9)}, {"due": DAY.replace(day=9)}, ()),  # it was then
        ({}, {"due": DAY}, ("re-dated",)),
        (None, {}, ("new",)),
        ({}, None, ("ended",)),
        ({"role": "sponsor"}, {}, ("new", "ended")),
    ],
)
def test_moved_is_what_is_new_over_dated_otherwise_or_ended(then, now, ways):
    """Since 20 November, at the end of that month."""
    before, after = (() if one is None else (owed(**one),) for one in (then, now))
    found = moved_since((before, DAY.replace(day=20)), (after, DAY))
    assert [way for way, each in found.items() if each] == [*ways]
