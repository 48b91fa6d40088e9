"""One of each document that this version reads or writes, kept to be opened forever.

`python tests/released_case.py` writes them to tests/released/VERSION. Do it before a
release; what a released version wrote is never written again.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import ready_case
from own_banks import own_bank, own_question
from readybook import __version__
from readybook.case.open import open_one, open_register
from readybook.cli.main import main
from readybook.measure.route import measure_route
from readybook.model.findings import AccountEvidence, AccountSeen
from readybook.model.portfolio import Portfolio
from readybook.report.render import result_json
from readybook.score.score import score
from readybook.show.kit.case import Case
from readybook.show.portfolio.row import row_of
from readybook.text.documents import save_evidence

TESTS = Path(__file__).parent
RELEASED = TESTS / "released"
LOG = "commit_time,deploy_time\n2026-09-01T09:00:00Z,2026-09-03T09:00:00Z\n"
MORE = {
    "actions.yaml": {
        "format": 1,
        "actions": [{"id": "ask", "action": "Ask for the node", "owner": "sponsor"}],
    },
    "changes.yaml": {
        "format": 1,
        "changes": [{"id": "till", "date": ready_case.FIRST, "what": "A new till",
                     "kind": "system", "tables": ["orders"]}],
    },
    "decisions.yaml": {
        "format": 1,
        "decisions": [{"id": "rent", "asked": "Rent a node?", "asked_of": "finance",
                       "about": "ask", "asked_on": ready_case.FIRST, "decided": "Yes.",
                       "decided_on": ready_case.SAID}],
        "exceptions": [{"gate": "PRV-10", "asked_by": "operations", "on": ready_case.SAID,
                        "until": ready_case.FIRST.replace(year=2027),
                        "approved_by": "sponsor", "because": "It can wait."}],
        "replies": [{"role": "data-owner", "to": "keys-unique orders.id",
                     "text": "Mended.", "on": ready_case.SAID}],
    },
    "answers/agreed.yaml": {
        "format": 1,
        "bank": {"id": "ours", "version": "2.1.0"},
        "settled": {
            "AVL-01": {"answer": 3, "because": "All saw it.", "date": ready_case.SAID,
                       "present": ["data-owner", "sponsor"]}
        },
    },
}  # fmt: skip


def printed(*words):
    """Return what the program prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main(list(map(str, words)))
    if code:
        sys.exit(f"{words}: {code}")
    return out.getvalue()


def register(folder, key):
    """Let what follows be signed, a permission carry an account, and a log be read."""
    public = key.with_suffix(".pub").read_text("utf-8").strip()
    with ready_case.edited(folder, "stakeholders.yaml") as data:
        data["signers"] = [{"role": "operations", "key": public, "team": "Platform"}]
    with ready_case.edited(folder, "resources.yaml") as data:
        data["resources"][0]["account"] = {"provider": "aws", "id": "123456789012"}
        data["route"] = {"log": "deployments.csv"}


def share(case, folder):
    """Write a register that says of a role and a permission what the case says."""
    with (
        ready_case.edited(case, "stakeholders.yaml") as people,
        ready_case.edited(case, "resources.yaml") as resources,
    ):
        role, node = people["roles"][0], resources["resources"][0]
        said = ("id", "what", "kind", "grants", "granted_on", "expires")
        shared = {
            "format": 1,
            "roles": [{key: role[key] for key in ("role", "held_by", "deputies")}],
            "resources": [{key: node[key] for key in said}],
        }
        ready_case.write(folder, "register.yaml", shared)


def write_documents(folder):
    """Write a case with a bank of its own, and what stands beside a case."""
    case = folder / "case"
    case.mkdir(parents=True)
    bank = own_bank(own_question("OWN-90"))
    (case / "bank.yaml").write_text(bank, encoding="utf-8", newline="\n")
    (case / "deployments.csv").write_text(LOG, encoding="utf-8", newline="\n")
    ready_case.write_ready(case)
    ready_case.probed(case, ready_case.probe(memory=1))  # a failure that is kept
    for name, data in MORE.items():
        ready_case.write(case, name, data)
    with tempfile.TemporaryDirectory() as made:
        key = Path(made) / "key"
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key],  # noqa: S607
            check=True,
        )
        register(case, key)
        account = AccountSeen(
            resource="node", state="read", seen="…9012", is_declared=True, how="STS"
        )
        day = {"format": 1, "readybook": __version__, "measured_on": ready_case.SAID}
        accounts = AccountEvidence(kind="accounts", accounts=(account,), **day)
        save_evidence(accounts, case / "evidence" / "accounts.json")
        route = measure_route("deployments.csv", case, earlier=None)
        save_evidence(route, case / "evidence" / "route.json")
        signed = case / "evidence" / "route.json"
        subprocess.run(
            ["ssh-keygen", "-q", "-Y", "sign", "-n", "readybook", "-f", key, signed],  # noqa: S607
            check=True, capture_output=True,
        )  # fmt: skip
    printed("milestone", case, "--name", "As released")
    sheet = printed("questions", case, "--role", "legal", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(sheet)))
    filled = io.StringIO()
    writer = csv.DictWriter(filled, list(rows[0]))
    writer.writeheader()
    writer.writerows({**row, "answer": "2"} for row in rows)
    (folder / "sheet.csv").write_text(filled.getvalue(), encoding="utf-8", newline="")
    share(case, folder)
    shared = open_register(folder / "register.yaml")
    _, assessment, bank = open_one(case, register=shared)
    scored = Case(assessment, bank, score(bank, assessment))
    row = row_of(scored, touched=ready_case.SAID)
    for name, text in {
        "result.json": result_json(scored),
        "row.json": row.model_dump_json(),
        "portfolio.json": Portfolio(
            format=1, readybook=__version__, cases=(row,)
        ).model_dump_json(),
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copytree(TESTS / "broken" / "_bank", folder / "bank")
    for name in ("data", ".readybook"):
        shutil.rmtree(case / name)


def write_released():
    """Write what this version writes, in place of what it wrote before its release."""
    changelog = (TESTS.parent / "CHANGELOG.md").read_text("utf-8")
    if re.search(rf"(?m)^## \[?{re.escape(__version__)}\b", changelog):
        sys.exit(f"{__version__} is released; set the next version first")
    shutil.rmtree(RELEASED / __version__, ignore_errors=True)
    write_documents(RELEASED / __version__)


if __name__ == "__main__":
    write_released()
