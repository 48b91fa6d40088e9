"""What a facilitator is shown: who to invite, who has answered, what to settle first."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from dataclasses import replace

import pytest

import samples
from plans import action
from readybook.model.bank import Role
from readybook.model.case import Actions, RoleHolder, Settled, Stakeholders
from readybook.model.errors import ReadybookError
from readybook.score.agenda import (
    agenda,
    fit,
    invitations,
    kept_notes,
    progress,
    role_map,
    splits,
)
from readybook.score.score import score
from readybook.show.workshop import (
    agreement_table,
    answered_table,
    ask_next,
    belief_chart,
    invitation_list,
    run_parts,
    run_sheet,
    splits_list,
    status_json,
    status_text,
)
from shown import case_of, notes_of, rows_of

ROLES = tuple(
    Role(id=name, title=name.capitalize(), does=f"Runs what {name} runs.")
    for name in ("owner", "engineer", "legal", "finance")
)
#: One gate for each of three roles, a key question and a minor one.
QUESTIONS = (
    samples.question("AVL-01", gate=("pilot", 2), authority="owner"),
    samples.question("QLT-01", gate=("pilot", 2), authority="engineer"),
    samples.question("QLT-02", authority="engineer"),
    samples.question("OWN-01", gate=("pilot", 2), authority="legal"),
    samples.question("OWN-02", weight="minor", authority="legal"),
    samples.question("PRV-01", weight="minor", authority="legal"),
)
BANK = samples.bank(*QUESTIONS).model_copy(update={"roles": ROLES})
HELD = Stakeholders(
    format=1,
    roles=(
        RoleHolder(role="owner", held_by=("owner",)),
        RoleHolder(role="engineer", held_by=("engineer", "night-engineer")),
        RoleHolder(role="legal", held_by="nobody-yet"),
    ),
)


def case(given=None, **more):
    """The case of three roles; `given` is (role, {question: answer}) by respondent."""
    sheets = {
        who: samples.sheet(role, {id_: samples.answer(a) for id_, a in answers.items()})
        for who, (role, answers) in (given or {}).items()
    }
    found = samples.assessment(sheets, **more)
    return found.model_copy(update={"stakeholders": HELD})


def concluded(answers=None, **more):
    opened = case(answers, **more)
    return score(BANK, opened), opened, BANK


def shown_of(answers=None, *, edition="leadership"):
    """The case of three roles as pieces take it."""
    return case_of(case(answers), BANK, edition=edition)


def test_role_that_nobody_holds_is_invited_first_and_the_unasked_one_is_not():
    """A gap comes before a role that is held and silent; who is asked nothing stays."""
    invited = invitations(role_map(*concluded()))

    assert [place.role for place in invited] == ["legal", "engineer", "owner"]
    assert [place.status for place in invited] == ["nobody yet", "held", "held"]
    assert [place.gates for place in invited] == [("OWN-01",), ("QLT-01",), ("AVL-01",)]


def test_role_that_nobody_declared_is_a_gap_for_one_question():
    """A single one that waits is enough, and one that waits for nobody is none."""
    opened = case().model_copy(update={"stakeholders": Stakeholders(format=1)})
    places = role_map(score(BANK, opened), opened, BANK)

    assert [(place.role, place.asked) for place in places if place.is_gap] == [
        ("owner", 1), ("engineer", 2), ("legal", 3)]  # fmt: skip


def test_role_that_has_answered_everything_is_not_invited():
    """What is answered needs nobody, even where the answer is "we don't know"."""
    given = {"owner": ("owner", {"AVL-01": "unknown"})}
    invited = invitations(role_map(*concluded(given)))

    assert "owner" not in [place.role for place in invited]


def test_progress_counts_own_questions_and_those_of_others_apart():
    """Who has no file yet is there; "we don't know" is an answer."""
    given = {"engineer": ("engineer", {"QLT-01": "unknown", "AVL-01": 3})}
    found = {row.respondent: row for row in progress(*concluded(given))}

    assert set(found) == {"owner", "engineer", "night-engineer"}
    engineer = found["engineer"]
    assert (engineer.answered, engineer.asked) == (1, 2)
    assert (engineer.unknown, engineer.beyond) == (1, 1)
    assert found["night-engineer"].last is None


def _on_starter_track(opened):
    scope = opened.scope.model_copy(update={"track": "starter"})
    return opened.model_copy(update={"scope": scope})


def test_answers_that_the_starter_track_does_not_ask_are_told_as_kept():
    """They count nowhere, so that they would seem lost; full asks them again."""
    given = {"lawyer": ("legal", {"OWN-01": 3, "OWN-02": 3, "PRV-01": 1})}
    opened = _on_starter_track(case(given))
    result = score(BANK, opened)
    found = {row.respondent: row for row in progress(result, opened, BANK)}
    told = (
        "2 answers to 2 questions that the starter track does not ask (OWN-02, PRV-01) "
        "are kept and not counted; to have them asked, set track to full in "
        "assessment.yaml"
    )

    assert (found["lawyer"].answered, found["lawyer"].unasked) == (1, 2)
    assert found["lawyer"].beyond == 0  # they are the lawyer's own
    assert [*kept_notes(result, opened, BANK)] == [told]
    shown = case_of(opened, BANK)
    assert notes_of(answered_table(shown)) == [f"{told}."]
    assert told in " ".join(status_text(shown, minutes=30).split())
    assert not [*kept_notes(*concluded(given))]


def test_answers_that_the_declared_scope_leaves_out_are_told_as_kept():
    """The fact that leaves them out is named."""
    bank = samples.bank(
        samples.question("AVL-01", applies_when={"stakes": ("high",)}),
        samples.question("QLT-01", gate=("pilot", 2)),
    )
    sheets = {"owner": samples.sheet("owner", {"AVL-01": samples.answer(3)})}
    opened = samples.assessment(sheets)

    assert [*kept_notes(score(bank, opened), opened, bank)] == [
        (
            "1 answer to 1 question that the declared scope leaves out (AVL-01) is kept "
            "and not counted; to have it asked, change stakes in assessment.yaml"
        )
    ]


def test_status_has_one_count_of_the_questions_of_the_starter_track():
    """What failed is asked on it as well, and is counted in both of its lines."""
    minor = samples.question(
        "QLT-03", weight="minor", authority="engineer", checks=[("keys-unique", 3, 1)]
    )
    bank = samples.bank(*QUESTIONS, minor).model_copy(update={"roles": ROLES})
    failed = samples.finding("keys-unique", "contradicts")
    opened = _on_starter_track(case(findings=[failed]))
    told = status_text(case_of(opened, bank), minutes=30)

    assert re.findall(r"(\d+ of \d+) (?:starter )?questions answered", told) == [
        "0 of 5", "0 of 5"]  # fmt: skip


def test_splits_are_sorted_by_gate_then_distance_and_name_who_settles():
    """A gate comes first though another question lies further apart."""
    given = {
        "owner": ("owner", {"AVL-01": 1, "QLT-02": 0}),
        "engineer": ("engineer", {"AVL-01": 3, "QLT-02": 4}),
    }
    result, _, ours = concluded(given)

    assert [(s.question.id, s.distance, s.settles) for s in splits(result, ours)] == [
        ("AVL-01", 2, "Owner"),
        ("QLT-02", 4, "Engineer"),
    ]


def test_agreement_is_counted_part_by_part():
    """Two roles with answers at most one level apart agree; of others ids are named."""
    said = {"AVL-01": 3, "QLT-01": 3, "QLT-02": 3, "OWN-01": 2, "PRV-01": 2}
    else_said = {"AVL-01": 2, "QLT-01": 1, "QLT-02": 0, "OWN-01": 0}
    given = {"owner": ("owner", said), "engineer": ("engineer", else_said)}
    opened = case_of(case(given), BANK)

    assert rows_of(agreement_table(opened)) == [
        "Data availability 1 1 100 % none",
        "Data quality 2 0 0 % QLT-01, QLT-02",
        "Ownership 1 0 0 % OWN-01",
    ]
    shown = belief_chart(opened)
    assert shown.text == (
        "3 questions with answers two levels or more apart, 2 gates among them; widest: "
        "Title of QLT-02, missing to in place"
    )
    assert rows_of(shown)[-1] == (
        "Title of QLT-02, QLT-02 missing to in place Engineer"
    )
    ranges, _ = belief_chart(replace(opened, edition="team")).figure["data"]
    assert ranges["x"] == [1, 3, None, 0, 2, None, 0, 3, None]
    assert ranges["y"] == [0, 0, None, 1, 1, None, 2, 2, None]


def test_split_that_the_room_has_settled_leaves_the_agenda():
    """The originals stay, and nobody is asked to discuss them again."""
    given = {"owner": ("owner", {"AVL-01": 1}), "engineer": ("engineer", {"AVL-01": 3})}
    settled = Settled(
        answer=2, because="Counted.", present=("owner", "engineer"), date=samples.AS_OF
    )
    result, _, ours = concluded(given, settled={"AVL-01": settled})

    assert result.standing("AVL-01").split is not None
    assert splits(result, ours) == ()


def test_agenda_begins_with_gates_that_decide_and_leaves_what_must_be_fetched_for_later():
    """An answer can be given in the room; a proof somebody has to bring."""
    given = {"owner": ("owner", {"AVL-01": 3})}
    result, _, ours = concluded(given)
    items = agenda(result, ours)

    assert [(item.id, item.kind) for item in items[:3]] == [
        ("QLT-01", "answer"),
        ("OWN-01", "answer"),
        ("AVL-01", "proof"),
    ]
    assert all(item.decides and item.gate for item in items[:3])
    assert [item.id for item in items if not item.gate] == ["QLT-02"]


def test_what_is_not_known_is_to_be_found_out_and_not_answered_again():
    """ "We don't know" is an answer; in a room nobody can say more."""
    said = {"owner": ("owner", {"AVL-01": 3})}
    said["engineer"] = ("engineer", {"QLT-01": "unknown"})
    result, _, ours = concluded(said)

    assert [(i.id, i.kind) for i in agenda(result, ours) if i.gate] == [
        ("OWN-01", "answer"),
        ("AVL-01", "proof"),
        ("QLT-01", "unknown"),
    ]


@pytest.mark.parametrize(("minutes", "fitting"), [(1, 0), (3, 1), (8, 3), (60, 4)])
def test_only_what_fits_into_the_minutes_is_asked(minutes, fitting):
    """The first items that fit, in order; how many are left is told."""
    given = {"owner": ("owner", {"AVL-01": 3})}
    result, _, ours = concluded(given)
    found, left = fit(agenda(result, ours), minutes)

    assert (len(found), left) == (fitting, 4 - fitting)
    assert sum(item.minutes for item in found) <= minutes


def test_what_people_answered_is_in_no_table_of_who_has_answered():
    """Who sees the progress of the others must not be led by their answers."""
    given = {"owner": ("owner", {"AVL-01": 3})}
    assert rows_of(answered_table(shown_of(given))) == [
        "engineer Engineer 0 of 2 0 0 not begun",
        "night-engineer Engineer 0 of 2 0 0 not begun",
        "owner Owner 1 of 1 0 0 20 June 2026",
    ]


def test_splits_are_folded_and_leadership_sees_no_role_beside_an_answer():
    """Nobody reads them by accident; who said what is for the team."""
    given = {"owner": ("owner", {"AVL-01": 1}), "engineer": ("engineer", {"AVL-01": 3})}
    plain, team = (
        splits_list(shown_of(given, edition=name)) for name in ("leadership", "team")
    )
    asked = "AVL-01 Title of AVL-01 Is it there? gate improvised to in place"
    assert plain.html.startswith("<details>")
    assert "<summary>1 split: open when everybody has answered</summary>" in plain.html
    assert rows_of(plain) == [f"{asked} Owner"]
    assert rows_of(team) == [f"{asked} Engineer: in place Owner: improvised Owner"]


def test_tables_say_in_words_that_nothing_is_left():
    """An empty table is a sentence, not a blank."""
    given = {
        "owner": ("owner", {"AVL-01": 3}),
        "engineer": ("engineer", {"QLT-01": 3, "QLT-02": 3}),
        "night-engineer": ("engineer", {"QLT-01": 3, "QLT-02": 3}),
        "lawyer": ("legal", {"OWN-01": 3, "OWN-02": 3, "PRV-01": 3}),
    }
    lawyer = RoleHolder(role="legal", held_by=("lawyer",))
    all_held = Stakeholders(format=1, roles=(*HELD.roles[:2], lawyer))
    opened = case(given).model_copy(update={"stakeholders": all_held})
    shown = case_of(opened, BANK)

    assert invitation_list(shown).text == (
        "Every role that is asked something is held, and has answered."
    )
    assert splits_list(shown).text == (
        "No answers differ by two levels or more, but for what the room has settled."
    )
    assert agreement_table(shown).text == (
        "No question was answered by two roles or more."
    )
    assert belief_chart(shown).text == (
        "No two answers to a question are two levels or more apart."
    )
    bare = case().model_copy(update={"stakeholders": Stakeholders(format=1)})
    assert answered_table(case_of(bare, BANK)).text == (
        "Nobody is named in stakeholders.yaml, and nobody has answered yet."
    )


def test_roles_that_are_missing_stand_with_what_they_do_and_what_waits():
    """Whom nobody asks anything is told below."""
    given = {
        "engineer": ("engineer", {"QLT-01": "unknown"}),
        "owner": ("owner", {"AVL-01": 3}),
    }
    shown = invitation_list(shown_of(given))

    assert rows_of(shown) == [
        "Legal Runs what legal runs. nobody yet OWN-01 3 of 3",
        "Engineer Runs what engineer runs. engineer, night-engineer none 1 of 2",
    ]
    assert notes_of(shown) == ["Held by nobody, and asked nothing: Finance."]


def test_status_of_a_terminal_is_that_of_the_page():
    """Whom to invite, who has answered, where answers differ, what to settle."""
    given = {
        "owner": ("owner", {"AVL-01": 1, "QLT-02": 3}),
        "engineer": ("engineer", {"AVL-01": 3, "QLT-01": "unknown"}),
    }
    told = status_text(shown_of(given), minutes=8).splitlines()

    assert told[:2] == ["small: Small case", "Not ready for pilot: 1 gate fails"]
    assert "2 of 6 questions answered, 1 with “we don't know”, none proven." in told
    assert told[6:23] == [
        "WHO TO INVITE (2)",
        "  Legal (nobody yet): 3 of 3 questions open; gates: OWN-01",
        "  Engineer (engineer, night-engineer): 1 of 2 questions open",
        "",
        "WHO HAS ANSWERED WHAT (3)",
        "  engineer: 1 of 2 own questions, 1 not known; last: 20 June 2026",
        "  night-engineer: 0 of 2 own questions; last: not begun",
        "  owner: 1 of 1 own questions; last: 20 June 2026",
        "",
        "WHERE ANSWERS DIFFER (1)",
        "  AVL-01 Title of AVL-01: gate, improvised to in place; settled by: Owner",
        "",
        "WHAT TO SETTLE IN 8 MINUTES",
        "  1. AVL-01 Title of AVL-01 (gate). Settle the difference: Owner, 5 min",
        "  2. OWN-01 Title of OWN-01 (gate). Answer it: Legal, 3 min",
        "  1 more item for another day.",
        "",
    ]
    assert told[23:25] == [
        "THE WORKSHOP",
        "  before  Prepare: 1 need; no scope facts undeclared; 1 role missing; data",
    ]
    for_machines = status_json(shown_of(given), minutes=8)
    assert [*for_machines] == [
        *("name", "title", "headline", "because", "proven_by", "minutes", "invite"),
        *("answered", "splits", "next", "left", "steps", "owed"),
    ]
    assert for_machines["answered"][1] == {
        "respondent": "night-engineer", "role": "engineer", "title": "Engineer",
        "answered": 0, "asked": 2, "unknown": 0, "beyond": 0, "unasked": 0,
        "last": None,
    }  # fmt: skip
    assert for_machines["splits"] == [
        {"question": "AVL-01", "title": "Title of AVL-01", "gate": True,
         "between": [1, 3], "distance": 2, "settles": "Owner"}
    ]  # fmt: skip
    assert (for_machines["minutes"], for_machines["left"]) == (8, 1)


def test_minutes_too_few_for_anything_are_said_in_words():
    """One minute is no time for a question, and the facilitator is told so."""
    shown = shown_of()

    assert ask_next(shown, "1").text == "4 items open, and none fits into one minute."
    assert ask_next(shown, "2").text == "4 items open, and none fits into 2 minutes."
    assert ask_next(shown, "30").text == "What to settle in 30 minutes: 4 rows"
    few = ask_next(shown, "3")
    assert rows_of(few) == [
        (
            "1 AVL-01 Title of AVL-01 Is it there? Answer it a gate that decides the verdict "
            "Owner 3"
        )
    ]
    assert notes_of(few) == ["3 more items for another day."]
    done = {"owner": ("owner", {q.id: "unknown" for q in QUESTIONS})}
    bare = case_of(case(done), samples.bank().model_copy(update={"roles": ROLES}))
    assert ask_next(bare, "1").text == "Nothing is open that 1 minute could settle."


@pytest.mark.parametrize("minutes", ["0", "-1", "x", "", "1.5", "٣"])
def test_minutes_are_a_number_from_one_on(minutes):
    """What was written is shown."""
    with pytest.raises(ReadybookError) as refused:
        ask_next(shown_of(), minutes)

    assert str(refused.value) == (
        f'minutes: found "{minutes}", expected a number from 1 on, do: write "30"'
    )


def test_run_sheet_covers_ninety_minutes_without_a_gap():
    """Each part begins where the one before it ended, preparation first."""
    steps = run_parts(shown_of())
    ends = [tuple(map(int, step.minutes.split("-"))) for step in steps[1:]]

    assert steps[0].minutes == "before"
    assert ends[0][0] == 0
    assert ends[-1][1] == 90
    assert all(one[1] == two[0] for one, two in itertools.pairwise(ends))


def test_run_sheet_shows_where_the_case_stands():
    """Before the workshop: what is missing; in it: what is answered."""
    given = {"owner": ("owner", {"AVL-01": 3})}
    steps = {step.what: step.now for step in run_parts(shown_of(given))}

    assert [*steps.values()] == [
        (
            "1 need; no scope facts undeclared; 1 role missing; data measured on 30 June "
            "2026; no machines probed"
        ),
        "Small case, for pilot",
        "1 of 4 starter questions answered",
        "no questions with answers far apart",
        "4 items fit, none left over",
        "no actions open, none without a date, none not accepted yet",
        "Not enough known: 4 facts decide",
    ]
    assert [row.split(" ")[0] for row in rows_of(run_sheet(shown_of(given)))] == [
        *("before", "0-10", "10-30", "30-40", "40-70", "70-85", "85-90")
    ]
    bare = samples.without(case(given), "data").model_copy(
        update={
            "actions": Actions(
                format=1,
                actions=(
                    action("a"),
                    action("b", due=samples.AS_OF, accepted_on=samples.AS_OF),
                ),
            )
        }
    )
    told = [step.now for step in run_parts(case_of(bare, BANK))]
    assert told[0].endswith("; 1 role missing; data not measured; no machines probed")
    assert told[5] == "2 actions open, 1 without a date, 1 not accepted yet"


def test_date_of_the_last_answer_is_told():
    """The facilitator sees who came back to it."""
    given = {"owner": ("owner", {"AVL-01": 3})}
    found = {row.respondent: row for row in progress(*concluded(given))}

    assert isinstance(found["owner"].last, dt.date)
