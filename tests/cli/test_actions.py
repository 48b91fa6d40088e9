"""The life of an action, and all actions for a spreadsheet and an issue tracker."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import shutil
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import flight_case
from plans import AS_OF, BANK, action, ahead_of, case, dated, weeks
from readybook.case.open import open_one
from readybook.cli.files import start_assessment
from readybook.cli.main import main
from readybook.model.words import money_range
from readybook.plan.steps import action_notes, awaited
from readybook.score.score import score
from readybook.show.action_list import COLUMNS, action_rows, csv_text, markdown_text
from readybook.show.decisions import move_for
from shown import case_of

BEFORE, AFTER = AS_OF - dt.timedelta(days=30), AS_OF + dt.timedelta(days=30)


def rows_of(*actions, **documents):
    """The rows of these actions in the small case."""
    assessment = case(*actions, **documents)
    return action_rows(case_of(assessment, BANK))


def cells(text, delimiter=","):
    """What a spreadsheet reads of a CSV."""
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def record(*actions, **documents):
    """The first action's cells by column."""
    header, first, *_ = cells(csv_text(rows_of(*actions, **documents)))
    return dict(zip(header, first, strict=True))


# --- life --------------------------------------------------------------------------


def flight(*actions):
    """The small case, scored."""
    assessment = case(*actions)
    return score(BANK, assessment), assessment


@pytest.mark.parametrize(
    ("done_on", "waits"),
    [
        (dt.date(2026, 11, 9), ()),  # answered on that very day
        (dt.date(2026, 11, 10), ("QLT-03",)),
        (None, ("QLT-03",)),
    ],
)
def test_what_a_done_action_decides_is_awaited_until_somebody_looks(done_on, waits):
    """The answer is of 9 November; a measurement would do as well."""
    done = action("a", state="done", done_on=done_on, decides=("QLT-03",), proof="P")
    result, _ = flight(done)

    assert awaited(done, result) == waits


def test_a_measurement_after_it_was_done_is_a_look():
    """AVL-03 was answered on 9 November and measured on 23 November."""
    done = action("a", state="done", done_on=dt.date(2026, 11, 20), decides=("AVL-03",))
    result, _ = flight(done)

    assert awaited(done, result) == ()


def test_an_open_action_awaits_nothing():
    """Nothing was promised yet."""
    result, _ = flight(action("a", decides=("QLT-03",)))

    assert awaited(action("a", decides=("QLT-03",)), result) == ()


def test_done_actions_move_no_level_by_themselves():
    """The next answer or measurement does."""
    todo, _ = flight(action("a", decides=("AVL-03",)))
    done, _ = flight(action("a", decides=("AVL-03",), state="done", proof="Minutes"))

    assert done.standings == todo.standings


def test_notes_tell_what_cannot_be_taken_at_its_word():
    """No proof, no day, or nobody has looked since."""
    result, assessment = flight(
        action("bare", state="done"),
        action("shown", state="done", done_on=BEFORE, proof="Minutes"),
        action(
            "waits", state="done", done_on=AS_OF, proof="Minutes", decides=("QLT-03",)
        ),
        action("open", decides=("QLT-03",)),
    )

    assert tuple(action_notes(result, assessment, BANK)) == (
        (
            "actions.yaml: bare is done, and names no proof: a document, or the "
            "evidence that shows it"
        ),
        "actions.yaml: bare is done, and does not say since when: done_on",
        (
            "actions.yaml: waits is done since 30 November 2026, and nothing of that "
            "day or later is known of QLT-03: Data owner can answer again, or it is "
            "measured"
        ),
    )


# --- for a spreadsheet -------------------------------------------------------------


def test_open_actions_come_as_they_are_ranked_then_done_then_dropped():
    """The first row is what to do first."""
    declared = (
        action("dropped", state="dropped"),
        action("done", state="done"),
        action("idle", workaround_for="history/flights"),
        action("plain", lead_time_weeks=weeks(1)),
        action("gate", decides=("AVL-03",), lead_time_weeks=weeks(1)),
    )
    ranked = [worth.step.id for worth in ahead_of(case(*declared)).actions]
    rows = rows_of(*declared)

    assert ranked == ["gate", "plain"]
    assert [row.action.id for row in rows] == [
        *("gate", "plain", "idle", "done", "dropped")
    ]
    assert rows[2].worth is None


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(-500, 900, True), (100, 900, True), (-900, -500, False), (-900, 0, False)],
)
def test_worth_is_told_where_it_may_gain_anything(low, high, told):
    """A range that spans nothing gained is told, with both ends; a sure loss is not."""
    (row,) = rows_of(action("a", lead_time_weeks=weeks(1)))
    net = weeks(low, (low + high) / 2, high)
    worth = replace(row.worth, weeks=2, net=net)
    text = markdown_text((replace(row, worth=worth),))

    assert ("Worth" in text) == told
    assert not told or money_range(low, high, row.currency) in text


SLOW = action(
    "slow",
    "finance",
    decides=("AVL-03", "QLT-03"),
    needs=("first", "load"),
    due=AFTER,
    lead_time_weeks=weeks(18, 19, 20),
    effort_days=weeks(5, 6, 7),
    cost=weeks(8, 9, 10),
    leadership=True,
    accepted_on=BEFORE,
    started_on=AS_OF,
    proof="The\nminutes",
)
DONE = action("b", state="done", done_on=AS_OF, decides=("QLT-03", "AVL-03"))


def test_csv_has_every_figure_in_its_own_column():
    """Low, likely and high; what nobody declared is empty, never 0."""
    header, _, slow, _, done = cells(
        csv_text(action_rows(case_of(dated(SLOW, DONE), BANK)))
    )
    ends = ("low", "likely", "high")

    assert header == [
        *("id", "action", "role", "state", "due", "accepted_on", "started_on"),
        *("done_on", "leadership_decides", "decides", "gates", "needs"),
        "workaround_for",
        *(f"{of}_{end}" for of in ("lead_time_weeks", "effort_days", "cost")
          for end in ends),
        *("weeks_saved", "worth_low", "worth_high", "currency", "awaits", "proof"),
    ]  # fmt: skip
    assert slow == [
        *("slow", "Do slow.", "Finance", "under way"),
        *("2026-12-30", "2026-10-31", "2026-11-30", "", "yes"),
        *("AVL-03 QLT-03", "AVL-03", "first load", ""),
        *("18", "19", "20", "5", "6", "7", "8", "9", "10"),
        *("19", "160", "750", "USD", "", "The minutes"),
    ]
    assert done == [
        *("b", "Do b.", "Sponsor", "done", "", "", "", "2026-11-30", "no"),
        *("QLT-03 AVL-03", *[""] * 15, "USD", "QLT-03 AVL-03", ""),
    ]


FORMULAS = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", " =1", "＝1", "a;=1", 'x","=1']  # noqa: RUF001


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_people_typed_is_never_a_formula(formula):
    """Whichever sign separates cells where the file is opened."""
    text = csv_text(rows_of(action("a", proof=formula.strip() or "x")))

    assert not formulas_in(text)


@pytest.mark.slow
@given(st.text(st.sampled_from("=+-@ \t;,\"|'aＡ＝1"), min_size=1))  # noqa: RUF001
def test_no_text_at_all_becomes_a_formula(text):
    """Generated of the signs that could make one."""
    row = rows_of(action("a"))[0]
    typed = row.action.model_copy(update={"proof": text, "action": text})
    changed = type(row)(typed, row.role, row.state, None, (), "")

    assert not formulas_in(csv_text([changed]))


def formulas_in(text):
    """The cells that a spreadsheet would run, numbers left out."""
    found = [
        cell
        for delimiter in ",;\t|"
        for row in cells(text, delimiter)
        for cell in row
        if re.match(r'[\s"]*[=+\-@＝＋－＠]', cell)  # noqa: RUF001
    ]
    return [cell for cell in found if not re.fullmatch(r"-?[\d.]+", cell)]


def test_text_with_quotes_and_lines_stays_one_cell():
    """A line break would be a new row in some programs."""
    assert record(action("a", proof='He said "done",\nthen left'))["proof"] == (
        'He said "done", then left'
    )


# --- for an issue tracker ----------------------------------------------------------


def test_markdown_is_a_list_of_tasks():
    """Open ones can be ticked; done ones are."""
    declared = dated(SLOW, DONE, action("c", state="dropped"))
    text = markdown_text(action_rows(case_of(declared, BANK)))

    assert text.splitlines()[4:] == [
        "- [ ] **Do slow.** (`slow`)",
        "  - Finance, due 30 December 2026, under way",
        "  - Takes 18 to 20 weeks, 5 to 7 person-days",
        "  - Decides AVL-03, QLT-03",
        "  - Waits for first, load",
        "  - Worth USD 160 to 750",
        "  - Done when there is: The minutes",
        "- [ ] **Do load.** (`load`)",
        "  - Sponsor, no date, accepted",
        "  - Takes 2 weeks, 1 to 3 person-days",
        "  - Worth USD -4 to 34",
        "- [x] **Do b.** (`b`)",
        "  - Sponsor, no date, done",
        "  - Decides QLT-03, AVL-03",
        "  - Not looked at since it was done: QLT-03, AVL-03",
        "  - No proof is named",
        "- [ ] ~~Do c.~~ (`c`)",
        "  - Sponsor, no date, dropped",
    ]
    done = action("b", state="done", proof="#7")
    assert markdown_text(rows_of(done)).endswith("\n  - Shown by: `#7`\n")


def test_markdown_calls_nobody_and_makes_no_link():
    """An @ or # would notify people or point at another issue."""
    typed = "Ask @team about #12, <b>now</b>, [here](http://x) *or* `there`"
    text = markdown_text(rows_of(action("a", proof=typed)))

    assert "Ask `@team` about `#12`, " in text  # no tracker looks into code
    assert r"\<b\>now\</b\>, \[here\](http://x) \*or\* \`there\`" in text


def test_markdown_of_no_action_says_so():
    """An empty list would be a puzzle."""
    assert markdown_text(()) == "No action is declared yet: actions.yaml.\n"


# --- the verb ----------------------------------------------------------------------


@pytest.fixture
def folder(root, tmp_path):
    """A copy of the example without its data."""
    copy = tmp_path / "case"
    source = root / "templates" / "flight-delays"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("data", "milestones"))
    return copy


def test_verb_prints_csv_or_markdown(folder, capsys):
    """Nothing else is on standard output."""
    assert main(["actions", str(folder), "--format", "csv"]) == 0
    header, *rows = cells(capsys.readouterr().out)
    assert tuple(header) == COLUMNS
    assert all(len(row) == len(COLUMNS) for row in rows)

    assert main(["actions", str(folder)]) == 0
    text = capsys.readouterr().out
    listed, _, waiting = text.partition("\nDecisions and exceptions that wait:\n\n")
    assert listed.partition("\nDrafted for")[0].count("\n- [") == len(rows) - 1
    assert listed.startswith("- [ ] **")
    assert waiting == (
        "- [ ] Sponsor: Name who answers for security (name-security), asked on 3 November "
        "2026, to be decided by 11 December 2026.\n"
    )


def test_check_tells_of_the_done_action_that_nobody_answered_to(folder, capsys):
    """The example has one."""
    assert main(["check", str(folder)]) == 0

    assert "find-catalogue is done since 27 November 2026" in capsys.readouterr().out


def test_flight_case_has_an_action_without_proof():
    """The table of the report tells so, too."""
    result = score(BANK, flight_case.flight_assessment())
    notes = tuple(action_notes(result, flight_case.flight_assessment(), BANK))

    assert any("old is done, and names no proof" in note for note in notes)


# --- drafted --------------------------------------------------------------------------


@pytest.mark.slow
def test_drafted_actions_are_listed_and_written_beside_what_was_typed(tmp_path, capsys):
    """One for each gate that no action is to settle; twice drafted is once written."""
    start_assessment(folder := tmp_path / "case")
    file = folder / "actions.yaml"
    typed = (
        "actions:  # ours\n"
        "  - { id: fill, action: Fill them., owner: legal, decides: [AVL-03] } # typed\n"
        "  - { id: own-01, action: Ask., owner: sponsor, state: dropped }\n"
    )
    text = file.read_text("utf-8").replace("actions: []\n", typed)
    file.write_text(text, "utf-8")
    main(["actions", str(folder)])
    listed = capsys.readouterr().out
    assert file.read_text("utf-8") == text  # listing writes nothing
    assert "Has a model been taken along the route to production" in listed
    assert "avl-03" not in listed  # an action is to settle it
    assert ", own-01)" not in listed  # dropped

    assert main(["actions", str(folder), "--draft"]) == 0
    out, error = capsys.readouterr()
    written = file.read_text("utf-8")
    assert "avl-04" in error
    assert "Drafted" not in out
    assert written.startswith(text.partition("actions:  # ours")[0])
    assert "actions:  # ours" in written
    assert "# typed" in written
    main(["actions", str(folder), "--draft"])
    assert file.read_text("utf-8") == written
    assert main(["check", str(folder)]) == 0

    file.write_text(written.replace("owner: operations", "owner: security"), "utf-8")
    opened = open_one(folder)
    found = case_of(opened.assessment, opened.bank)
    standing = found.result.standing("PRV-10")
    move = move_for(standing, found)
    assert move.role == "Security"
    assert move.do.startswith("Answer: Has a model been taken along the route")
