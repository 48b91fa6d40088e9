"""Tables are edited in place: what browsers say, what the files hold, what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from readybook import open_workbook
from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.edit.tables import TABLES
from readybook.forms.contract import table_session
from readybook.forms.tables import short_name

GROWING = [name for name, table in TABLES.items() if table.grows]
NEW = {
    "needs": {"what": "Fuel of the flight, in litres", "use": "feature",
              "ask": "data-owner"},
    "resources": {"what": "A disk", "kind": "storage", "needs.disk_gib": 20,
                  "needs.privileges": ["sudo"], "account.provider": "aws",
                  "account.id": "004411"},
    "roles": {"role": "user-representative", "held_by": "nobody-yet", "team": ""},
    "assets": {"what": "Fuel", "accountable": ["data-owner"],
               "confirmed_on": "2026-11-01"},
    "changes": {"date": "2026-10-01", "what": "no", "kind": "system"},
    "actions": {"action": "Load the fuel.", "owner": "data-owner",
                "lead_time_weeks.low": 1, "lead_time_weeks.likely": 2,
                "lead_time_weeks.high": 2.5, "leadership": True},
    "decisions": {"asked": "Buy a node?", "asked_of": "sponsor",
                  "asked_on": "2026-11-01", "about": "role/legal"},
    "exceptions": {"gate": "PRV-10", "asked_by": "operations",
                   "approved_by": "sponsor", "because": "It can wait.",
                   "on": "2026-11-01", "until": "2026-12-31"},
    "replies": {"role": "data-owner", "to": "keys-unique orders.id",
                "text": "Mended.", "on": "2026-11-01"},
    "not_needed": {"checks": ["cpus-enough"], "because": "No machine.",
                   "approved_by": "sponsor", "on": "2026-11-01"},
    "withdrawn": {"check": "keys-unique", "subject": "orders.id",
                  "because": "Done without.", "by": "data-owner", "on": "2026-11-01"},
}  # fmt: skip

UNUSED = {"not_needed", "withdrawn"}  #: of which the example has no row


@pytest.fixture
def example(root, tmp_path):
    """Return the worked example, without its data and evidence."""
    source = root / "templates" / "flight-delays"
    skipped = shutil.ignore_patterns("data", "evidence", "milestones")
    return Path(shutil.copytree(source, tmp_path / "flights", ignore=skipped))


@pytest.fixture(scope="module")
def unchanged(root):
    """The example itself, its bank and what stands in it; only to be looked at."""
    folder = root / "templates" / "flight-delays"
    bank = load_bank_for(folder)
    return folder, bank, open_assessment(folder, bank=bank)


@pytest.fixture
def start(root, tmp_path):
    """A start without any row."""
    return Path(shutil.copytree(root / "templates" / "assessment", tmp_path / "case"))


def opened(folder, name):
    bank = load_bank_for(folder)
    return table_session(folder, bank, open_assessment(folder, bank=bank), name)


def shown(session):
    (message,) = session.handle({"kind": "open"})
    return message


def row(session, name):
    return next(one for one in shown(session)["rows"] if one["id"] == name)


class Tab:
    """What one browser tab says to a table."""

    def __init__(self, session, client="tab"):
        self.session = session
        self.client = client
        self.counter = 0

    def say(self, kind, row="", values=(), base=""):
        self.counter += 1
        return self.again(kind, row, values, base)

    def again(self, kind, row="", values=(), base=""):
        message = {"kind": kind, "question": row, "values": dict(values), "base": base,
                   "client": self.client, "counter": self.counter}  # fmt: skip
        (reply,) = self.session.handle(message)
        return reply


def text_of(folder, session):
    return (folder / session.table.file).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TABLES)
def test_every_table_of_the_example_is_shown_with_words_for_each_cell(unchanged, name):
    """A browser has all that it needs; nothing that the file holds is left out of rows."""
    message = shown(table_session(*unchanged, name))
    columns = {one["key"]: one for one in message["columns"]}

    assert bool(message["rows"]) == (name not in UNUSED)
    assert message["folder"] == str(unchanged[0].resolve())
    assert message["shape"] == ("rows" if TABLES[name].row_keys else "one")
    assert message["reads"] == (name == "sign_offs")
    assert all(one["label"] for one in columns.values())
    assert set(TABLES[name].main) <= set(columns)
    assert {key for one in message["rows"] for key in one["values"]} <= {
        *columns, "fingerprint"}  # fmt: skip
    closed = [one["key"] for one in columns.values() if one["closed"]]
    assert all(message["offers"].get(key) for key in closed)


def test_cells_offer_what_other_parts_of_the_assessment_declare(example):
    """Fields of the data model, steps, respondents and questions can be chosen."""
    offers = {
        name: shown(opened(example, name))["offers"]
        for name in ("needs", "actions", "roles", "resources", "assets", "sign_offs")
    }

    def ids(name, key):
        return {offer["id"] for offer in offers[name][key]}

    assert "flights.arr_delay" in ids("needs", "field")
    assert {"permission/training-node", "history/flights"} <= ids("actions", "needs")
    assert "data-engineer-weather" in ids("roles", "held_by")
    assert {"id": "nobody-yet", "text": "Nobody yet"} in offers["roles"]["held_by"]
    assert "AVL-05" in ids("actions", "decides")
    assert {"flights", "flights.origin", "training-node"} <= ids("assets", "covers")
    assert {"model", "flights"} <= ids("sign_offs", "covers")


@pytest.mark.parametrize("name", GROWING)
def test_row_is_added_to_a_start(start, name):
    """It is in the file, with a name made from its text, and the folder is valid."""
    session = opened(start, name)
    tab = Tab(session)
    reply = tab.say("add", "new-1", NEW[name])

    assert reply["kind"] == "saved"
    assert reply["question"] == "new-1"
    assert row(session, reply["id"])["mark"] == reply["mark"]
    kept = {key: value for key, value in NEW[name].items() if value != ""}
    assert kept.items() <= reply["stored"].items()
    open_assessment(start, bank=load_bank_for(start))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*GROWING} - UNUSED))
def test_row_that_is_removed_is_put_back_with_its_comments(example, name):
    """Until somebody else writes the file, it is the same to the byte."""
    session = opened(example, name)
    before = text_of(example, session)
    taken = shown(session)["rows"]
    tab = Tab(session)
    for one in taken:
        removed = tab.say("remove", one["id"], base=one["mark"])
        if removed["kind"] == "removed":
            break
    assert removed["kind"] == "removed"
    assert len(shown(session)["rows"]) == len(taken) - 1
    undone = tab.say("undo", one["id"], one["values"])

    assert (undone["kind"], undone["mark"]) == ("undone", one["mark"])
    assert text_of(example, session) == before


def test_row_is_put_back_in_its_place_after_the_file_changed(example):
    """What was changed since stays; the row has all that it had, also without a cell."""
    session = opened(example, "resources")
    tab = Tab(session)
    rows = shown(session)["rows"]
    one = next(row for row in rows if row["id"] == "rehearsal")
    before = text_of(example, session)
    assert tab.say("remove", one["id"], base=one["mark"])["kind"] == "removed"
    other = rows[0]
    tab.say("save", other["id"], {"what": "Another"}, other["mark"])
    tab.say("undo", one["id"], one["values"])

    after = shown(session)["rows"]
    assert [row["id"] for row in after] == [row["id"] for row in rows]
    assert after[0]["values"]["what"] == "Another"
    assert text_of(example, session).count("endpoints") == before.count("endpoints")


def test_row_is_put_back_after_the_kernel_was_restarted(example):
    """The browser has its cells."""
    session = opened(example, "needs")
    one = row(session, "wind")
    Tab(session).say("remove", "wind", base=one["mark"])
    later = opened(example, "needs")
    undone = Tab(later).say("undo", "wind", one["values"])

    assert undone["kind"] == "undone"
    assert row(later, "wind") == one


def test_cell_changes_one_line_and_comments_stay(example):
    """The rest of a file that people wrote is the same bytes."""
    session = opened(example, "roles")
    before = text_of(example, session).splitlines()
    one = row(session, "data-engineer")
    Tab(session).say("save", one["id"], {"team": "Weather data"}, one["mark"])
    after = text_of(example, session).splitlines()

    assert [line for line in before if line not in after] == []
    assert [line for line in after if line not in before] == ["    team: Weather data"]
    assert "  # Two people hold this role: their answers are a range." in after


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "one", "values", "told"),
    [
        (
            "needs",
            "wind",
            {"field": "weather.wind_sped"},
            ("field", "weather.wind_speed"),
        ),
        ("needs", "wind", {"id": "Not Good"}, ("id", "small letters")),
        ("resources", "training-node", {"needs.cpus": -1}, ("needs.cpus", "above 0")),
        (
            "resources",
            "training-node",
            {"needs.cpus": "two"},
            ("needs.cpus", "a number"),
        ),
        (
            "permissions",
            "training-node",
            {"granted_on": "2020-01-01"},
            ("granted_on", "the day it was asked"),
        ),
        (
            "permissions",
            "training-node",
            {"budget.currency": "dollars"},
            ("budget.currency", "EUR"),
        ),
        (
            "permissions",
            "training-node",
            {"waits_for": ["nothing"]},
            ("waits_for", "the id of an action"),
        ),
        ("roles", "finance", {"role": "legal"}, ("role", "a second time")),
        ("roles", "legal", {"days_per_week": 9}, ("days_per_week", "at most 7")),
        ("assets", "swf-feed", {"accountable": ["nobody"]}, ("accountable", "a role")),
        ("changes", "wind-check", {"tables": ["wethr"]}, ("tables", "weather")),
        (
            "actions",
            "add-swap",
            {"lead_time_weeks.low": 9},
            ("lead_time_weeks", "low <= likely <= high"),
        ),
        ("actions", "add-swap", {"decides": ["AVL-99"]}, ("decides", "a question")),
        ("value", "value", {"currency": "euro"}, ("currency", "EUR")),
        ("case", "case", {"target_date": "2027-02-30"}, ("target_date", "a date")),
        ("case", "case", {"title": ""}, ("title", "text")),
        ("route", "route", {"log": "../log.csv"}, ("log", "inside the folder")),
        (
            "resources",
            "training-node",
            {"needs.endpoints": ["api.example.org:443 tls", "api.example.org"]},
            ("needs.endpoints", "host"),
        ),
        (
            "value",
            "value",
            {"gain_per_year.low": "a lot"},
            ("gain_per_year.low", "a number"),
        ),
    ],
)
def test_wrong_value_is_told_beside_its_cell_and_nothing_is_written(
    example, name, one, values, told
):
    """Where, what was found, what is expected, what to do; the file is as it was."""
    cell, said = told
    session = opened(example, name)
    before, known = text_of(example, session), row(session, one)
    reply = Tab(session).say("save", one, values, known["mark"])

    assert reply["kind"] == "refused"
    assert list(reply["cells"]) == [cell]
    assert said in reply["cells"][cell][0]
    assert reply["cells"][cell][0].startswith("Found ")
    assert ", do: " in reply["cells"][cell][0]
    assert reply["problems"] == []
    assert text_of(example, session) == before


def test_new_row_that_is_refused_names_its_cell(example):
    """It comes last in the file; its problems are its own, not those of another row."""
    session = opened(example, "needs")
    before = text_of(example, session)
    reply = Tab(session).say("add", "new-1", {**NEW["needs"], "field": "weather.fuel"})

    assert list(reply["cells"]) == ["field"]
    assert text_of(example, session) == before


def test_row_that_another_file_names_is_not_removed(example):
    """The file that names it is told, with its line."""
    session = opened(example, "actions")
    refused = {}
    for one in shown(session)["rows"]:
        reply = Tab(session).say("remove", one["id"], base=one["mark"])
        if reply["kind"] == "refused":
            refused[one["id"]] = reply["problems"]
            break
        Tab(session, "undo").say("undo", one["id"], one["values"])

    assert refused
    assert all(".yaml:" in line for lines in refused.values() for line in lines)


def test_refused_row_may_be_sent_again_once_the_reason_is_gone(example):
    """A refusal is not remembered as the end of it."""
    session = opened(example, "needs")
    tab = Tab(session)
    path = example / "assessment.yaml"
    text = path.read_text(encoding="utf-8")
    one = row(session, "wind")
    path.write_text("format: 1\n", encoding="utf-8")
    assert tab.say("save", "wind", {"what": "Wind"}, one["mark"])["kind"] == "refused"
    path.write_text(text, encoding="utf-8")

    again = tab.again("save", "wind", {"what": "Wind"}, one["mark"])
    assert again["kind"] == "saved"


def test_change_underneath_is_a_conflict_and_theirs_stays(example):
    """Nothing is overwritten; on their mark it can be saved after all."""
    session, elsewhere = opened(example, "needs"), opened(example, "needs")
    one = row(session, "wind")
    Tab(elsewhere).say("save", "wind", {"what": "Theirs"}, one["mark"])
    tab = Tab(session)
    reply = tab.say("save", "wind", {"what": "Mine"}, one["mark"])

    assert reply["kind"] == "conflict"
    assert reply["theirs"]["what"] == "Theirs"
    assert row(session, "wind")["values"]["what"] == "Theirs"
    saved = tab.say("save", "wind", {"what": "Mine"}, reply["mark"])
    assert saved["stored"]["what"] == "Mine"


def test_row_that_was_removed_elsewhere_is_a_conflict(example):
    """There is nothing to save it into; the page may add it again."""
    session = opened(example, "needs")
    one = row(session, "wind")
    Tab(session, "other").say("remove", "wind", base=one["mark"])
    reply = Tab(session).say("save", "wind", {"what": "Mine"}, one["mark"])

    assert (reply["kind"], reply["theirs"]) == ("conflict", None)


def test_row_that_changed_since_is_not_removed(example):
    """Who removes a row has seen it as it is."""
    session = opened(example, "needs")
    one = row(session, "wind")
    Tab(session, "other").say("save", "wind", {"what": "Theirs"}, one["mark"])
    reply = Tab(session).say("remove", "wind", base=one["mark"])

    assert reply["kind"] == "conflict"
    assert row(session, "wind")["values"]["what"] == "Theirs"


def test_second_save_before_the_first_is_acknowledged_is_no_conflict(example):
    """It names the mark that it knew; what was written since is its own, renamed too."""
    session = opened(example, "needs")
    one = row(session, "wind")
    tab = Tab(session)
    tab.say("save", "wind", {"id": "wind-speed"}, one["mark"])
    second = tab.say("save", "wind", {"what": "Speed of the wind"}, one["mark"])

    assert (second["kind"], second["id"]) == ("saved", "wind-speed")
    assert row(session, "wind-speed")["values"]["what"] == "Speed of the wind"


def test_repeated_message_is_acknowledged_and_not_done_again(example):
    """Also where the kernel was restarted in between: a row is added once."""
    session = opened(example, "needs")
    tab = Tab(session)
    first = tab.say("add", "new-1", NEW["needs"])
    assert tab.again("add", "new-1", NEW["needs"]) == first
    same = {**NEW["needs"], "field": "", "id": None}  # of the cells that are empty
    later = Tab(opened(example, "needs")).say("add", "new-1", same)

    assert later["id"] == first["id"]
    ids = [one["id"] for one in shown(session)["rows"]]
    assert ids.count(first["id"]) == 1
    assert len(ids) == 17


def test_message_without_counter_or_of_no_kind_is_left_alone(example):
    """A table does what its page asks for and nothing else."""
    session = opened(example, "permissions")

    assert session.handle({"kind": "save", "question": "x"}) == []
    assert session.handle({"kind": "what"}) == []
    assert session.handle({"kind": "remove", "question": "x", "counter": 1}) == []
    assert session.handle({"kind": "ping", "n": 3}) == [{"kind": "pong", "n": 3}]


def test_file_that_cannot_be_read_is_told_and_comes_back(example):
    """The page says what is wrong in it; a look after it was mended shows the rows."""
    session = opened(example, "changes")
    path = example / "changes.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text("format: 1\nchanges: none\n", encoding="utf-8")
    (told,) = session.handle({"kind": "look"})
    path.write_text(text, encoding="utf-8")
    (rows,) = session.handle({"kind": "look"})

    assert told["problems"][0].startswith("changes.yaml:2: changes: found")
    assert (rows["kind"], len(rows["rows"])) == ("rows", 3)


def test_what_cells_offer_follows_what_was_added(example):
    """A resource that is new can be waited for; a broken folder is told instead."""
    resources, actions = opened(example, "resources"), opened(example, "actions")
    Tab(resources).say("add", "new-1", NEW["resources"])
    (offers,) = actions.standing("")
    assert "permission/disk" in [one["id"] for one in offers["offers"]["needs"]]

    (example / "resources.yaml").write_text("format: 2\n", encoding="utf-8")
    (told,) = actions.standing("")
    assert told["offers"] is None
    assert "resources.yaml:1" in told["problems"][0]


@pytest.mark.parametrize(
    ("name", "how"),
    [("tables", "readybook new"), ("columns", "readybook new"),
     ("permissions", "resources")],
)  # fmt: skip
def test_table_without_a_row_says_how_the_first_comes_about(start, name, how):
    """Where none is added in place; the others have a button."""
    about = shown(opened(start, name))

    assert (about["rows"], about["grows"]) == ([], False)
    assert how in about["begin"]


def test_value_is_declared_in_a_start(start):
    """Its one row is saved as soon as it has what it needs."""
    session = opened(start, "value")
    assert shown(session)["rows"] == []
    tab = Tab(session)
    lacks = tab.say("save", "value", {"currency": "EUR"})
    assert list(lacks["cells"]) == ["source"]
    saved = tab.say("save", "value", {"currency": "EUR", "source": "Finance"})

    assert (saved["kind"], saved["id"]) == ("saved", "value")
    assert "value:\n  currency: EUR\n  source: Finance\n" in text_of(start, session)


def test_endpoint_is_a_text_in_its_cell_and_keys_in_the_file(example):
    """What a text says is written out; emptied, the key is gone."""
    session = opened(example, "resources")
    before, one = text_of(example, session), row(session, "training-node")
    tab, wanted = Tab(session), ["api.example.org:443 tls", "10.0.0.7:5432"]
    saved = tab.say("save", one["id"], {"needs.endpoints": wanted}, one["mark"])

    assert row(session, one["id"])["values"]["needs.endpoints"] == wanted
    held = open_assessment(example, bank=load_bank_for(example)).resources.resources
    ends = next(r for r in held if r.id == "training-node").needs.endpoints
    assert [(e.host, e.port, e.tls) for e in ends] == [
        ("api.example.org", 443, True), ("10.0.0.7", 5432, False)]  # fmt: skip
    tab.say("save", one["id"], {"needs.endpoints": ""}, saved["mark"])
    assert text_of(example, session) == before


def test_case_is_edited_and_the_rest_of_its_file_stays(example):
    """Title and date change in their lines; a unit that is emptied goes with its key."""
    session = opened(example, "case")
    before, one = text_of(example, session).splitlines(), row(session, "case")
    cells = {"title": "Late arrivals", "target_date": "2027-05-01", "unit": ""}
    Tab(session).say("save", "case", cells, one["mark"])
    after = text_of(example, session).splitlines()

    assert [line.split(":")[0] for line in before if line not in after] == [
        "title", "unit", "target_date"]  # fmt: skip
    assert [line for line in after if line not in before] == [
        "title: Late arrivals", "target_date: 2027-05-01"]  # fmt: skip


def test_sign_off_is_recorded_with_what_it_covers(example):
    """As the command does, of today; the list is shown anew."""
    scope = example / "assessment.yaml"
    text = scope.read_text("utf-8").replace("as_of: 2026-11-30", "as_of: today")
    scope.write_text(text, "utf-8")
    session = opened(example, "sign_offs")
    message = {"kind": "sign-off", "question": "sign", "client": "tab", "counter": 1,
               "role": "business-owner", "covers": "flights"}  # fmt: skip
    (reply,) = session.handle(message)

    assert reply["kind"] == "signed"
    assert (example / reply["file"]).is_file()
    assert reply["rows"][-1]["values"]["role"] == "business-owner"
    (refused,) = session.handle({**message, "counter": 2, "role": ""})
    assert "a role of the bank" in refused["problems"][0]


@pytest.mark.parametrize(
    ("text", "taken", "name"),
    [
        (
            "Delay of the inbound aircraft, as known before",
            (),
            "delay-inbound-aircraft",
        ),
        ("The fuel", ("fuel", "fuel-2"), "fuel-3"),
        ("Größe der Maschine", (), "grosse-der-maschine"),
        ("of the", (), "of-the"),
        ("天气", ("need",), "need-2"),
        ("", (), "need"),
        ("x" * 90, (), "x" * 40),
    ],
)
def test_short_name_is_made_from_the_words_that_tell(text, taken, name):
    """It is an id, short, and no other row has it."""
    assert short_name(text, taken, otherwise="need") == name


def test_table_outside_a_notebook_is_a_sentence(example):
    """Plain Python, papermill and the report get text, and no widget."""
    workbook = open_workbook(str(example))
    bundle = workbook.edit("needs")._repr_mimebundle_()

    assert set(bundle) == {"text/html", "text/plain"}
    assert "in JupyterLab this cell is a table" in bundle["text/plain"]


def test_table_that_is_not_there_is_refused(example):
    """The message names the tables."""
    with pytest.raises(ValueError, match=r"^edit: ") as refused:
        open_workbook(str(example)).edit("nedes")
    assert str(refused.value) == (
        f"edit: found 'nedes', expected a table, do: use one of: {', '.join(TABLES)}"
    )


def test_drafted_action_is_offered_until_it_is_a_row_or_dropped(start):
    """It is what the verb drafts; a row of its name, also a dropped one, ends it."""
    session = opened(start, "actions")
    drafted = {one["values"]["id"]: one for one in shown(session)["drafted"]}
    assert drafted["avl-08"]["role"] == "Legal"
    tab = Tab(session)
    tab.say("add", values=drafted["avl-08"]["values"])
    tab.say("add", values={**drafted["own-01"]["values"], "state": "dropped"})
    (now,) = session.standing("")

    still = [one["values"]["id"] for one in now["drafted"]]
    assert still == [name for name in drafted if name not in {"avl-08", "own-01"}]
    assert "drafted" not in shown(opened(start, "needs"))
