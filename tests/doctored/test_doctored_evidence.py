"""Tricks with what was measured: evidence, its ledger of failures, data, the contract."""

import datetime as dt
import json
import shutil

import pytest

import ready_case as case
from doctoring import (
    NOT_KNOWN,
    NOT_READY,
    Refused,
    again,
    drifted,
    empty_category,
    ends_early,
    frozen,
    missing_values,
    no_permission,
    orphans,
    short_history,
    small_machine,
    tricks,
    unmeasured,
    unowned,
    unsigned,
)
from readybook.checks.catalogue import CHECKS
from readybook.workbook import open_workbook

TRICKS, trick = tricks()

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("played", TRICKS, ids=lambda one: one.name)
def test_trick_with_evidence_changes_nothing_for_the_better(play, played):
    """What was measured stays, and what was not measured is not made up."""
    assert not play(played)


def failing(content):
    """The first finding that contradicts, of a file of evidence."""
    return next(f for f in content["findings"] if f["outcome"] == "contradicts")


# --- evidence ------------------------------------------------------------------------


@trick(empty_category, NOT_READY)
def data_removed(folder):
    """Delete evidence/data.json: nothing was measured."""
    (folder / "evidence" / "data.json").unlink()


@trick(empty_category, NOT_READY)
def ledger_removed(folder):
    """Delete the ledger of failures."""
    (folder / "evidence" / "failures.json").unlink()


@trick(empty_category, NOT_KNOWN)
def all_evidence_removed(folder):
    """Delete all that was ever measured, the ledger with it."""
    shutil.rmtree(folder / "evidence")


@trick(frozen, NOT_READY)
def all_evidence_removed_beside_a_milestone(folder):
    """Delete all that was ever measured; only a milestone knows what failed."""
    shutil.rmtree(folder / "evidence")


@trick(frozen, NOT_READY)
def all_evidence_and_the_promise_removed(folder):
    """Delete all that was ever measured, drop the promise that failed, and begin anew."""
    shutil.rmtree(folder / "evidence")
    with contract_of(folder) as contract:
        del case.column_of(contract, "orders", "shop")["enum"]
    case.probed(folder, case.probe())
    again(folder)


@trick(empty_category, Refused("data.json", "seal"))
def outcome_typed(folder):
    """Type that the check passed."""
    with case.typed(folder) as content:
        failing(content)["outcome"] = "supports"


@trick(missing_values, Refused("data.json", "seal"))
def value_typed(folder):
    """Type a smaller share of missing values."""
    with case.typed(folder) as content:
        failing(content).update(value=0, outcome="supports")


@trick(missing_values, Refused("data.json", "seal"))
def seal_removed(folder):
    """Type that the check passed, and take the seal away."""
    with case.typed(folder) as content:
        failing(content)["outcome"] = "supports"
        del content["seal"]


@trick(missing_values, Refused("data.json", "findings[].outcome"))
def outcome_sealed(folder):
    """Type that the check passed, and seal the file anew with readybook's function."""
    with case.typed(folder, sealed=True) as content:
        failing(content)["outcome"] = "supports"


@trick(empty_category, NOT_READY)
def finding_removed(folder):
    """Take the failing finding out of the file, and seal it anew."""
    with case.typed(folder, sealed=True) as content:
        content["findings"].remove(failing(content))


@trick(empty_category, NOT_READY)
def finding_not_measured(folder):
    """Turn the failure into "not measured", and seal the file anew."""
    with case.typed(folder, sealed=True) as content:
        failing(content)["outcome"] = "not measured"


@trick(empty_category, NOT_READY)
def finding_informs(folder):
    """Turn the failure into a remark, and seal the file anew."""
    with case.typed(folder, sealed=True) as content:
        failing(content)["outcome"] = "informs"


@trick(empty_category, NOT_READY)
def finding_backdated(folder):
    """Date the failure two years back, so that it is out of date."""
    with case.typed(folder, sealed=True) as content:
        failing(content)["measured_on"] = "2024-11-28"


@trick(empty_category, Refused("data.json", "findings[].measured_on"))
def finding_postdated(folder):
    """Date the failure after the as-of date, so that it does not count yet."""
    with case.typed(folder, sealed=True) as content:
        failing(content)["measured_on"] = "2027-01-01"


@trick(empty_category, Refused("failures.json", "findings[].measured_on"))
def ledger_postdated(folder):
    """Date what the ledger keeps after the as-of date, and measure nothing."""
    (folder / "evidence" / "data.json").unlink()
    with case.typed(folder, "failures", sealed=True) as content:
        content["findings"][0]["measured_on"] = "2027-01-01"


@trick(empty_category, Refused("failures.json", "seal"))
def ledger_emptied(folder):
    """Empty the ledger, and measure nothing."""
    (folder / "evidence" / "data.json").unlink()
    with case.typed(folder, "failures") as content:
        content["findings"] = []


@trick(empty_category, Refused("data.json", "findings[].subject"))
def finding_twice(folder):
    """Add a second finding of the same subject, one that passes."""
    with case.typed(folder, sealed=True) as content:
        content["findings"].append(
            failing(content) | {"outcome": "supports", "value": 0}
        )


@trick(unowned, Refused("data.json", "findings[].check"))
def register_in_data(folder):
    """Type a finding on the register into the evidence on the data."""
    with case.typed(folder, sealed=True) as content:
        owner = {"check": "owners-single", "subject": "orders-table"}
        first = content["findings"][0] | owner | {"measured_on": "2026-11-30"}
        content["findings"].append(first)


@trick(small_machine, Refused("data.json", "findings[].check"))
def machine_in_data(folder):
    """Type that the memory suffices into the evidence on the data."""
    with case.typed(folder, sealed=True) as content:
        memory = {"check": "memory-enough", "subject": "node", "value": 16}
        first = content["findings"][0] | memory | {"measured_on": "2026-11-30"}
        content["findings"].append(first)


# --- without the list of what failed before -------------------------------------------


def without_list(weak):
    """An honest case that is opened as an earlier version of readybook left it."""

    def made(folder):
        weak(folder)
        (folder / "evidence" / "failures.json").unlink()

    made.__name__ = f"{weak.__name__}_without_list"
    return made


EMPTY, ORPHANS, SMALL = map(without_list, (empty_category, orphans, small_machine))
SHORT = without_list(short_history)
NO_LIST = "no list of earlier failures"


@trick(EMPTY, NOT_READY, NO_LIST)
def table_dropped_without_list(folder):
    """Declare the table no more, and keep the old evidence."""
    with contract_of(folder) as contract:
        contract["schema"].remove(case.table_of(contract, "orders"))
        del contract["slaProperties"]
    with case.edited(folder, "assessment.yaml") as scope:
        del scope["needs"]


@trick(EMPTY, NOT_READY, NO_LIST)
def column_dropped_without_list(folder):
    """Declare the column no more, nor that it is needed."""
    with contract_of(folder) as contract:
        columns = case.table_of(contract, "orders")["properties"]
        columns.remove(case.column_of(contract, "orders", "shop"))
    with case.edited(folder, "assessment.yaml") as scope:
        del scope["needs"][1]


@trick(EMPTY, NOT_READY, NO_LIST)
def categories_dropped_without_list(folder):
    """Declare no category, and that none is needed."""
    categories_dropped_unmeasured(folder)


@trick(SHORT, NOT_READY, NO_LIST)
def history_dropped_without_list(folder):
    """Take back how far history has to reach, and let all agree to that."""
    with contract_of(folder) as contract:
        case.say(case.table_of(contract, "orders"), historyNeeded=None)
    for role in ("data-owner", "data-engineer", "data-scientist"):
        case.signed(folder, role)


@trick(ORPHANS, NOT_KNOWN, NO_LIST)
def join_dropped_without_list(folder):
    """Declare no join, and let all agree to that."""
    with contract_of(folder) as contract:
        del case.column_of(contract, "orders", "shop")["relationships"]
    for role in ("data-owner", "data-engineer", "data-scientist"):
        case.signed(folder, role)


@trick(SMALL, NOT_KNOWN, NO_LIST)
def need_dropped_without_list(folder):
    """Declare no need of memory: that it ever failed is known of nothing."""
    need_dropped(folder)


@trick(SMALL, NOT_KNOWN, NO_LIST)
def machine_renamed_without_list(folder):
    """Rename the machine in its declaration and its probe."""
    machine_renamed(folder)
    (folder / "evidence" / "node.json").rename(folder / "evidence" / "server.json")
    need_dropped(folder)


# --- machines ------------------------------------------------------------------------


@trick(small_machine, NOT_READY)
def probe_removed(folder):
    """Delete what the probe showed."""
    (folder / "evidence" / "node.json").unlink()


@trick(small_machine, Refused("node.json", "seal"))
def probe_typed(folder):
    """Type more memory into what the probe showed."""
    with case.typed(folder, "node") as content:
        content["facts"][0]["value"] = 16


@trick(small_machine, NOT_READY)
def fact_removed(folder):
    """Take the amount of memory out of what the probe showed."""
    with case.typed(folder, "node", sealed=True) as content:
        del content["facts"][0]


@trick(small_machine, NOT_READY)
def probe_not_named(folder):
    """Name no probe of the machine."""
    with case.edited(folder, "resources.yaml") as resources:
        del resources["resources"][0]["probe"]


@trick(small_machine, NOT_READY)
def machine_renamed(folder):
    """Give the machine another name, and probe nothing."""
    with case.edited(folder, "resources.yaml") as resources:
        resources["resources"][0] |= {"id": "server", "probe": "server"}


@trick(small_machine, NOT_READY)
def machine_dropped(folder):
    """Declare no machine, and that no memory is needed."""
    with case.edited(folder, "resources.yaml") as resources:
        resources["resources"] = []
    with case.edited(folder, "assessment.yaml") as scope:
        scope["not_needed"][0]["checks"] += [
            "memory-enough",
            "cpus-enough",
            "cpu-unthrottled",
        ]


@trick(small_machine, NOT_READY)
def need_dropped(folder):
    """Declare no need of memory."""
    with case.edited(folder, "resources.yaml") as resources:
        del resources["resources"][0]["needs"]["memory_gib"]


@trick(small_machine, NOT_READY)
def need_lowered(folder):
    """Need no more memory than the machine has."""
    with case.edited(folder, "resources.yaml") as resources:
        resources["resources"][0]["needs"]["memory_gib"] = 4


@trick(small_machine, NOT_READY)
def need_lowered_and_probed(folder):
    """Need no more memory than the machine has, and probe it anew."""
    need_lowered(folder)
    case.probed(folder, case.probe(memory=4, on=dt.date(2026, 11, 29)))


@trick(small_machine, Refused("server.json", ""))
def probe_copied(folder):
    """Take the probe of a laptop for two machines that are to be of one size."""
    case.probed(folder, case.probe())
    shutil.copy(folder / "evidence/node.json", folder / "evidence/server.json")


@trick(small_machine, Refused("server.json", ""))
def probe_copied_and_dated(folder):
    """Take the probe of a laptop for a second machine, under another date."""
    case.probed(folder, case.probe())
    shutil.copy(folder / "evidence/node.json", folder / "evidence/server.json")
    with case.typed(folder, "server", sealed=True) as content:
        content["measured_on"] = "2026-11-29"


# --- data ----------------------------------------------------------------------------


@trick(missing_values, NOT_KNOWN)
def file_removed(folder):
    """Take the file away and measure anew: it cannot be opened, so nothing fails."""
    (folder / "data" / "orders.csv").unlink()
    case.measured(folder)


@trick(drifted, NOT_READY)
def file_of_live_rows_removed(folder):
    """Take the file away and measure anew: what failed in it stays."""
    (folder / "data" / "orders.csv").unlink()
    case.measured(folder)


@trick(drifted, NOT_READY)
def file_unreadable(folder):
    """Save the file in an encoding that cannot be read, and measure anew."""
    path = folder / "data" / "orders.csv"
    path.write_bytes(path.read_text("utf-8").encode("utf-16"))
    case.measured(folder)


@trick(drifted, NOT_READY)
def file_unreadable_and_ledger_removed(folder):
    """Delete the ledger of failures, too: the evidence itself keeps them."""
    (folder / "evidence" / "failures.json").unlink()
    file_of_live_rows_removed(folder)


@trick(missing_values, NOT_READY)
def file_emptied(folder):
    """Leave a file without rows and measure anew: none has a missing price."""
    path = folder / "data" / "orders.csv"
    path.write_text(path.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    case.measured(folder)


@trick(missing_values, NOT_KNOWN)
def missing_filled_with_zero(folder):
    """Write 0 where a price is missing: questions of the full track alone ask for it."""
    rows = case.read_rows(folder, "orders")
    case.write_rows(
        folder, "orders", [row | {"price": row["price"] or 0} for row in rows]
    )
    case.measured(folder)


# --- the contract --------------------------------------------------------------------


def contract_of(folder):
    """Yield the contract, and write what became of it."""
    return case.edited(folder, "data.odcs.yaml")


@trick(empty_category, NOT_READY)
def category_dropped(folder):
    """Promise only the shops that there are, and measure anew; nobody agrees again."""
    with contract_of(folder) as contract:
        case.column_of(contract, "orders", "shop")["enum"].pop()
    case.measured(folder)


@trick(empty_category, NOT_READY)
def category_dropped_by_all(folder):
    """Promise only the shops that there are, let all agree, and measure one order more."""
    with contract_of(folder) as contract:
        case.column_of(contract, "orders", "shop")["enum"].pop()
    rows = case.read_rows(folder, "orders")
    case.write_rows(folder, "orders", [*rows, rows[-1] | {"id": "999999"}])
    again(folder)


@trick(empty_category, NOT_READY, NO_LIST)
def category_dropped_without_the_list(folder):
    """Delete the ledger as well, and measure anew."""
    (folder / "evidence" / "failures.json").unlink()
    category_dropped_by_all(folder)


@trick(empty_category, NOT_READY)
def promise_lowered(folder):
    """Promise no row of the third shop; only the data owner agrees."""
    with contract_of(folder) as contract:
        west = case.column_of(contract, "orders", "shop")["enum"][-1]
        case.say(west, minRows=0)
    again(folder, "data-owner")


@trick(empty_category, NOT_READY)
def nothing_promised(folder):
    """Promise no row of any shop, and let all agree to that."""
    with contract_of(folder) as contract:
        for one in case.column_of(contract, "orders", "shop")["enum"]:
            case.say(one, minRows=0)
    again(folder)


@trick(empty_category, NOT_READY)
def categories_dropped(folder):
    """Promise no shop at all, let all agree again, and measure anew."""
    with contract_of(folder) as contract:
        del case.column_of(contract, "orders", "shop")["enum"]
    again(folder)


@trick(empty_category, NOT_READY)
def categories_dropped_unmeasured(folder):
    """Promise no shop, and declare that no category is needed."""
    with contract_of(folder) as contract:
        del case.column_of(contract, "orders", "shop")["enum"]
    with case.edited(folder, "assessment.yaml") as scope:
        scope["not_needed"][0]["checks"] += ["categories-populated"]


@trick(empty_category, NOT_READY)
def column_renamed(folder):
    """Call the column by another name and promise the shops that there are."""
    rows = case.read_rows(folder, "orders")
    case.write_rows(folder, "orders", [row | {"store": row["shop"]} for row in rows])
    with contract_of(folder) as contract:
        column = case.column_of(contract, "orders", "shop")
        column["name"] = "store"
        column["enum"].pop()
    with case.edited(folder, "assessment.yaml") as scope:
        scope["needs"][1]["field"] = "orders.store"
    again(folder)


@trick(empty_category, NOT_READY)
def contract_removed(folder):
    """Take the contract away: nothing is declared, so nothing fails."""
    (folder / "data.odcs.yaml").unlink()


@trick(empty_category, NOT_READY)
def contract_removed_and_measured(folder):
    """Take the contract away and measure anew."""
    (folder / "data.odcs.yaml").unlink()
    case.measured(folder)


@trick(short_history, NOT_READY)
def history_not_needed(folder):
    """Take back how far history has to reach, and measure anew."""
    with contract_of(folder) as contract:
        case.say(case.table_of(contract, "orders"), historyNeeded=None)
    again(folder)


@trick(short_history, NOT_READY)
def history_by_the_owner_alone(folder):
    """Let history reach back a month; only the data owner agrees."""
    with contract_of(folder) as contract:
        case.say(case.table_of(contract, "orders"), historyNeeded="P30D")
    again(folder, "data-owner")


@trick(missing_values, NOT_KNOWN)
def limit_raised(folder):
    """Tolerate missing prices; nobody agrees again."""
    with contract_of(folder) as contract:
        price = case.column_of(contract, "orders", "price")
        del price["required"]
        price["quality"] = [
            {"metric": "nullValues", "mustBeLessOrEqualTo": 30, "unit": "percent"}
        ]
    case.measured(folder)


@trick(missing_values, "Ready for production, with 1 condition")
def limit_dropped(folder):
    """Declare no limit of missing prices, and let all agree to that."""
    with contract_of(folder) as contract:
        del case.column_of(contract, "orders", "price")["required"]
    again(folder)


@trick(missing_values, "Ready for production, with 1 condition")
def everything_tolerated(folder):
    """Tolerate that every price is missing, and let all agree to that."""
    with contract_of(folder) as contract:
        price = case.column_of(contract, "orders", "price")
        del price["required"]
        price["quality"] = [
            {"metric": "nullValues", "mustBeLessOrEqualTo": 100, "unit": "percent"}
        ]
    again(folder)


@trick(orphans, "Ready for production, with 1 condition")
def every_orphan_tolerated(folder):
    """Tolerate that no row finds its partner, and let all agree to that."""
    with contract_of(folder) as contract:
        (join,) = case.column_of(contract, "orders", "shop")["relationships"]
        join["customProperties"] = case.said(orphansTolerated=1)
    again(folder)


@trick(orphans, "Ready for production, with 2 conditions")
def join_dropped(folder):
    """Declare no join, let all agree to that, and measure anew."""
    with contract_of(folder) as contract:
        del case.column_of(contract, "orders", "shop")["relationships"]
    again(folder)


@trick(missing_values, "Ready for production, with 1 condition")
def need_of_data_dropped(folder):
    """Need no prices, and measure anew."""
    with case.edited(folder, "assessment.yaml") as scope:
        del scope["needs"][2]
    case.measured(folder)


@trick(drifted, NOT_READY)
def live_rows_not_declared(folder):
    """Declare no live rows, let all agree to that, and measure anew."""
    with contract_of(folder) as contract:
        case.say(case.table_of(contract, "orders"), live=None)
    again(folder)


@trick(drifted, NOT_READY)
def live_rows_are_training_rows(folder):
    """Take a part of the training rows for live ones, and let all agree to that."""
    with contract_of(folder) as contract:
        part = {"column": "ordered_at", "from": "2026-08-01", "to": "2026-09-30"}
        case.say(case.table_of(contract, "orders"), live=part)
    again(folder)


@trick(drifted, NOT_READY)
def training_rows_are_all_rows(folder):
    """Say that the model has learned from live rows too, and let all agree to that."""
    with contract_of(folder) as contract:
        case.say(
            case.table_of(contract, "orders"),
            train={"column": "ordered_at", "from": "2026-10-01"},
        )
    again(folder)


@trick(empty_category, NOT_READY)
def table_renamed(folder):
    """Call the whole table by another name, promise less, and measure anew."""
    (folder / "data" / "orders.csv").rename(folder / "data" / "sales.csv")
    for name in ("data.odcs.yaml", "assessment.yaml", "stakeholders.yaml"):
        text = (folder / name).read_text("utf-8")
        text = text.replace("orders.", "sales.").replace("name: orders", "name: sales")
        text = text.replace("- orders\n", "- sales\n")
        (folder / name).write_text(text, "utf-8")
    with contract_of(folder) as contract:
        case.column_of(contract, "sales", "shop")["enum"].pop()
    again(folder)


@trick(drifted, NOT_READY)
def source_that_nobody_can_open(folder):
    """Say that the data lies in a stream, so that nothing can be measured anew."""
    with contract_of(folder) as contract:
        (server,) = contract["servers"]
        server.clear()
        server |= {"server": "here", "type": "kafka", "host": "broker.example.org"}
    case.measured(folder)


@trick(empty_category, NOT_KNOWN)
def evidence_of_another_case(folder):
    """Take the evidence of a like case, sealed and with its empty list of failures."""
    other = folder.parent / "other" / folder.name
    shutil.copytree(folder, other)
    shutil.rmtree(other / "evidence")
    with contract_of(other) as contract:
        case.column_of(contract, "orders", "shop")["enum"].pop()
    case.probed(other, case.probe())
    again(other)
    shutil.rmtree(folder / "evidence")
    shutil.copytree(other / "evidence", folder / "evidence")


@trick(small_machine, NOT_READY)
def machine_called_a_service(folder):
    """Say that the machine is no machine, and needs nothing."""
    with case.edited(folder, "resources.yaml") as resources:
        (node,) = resources["resources"]
        node["kind"] = "service"
        del node["needs"]


@pytest.mark.parametrize(
    ("question", "own"), [("AVL-06", "data-engineer"), ("QLT-09", "data-scientist")]
)
def test_choice_of_live_rows_needs_a_second_voice(ready, tmp_path, question, own):
    """A check of them carries no further until another role agrees to the choice."""
    folder = tmp_path / ready.name
    shutil.copytree(ready, folder)
    unsigned(folder)

    def lower():
        standing = open_workbook(str(folder)).result.standing(question)
        return standing.bounds.lower

    again(folder, own)
    assert lower() == 2
    case.signed(folder, "security")
    assert lower() == 3


# --- nothing was measured ------------------------------------------------------------


@trick(unmeasured, NOT_KNOWN)
def documents_instead(folder):
    """Put "on file" under every answer instead of measuring."""
    case.answered(folder, level=4)


@trick(unmeasured, NOT_KNOWN)
def nothing_needed(folder):
    """Take all registers away, and declare that no check is needed."""
    for name in ("data.odcs.yaml", "resources.yaml", "stakeholders.yaml"):
        (folder / name).unlink()
    shutil.rmtree(folder / "agreements")
    with case.edited(folder, "assessment.yaml") as scope:
        del scope["needs"]
        scope["not_needed"][0]["checks"] = list(CHECKS)


@trick(unmeasured, Refused("data.json", "seal"))
def evidence_typed(folder):
    """Write evidence by hand."""
    path = folder / "evidence" / "data.json"
    path.parent.mkdir()
    content = {
        "format": 1,
        "kind": "data",
        "readybook": "0.3.0",
        "measured_on": "2026-11-28",
        "tables": [],
        "findings": [],
    }
    path.write_text(json.dumps(content), "utf-8")


@trick(no_permission, "Ready for production, with 1 condition")
def permission_not_needed(folder):
    """Say that nobody has to permit the machine."""
    with case.edited(folder, "resources.yaml") as resources:
        for key in ("grants", "asked_on", "lead_time_days"):
            del resources["resources"][0][key]


@trick(no_permission, "Ready for production, with 1 condition")
def permission_takes_its_time(folder):
    """Say that permissions take a year, so that none is late."""
    with case.edited(folder, "resources.yaml") as resources:
        resources["resources"][0]["lead_time_days"] = 365


@trick(no_permission, "Ready for production, with 1 condition")
def permission_asked_anew(folder):
    """Ask for the permission once more, so that it is not late yet."""
    with case.edited(folder, "resources.yaml") as resources:
        resources["resources"][0]["asked_on"] = case.MEASURED


@trick(ends_early, "Ready for production, with 1 condition")
def end_of_permission_left_out(folder):
    """Say nothing of when the permission ends."""
    with case.edited(folder, "resources.yaml") as resources:
        del resources["resources"][0]["expires"]


@trick(ends_early, "Ready for production, with 1 condition")
def target_date_left_out(folder):
    """Say nothing of when it should be in production, so that nothing ends before."""
    with case.edited(folder, "assessment.yaml") as scope:
        del scope["target_date"]


@trick(no_permission, Refused("resources.yaml", "resources[].granted_on"))
def permission_to_come(folder):
    """Enter the day on which the permission is promised."""
    with case.edited(folder, "resources.yaml") as resources:
        resources["resources"][0]["granted_on"] = dt.date(2027, 1, 15)


# --- less that is looked at ----------------------------------------------------------


def duplicate(folder):
    """Two orders have the same number."""
    rows = case.read_rows(folder, "orders")
    rows[9]["id"] = rows[8]["id"]
    case.write_rows(folder, "orders", rows)
    case.measured(folder)


@trick(
    duplicate, "Ready for production, with 1 condition", "passes since less is asked"
)
def duplicate_called_none(folder):
    """Say that the number that occurs twice means that there is none."""
    number = case.read_rows(folder, "orders")[8]["id"]
    with case.edited(folder, "data.odcs.yaml") as contract:
        column = case.column_of(contract, "orders", "id")
        del column["required"]
        texts = {"missingValues": [number]}
        column["quality"] = [
            {"metric": "missingValues", "arguments": texts, "mustBe": 0}
        ]
    again(folder)


def half_the_prices_lost(folder):
    """Since September two of three prices are missing; four of five may be."""
    rows = case.read_rows(folder, "orders")
    for at, row in enumerate(rows):
        if row["ordered_at"] >= "2026-09" and at % 3:
            row["price"] = ""
    case.write_rows(folder, "orders", rows)
    with case.edited(folder, "data.odcs.yaml") as contract:
        price = case.column_of(contract, "orders", "price")
        del price["required"]
        limit = {"mustBeLessOrEqualTo": 80, "unit": "percent"}
        price["quality"] = [{"metric": "nullValues", **limit}]
    again(folder)


@trick(half_the_prices_lost, NOT_READY, "Every step is declared, orders: failed on")
def column_of_the_step_dropped(folder):
    """Do without the prices, in which the step was, and measure anew."""
    with case.edited(folder, "data.odcs.yaml") as contract:
        orders = case.table_of(contract, "orders")
        orders["properties"].remove(case.column_of(contract, "orders", "price"))
    with case.edited(folder, "assessment.yaml") as scope:
        scope["needs"] = [one for one in scope["needs"] if one["id"] != "price"]
    again(folder)
