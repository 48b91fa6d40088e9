"""What a check concludes of a question follows from what the level texts say.

A worked case for each question, each check that it names and the levels between which
the check tells: where the text of the higher one is plainly true, the check passes; where
it is plainly false, it fails; where a part was looked at, it does neither.
"""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass, field
from typing import Any

import pytest

import ready_case as case
import register_case
from readybook.bank.own import find_bank
from readybook.case.open import open_assessment
from readybook.checks.catalogue import CHECKS
from readybook.checks.findings import by_subject, collect_findings
from readybook.checks.sign_offs import SignOffs
from readybook.measure.data import measure_data
from readybook.model.case import Need, Resources, Stakeholders
from readybook.model.findings import (
    AccountEvidence,
    AccountSeen,
    MachineEvidence,
    MachineFact,
    Reach,
    RouteEvidence,
)
from readybook.model.results import Bounds
from readybook.score.claims import Claim, carry, check_results

BANK = find_bank().bank
PAIRS = [
    pytest.param(
        question,
        binding,
        id=f"{question.id}-{binding.check}-{binding.proves}-{binding.supports}",
        marks=[pytest.mark.slow] if CHECKS[binding.check].reads == "data" else [],
    )
    for _, question in BANK.questions
    for binding in question.checks
]
DAY, ON = case.MEASURED, case.SAID
TRUE, FALSE, PART = "passed", "failed", "not measured"


# --- the data: one table that is as declared, and one that is not ---------------------


def sales(*, bad=False):
    """Rows of 120 days, 32 a day. Bad ones break what each check of the data looks at."""
    first, rows = case.LAST - dt.timedelta(days=119), []
    for at in range(120):
        day = first + dt.timedelta(days=at)
        if bad and at == 40:
            continue  # a gap
        for n in range(
            96 if bad and at == 60 else 32
        ):  # a day with three times as many
            price: Any = 10 + n * 7 % 25
            if bad and n % 8 == 0:
                price = -999  # stands for unknown, and lies outside of the range
            if bad and at > 70 and n % 4 == 1:
                price = ""  # a step, and more than may be missing
            rows.append(
                {
                    "id": 1 if bad and len(rows) < 4 else len(rows) + 1,
                    "ordered_at": f"{day} {n % 24:02}:{n // 24:02}:00",
                    "shop": "nowhere" if bad and n % 5 == 0 else case.SHOPS[n % 2],
                    "price": price,
                    "code": "x" if bad else 7,
                    "late": "" if bad and n % 3 == 0 else str(n % 5 == 0).lower(),
                    "settled_at": day + dt.timedelta(days=30 if bad else 1),
                }
            )
    return rows


def write(folder, *, bad=False):
    """Write a case with tables that are as declared, or are not."""
    rows = sales(bad=bad)
    case.write_rows(folder, "orders", rows)
    case.write_rows(
        folder, "shops", [{"shop": one, "region": "coast"} for one in case.SHOPS]
    )
    case.write(folder, "data.odcs.yaml", case.contract())
    case.write(folder, "assessment.yaml", case.scope())
    with case.edited(folder, "data.odcs.yaml") as contract:
        orders = case.table_of(contract, "orders")
        case.say(orders, historyNeeded="P1Y" if bad else "P100D")
        orders["properties"].append(case.column("code", "integer"))
        if bad:
            case.column_of(contract, "orders", "shop")["enum"].append({"value": "west"})
            orders["properties"].append(case.column("gone", "integer"))
            contract["slaProperties"][0]["value"] = 1
            empty = {"name": "empty", "properties": [case.column("x", "integer")]}
            contract["schema"].append(empty)
    if bad:
        late = [row | {"price": 90} for row in rows if row["ordered_at"] >= "2026-10"]
        live = [{k: v for k, v in row.items() if k != "code"} for row in late]
        case.write_rows(folder, "arrived", live)
        (folder / "data" / "empty.csv").write_text("x\n", "utf-8")
        with case.edited(folder, "assessment.yaml") as scope:
            gone = {"id": "gone", "what": "A gone field", "use": "feature",
                    "field": "orders.gone", "ask": "domain-expert"}  # fmt: skip
            scope["needs"].append(gone)
    with case.edited(folder, "assessment.yaml") as scope:
        scope["not_needed"] = []
        scope["needs"].append(
            {"id": "code", "what": "A code", "use": "feature", "field": "orders.code",
             "ask": "domain-expert"}
        )  # fmt: skip
    opened = open_assessment(folder, bank=BANK, as_of=DAY)
    today = DAY + dt.timedelta(days=30 if bad else 0)
    evidence = measure_data(opened, folder, today=today)
    findings = tuple(
        one.model_copy(update={"measured_on": DAY}) for one in evidence.findings
    )
    evidence = evidence.model_copy(update={"measured_on": DAY, "findings": findings})
    return opened.model_copy(update={"data": evidence, "failures": None})


@pytest.fixture(scope="module")
def data_cases(tmp_path_factory):
    """Return the case whose data is as declared, and the one whose data is not."""
    home = tmp_path_factory.mktemp("conclusions")
    found = [write(made_in(home / name), bad=name == "bad") for name in ("good", "bad")]
    shutil.rmtree(home)
    return dict(zip((TRUE, FALSE), found, strict=True))


def made_in(folder):
    """Make a folder, and return it."""
    folder.mkdir()
    return folder


#: Needs that nothing is declared of, and a copy of each table that was never reached.
OPEN = tuple(
    Need(
        id=f"open-{use}", what="It", use=use, field=f"elsewhere.{use}", ask="data-owner"
    )
    for use in ("feature", "label")
)


def partly(assessment):
    """Return the case with more needed, and with tables declared that nobody reached."""
    model, scope = assessment.data_model, assessment.scope
    copies = tuple(
        one.model_copy(
            update={
                "name": f"far-{one.name}",
                "declared": f"far-{one.name}",
                "relationships": tuple(
                    join.model_copy(update={"table": f"far-{one.name}"})
                    for join in one.relationships
                ),
            }
        )
        for one in model.tables
    )
    needs = (
        *scope.needs,
        *OPEN,
        Need(id="far", what="It", use="feature", field="far-orders.price", ask="legal"),
    )
    return assessment.model_copy(
        update={
            "data_model": model.model_copy(update={"tables": (*model.tables, *copies)}),
            "scope": scope.model_copy(update={"needs": needs}),
        }
    )


# --- resources, register and contract, as plain data ----------------------------------

NEEDS = {
    "memory_gib": 8, "swap_gib": 2, "cpus": 2, "disk_gib": 20, "write_mib_per_s": 50,
    "matrix_gflops": 10, "gpus": 1, "gpu_memory_gib": 8, "open_files": 1024,
    "privileges": ["sudo"], "package_index": True,
    "endpoints": [{"host": "feed.example.org", "port": 443}],
}  # fmt: skip
#: What a machine shows; the second word of each pair is too little.
FACTS = {
    "memory-granted": (16, 4), "swap-granted": (4, 0), "cpus-granted": (4, 1),
    "cpu-throttled": (0, 40), "disk-free": (50, 5), "disk-write": (90, 10),
    "matrix-rate": (30, 1), "matrix-threads": (4, 4), "blas-threads": (4, 4),
    "gpus": (1, 0), "gpu-memory": (16, 4), "open-files": (4096, 64),
    "sudo": ("yes", "no"), "package-index": ("yes", "no"), "python": ("3.11.7", "3.9.1"),
    "platform": ("linux", "linux"), "machine": ("x86_64", "x86_64"),
    "blas": ("openblas", "mkl"), "blas-architecture": ("Zen", "Zen"),
}  # fmt: skip


def probe(at, on=DAY):
    """Return what a machine showed: enough (0) or too little (1)."""
    facts = tuple(
        MachineFact(fact=name, state="read", value=values[at], how="a file")
        for name, values in FACTS.items()
    )
    state = ("reached", "refused")[at]
    reach = Reach(host="feed.example.org", port=443, tls=False, state=state)
    return MachineEvidence(
        format=1, kind="machine", readybook="0.1.0", measured_on=on, facts=facts,
        endpoints=(reach,), packages={"numpy": ("2.0.0", "1.0.0")[at]},
    )  # fmt: skip


def account(at):
    """Return whose the credentials are: the declared account's (0) or another's (1)."""
    seen = AccountSeen(
        resource="node", state="read", how="STS", seen=("…9012", "…1111")[at],
        is_declared=at == 0,
    )  # fmt: skip
    return AccountEvidence(
        format=1, kind="accounts", readybook="0.1.0", measured_on=DAY, accounts=(seen,)
    )


def log(median, longest, per_week):
    """Return what the deployment log showed."""
    return RouteEvidence(
        format=1, kind="route", readybook="0.1.0", measured_on=DAY, deployments=9,
        first=dt.date(2026, 9, 1), last=ON, lead_time_median=median, fingerprint="sha256:1",
        lead_time_p90=longest, lead_time_longest=longest, per_week=per_week,
    )  # fmt: skip


def machine(id_="node", **more):
    """A machine of which all is declared, permitted and probed."""
    row = {"id": id_, "what": "Where the job runs", "kind": "compute", "needs": NEEDS,
           "grants": "platform-lead", "granted_on": ON, "expires": "never", "probe": id_}  # fmt: skip
    return row | more


ACCOUNT = {"id": "123456789012", "provider": "aws"}
ROUTE = {"lead_time_days": 5, "deployments_per_week": 1}


@dataclass(frozen=True)
class Declared:
    """What people declared besides the data, and what machines showed."""

    machines: tuple[dict[str, Any], ...] = (
        machine(account=ACCOUNT, same_as="twin"),
        machine("twin", needs={"memory_gib": 1, "cpus": 1}),
    )
    route: dict[str, Any] | None = field(default_factory=lambda: ROUTE)
    evidence: dict[str, Any] = field(
        default_factory=lambda: {
            "probes": {"node": probe(0), "twin": probe(0)},
            "accounts": account(0),
            "route": log(2, 4, 2),
        }
    )


GOOD = Declared()
BAD = Declared(
    machines=(
        machine(account=ACCOUNT, same_as="twin", granted_on=None, asked_on=None),
        machine("twin", needs={"memory_gib": 1, "cpus": 1}),
    ),
    evidence={
        "probes": {"node": probe(1), "twin": probe(0)},
        "accounts": account(1),
        "route": log(9, 20, 0.1),
    },
)
#: A second machine was not looked at, nor was the log told of every change.
HALF = Declared(
    machines=(
        *GOOD.machines,
        machine("far", account=ACCOUNT, same_as="twin", probe="far", grants=None,
                granted_on=None),
    ),
    evidence=GOOD.evidence | {"route": log(2, 9, None)},
)  # fmt: skip


def register(roles=case.ROLES, **asset):
    """A register: one owner of the table and one of the model, each with a deputy."""
    table = {"id": "orders-table", "what": "All orders", "kind": "table",
             "covers": ["orders"], "responsible": "data-engineer",
             "accountable": ["data-owner"], "confirmed_on": ON}  # fmt: skip
    model = {"id": "late-model", "what": "The model", "kind": "model",
             "accountable": ["business-owner"], "confirmed_on": ON}  # fmt: skip
    held = [
        {"role": role, "held_by": [role], "deputies": [f"{role}-deputy"],
         "buy_in": {"state": "committed", "on": ON, "known_from": "Said so"}}
        for role in roles
    ]  # fmt: skip
    return {"format": 1, "roles": held, "assets": [table | asset, model]}


def unheld(plain, role):
    """Return a register in which nobody holds a role."""
    roles = [
        {"role": role, "held_by": "nobody-yet"} if row["role"] == role else row
        for row in plain["roles"]
    ]
    return plain | {"roles": roles}


def opposed(plain, role, state="opposed"):
    """Return a register in which a role is against it; None: nothing is known."""
    known = {"state": state, "on": ON, "known_from": "Said so"}
    roles = [
        {k: v for k, v in row.items() if k != "buy_in"} | ({"buy_in": known} if state else {})
        if row["role"] == role
        else row
        for row in plain["roles"]
    ]  # fmt: skip
    return plain | {"roles": roles}


def alone(plain, role):
    """Return a register in which nobody stands in for a role."""
    roles = [
        {k: v for k, v in row.items() if k != "deputies" or row["role"] != role}
        for row in plain["roles"]
    ]
    return plain | {"roles": roles}


def second(plain, **asset):
    """Return a register with another asset that is data."""
    row = {"id": "far-table", "what": "Another", "kind": "table", "covers": ["shops"],
           "accountable": ["data-owner"], "confirmed_on": ON}  # fmt: skip
    kept = {key: value for key, value in (row | asset).items() if value is not None}
    return plain | {"assets": [*plain["assets"], kept]}


def owned_model(plain, **more):
    """Return a register whose model is owned otherwise."""
    table, model = plain["assets"]
    return plain | {"assets": [table, model | more]}


WHOLE = register()
#: Of each check of the register, one in which its text is false, and one that says a part.
REGISTERS = {
    "needs-owned": (register(covers=["shops"]), None),
    "owners-single": (register(accountable=["data-owner", "legal"]), None),
    "owners-willing": (opposed(WHOLE, "data-owner"), opposed(WHOLE, "data-owner", None)),
    "owners-confirmed": (
        register(confirmed_on=None), register(confirmed_on=dt.date(2026, 1, 1))
    ),
    "owners-backed": (alone(WHOLE, "data-owner"), None),
    "roles-known": (unheld(WHOLE, "data-owner"), None),
    "model-owned": (
        owned_model(WHOLE, accountable=["business-owner", "legal"]),
        opposed(WHOLE, "business-owner", None),
    ),
    "granters-backed": (
        unheld(WHOLE, "platform-lead"),
        register([role for role in case.ROLES if role != "platform-lead"]),
    ),
}  # fmt: skip
#: What a second asset, signature or need leaves open where no register says a part.
BASE = register_case.case(
    roles=(),
    data_model=register_case.model(
        register_case.table(
            "orders",
            register_case.column("shop", "north", "south"),
            origin="The tills",
            expires="never",
        )
    ),
)
SPENT = register_case.model(
    register_case.table(
        "orders",
        register_case.column("shop", "north", "south"),
        expires=dt.date(2026, 1, 1),
    )
)
SIGNED = tuple(
    register_case.signed(role, "orders.shop", by=BASE.data_model)
    for role in ("data-owner", "data-engineer")
)
#: Never fail: what they find contradicts no text.
ONLY_TOLD = {"load-spread", "agreements-current", "agreements-complete"}


def of_people(check, what):
    """Return the case whose documents make a check's text true, false or partly so."""
    reads, declared, plain, model, signed = (
        CHECKS[check].reads,
        GOOD,
        WHOLE,
        None,
        SIGNED,
    )
    if reads == "resources":
        declared = {TRUE: GOOD, FALSE: BAD, PART: HALF}[what]
    elif reads == "contract" and what == FALSE:
        model = SPENT
    elif check == "granters-backed" or (reads == "register" and what != TRUE):
        bad, part = REGISTERS.get(check, (None, None))
        plain = {TRUE: WHOLE, FALSE: bad, PART: part or WHOLE}[what]
    if what == PART:
        signed = {"agreements-current": (), "agreements-complete": SIGNED[:1]}.get(
            check, SIGNED
        )
    resources = {"format": 1, "resources": list(declared.machines)}
    resources |= {"route": declared.route} if declared.route else {}
    people = Stakeholders.model_validate(frozen(plain))
    changes = {
        "resources": Resources.model_validate(frozen(resources)),
        "stakeholders": people.model_copy(
            update={"sign_offs": tuple(entry for entry, _ in signed)}
        ),
        "agreements": {stem: one for _, kept in signed for stem, one in kept.items()},
        "declared": ("data_model", "resources", "stakeholders"),
        **declared.evidence,
    }
    changes |= {"data_model": model} if model else {}
    if what == PART and check == "supply-not-expired":
        changes["data_model"] = register_case.MODEL
    elif what == PART and check == "load-spread":
        heavy = register(confirmed_on=ON)
        for at in range(4):
            heavy = second(heavy, id=f"table-{at}", covers=["orders"])
        changes["stakeholders"] = Stakeholders.model_validate(frozen(heavy))
    elif what == PART and not REGISTERS.get(check, (0, 0))[1] and reads != "resources":
        # What a need names no field of has no owner and no origin.
        need = Need(id="open", what="It", use="feature", ask="data-owner")
        changes["scope"] = BASE.scope.model_copy(update={"needs": (need,)})
    return BASE.model_copy(update=changes)


def frozen(node):
    """Return plain data with tuples for lists, as the models want it."""
    if isinstance(node, dict):
        return {key: frozen(value) for key, value in node.items()}
    return tuple(map(frozen, node)) if isinstance(node, (list, tuple)) else node


# --- each pair ------------------------------------------------------------------------


def concluded(question, binding, assessment):
    """Return what a check says of a question, and the bounds of who claims the most."""
    found = by_subject(collect_findings(assessment, BANK))
    alone = question.model_copy(update={"checks": (binding,)})
    seen = check_results(
        alone, assessment, found, SignOffs(assessment), assessment.as_of
    )
    (result,) = seen
    claim = Claim(
        as_of=assessment.as_of,
        status="answered",
        range=Bounds(lower=4, upper=4),
        word=Bounds(lower=4, upper=4),
    )
    return result, carry(claim, seen).bounds


def judged_in(request, check, what):
    """Return the case in which the text of a check is true, false or partly looked at."""
    if CHECKS[check].reads != "data":
        return of_people(check, what)
    cases = request.getfixturevalue("data_cases")
    return partly(cases[TRUE]) if what == PART else cases[what]


@pytest.mark.parametrize(("question", "binding"), PAIRS)
def test_check_concludes_what_the_level_texts_say(request, question, binding):
    """True passes, false proves the lower text at most, a part decides nothing."""
    for what in (TRUE, FALSE, PART):
        if what == FALSE and binding.check in ONLY_TOLD:
            continue
        found, bounds = concluded(
            question, binding, judged_in(request, binding.check, what)
        )
        told = [(one.subject, one.outcome, one.message) for one in found.findings]

        assert found.outcome == what, (told, found.missing)
        if what == TRUE:
            assert bounds.lower >= min(2, binding.supports)
            assert bounds.upper == 4
        elif what == FALSE:
            assert bounds.upper == binding.proves
        else:
            assert (bounds.lower <= binding.proves, bounds.upper) == (True, 4)
