"""Rows of tables are added, changed and removed in their files, as people left them."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.edit.entries import Conflict, Saved, mark_of
from readybook.edit.rows import Rows
from readybook.edit.tables import COLUMNS, TABLES
from readybook.model.errors import InvalidInputError

NEED = {"id": "fuel", "what": "Fuel: litres", "use": "feature", "ask": "data-owner"}
#: A row for each list, as a page would send it.
NEW = {
    "needs": NEED,
    "resources": {"id": "disk", "what": "A disk", "kind": "storage",
                  "needs.disk_gib": 20.0, "needs.privileges": ["sudo"]},
    "roles": {"role": "security", "held_by": "nobody-yet", "team": ""},
    "assets": {"id": "fuel", "what": "Fuel", "accountable": ["data-owner"],
               "confirmed_on": "2026-11-01"},
    "sign_offs": {"role": "legal", "covers": "model", "on": "2026-11-01"},
    "changes": {"id": "till", "date": "2026-10-01", "what": "no", "kind": "system"},
    "actions": {"id": "load", "action": "Load it.", "owner": "data-owner",
                "decides": ["AVL-05"], "leadership": True, "due": "2026-12-01"},
    "decisions": {"id": "buy", "asked": "Buy a node?", "asked_of": "sponsor",
                  "asked_on": "2026-11-01", "about": "role/legal"},
    "exceptions": {"gate": "PRV-10", "asked_by": "operations",
                   "approved_by": "sponsor", "because": "It can wait.",
                   "on": "2026-11-01", "until": "2026-12-31"},
    "replies": {"role": "data-owner", "to": "keys-unique orders.id",
                "text": "Mended.", "on": "2026-11-01"},
    "not_needed": {"checks": ["cpus-enough", "gpus-enough"], "because": "No machine.",
                   "approved_by": "sponsor", "on": "2026-11-01"},
    "withdrawn": {"check": "keys-unique", "subject": "orders.id",
                  "because": "Done without.", "by": "data-owner", "on": "2026-11-01"},
}  # fmt: skip


@pytest.fixture
def folder(root, tmp_path):
    """A start without any row."""
    return Path(shutil.copytree(root / "templates" / "assessment", tmp_path / "case"))


@pytest.fixture
def example(root, tmp_path):
    """Return the worked example, without its data and evidence."""
    source = root / "templates" / "flight-delays"
    skipped = shutil.ignore_patterns("data", "evidence")
    return Path(shutil.copytree(source, tmp_path / "flights", ignore=skipped))


class Row(NamedTuple):
    """One row as a page shows it."""

    id: str
    mark: str
    values: dict


def table(name):
    return TABLES[name]


def of(folder, spec):
    return Rows(folder, spec, load_bank_for(folder))


def rows(folder, spec):
    stored = of(folder, spec).stored()
    return [Row(name, mark_of(values), values) for name, values in stored.items()]


def first(folder, spec):
    return rows(folder, spec)[0]


def save_row(folder, spec, name, values, base):
    return of(folder, spec).save(name, values, base)


def add_row(folder, spec, values):
    return of(folder, spec).add(values)


def remove_row(folder, spec, name, base):
    return of(folder, spec).remove(name, base)[0]


def lines_changed(before, after):
    """Lines that went, and lines that came, in order."""
    old, new = before.splitlines(), after.splitlines()
    return [x for x in old if x not in new], [x for x in new if x not in old]


def test_every_table_says_what_its_cells_take():
    """The words are those of the head of the file, and every role column is one."""
    specs = TABLES
    needs = {column.key: column for column in specs["needs"].columns}
    resources = {column.key: column for column in specs["resources"].columns}
    actions = {column.key: column for column in specs["actions"].columns}

    assert needs["use"].choices == ("feature", "label", "key", "time", "segment")
    assert [key for key, one in needs.items() if one.required] == [
        "id", "what", "use", "ask"]  # fmt: skip
    assert [needs[key].kind for key in ("ask", "what", "use")] == [
        "role", "text", "choice"]  # fmt: skip
    assert needs["field"].help == (
        "table.field of data.odcs.yaml; leave it out while nobody knows one: that"
        " is a finding, not a mistake"
    )
    assert resources["needs.memory_gib"].kind == "number"
    assert resources["needs.memory_gib"].help == "GiB, above 0"
    assert not resources["account.id"].required
    assert (actions["leadership"].kind, actions["due"].kind) == ("flag", "date")
    assert actions["decides"].kind == "ids"
    every = [one for spec in specs.values() for one in spec.columns]
    chosen = {one.kind for one in every if one.closed}
    assert chosen == {"choice", "role", "roles", "ids"}
    assert chosen & {one.kind for one in every if not one.closed} == {"ids"}
    assert {c.kind for c in specs["assets"].columns if c.key == "accountable"} == {
        "roles"}  # fmt: skip


def test_key_that_holds_keys_says_which_of_them_it_needs():
    """All figures of a range; of what a machine needs, any."""
    groups = {
        group.key: (group.range, [key.partition(".")[2] for key in group.needs])
        for name in ("actions", "resources", "permissions")
        for group in TABLES[name].groups
    }
    figures = ["low", "likely", "high"]

    assert groups == {
        **dict.fromkeys(("lead_time_weeks", "effort_days", "cost"), (True, figures)),
        "needs": (False, []),
        "account": (False, ["provider", "id"]),
        "budget": (False, ["limit", "currency", "per"]),
    }


def test_words_of_a_column_are_of_one_that_there_is():
    """By its key, or by its table and key; a slip would leave it without them."""
    names = {
        name
        for spec in TABLES.values()
        for column in spec.columns
        for key in (column.key, column.group)
        for name in (key, f"{spec.name}.{key}")
    }

    assert set(COLUMNS) <= names


def test_each_resource_has_two_tables():
    """What it is and who permits it; together they have every column, each once."""
    specs = TABLES
    what, who = ([c.key for c in specs[name].columns] for name in
                 ("resources", "permissions"))  # fmt: skip

    assert set(what) & set(who) == {"id", "what"}
    assert {"granted_on", "budget.limit", "pays"} <= set(who)
    assert {"kind", "needs.cpus", "probe"} <= set(what)


@pytest.mark.parametrize("name", NEW)
def test_first_row_is_added_to_a_start(folder, name):
    """The list that was empty, or was not there, has it; comments below it stay."""
    spec = table(name)
    path = folder / spec.file
    before = path.read_text(encoding="utf-8")
    assert rows(folder, spec) == []
    saved = add_row(folder, spec, NEW[name])
    row = first(folder, spec)
    sent = {key: value for key, value in NEW[name].items() if value != ""}
    went, _ = lines_changed(before, path.read_text(encoding="utf-8"))

    assert isinstance(saved, Saved)
    assert (row.values, row.mark) == (sent, saved.mark)
    assert went in ([], [f"{spec.within}: []"])
    open_assessment(folder, bank=load_bank_for(folder))


@pytest.mark.parametrize("name", NEW)
def test_row_that_was_added_is_removed_again(folder, name):
    """The file is what it was, or says in one line that there is none."""
    spec = table(name)
    path = folder / spec.file
    before = path.read_text(encoding="utf-8")
    add_row(folder, spec, NEW[name])
    row = first(folder, spec)
    assert isinstance(remove_row(folder, spec, row.id, row.mark), Saved)

    assert rows(folder, spec) == []
    assert lines_changed(before, path.read_text(encoding="utf-8")) in (
        ([], []), ([], [f"{spec.within}: []"]))  # fmt: skip


@pytest.mark.parametrize("name", NEW)
def test_file_that_is_not_there_is_made(folder, name):
    """It begins like the start of a new assessment."""
    spec = table(name)
    start = (folder / spec.file).read_text(encoding="utf-8")
    (folder / spec.file).unlink()
    assert rows(folder, spec) == []
    if spec.file == "assessment.yaml":
        with pytest.raises(InvalidInputError) as refused:
            add_row(folder, spec, NEW[name])
        assert str(refused.value) == (
            "assessment.yaml: found no such file, expected the one file that is "
            "required, do: run: readybook new"
        )
        return
    add_row(folder, spec, NEW[name])

    head = start.partition("\nformat: 1")[0]
    assert (folder / spec.file).read_text(encoding="utf-8").startswith(head)
    assert len(rows(folder, spec)) == 1


def test_cell_of_the_example_changes_one_line(example):
    """Hand-written comments, quotes and folded texts of the file are the same bytes."""
    spec = table("permissions")
    path = example / spec.file
    before, row = path.read_text(encoding="utf-8"), first(example, spec)
    save_row(example, spec, row.id, {"granted_on": "2026-11-02"}, row.mark)
    went, came = lines_changed(before, path.read_text(encoding="utf-8"))

    assert [line.split()[0] for line in went] == ["granted_on:"]
    assert came == ["    granted_on: 2026-11-02"]


@pytest.mark.parametrize("end", ["2027-06-30", "never"])
def test_end_of_a_permission_is_a_day_or_never(example, end):
    """One cell takes either, and the file holds it without quotes."""
    spec = table("permissions")
    path = example / spec.file
    before, row = path.read_text(encoding="utf-8"), first(example, spec)
    save_row(example, spec, row.id, {"expires": end}, row.mark)

    assert before.count("expires: 2027-12-31\n") == 1
    after = before.replace("expires: 2027-12-31\n", f"expires: {end}\n")
    assert path.read_text(encoding="utf-8") == after


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["needs", "resources", "permissions", "roles", "assets", "changes", "actions"],
)
def test_every_row_of_the_example_can_be_saved_as_it_is(example, name):
    """What a page shows and sends back changes nothing, though it is all of a row."""
    spec = table(name)
    before = (example / spec.file).read_bytes()
    for row in rows(example, spec):
        saved = save_row(example, spec, row.id, row.values, row.mark)
        assert (saved.stored, saved.mark) == (row.values, row.mark)

    assert (example / spec.file).read_bytes() == before


def test_cell_is_emptied(example):
    """A key without a value goes, and so does a key above it that has no other."""
    spec = table("needs")
    row = first(example, spec)
    save_row(example, spec, row.id, {"field": ""}, row.mark)

    assert "field" not in first(example, spec).values
    spec = table("value")
    row = first(example, spec)
    ends = {key: None for key in row.values if key.startswith("cost_of_delay")}
    save_row(example, spec, row.id, ends, row.mark)
    text = (example / spec.file).read_text(encoding="utf-8")
    assert "cost_of_delay_per_week:" not in text.partition("\nformat")[2]


def test_row_that_somebody_else_changed_is_a_conflict(example):
    """Theirs stays and is shown; a change of another row is no conflict."""
    spec = table("assets")
    known, other = rows(example, spec)[:2]
    save_row(example, spec, known.id, {"what": "Theirs"}, known.mark)
    mine = save_row(example, spec, known.id, {"what": "Mine"}, known.mark)

    assert isinstance(mine, Conflict)
    assert mine.theirs["what"] == "Theirs"
    assert isinstance(remove_row(example, spec, known.id, known.mark), Conflict)
    assert isinstance(
        save_row(example, spec, other.id, {"what": "Mine"}, other.mark), Saved
    )


def test_change_of_what_a_thing_is_does_not_hinder_who_permits_it(example):
    """The two tables of one row are saved side by side."""
    what, who = table("resources"), table("permissions")
    one, other = first(example, what), first(example, who)
    save_row(example, what, one.id, {"needs.cpus": 3}, one.mark)

    assert isinstance(
        save_row(example, who, other.id, {"lead_time_days": 3}, other.mark), Saved
    )


@pytest.mark.parametrize(
    ("name", "cells", "message"),
    [
        (
            "needs",
            {"use": "fature"},
            (
                "needs[0].use: found the text 'fature', expected "
                "one of 'feature', 'label', 'key', 'time', 'segment', do: did you "
                "mean 'feature'?"
            ),
        ),
        (
            "needs",
            {"ask": "nobody"},
            (
                "needs[0].ask: found 'nobody', expected a role of"
                " the bank, do: use one of: business-owner, sponsor, data-owner, "
                "data-engineer, data-scientist, domain-expert, platform-lead, "
                "operations, security, legal, finance, user-representative"
            ),
        ),
        (
            "needs",
            {"field": "flights.none"},
            (
                "needs[0].field: found 'flights.none', expected a"
                " table.field of data.odcs.yaml, do: did you mean 'flights.month'?"
            ),
        ),
        (
            "needs",
            {"colour": "red"},
            (
                "needs[0].colour: found an unknown key, expected "
                "one of id, what, use, field, ask, do: use one of: id, what, use, "
                "field, ask"
            ),
        ),
        (
            "needs",
            {"what": ""},
            ("needs[0].what: found no such key, expected text, do: add 'what: ...'"),
        ),
        (
            "assets",
            {"confirmed_on": "soon"},
            (
                "assets[0].confirmed_on: found the text "
                "'soon', expected a date such as 2026-03-31, do: write a date such as"
                " 2026-03-31"
            ),
        ),
        (
            "actions",
            {"due": 3},
            (
                "actions[0].due: found the number 3, expected a date"
                " such as 2026-03-31, do: write a date such as 2026-03-31"
            ),
        ),
        (
            "changes",
            {"tables": ["none"]},
            (
                "changes[0].tables[0]: found 'none', expected a "
                "table of data.odcs.yaml, do: use one of: flights, weather, planes, "
                "airports, airlines"
            ),
        ),
        (
            "resources",
            {"needs.cpus": -1},
            (
                "resources[0].needs.cpus: found the number -1, "
                "expected a number above 0, do: write a number above 0"
            ),
        ),
    ],
)
def test_row_that_reading_would_refuse_is_not_written(example, name, cells, message):
    """The same words as for the file written by hand."""
    spec = table(name)
    before, row = (example / spec.file).read_bytes(), first(example, spec)
    with pytest.raises(InvalidInputError) as refused:
        save_row(example, spec, row.id, cells, row.mark)

    assert str(refused.value).partition(": ")[2] == message
    assert (example / spec.file).read_bytes() == before


def test_row_is_renamed_and_a_second_one_of_its_name_is_refused(example):
    """Ids stay unique; who still knows the row by its old name is told that it is gone."""
    spec = table("needs")
    one, other = rows(example, spec)[:2]
    save_row(example, spec, one.id, {"id": "renamed"}, one.mark)

    assert first(example, spec).id == "renamed"
    with pytest.raises(InvalidInputError) as refused:
        save_row(example, spec, other.id, {"id": "renamed"}, other.mark)
    assert str(refused.value).partition(": ")[2] == (
        "needs[1].id: found 'renamed' a second time (first: "
        "line 79), expected each once, do: rename or remove one of them"
    )
    gone = save_row(example, spec, one.id, {"what": "x"}, one.mark)
    assert gone == Conflict(spec.file, "", None)
    assert remove_row(example, spec, one.id, one.mark).stored is None


def test_value_is_declared(folder):
    """Figures stand below their key, whole numbers without a point."""
    spec = table("value")
    cells = {"currency": "EUR", "source": "Finance", "cost_of_delay_per_week.low": 1.0,
             "cost_of_delay_per_week.likely": 2.5,
             "cost_of_delay_per_week.high": 4}  # fmt: skip
    assert rows(folder, spec) == []
    with pytest.raises(InvalidInputError) as refused:
        save_row(folder, spec, "value", {"currency": "EUR"}, "")
    assert str(refused.value).partition(": ")[2] == (
        "value.source: found no such key, expected text, do: add 'source: ...'"
    )
    save_row(folder, spec, "value", cells, "")

    assert first(folder, spec).values == cells
    assert (
        "value:\n  currency: EUR\n  cost_of_delay_per_week:\n    low: 1\n"
        "    likely: 2.5\n    high: 4\n  source: Finance\n"
    ) in (folder / spec.file).read_text(encoding="utf-8")


def test_two_rows_of_one_name_are_both_kept(folder):
    """A role that signed the same thing twice on one day has two rows."""
    spec = table("sign_offs")
    for _ in range(2):
        add_row(folder, spec, NEW["sign_offs"])
    one, other = rows(folder, spec)

    assert [one.id, other.id] == [
        "legal model 2026-11-01",
        "legal model 2026-11-01 (2)",
    ]
    save_row(folder, spec, other.id, {"covers": "flights"}, other.mark)
    assert [row.values["covers"] for row in rows(folder, spec)] == ["model", "flights"]


def test_row_that_another_file_names_is_not_removed(folder):
    """The other file would be refused the next time; its line is named."""
    actions, resources = table("actions"), table("resources")
    add_row(folder, actions, NEW["actions"])
    add_row(folder, resources, {**NEW["resources"], "waits_for": ["load"]})
    row = first(folder, actions)
    with pytest.raises(InvalidInputError, match=r"resources.yaml:\d+: .*'load'"):
        remove_row(folder, actions, row.id, row.mark)

    assert first(folder, actions) == row


def test_last_change_is_taken_back_to_the_byte_and_no_earlier_one(folder):
    """Where somebody wrote since, or there was no file, nothing is written."""
    rows_of = of(folder, table("actions"))
    path, file = folder / "actions.yaml", rows_of.file
    rows_of.add(NEW["actions"])
    before, after = file.last_change
    assert (path.read_bytes(), before != after) == (after, True)
    assert file.take_back(before, after)
    assert path.read_bytes() == before

    since = before + b"# theirs\n"
    path.write_bytes(since)
    assert not file.take_back(before, after)
    assert not file.take_back(None, since)
    assert path.read_bytes() == since


def test_change_is_not_taken_back_where_the_files_beside_it_no_longer_fit(folder):
    """The text of before names what another file has no more."""
    actions, resources = of(folder, table("actions")), of(folder, table("resources"))
    actions.add(NEW["actions"])
    waiting = resources.add({**NEW["resources"], "waits_for": ["load"]})
    resources.remove("disk", waiting.mark)
    actions.remove("load", first(folder, table("actions")).mark)
    left = (folder / "resources.yaml").read_bytes()

    assert not resources.file.take_back(*resources.file.last_change)
    assert (folder / "resources.yaml").read_bytes() == left


def test_file_beside_it_that_is_broken_does_not_hinder(folder):
    """It is told only where it may be the reason for what is refused here."""
    actions, resources = table("actions"), table("resources")
    (folder / actions.file).write_text("format: 1\nactions: none\n", encoding="utf-8")
    add_row(folder, resources, NEW["resources"])

    with pytest.raises(InvalidInputError) as refused:
        add_row(
            folder, resources, {**NEW["resources"], "id": "b", "waits_for": ["load"]}
        )
    assert [problem.file for problem in refused.value.problems] == [
        "actions.yaml", "resources.yaml"]  # fmt: skip


def test_fault_of_a_file_beside_it_does_not_hinder(folder):
    """What was wrong elsewhere before is not held against this save."""
    resources, needs = table("resources"), table("needs")
    add_row(folder, resources, NEW["resources"])
    path = folder / resources.file
    text = path.read_text(encoding="utf-8").replace(
        "kind: storage", "kind: storage\n    pays: nobody"
    )
    path.write_text(text, encoding="utf-8")

    assert isinstance(add_row(folder, needs, NEW["needs"]), Saved)
