"""What the worked example was on the days of its milestones.

`python tests/example_past.py` freezes them again, in the order of their days, with
`readybook milestone` on copies of the example that lack whatever came later.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import tempfile
from pathlib import Path

from ruamel.yaml import YAML

from readybook.cli.main import main

EXAMPLE = Path(__file__).parent.parent / "templates" / "flight-delays"
#: By day: its name, and the actions that there were.
DAYS = {
    dt.date(2026, 10, 12): (
        "First interviews",
        ("decide-serving", "map-fleet-numbers", "measure-tables"),
    ),
    dt.date(2026, 11, 2): (
        "All roles asked",
        (
            "decide-serving", "name-security-lead", "rehearse-rollback", "compare-live",
            "map-fleet-numbers", "agree-release-slot", "review-security",
            "measure-tables", "restore-tapes",
        ),
    ),
}  # fmt: skip
#: What an action says of later days.
LATER = ("accepted_on", "started_on", "done_on")


def as_on(day, folder, actions):
    """Turn a copy of the example into what it was on a day."""
    shutil.rmtree(folder / "milestones", ignore_errors=True)
    (folder / "decisions.yaml").unlink()  # the first is of 3 November
    for path in (folder / "evidence").glob("*.json"):
        path.unlink()  # all of it was measured on 23 November
    change(folder / "actions.yaml", lambda body: keep_actions(body, day, actions))
    change(folder / "resources.yaml", lambda body: keep_resources(body, day))
    change(folder / "stakeholders.yaml", lambda body: keep_register(body, day))
    for path in sorted((folder / "answers").glob("*.yaml")):
        change(path, lambda body: keep_answers(body, day))
        if "settled: {}" in path.read_text(encoding="utf-8"):
            path.unlink()


def change(path, edit):
    """Edit a YAML file by a function that alters what it holds."""
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    body = yaml.load(path.read_text(encoding="utf-8"))
    edit(body)
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(body, file)


def drop_later(row, day, *keys):
    """Remove the dates of a row that lie after a day."""
    for key in keys:
        if key in row and row[key] > day:
            del row[key]


def keep_actions(body, day, names):
    """Keep these actions as they were; what ended later was still open."""
    rows = {row["id"]: row for row in body["actions"]}
    body["actions"] = [rows[name] for name in names]
    for row in body["actions"]:
        drop_later(row, day, *LATER)
        if "done_on" not in row:
            row.pop("state", None)
            row.pop("proof", None)
        known = {*names, "permission/serving-node", "permission/cloud-account"}
        row["needs"] = [need for need in row.get("needs", []) if need in known]


def keep_resources(body, day):
    """Keep what was asked for by then, and what was granted by then."""
    rows = [row for row in body["resources"] if row["asked_on"] <= day]
    body["resources"] = rows
    for row in rows:
        drop_later(row, day, "granted_on")
        row.pop("waits_for", None)  # declared with the look at time and money


def keep_register(body, day):
    """Keep what was known of roles and assets, and what was signed by then."""
    for row in body["roles"]:
        if "buy_in" in row and row["buy_in"]["on"] > day:
            del row["buy_in"]
    for row in body["assets"]:
        drop_later(row, day, "confirmed_on")
    body["sign_offs"] = [row for row in body["sign_offs"] if row["on"] <= day]


def keep_answers(body, day):
    """Keep the answers and confirmations that were given by then."""
    for part in ("answers", "confirms", "settled"):
        rows = body.get(part) or {}
        for name in [name for name, row in rows.items() if row["date"] > day]:
            del rows[name]


def freeze_all(into):
    """Freeze every milestone into a folder, and return the files."""
    files = []
    for day, (name, actions) in DAYS.items():
        with tempfile.TemporaryDirectory() as kept:
            copy = Path(kept) / EXAMPLE.name
            shutil.copytree(EXAMPLE, copy)
            as_on(day, copy, actions)
            asked = ["milestone", str(copy), "--name", name, "--as-of", str(day)]
            if main(asked):
                sys.exit(f"{day} was not frozen")
            target = into / "milestones" / f"{day}.json"
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(copy / "milestones" / target.name, target)
            files.append(target)
    return files


if __name__ == "__main__":
    freeze_all(EXAMPLE)
