"""Honest teams: each gets the verdict that a fair reviewer would give, for the reason.

The verdict and the reason were written down first; the docstring of each case is what the
reviewer would say. Cases begin with the one that is ready, and change what is other.
"""

from __future__ import annotations

import datetime as dt
import math
import random
import shutil

import pytest
from PIL import Image

import ready_case as case
from doctoring import CONDITIONS, READY, again, answer, tell, unsigned
from readybook.bank.own import load_bank_for
from readybook.plan.steps import derive_plan
from readybook.workbook import open_workbook

pytestmark = pytest.mark.slow

CASES = []
SUNDAY = 6
HOLIDAYS = {
    dt.date(year, month, day)
    for year in range(2023, 2027)
    for month, day in ((1, 1), (1, 6), (5, 1), (8, 15), (10, 26), (12, 25), (12, 26))
}


def honest(verdict):
    """Add a case with the beginning of the headline that it must get."""

    def add(make):
        CASES.append(pytest.param(make, verdict, id=make.__name__.replace("_", "-")))
        return make

    return add


def looked_at(folder, level=3):
    """Let security open every document, and confirm a level of each question."""
    seen = {}
    for role in case.ROLES:
        with case.edited(folder, f"answers/{role}.yaml") as sheet:
            for question in sheet["answers"]:
                who = "legal" if role == "security" else "security"
                row = {"level": level, "saw": f"DOC-{question}", "date": case.SAID}
                seen.setdefault(who, {})[question] = row
    for who, confirms in seen.items():
        with case.edited(folder, f"answers/{who}.yaml") as sheet:
            sheet["confirms"] = confirms


def seen_by_whom_the_bank_names(folder, level=3):
    """Let the role that the bank names confirm what stands in for checks."""
    for _, question in load_bank_for(folder).questions:
        if stand_in := question.stand_in:
            row = {"level": level, "saw": stand_in.proof, "date": case.SAID}
            with case.edited(folder, f"answers/{stand_in.seen_by}.yaml") as sheet:
                sheet.setdefault("confirms", {})[question.id] = row


def not_needed(folder, because, *checks):
    """Declare what no check has to look at."""
    row = {"checks": list(checks), "because": because, "approved_by": "sponsor",
           "on": case.SAID}  # fmt: skip
    with case.edited(folder, "assessment.yaml") as scope:
        scope["not_needed"].append(row)


def facts(folder, **values):
    """Declare other scope facts."""
    with case.edited(folder, "assessment.yaml") as scope:
        scope["facts"] |= {name.replace("_", "-"): one for name, one in values.items()}


# --- data that is not as every day's -------------------------------------------------


@honest(READY)
def shop_that_is_shut_on_sundays(folder):
    """It has said when it is shut, everybody agreed, and every open day has its rows."""
    shut = {dt.date(2026, 8, 15), dt.date(2026, 10, 26)}

    def is_open(row):
        day = dt.date.fromisoformat(row["ordered_at"][:10])
        return day.weekday() != SUNDAY and day not in shut

    case.write_rows(folder, "orders", list(filter(is_open, case.orders())))
    with case.edited(folder, "data.odcs.yaml") as contract:
        calendar = {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat"],
                    "closed": sorted(map(str, shut))}  # fmt: skip
        case.say(case.table_of(contract, "orders"), calendar=calendar)
    again(folder)


def garden_centre(folder):
    """Three years: four times as much in spring as in winter, shut on Sundays, holidays.

    In spring it sells plants; live are the rows of this autumn.
    """
    chance, rows = random.Random(7), []  # noqa: S311 - no secret
    first = case.LAST - dt.timedelta(days=3 * 365)
    for at in range(3 * 365 + 1):
        day = first + dt.timedelta(days=at)
        spring = math.exp(-(((day.timetuple().tm_yday - 125) / 35) ** 2))
        if day.weekday() == SUNDAY or day in HOLIDAYS:
            continue
        for n in range(max(1, round(chance.gauss(2 + 6 * spring, 1)))):
            is_plant = chance.random() < 0.2 + 0.6 * spring
            rows.append(
                {
                    "id": len(rows) + 1,
                    "ordered_at": f"{day} {8 + n}:30:00",
                    "shop": chance.choice(case.SHOPS),
                    "price": chance.randint(5, 30)
                    if is_plant
                    else chance.randint(30, 90),
                    "late": str(chance.random() < 0.2).lower(),
                    "settled_at": day + dt.timedelta(days=1),
                }
            )
    case.write_rows(folder, "orders", rows)
    with case.edited(folder, "data.odcs.yaml") as contract:
        case.say(
            case.table_of(contract, "orders"),
            historyNeeded="P2Y",
            train={"column": "ordered_at", "to": "2026-08-31"},
            live={"table": "arrived", "column": "ordered_at", "from": "2026-09-01"},
        )


@honest(READY)
def garden_centre_with_a_calendar(folder):
    """It has said when it is shut; spring is a season in each year, and autumn is autumn.

    Nothing steps that the years before did not, no open day lacks a row, and live rows
    are like those of the autumns that were learned from.
    """
    garden_centre(folder)
    with case.edited(folder, "data.odcs.yaml") as contract:
        calendar = {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat"],
                    "closed": sorted(map(str, HOLIDAYS))}  # fmt: skip
        case.say(case.table_of(contract, "orders"), calendar=calendar)
    again(folder)


@honest(CONDITIONS + " 1 condition")
def garden_centre_without_a_calendar(folder):
    """Rows are promised for every day and missing on Sundays: one thing to put right.

    That is no reason to stop, and no step or drift; the finding names what ends it.
    """
    garden_centre(folder)
    again(folder)


def test_missing_calendar_is_what_the_condition_asks_for(ready, tmp_path):
    """Whoever reads the only condition knows what to declare, and why."""
    folder = tmp_path / ready.name
    shutil.copytree(ready, folder)
    garden_centre_without_a_calendar(folder)
    result = open_workbook(str(folder)).result
    (name,) = result.conditions
    failed = {
        finding.check: finding.message
        for standing in result.standings
        for check in standing.checks
        for finding in check.findings
        if finding.outcome == "contradicts"
    }

    assert name == "AVL-05"
    assert failed.keys() == {"history-gaps"}
    assert "readiness.calendar" in failed["history-gaps"]


# --- what no check can look at -------------------------------------------------------

DATA = (
    "source-opened", "fields-present", "categories-populated", "label-filled",
    "label-delay", "history-span", "history-gaps", "schema-same", "joins-match",
    "nulls-tolerated", "steps-declared", "keys-unique", "live-like-training",
)  # fmt: skip


def without_tables(folder):
    """Declare no table: pictures lie in a store that no check opens."""
    (folder / "data.odcs.yaml").unlink()
    shutil.rmtree(folder / "agreements")
    shutil.rmtree(folder / "data")
    (folder / "evidence" / "data.json").unlink()
    with case.edited(folder, "assessment.yaml") as scope:
        scope["needs"] = []
    with case.edited(folder, "stakeholders.yaml") as register:
        del register["sign_offs"]
        register["assets"][0] |= {"id": "pictures", "kind": "category", "covers": []}
        del register["assets"][1]
    why = "There are pictures and no tables."
    register_ = ("needs-owned", "agreements-current", "agreements-complete")
    not_needed(folder, why, *DATA, *register_)


def album(folder, *, spoilt=0):
    """Declare pictures in place of tables: a manifest names them, and their labels."""
    shutil.rmtree(folder / "data")
    (folder / "data" / "album").mkdir(parents=True)
    rows = []
    for n, row in enumerate(case.orders(a_day=4)):
        day, name = row["ordered_at"][:10], f"album/{n}.png"
        picture = Image.new("RGB", (64 + n % 5, 64), (n % 251, n // 251, n % 7))
        picture.save(folder / "data" / name)
        if n < spoilt:
            (folder / "data" / name).write_bytes(b"")
        label = ("cat", "dog")[n // 2 % 2]
        rows.append({"file": name, "label": label, "taken_on": day,
                     "labelled_on": dt.date.fromisoformat(day) + dt.timedelta(days=1)})  # fmt: skip
    case.write_rows(folder, "pictures", rows)
    enum = [{"value": one, "customProperties": case.said(minRows=50)}
            for one in ("cat", "dog")]  # fmt: skip
    label = case.said(label=True, labelKnown="labelled_on", labelFill=0.99,
                      labelDelay="P5D")  # fmt: skip

    def of(fact, kind, **more):
        said = case.said(ofFile=fact)
        return case.column(fact, kind, customProperties=said, **more)

    with case.edited(folder, "data.odcs.yaml") as contract:
        table = case.table_of(contract, "orders") | {"name": "pictures"}
        day = {"column": "taken_on"}
        case.say(table, keys=None, eventTime="taken_on",
                 train=day | {"to": "2026-09-30"}, live=day | {"from": "2026-10-01"})  # fmt: skip
        table["properties"] = [
            {**of("path", "string", primaryKey=True), "name": "file"},
            case.column("label", "string", enum=enum, customProperties=label),
            case.column("taken_on", "date"),
            case.column("labelled_on", "date"),
            of("state", "string", enum=[{"value": "read"}]),
            of("content", "string", unique=True),
            of("width", "integer", logicalTypeOptions={"minimum": 64}),
        ]
        contract["schema"] = [table]
        contract["servers"][0]["format"] = "files"
        contract["slaProperties"][0]["element"] = "pictures.taken_on"
    uses = {"taken_on": "time", "label": "label", "width": "feature", "state": "key"}
    with case.edited(folder, "assessment.yaml") as scope:
        scope["needs"] = [
            {"id": name.replace("_", "-"), "what": name, "use": use,
             "field": f"pictures.{name}", "ask": "domain-expert"}
            for name, use in uses.items()
        ]  # fmt: skip
    with case.edited(folder, "stakeholders.yaml") as register:
        register["assets"][0] |= {"id": "pictures", "covers": ["pictures"]}
        del register["assets"][1]
    not_needed(folder, "One table, nothing to join.", "joins-match")
    again(folder)


@honest(READY)
def image_classifier_that_measures_its_files(folder):
    """Each picture opens, none is there twice, and the manifest has labels and dates."""
    album(folder)


@honest("Not enough known: 1 fact decides")
def image_classifier_with_pictures_that_are_empty(folder):
    """Ten of 720 were never copied; who would notice, nobody has said yet."""
    album(folder, spoilt=10)


@honest(READY)
def image_classifier_that_others_have_looked_at(folder):
    """No check reads pictures; who should have seen the manifest and a sample has."""
    without_tables(folder)
    seen_by_whom_the_bank_names(folder)


@honest("Not enough known")
def image_classifier_that_another_looked_at(folder):
    """Security has opened every document, and cannot tell whether the labels are right."""
    without_tables(folder)
    looked_at(folder)


@honest("Not enough known")
def image_classifier_that_nobody_looked_at(folder):
    """Every document is the team's own, and nothing was measured: that is not known."""
    without_tables(folder)


@honest(READY)
def hosted_model(folder):
    """The supplier trains and runs it; what is sent there is measured, access is too."""
    facts(folder, model_origin="bought", serving="online")
    with case.edited(folder, "data.odcs.yaml") as contract:
        gone = dict.fromkeys(("train", "live", "historyNeeded"))
        case.say(case.table_of(contract, "orders"), **gone)
    with case.edited(folder, "resources.yaml") as resources:
        (row,) = resources["resources"]
        row |= {"id": "model", "what": "The supplier's model", "kind": "service"}
        del row["needs"], row["probe"]
    (folder / "evidence" / "node.json").unlink()
    case.answered(folder)
    not_needed(folder, "The supplier runs it.", "memory-enough", "cpus-enough",
               "cpu-unthrottled", "schema-same", "live-like-training")  # fmt: skip
    again(folder)
    seen_by_whom_the_bank_names(folder)


@honest(READY)
def streaming_case(folder):
    """Events arrive all day, fresh to the day before; the same proof holds as for others."""
    facts(folder, serving="streaming")
    case.answered(folder)


def recorded(folder):
    """Declare that the orders are a recorded stretch of a stream."""
    facts(folder, serving="streaming")
    case.answered(folder)
    with case.edited(folder, "data.odcs.yaml") as contract:
        days = {"from": str(case.FIRST), "to": str(case.LAST)}
        sample = {"of": "the topic orders", **days}
        case.say(case.table_of(contract, "orders"), sample=sample)
    case.measured(folder)


@honest(READY)
def stream_of_which_a_sample_was_recorded(folder):
    """Its days are declared, and others agreed that they stand for the rest."""
    recorded(folder)
    again(folder)


@honest("Not enough known")
def stream_of_which_nobody_else_knows_the_sample(folder):
    """That a stretch stands for the stream is the word of those who chose it."""
    recorded(folder)
    unsigned(folder)


@honest(READY)
def stream_that_no_check_reads(folder):
    """Nothing is kept of it; who should have seen the recorded stretches has."""
    facts(folder, serving="streaming")
    case.answered(folder)
    without_tables(folder)
    seen_by_whom_the_bank_names(folder)


# --- people --------------------------------------------------------------------------


@honest(READY)
def three_person_company(folder):
    """Three people hold twelve roles; each limit and document has two of them behind it.

    A sheet has one role, so each of them has a sheet for each of the roles.
    """
    people = ("ann", "bob", "cy")
    with case.edited(folder, "stakeholders.yaml") as register:
        for at, row in enumerate(register["roles"]):
            role, one, other = row["role"], people[at % 3], people[(at + 1) % 3]
            row |= {"held_by": [f"{one}-{role}"], "deputies": [f"{other}-{role}"]}
            sheet = folder / "answers" / f"{role}.yaml"
            sheet.rename(sheet.with_stem(f"{one}-{role}"))


# --- stakes and phases ---------------------------------------------------------------


@honest(READY)
def high_stakes_with_everything_in_place(folder):
    """All is watched too, as high stakes ask, and somebody else has seen that it is."""
    facts(folder, stakes="high")
    case.answered(folder, level=4)
    looked_at(folder, level=4)


@honest("Not ready for production: 24 questions are too low")
def high_stakes_with_what_low_ones_need(folder):
    """In place is not watched: where a livelihood is at stake that is too little."""
    facts(folder, stakes="high")


def prototype(folder):
    """Aim at a prototype: nothing was measured, and all is people's word, improvised."""
    for name in ("data.odcs.yaml", "resources.yaml", "stakeholders.yaml"):
        (folder / name).unlink()
    for name in ("agreements", "evidence"):
        shutil.rmtree(folder / name)
    with case.edited(folder, "assessment.yaml") as scope:
        scope |= {"phase": "prototype", "needs": [], "not_needed": []}
    for role in case.ROLES:
        with case.edited(folder, f"answers/{role}.yaml") as sheet:
            for one in sheet["answers"].values():
                one["answer"] = 1
                del one["proof"]


@honest("Ready for prototype")
def prototype_with_a_sample(folder):
    """Somebody has seen a sample, and law does not forbid it: that is enough to try."""
    prototype(folder)


@honest("Not ready for prototype: 1 gate fails")
def prototype_with_no_data_yet(folder):
    """Nobody has seen any data, so there is nothing to make a prototype with."""
    prototype(folder)
    with answer(folder, "data-scientist", "AVL-01") as own:
        own["answer"] = 0


def test_sample_is_never_better_than_silence_nor_worse_once_others_agree(
    ready, tmp_path
):
    """Until then each check of its table carries to partly in place, and says why."""
    lower, says = {}, {}
    for name in ("silent", "told"):
        for agreed in (False, True):
            folder = tmp_path / f"{name}-{agreed}" / ready.name
            shutil.copytree(ready, folder)
            recorded(folder)
            if name == "silent":
                with case.edited(folder, "data.odcs.yaml") as contract:
                    case.say(case.table_of(contract, "orders"), sample=None)
            again(folder)
            if not agreed:
                unsigned(folder)
            result = open_workbook(str(folder)).result
            lower[name, agreed] = {
                one.question.id: one.bounds.lower for one in result.standings
            }
            says[name, agreed] = " ".join(
                reason.says for one in result.standings for reason in one.derivation
            )

    assert lower["told", True] == lower["silent", True]
    fewer = {
        one for one, level in lower["told", False].items()
        if level < lower["silent", False][one]
    }  # fmt: skip
    assert fewer
    assert all(lower["told", False][one] == 2 for one in fewer)
    assert all(
        level <= lower["silent", False][one]
        for one, level in lower["told", False].items()
    )
    assert "no further: no other role agreed to the sample" in says["told", False]
    assert "the sample" not in says["silent", False]


# --- tables that are small by nature -------------------------------------------------


def with_regions(folder):
    """Let a model learn from the region of a shop, of which there are two rows."""
    with case.edited(folder, "assessment.yaml") as scope:
        scope["track"] = "full"
        scope["needs"].append(
            {"id": "region", "what": "What region is", "use": "feature",
             "field": "shops.region", "ask": "domain-expert"}
        )  # fmt: skip
    case.answered(folder)


def unjoined(folder):
    """Nobody has declared what looks a shop up."""
    with case.edited(folder, "data.odcs.yaml") as contract:
        del case.column_of(contract, "orders", "shop")["relationships"]


def five_orders(folder):
    """Of all orders, five are left to learn from."""
    case.write_rows(folder, "orders", case.read_rows(folder, "orders")[-5:])


def stand_ins_not_needed(folder):
    """Somebody has declared that nothing need look for stand-ins in what is so small."""
    not_needed(folder, "Two rows, which we know by heart.", "sentinels-absent")


def arrivals_not_needed(folder):
    """Somebody has declared that so few orders come on no day's rhythm."""
    not_needed(folder, "Twelve a day, and shops do not come.",
               "arrivals-regular", "data-fresh")  # fmt: skip


@pytest.mark.parametrize(
    ("question", "makes", "lower"),
    [
        ("QLT-04", (), 3),
        ("QLT-04", (unjoined,), 2),
        ("QLT-04", (unjoined, stand_ins_not_needed), 3),
        ("QLT-04", (five_orders, stand_ins_not_needed), 2),
        ("QLT-08", (), 2),
        ("QLT-08", (arrivals_not_needed,), 3),
        ("QLT-08", (five_orders, arrivals_not_needed), 2),
    ],
)
def test_table_that_is_small_by_nature_is_no_fault(
    ready, tmp_path, question, makes, lower
):
    """A shop counts as often as an order finds it; what cannot be judged is declared.

    Five rows to learn from are too few, whatever is declared of them.
    """
    folder = tmp_path / ready.name
    shutil.copytree(ready, folder)
    for make in (with_regions, *makes):
        make(folder)
    again(folder)
    book = open_workbook(str(folder))
    one = next(s for s in book.result.standings if s.question.id == question)

    assert one.bounds.lower == lower, one.derivation
    spared = {c.check for c in one.checks if c.is_spared} | {*case.NOT_NEEDED}
    assert f"{len(spared)} checks declared not needed" in tell(folder)[2]


@pytest.mark.parametrize(("make", "verdict"), CASES)
def test_honest_team_gets_the_verdict_of_a_fair_reviewer(
    ready, tmp_path, make, verdict
):
    """Neither small, nor shut on Sundays, nor without tables is a fault."""
    folder = tmp_path / ready.name
    shutil.copytree(ready, folder)
    make(folder)
    headline, _, page = tell(folder)

    assert headline.startswith(verdict), page


def test_page_names_what_is_too_low_though_no_gate_fails(ready, tmp_path):
    """Who reads why it is not ready reads all of it, with a step proposed for each."""
    folder = tmp_path / ready.name
    shutil.copytree(ready, folder)
    high_stakes_with_what_low_ones_need(folder)
    book = open_workbook(str(folder))
    low = book.result.conditions
    told = book.show("obstacles").html

    assert len(low) == 24
    assert [name for name in low if name not in told] == []
    steps = derive_plan(book.result, book.assessment, book.bank).steps
    assert {name for step in steps for name in step.decides} >= {*low}
    first = book.result.standing(low[0])
    assert first.section == "SCP"
    assert first.question.next[first.bounds.lower].do in book.show("verdict").html
