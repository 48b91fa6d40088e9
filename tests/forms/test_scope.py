"""Scope facts, track and phase chosen in the form; documents that others confirm."""

from __future__ import annotations

import json
import shutil

import pytest
from ruamel.yaml import YAML

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment, today
from readybook.forms.form import FormSession

WHO = "data-engineer"


@pytest.fixture
def folder(root, tmp_path):
    """The example without answers; its comments stand in assessment.yaml."""
    case = tmp_path / "case"
    source = root / "templates" / "flight-delays"
    shutil.copytree(
        source, case, ignore=shutil.ignore_patterns("data", "answers", "milestones")
    )
    (case / "answers").mkdir()
    return case


@pytest.fixture
def session(folder):
    """A form in which the data engineer has begun."""
    bank = load_bank_for(folder)
    made = FormSession(folder, bank, open_assessment(folder, bank=bank))
    (cards,) = made.handle({"kind": "open", "who": WHO})
    made.begun = cards
    return made


def send(session, part, name, answer, **more):
    """Save one thing, and return every reply."""
    message = {"kind": "save", "who": WHO, "part": part, "question": name}
    sent = {"client": "tab", "counter": 1, "base": "", "answer": answer, **more}
    return session.handle({**message, **sent})


def choose(session, key, value, **more):
    """Choose something about the case, upon what the page was told."""
    base = session.begun["chosen_marks"].get(key, "")
    return send(session, "scope", key, {"value": value}, **{"base": base, **more})


def read(path):
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def test_page_is_told_every_fact_with_its_values_and_what_is_chosen(session):
    """Phase, track and the bank's facts, in words; JSON can hold it."""
    fields = {field["key"]: field for field in session.begun["scope"]}

    assert list(fields)[:2] == ["phase", "track"]
    assert len(fields) == 2 + len(session.bank.facts)
    assert fields["facts.serving"]["text"] == "How are predictions served?"
    assert session.begun["chosen"]["facts.serving"] == {"value": "batch"}
    assert session.begun["chosen"]["phase"] == {"value": "production"}
    assert json.loads(json.dumps(session.begun)) == session.begun


def test_fact_is_saved_and_tells_at_once_what_is_asked(folder, session):
    """The reply that follows the acknowledgement has the questions of now."""
    saved, case = choose(session, "facts.serving", "online")

    assert saved["kind"] == "saved"
    assert saved["file"] == "assessment.yaml"
    assert case["kind"] == "case"
    assert "SCP-07" not in session.begun["asked"]
    assert "SCP-07" in case["asked"]
    text = (folder / "assessment.yaml").read_text(encoding="utf-8")
    assert "  serving: online # every 15 minutes, for all departures" in text
    assert "# a wrong prediction costs minutes, not safety" in text


def test_fact_is_undeclared_and_its_questions_are_asked(folder, session):
    """Nothing chosen leaves the key out, and the last one the whole list."""
    marks = session.begun["chosen_marks"]
    facts = [key for key in marks if key.startswith("facts.")]
    replies = [choose(session, key, "") for key in facts]

    assert all(saved["kind"] == "saved" for saved, _ in replies)
    assert replies[0][0]["stored"] is None
    assert "SCP-07" in replies[-1][1]["asked"]
    assert "facts" not in read(folder / "assessment.yaml")
    (again, _) = choose(session, "facts.stakes", "high", counter=2, base="")
    assert again["kind"] == "saved"
    assert read(folder / "assessment.yaml")["facts"] == {"stakes": "high"}


def test_phase_and_track_are_saved_in_place(folder, session):
    """Both change their one line; the case is judged by them from then on."""
    _, case = choose(session, "track", "starter")
    choose(session, "phase", "pilot")

    held = read(folder / "assessment.yaml")
    assert (held["phase"], held["track"]) == ("pilot", "starter")
    assert case["track"] == "starter"
    assert session.assessment.scope.phase == "pilot"


def test_choice_of_somebody_else_is_a_conflict_and_stays(folder, session):
    """Nothing is overwritten that the page did not know of."""
    path = folder / "assessment.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("phase: production", "phase: prototype"), "utf-8")

    (reply,) = choose(session, "phase", "pilot")

    assert reply["kind"] == "conflict"
    assert reply["theirs"] == {"value": "prototype"}
    assert read(path)["phase"] == "prototype"
    saved, _ = choose(session, "phase", "pilot", counter=2, base=reply["mark"])
    assert saved["kind"] == "saved"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("phase", "heaven", "phase"),
        ("facts.stakes", "enormous", "stakes"),
        ("facts.weather", "fair", "weather"),
        ("title", "Mine", "phase, track, or a scope fact"),
        ("phase", "", "phase"),
    ],
)
def test_choice_that_cannot_be_is_refused_and_nothing_written(
    folder, session, key, value, said
):
    """The reply says what is wrong, with file and key; the file is as it was."""
    path = folder / "assessment.yaml"
    before = path.read_bytes()

    (reply,) = choose(session, key, value)

    assert reply["kind"] == "refused"
    assert said in " ".join(reply["problems"])
    assert "assessment.yaml" in reply["problems"][0]
    assert path.read_bytes() == before


def test_change_underneath_is_told_when_the_page_looks(folder, session):
    """A fact that somebody else declared shows, and so do its questions."""
    path = folder / "assessment.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("serving: batch", "serving: online"), "utf-8")

    (changed,) = session.handle({"kind": "look", "who": WHO})

    assert changed["chosen"]["facts.serving"] == {"value": "online"}
    assert "SCP-07" in changed["asked"]


def test_damaged_case_file_does_not_stop_the_answers(folder, session):
    """The form goes on with the facts it knew; a choice is refused, an answer saved."""
    (folder / "assessment.yaml").write_text("nonsense: [", encoding="utf-8")

    (reply,) = choose(session, "phase", "pilot")
    (saved,) = send(session, "answer", "AVL-01", {"answer": 2})
    (changed,) = session.handle({"kind": "look", "who": WHO})

    assert reply["kind"] == "refused"
    assert saved["kind"] == "saved"
    assert changed["asked"] == session.begun["asked"]


def test_document_seen_is_confirmed_changed_and_taken_back(folder, session):
    """It stands under confirms, beside the answers, dated today unless it says when."""
    path = folder / "answers" / f"{WHO}.yaml"
    (first,) = send(session, "confirm", "OWN-01", {"level": 3, "saw": "Minutes, no. 4"})
    assert read(path)["confirms"]["OWN-01"] == {
        "level": 3,
        "saw": "Minutes, no. 4",
        "date": today(),
    }
    later = {"level": 2, "saw": "Minutes, no. 5", "date": "2026-05-04"}
    (second,) = send(session, "confirm", "OWN-01", later, counter=2, base=first["mark"])
    assert str(read(path)["confirms"]["OWN-01"]["date"]) == "2026-05-04"

    (changed,) = session.handle({"kind": "look", "who": WHO})
    assert changed["confirmed"]["OWN-01"]["level"] == 2
    mark = changed["confirmed_marks"]["OWN-01"]
    assert mark == second["mark"]
    (gone,) = send(session, "confirm", "OWN-01", None, counter=3, base=mark)
    assert gone["stored"] is None
    assert not read(path)["confirms"]
    assert not read(path)["answers"]


def test_confirmation_and_answer_of_one_question_are_two_things(folder, session):
    """Each has its counter and its mark; neither is the other's conflict."""
    (answered,) = send(session, "answer", "OWN-01", {"answer": 1}, counter=7)
    (confirmed,) = send(session, "confirm", "OWN-01", {"level": 3, "saw": "It"})

    assert (answered["kind"], confirmed["kind"]) == ("saved", "saved")
    sheet = read(folder / "answers" / f"{WHO}.yaml")
    assert sheet["answers"]["OWN-01"]["answer"] == 1
    assert sheet["confirms"]["OWN-01"]["level"] == 3


def test_confirmation_without_its_document_is_refused(session):
    """A level alone proves nothing; the reply says what is missing."""
    (reply,) = send(session, "confirm", "OWN-01", {"level": 3})

    assert reply["kind"] == "refused"
    assert "saw" in reply["problems"][0]
