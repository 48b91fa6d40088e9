"""A random search over pairs: something is said no more, taken away, or gets better.

Contract, resources, register and ledger of a drawn case are edited, as a team edits files.
"""

import datetime as dt
import os
import random
from collections import Counter
from functools import lru_cache

import pytest

from dice import AS_OF, SAMPLES, Dice
from readybook.checks.catalogue import CHECKS
from readybook.checks.failures import still_failing
from readybook.checks.findings import collect_findings
from readybook.checks.sign_offs import agreement_on, fingerprint_of
from readybook.model.case import (
    Asset,
    BuyIn,
    Resource,
    ResourceNeeds,
    Resources,
    RoleHolder,
    SignOff,
    Stakeholders,
)
from readybook.model.findings import Failures, MachineEvidence, MachineFact
from readybook.score.score import score
from samples import question

PAIRS = 100_000 if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else 2_000
EACH = 4  #: pairs that begin with the same case
RANK = {"not ready": 0, "conditions": 1, "ready": 2}
TARGET = AS_OF + dt.timedelta(days=60)
MORE = (
    question("PRV-02", checks=[("permission-granted", 3, 1)]),
    question("PRV-03", checks=[("memory-enough", 3, 1), ("cpus-enough", 3, 1)]),
    question("AVL-03", checks=[("supply-not-expired", 3, 1)]),
    question("OWN-02", checks=[("owners-single", 3, 1), ("owners-confirmed", 3, 1)]),
    question("OWN-03", checks=[("owners-willing", 3, 1), ("owners-backed", 3, 1)]),
    question("OWN-04", checks=[("needs-owned", 3, 1)]),
)
BANK = SAMPLES.model_copy(
    update={
        "sections": SAMPLES.sections
        | {
            section: (
                *SAMPLES.sections[section],
                *(one for one in MORE if one.id.startswith(section)),
            )
            for section in ("AVL", "PRV", "OWN")
        }
    }
)


# --- a case with all that a team declares --------------------------------------------


def mostly(rng, usual, *others):
    """The usual, or one of the others now and then."""
    return usual if rng.random() < 0.85 else rng.choice(others)


def drawn(seed):
    """A random case with resources, a register and a list of what failed."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    dice = Dice(BANK, seed, past=True)
    dice.noise = min(dice.noise, 0.1)  # else nothing is proven that could be lost
    case = dice.assessment()
    rows = tuple(
        Resource(
            id=name,
            what="It",
            kind="compute",
            grants=mostly(rng, "owner", None),
            asked_on=mostly(rng, AS_OF - dt.timedelta(days=40), None),
            granted_on=mostly(rng, AS_OF - dt.timedelta(days=9), None),
            refused_on=mostly(rng, None, AS_OF - dt.timedelta(days=3)),
            lead_time_days=mostly(rng, 90, 9, None),
            expires=mostly(rng, "never", TARGET, TARGET - dt.timedelta(days=1), AS_OF,
                           AS_OF - dt.timedelta(days=1), None),
            needs=mostly(rng, ResourceNeeds(memory_gib=8, cpus=2),
                         ResourceNeeds(memory_gib=8), None),
            probe=name,
        )
        for name in ("node", "twin")
    )  # fmt: skip
    probes = {
        row.id: MachineEvidence(
            format=1,
            kind="machine",
            readybook="0",
            measured_on=mostly(rng, AS_OF, AS_OF - dt.timedelta(days=400)),
            facts=tuple(
                MachineFact(fact=fact, state="read", value=value, how="a file")
                for fact, value in (
                    ("memory-granted", mostly(rng, 16, 4)),
                    ("cpus-granted", mostly(rng, 4, 1)),
                )
            ),
        )
        for row in rows
    }
    assets = tuple(
        Asset(
            id=name,
            what="It",
            kind="table",
            covers=(name,),
            accountable=mostly(rng, ("owner",), (), ("owner", "other")),
            confirmed_on=mostly(rng, AS_OF, None, AS_OF - dt.timedelta(days=100)),
        )
        for name in ("t", "u")
    )
    held = {role.id: [f"{role.id}-{n}" for n in (1, 2)] for role in BANK.roles}
    state = mostly(rng, "committed", "opposed", "unaware")
    roles = tuple(
        RoleHolder(
            role=role,
            held_by=tuple(names[: mostly(rng, 2, 1)]),
            buy_in=mostly(rng, BuyIn(state=state, on=AS_OF, known_from="Said"), None),
        )
        for role, names in held.items()
    )
    said = {"target_date": mostly(rng, TARGET, None),
            "not_needed": mostly(rng, (), case.scope.not_needed)}  # fmt: skip
    scope = case.scope.model_copy(update=said)
    supply = tuple(
        table.model_copy(update={"expires": mostly(rng, "never", TARGET, AS_OF, None)})
        for table in case.data_model.tables
    )
    model = case.data_model.model_copy(update={"tables": supply})
    signed = agreed_to(model)
    own = [one for one in case.data.findings if CHECKS[one.check].reads == "data"]
    case = case.model_copy(
        update={
            "scope": scope,
            "data_model": model,
            "data": case.data.model_copy(update={"findings": tuple(own)}),
            "resources": Resources(format=1, resources=rows),
            "probes": probes,
            "stakeholders": Stakeholders(
                format=1, roles=roles, assets=assets,
                sign_offs=mostly(rng, signed, signed[:1]),
            ),
        }
    )  # fmt: skip
    return with_ledger(case)


def agreed_to(model):
    """The data model as it is, signed off by two roles."""
    content = agreement_on(model, "model")
    return tuple(
        SignOff(
            role=role, covers="model", on=AS_OF, fingerprint=fingerprint_of(content)
        )
        for role in ("owner", "other")
    )


def with_ledger(case):
    """The case with the list of what fails now, as every verb keeps it."""
    found = still_failing((), collect_findings(case, BANK), case)
    kept = Failures(format=1, kind="failures", readybook="0", findings=found)
    return case.model_copy(update={"failures": kept})


# --- parts that are edited -----------------------------------------------------------


def one_of(rows, rng, **changed):
    """Rows of which one has other values."""
    at = rng.randrange(len(rows))
    new = {
        key: value(rows[at]) if callable(value) else value
        for key, value in changed.items()
    }
    return (*rows[:at], rows[at].model_copy(update=new), *rows[at + 1 :])


def resource(case, rng, **changed):
    rows = one_of(case.resources.resources, rng, **changed)
    return {"resources": case.resources.model_copy(update={"resources": rows})}


def register(case, rng, part, **changed):
    rows = one_of(getattr(case.stakeholders, part), rng, **changed)
    return {"stakeholders": case.stakeholders.model_copy(update={part: rows})}


def table(case, rng, **changed):
    """The contract with one table changed: it is another declaration then."""
    rows = one_of(case.data_model.tables, rng, declared="sha256:new", **changed)
    return {"data_model": case.data_model.model_copy(update={"tables": rows})}


def columns(case, rng, **changed):
    new = lambda one: one_of(one.columns[:1], rng, **changed) + one.columns[1:]  # noqa: E731
    return table(case, rng, columns=new)


def measured_anew(case):
    """The case after a run: what is declared no more is not found, the rest as it was."""
    found = collect_findings(case, BANK)
    kept = still_failing(case.failures.findings, found, case)
    names = {one.name: one.declared for one in case.data_model.tables}
    tables = tuple(
        one.model_copy(update={"declared": names[one.table]})
        for one in case.data.tables
        if one.table in names
    )
    findings = tuple(
        one
        for one in case.data.findings
        if one.subject in CHECKS[one.check].subjects(case)
    )
    return {
        "failures": case.failures.model_copy(update={"findings": kept}),
        "data": case.data.model_copy(update={"tables": tables, "findings": findings}),
    }


# --- said no more: neither bound rises -----------------------------------------------


def end_unsaid(case, rng):
    return resource(case, rng, expires=None)


def target_unsaid(case, _rng):
    return {"scope": case.scope.model_copy(update={"target_date": None})}


def supply_unsaid(case, rng):
    rows = one_of(case.data_model.tables, rng, expires=None)
    return {"data_model": case.data_model.model_copy(update={"tables": rows})}


def lead_time_unsaid(case, rng):
    return resource(case, rng, lead_time_days=None)


def grant_unsaid(case, rng):
    return resource(case, rng, granted_on=None, grants=None, asked_on=None)


def needs_unsaid(case, rng):
    return resource(case, rng, needs=None)


def need_unsaid(case, rng):
    def less(row):
        return row.needs and row.needs.model_copy(update={"cpus": None})

    return resource(case, rng, needs=less)


def probe_lost(case, rng):
    gone = rng.choice(sorted(case.probes))
    return {"probes": {n: one for n, one in case.probes.items() if n != gone}}


def buy_in_unsaid(case, rng):
    return register(case, rng, "roles", buy_in=None)


def confirmation_unsaid(case, rng):
    return register(case, rng, "assets", confirmed_on=None)


def owner_unsaid(case, rng):
    return register(case, rng, "assets", accountable=())


def asset_unsaid(case, rng):
    gone = rng.choice(case.stakeholders.assets)
    rest = tuple(one for one in case.stakeholders.assets if one is not gone)
    return {"stakeholders": case.stakeholders.model_copy(update={"assets": rest})}


def role_unsaid(case, _rng):
    """Whoever is unknown counts, and the band names him: of those who do, nothing rises."""
    if len(case.counted_sheets) < len(case.sheets):
        return {}
    rest = tuple(one for one in case.stakeholders.roles if one.role != "owner")
    return {"stakeholders": case.stakeholders.model_copy(update={"roles": rest})}


def data_lost(_case, _rng):
    return {"data": None}


# --- the contract says less, and nothing was measured since: neither bound rises -----


def list_dropped(case, rng):
    return columns(case, rng, categories=())


def category_may_be_empty(case, rng):
    def looser(one):
        return tuple(c.model_copy(update={"min_rows": 0}) for c in one.categories)

    return columns(case, rng, categories=looser)


def key_dropped(case, rng):
    return table(case, rng, keys=lambda one: one.keys[:1])


def keys_dropped(case, rng):
    return table(case, rng, keys=())


def table_dropped(case, rng):
    gone = rng.choice(case.data_model.tables)
    rest = tuple(one for one in case.data_model.tables if one is not gone)
    return {"data_model": case.data_model.model_copy(update={"tables": rest})}


# --- and all was measured anew, or there is less to permit: the upper bound stays -----


def again(change):
    """The same edit, and a run of measuring after it."""

    def both(case, rng):
        update = change(case, rng)
        return update | measured_anew(case.model_copy(update=update))

    both.__name__ = f"{change.__name__}_and_measured"
    return both


def resource_dropped(case, rng):
    rows = case.resources.resources
    gone = rng.choice(rows)
    rest = tuple(one for one in rows if one is not gone)
    return {"resources": case.resources.model_copy(update={"resources": rest})}


def need_lowered(case, rng):
    return resource(case, rng, needs=ResourceNeeds(memory_gib=1, cpus=1))


# --- better: no lower bound falls ----------------------------------------------------


def permission_for_good(case, rng):
    return resource(case, rng, expires="never")


def permission_granted(case, rng):
    return resource(case, rng, expires="never", granted_on=AS_OF, refused_on=None)


def larger_machine(case, rng):
    name = rng.choice(sorted(case.probes))
    facts = tuple(
        fact.model_copy(update={"value": 64}) for fact in case.probes[name].facts
    )
    probe = case.probes[name].model_copy(update={"facts": facts, "measured_on": AS_OF})
    return {"probes": case.probes | {name: probe}}


def owner_committed(case, rng):
    told = BuyIn(state="committed", on=AS_OF, known_from="Said")
    return register(case, rng, "roles", buy_in=told)


def owner_alone(case, rng):
    """One who has a deputy: two who were accountable stood in for each other."""
    if len(case.stakeholders.people("owner")) == 1:
        return {}
    return register(case, rng, "assets", accountable=("owner",), confirmed_on=AS_OF)


def deputy_named(case, rng):
    """Of one who did not answer: another's answer that counts now may be a lower one."""
    return register(
        case, rng, "roles", held_by=lambda one: (*one.held_by, f"{one.role}-3")
    )


def supply_for_good(case, rng):
    """The supply of a table ends on no day, which all agree to."""
    rows = one_of(case.data_model.tables, rng, expires="never")
    model = case.data_model.model_copy(update={"tables": rows})
    told = {"sign_offs": agreed_to(model)}
    return {
        "data_model": model,
        "stakeholders": case.stakeholders.model_copy(update=told),
    }


#: What cannot move: a late permission is failed already at the lower end, the list of
#: failures holds it at the upper one, and it passes with its grant alone.
IDLE = (lead_time_unsaid,)
SILENCE = (
    end_unsaid, target_unsaid, supply_unsaid, *IDLE, grant_unsaid,
    needs_unsaid, need_unsaid, probe_lost, buy_in_unsaid, confirmation_unsaid,
    owner_unsaid, asset_unsaid, role_unsaid, data_lost,
)  # fmt: skip
LOOSER = (
    list_dropped, category_may_be_empty, key_dropped, keys_dropped,
)  # fmt: skip
LESS = (
    *map(again, (*LOOSER, table_dropped)),
    table_dropped,
    resource_dropped,
    need_lowered,
)
BETTER = (
    permission_for_good, permission_granted, larger_machine, owner_committed,
    owner_alone, deputy_named, supply_for_good,
)  # fmt: skip


def is_measured(result):
    """Whether nothing is left to measure: to drop that is as if nobody had declared it."""
    checks = [check for s in result.standings for check in s.checks]
    return not any(check.missing or check.out_of_date for check in checks)


def ends(result):
    """Verdict and bounds at either end, of what is asked."""
    found = [s for s in result.standings if s.applies]
    return tuple(
        (RANK[getattr(result.verdict, end)],
         {s.question.id: getattr(s.bounds, end) for s in found})
        for end in ("lower", "upper")
    )  # fmt: skip


@lru_cache(1)
def begun(seed):
    """A drawn case, and what is concluded of it."""
    case = drawn(seed)
    return case, score(BANK, case)


def rose(before, after):
    """Whether a verdict or a bound of a question that is asked in both is better."""
    (was, old), (now, new) = before, after
    return now > was or any(new[q] > level for q, level in old.items() if q in new)


@pytest.mark.slow
def test_silence_and_taking_away_gain_nothing_and_what_gets_better_costs_nothing():
    """Each edit of contract, resources and register moves a bound, and none wrongly."""
    moved, tried, broken = Counter(), Counter(), []
    for seed in range(PAIRS):
        rng = random.Random(seed)  # noqa: S311 - no secret
        change = rng.choice((*SILENCE, *LOOSER, *LESS, *BETTER))
        case, before = begun(seed // EACH)
        after = case.model_copy(update=change(case, rng))
        (low, high), (lower, higher) = ends(before), ends(score(BANK, after))
        tried[change.__name__] += 1
        moved[change.__name__] += (low, high) != (lower, higher)
        if change in BETTER:
            wrong = rose(lower, low)
        else:
            held = change in SILENCE or (change in LOOSER and is_measured(before))
            wrong = rose(high, higher) or (held and rose(low, lower))
        if wrong:
            broken.append((change.__name__, seed))

    print(f"moved {sum(moved.values())} of {sum(tried.values())}: {dict(moved)}")  # noqa: T201
    assert not broken
    assert set(tried) == {one.__name__ for one in (*SILENCE, *LOOSER, *LESS, *BETTER)}
    still = {name for name in tried if moved[name] < tried[name] / 200}
    assert still == {one.__name__ for one in IDLE}
