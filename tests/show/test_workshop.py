"""What a facilitator is shown: who to invite, who has answered, what to settle first."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

import samples
from readybook.model.bank import Role
from readybook.model.case import RoleHolder, Settled, Stakeholders
from readybook.score.agenda import agenda, fit, invitations, progress, role_map, splits
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
)
from shown import case_of, rows_of

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
    assert belief_chart(opened).text.startswith(
        "3 questions with answers two levels or more apart, 2 gates among them; widest: "
    )


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
    html = answered_table(shown_of(given)).html

    assert "1 of 1" in html
    assert "in place" not in html


def test_splits_are_folded_and_leadership_sees_no_role_beside_an_answer():
    """Nobody reads them by accident; who said what is for the team."""
    given = {"owner": ("owner", {"AVL-01": 1}), "engineer": ("engineer", {"AVL-01": 3})}
    plain, team = (
        splits_list(shown_of(given, edition=name)) for name in ("leadership", "team")
    )
    assert plain.html.startswith("<details>")
    assert "Engineer: in place" not in plain.html
    assert "Engineer: in place" in team.html


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

    assert "and has answered" in invitation_list(shown).html
    assert "No answers differ" in splits_list(shown).html


def test_minutes_too_few_for_anything_are_said_in_words():
    """One minute is no time for a question, and the facilitator is told so."""
    shown = shown_of()

    assert "none fits into 1 minutes" not in ask_next(shown, "1").html
    assert "none fits into one minute" in ask_next(shown, "1").html
    assert "What to settle in 30 minutes" in ask_next(shown, "30").html


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
    html = run_sheet(shown_of(given)).html

    assert "1 role missing" in html
    assert "data measured on 30 June 2026" in html
    assert "1 of 4 starter questions answered" in html


def test_date_of_the_last_answer_is_told():
    """The facilitator sees who came back to it."""
    given = {"owner": ("owner", {"AVL-01": 3})}
    found = {row.respondent: row for row in progress(*concluded(given))}

    assert isinstance(found["owner"].last, dt.date)
