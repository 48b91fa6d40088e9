"""A small case that is really ready for production: every piece of it can be doctored.

Readybook measures its data, records its sign-offs and seals its evidence. What people
write is plain data here, so that a test can change one key of it.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import json

from ruamel.yaml import YAML

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.edit.signoffs import sign_off
from readybook.measure.data import measure_data
from readybook.measure.failures import failures_kept
from readybook.model.findings import MachineEvidence, MachineFact
from readybook.model.results import seal_of
from readybook.score.score import is_asked
from readybook.text.documents import save_evidence
from readybook.workbook import open_workbook

AS_OF = dt.date(2026, 11, 30)
MEASURED = dt.date(2026, 11, 28)
SAID = dt.date(2026, 11, 20)
FIRST, LAST = dt.date(2026, 6, 1), dt.date(2026, 11, 27)
LIVE = dt.date(2026, 9, 1)  #: first day of which arrived.csv has the orders
A_DAY = 12  #: orders
SHOPS = ("north", "south")
#: Who answers; each role is one person, named after it.
ROLES = (
    "business-owner", "sponsor", "data-owner", "data-engineer", "data-scientist",
    "domain-expert", "platform-lead", "operations", "security", "legal", "finance",
    "user-representative",
)  # fmt: skip
FACTS = {
    "stakes": "low",
    "personal-data": "none",
    "serving": "batch",
    "model-origin": "own",
    "use-case-order": "later",
}
#: What this case does not need: nothing is reached over the network, and no swap.
NOT_NEEDED = ("endpoints-reached", "swap-enough")


# --- files as plain data -------------------------------------------------------------

_YAML = YAML(typ="safe", pure=True)
_YAML.default_flow_style = False
_YAML.width = 4096
_YAML.representer.ignore_aliases = lambda _: True


def write(folder, name, data):
    """Write a YAML file of plain data."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        _YAML.dump(data, file)


@contextlib.contextmanager
def edited(folder, name):
    """Yield a YAML file as plain data, and write what became of it."""
    data = _YAML.load((folder / name).read_text("utf-8"))
    yield data
    write(folder, name, data)


@contextlib.contextmanager
def typed(folder, name="data", *, sealed=False):
    """Yield a file of evidence as plain data, and write what was typed into it."""
    path = folder / "evidence" / f"{name}.json"
    content = json.loads(path.read_text("utf-8"))
    yield content
    if sealed:
        content["seal"] = seal_of(content, "seal")
    path.write_text(json.dumps(content, indent=1), "utf-8")


# --- data and its contract -----------------------------------------------------------


def orders(first=FIRST, last=LAST, a_day=A_DAY):
    """The rows of orders.csv: the same number every day, every kind in each of them."""
    days = (last - first).days + 1
    return [
        {
            "id": n + 1,
            "ordered_at": f"{first + dt.timedelta(n // a_day)} {8 + n % a_day}:30:00",
            "shop": SHOPS[n % 2],
            "price": 10 + n * 7 % 25,
            "late": str(n % 5 == 0).lower(),
            "settled_at": first + dt.timedelta(n // a_day + 1),
        }
        for n in range(days * a_day)
    ]


def write_rows(folder, table, rows):
    """Write a table as CSV; of orders, also what the live service was sent of them."""
    if table == "orders":
        late = [row for row in rows if row["ordered_at"] >= f"{LIVE}"]
        write_rows(folder, "arrived", late)
    path = folder / "data" / f"{table}.csv"
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def read_rows(folder, table):
    """Return the rows of a table, all as text."""
    with (folder / "data" / f"{table}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def said(**properties):
    """Properties of ours, as a contract has them."""
    return [
        {"property": f"readiness.{name}", "value": one}
        for name, one in properties.items()
    ]


def column(name, kind, **more):
    """A column without missing values, of a declared type."""
    return {"name": name, "logicalType": kind, "required": True, **more}


def contract():
    """The data model: orders and the shops that they are joined with."""
    return {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": "orders",
        "version": "1.0.0",
        "status": "active",
        "servers": [
            {
                "server": "here",
                "type": "local",
                "path": "data/{model}.csv",
                "format": "csv",
            }
        ],
        "slaProperties": [
            {
                "property": "latency",
                "value": 3,
                "unit": "d",
                "element": "orders.ordered_at",
            }
        ],
        "schema": [
            {
                "name": "orders",
                "customProperties": said(
                    keys=[["id"]],
                    eventTime="ordered_at",
                    grain="P1D",
                    historyNeeded="P120D",
                    origin="The tills of the shops",
                    expires="2028-12-31",
                    train={"column": "ordered_at", "from": "2026-06-01", "to": "2026-09-30"},
                    live={"table": "arrived", "column": "ordered_at", "from": "2026-10-01"},
                ),
                "properties": [
                    column("id", "integer"),
                    column("ordered_at", "timestamp"),
                    column(
                        "shop",
                        "string",
                        enum=[
                            {"value": one, "customProperties": said(minRows=100)}
                            for one in SHOPS
                        ],
                        relationships=[{"to": "shops.shop"}],
                    ),
                    column(
                        "price",
                        "number",
                        logicalTypeOptions={"minimum": 1, "maximum": 100},
                    ),
                    column(
                        "late",
                        "boolean",
                        customProperties=said(
                            label=True,
                            labelKnown="settled_at",
                            labelFill=0.99,
                            labelDelay="P5D",
                        ),
                    ),
                    column("settled_at", "date"),
                ],
            },
            {
                "name": "shops",
                "customProperties": said(keys=[["shop"]], origin="The land register"),
                "properties": [column("shop", "string"), column("region", "string")],
            },
            {
                "name": "arrived",
                "customProperties": said(eventTime="ordered_at", expires="2028-12-31"),
                "properties": [column("ordered_at", "timestamp")],
            },
        ],
    }  # fmt: skip


def table_of(contract_, name):
    """A table of a contract."""
    return next(one for one in contract_["schema"] if one["name"] == name)


def column_of(contract_, table, name):
    """A column of a contract."""
    columns = table_of(contract_, table)["properties"]
    return next(one for one in columns if one["name"] == name)


def say(part, **properties):
    """Change properties of ours of a table or column; None takes one away."""
    kept = [
        one
        for one in part.get("customProperties", [])
        if one["property"].removeprefix("readiness.") not in properties
    ]
    new = {name: one for name, one in properties.items() if one is not None}
    part["customProperties"] = kept + said(**new)


# --- what people write ---------------------------------------------------------------


def scope():
    """assessment.yaml."""
    uses = {
        "ordered_at": "time",
        "shop": "feature",
        "price": "feature",
        "late": "label",
    }
    return {
        "format": 1,
        "title": "Late orders",
        "team": "Returns",
        "decision": "Late orders are announced a day ahead.",
        "phase": "production",
        "track": "starter",
        "as_of": AS_OF,
        "facts": dict(FACTS),
        "needs": [
            {"id": name.replace("_", "-"), "what": f"What {name} is", "use": use,
             "field": f"orders.{name}", "ask": "domain-expert"}
            for name, use in uses.items()
        ],
        "not_needed": [
            {"checks": list(NOT_NEEDED),
             "because": "The job reads local files and needs no swap.",
             "approved_by": "platform-lead", "on": SAID}
        ],
    }  # fmt: skip


def register():
    """stakeholders.yaml: each role is another person, with a deputy."""
    return {
        "format": 1,
        "roles": [
            {"role": role, "held_by": [role], "deputies": [f"{role}-deputy"],
             "buy_in": {"state": "committed", "on": SAID, "known_from": "Said so"}}
            for role in ROLES
        ],
        "assets": [
            {"id": "orders-table", "what": "All orders", "kind": "table",
             "covers": ["orders"], "responsible": "data-engineer",
             "accountable": ["data-owner"], "confirmed_on": SAID},
            {"id": "shops-table", "what": "All shops", "kind": "table",
             "covers": ["shops"], "responsible": "data-engineer",
             "accountable": ["data-owner"], "confirmed_on": SAID},
            {"id": "late-model", "what": "The model", "kind": "model",
             "accountable": ["business-owner"], "confirmed_on": SAID},
        ],
    }  # fmt: skip


def resources():
    """resources.yaml: one machine, permitted and probed."""
    return {
        "format": 1,
        "resources": [
            {"id": "node", "what": "Where the job runs", "kind": "compute",
             "grants": "platform-lead", "pays": "finance", "asked_on": dt.date(2026, 10, 1),
             "granted_on": SAID, "expires": "never", "needs": {"memory_gib": 8, "cpus": 2}, "probe": "node"}
        ],
    }  # fmt: skip


def probe(memory=16, cpus=4, on=MEASURED):
    """What the machine showed."""
    facts = {
        "memory-granted": (memory, "GiB"),
        "swap-granted": (0, "GiB"),
        "cpus-granted": (cpus, "CPUs"),
        "cpu-throttled": (0, "%"),
    }
    return MachineEvidence(
        format=1,
        kind="machine",
        readybook="0.3.0",
        measured_on=on,
        facts=tuple(
            MachineFact(fact=name, state="read", value=value, unit=unit, how="a file")
            for name, (value, unit) in facts.items()
        ),
    )


def answered(folder, level=3):
    """Write the sheets: each authority answers, and files a document."""
    bank = load_bank_for(folder)
    assessment = open_assessment(folder, bank=bank)
    ref = {"id": bank.id, "version": bank.version}
    full = assessment.scope.track == "full"
    sheets = {role.id: {} for role in bank.roles}
    for _, question in bank.questions:
        if is_asked(question, assessment) and (full or question.is_starter):
            sheets[question.authority][question.id] = {
                "answer": level,
                "date": SAID,
                "proof": {"reference": f"DOC-{question.id}", "date": SAID},
            }
    for role, answers in sheets.items():
        data = {"format": 1, "role": role, "bank": ref, "answers": answers}
        write(folder, f"answers/{role}.yaml", data)


# --- what readybook writes -----------------------------------------------------------


def measured(folder, day=MEASURED):
    """Measure the data as `readybook measure` does."""
    with failures_kept(folder, day):
        bank = load_bank_for(folder)
        assessment = open_assessment(folder, bank=bank, as_of=day)
        evidence = measure_data(assessment, folder, today=day)
        save_evidence(evidence, folder / "evidence" / "data.json")


def probed(folder, evidence, name="node"):
    """Write what a probe showed, as `readybook probe` does."""
    with failures_kept(folder, evidence.measured_on):
        save_evidence(evidence, folder / "evidence" / f"{name}.json")


def signed(folder, role, covers="model", on=SAID):
    """Sign off as `readybook sign-off` does."""
    bank = load_bank_for(folder)
    assessment = open_assessment(folder, bank=bank)
    sign_off(folder, assessment, bank, role=role, covers=covers, on=on)


def write_ready(folder):
    """Write the case that is ready for production, in an empty folder."""
    write_rows(folder, "orders", orders())
    shops = [{"shop": one, "region": "coast"} for one in SHOPS]
    write_rows(folder, "shops", shops)
    write(folder, "data.odcs.yaml", contract())
    write(folder, "assessment.yaml", scope())
    write(folder, "stakeholders.yaml", register())
    write(folder, "resources.yaml", resources())
    answered(folder)
    for role in ("data-owner", "data-engineer", "data-scientist"):
        signed(folder, role)
    probed(folder, probe())
    measured(folder)


def verdict(folder):
    """The two verdicts of a folder, at the lower and the upper bounds."""
    return open_workbook(str(folder)).result.verdict
