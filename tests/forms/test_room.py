"""The room's protocol without a browser: votes, the reveal, what was agreed."""

from __future__ import annotations

import json
import shutil

import pytest
from ruamel.yaml import YAML

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.edit.answers import AnswerFile
from readybook.edit.entries import mark_of
from readybook.forms.room import RoomSession
from readybook.score.agenda import agenda
from readybook.score.score import score

OWNER = "data-owner"


@pytest.fixture
def folder(root, tmp_path):
    """The example without answers, judged today."""
    case = tmp_path / "case"
    source = root / "templates" / "flight-delays"
    shutil.copytree(
        source, case, ignore=shutil.ignore_patterns("data", "answers", "milestones")
    )
    (case / "answers").mkdir()
    scope = case / "assessment.yaml"
    text = scope.read_text(encoding="utf-8")
    scope.write_text(text.replace("as_of: 2026-11-30", "as_of: today"), "utf-8")
    return case


@pytest.fixture
def room(folder):
    """A room with the data owner and the domain expert in it."""
    bank = load_bank_for(folder)
    made = RoomSession(folder, bank, open_assessment(folder, bank=bank))
    present = [OWNER, "domain-expert"]
    (made.entered,) = made.handle({"kind": "enter", "present": present})
    return made


def given(folder, question, answer, who=OWNER):
    """Write an answer, by default the data owner's, as the person's own form would."""
    file = AnswerFile(folder, who, who, load_bank_for(folder))
    base = mark_of(file.stored().get(question))
    whole = {"answer": 3, "date": "2026-01-05", **answer}
    return file.save(question, whole, base=base).mark


def send(room, answer, *, part="answer", counter=1, base=""):
    who = OWNER if part == "answer" else ""
    message = {"kind": "save", "part": part, "who": who, "question": "AVL-03"}
    (reply,) = room.handle(
        {
            **message,
            "client": "wall",
            "counter": counter,
            "base": base,
            "answer": answer,
        }
    )
    return reply


def stored(folder, name, key="answers"):
    path = folder / "answers" / f"{name}.yaml"
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))[key]


def test_vote_leaves_note_and_proof_and_shows_neither(folder, room):
    """What the person's file says beside the answer stays, and stays out of the room."""
    proof = {"reference": "file no. 7", "date": "2026-01-04"}
    secret = {"note": "Between us.", "private": True, "proof": proof}
    mark = given(folder, "AVL-03", secret)

    reply = send(room, {"answer": 1}, base=mark)

    answer = stored(folder, OWNER)["AVL-03"]
    assert (answer["answer"], answer["first"]) == (1, 3)
    assert (answer["note"], answer["private"]) == ("Between us.", True)
    assert answer["proof"]["reference"] == "file no. 7"
    assert reply["stored"] == {"answer": 1, "date": str(answer["date"])}


def test_reason_of_does_not_apply_stays_with_the_same_vote_only(folder, room):
    """A vote that repeats it keeps why; another one drops what no longer fits."""
    why = {"answer": "does-not-apply", "reason": "other", "because": "Bought."}
    base = given(folder, "AVL-03", why)

    same = send(room, {"answer": "does-not-apply"}, base=base)
    assert same["stored"]["because"] == "Bought."
    assert str(stored(folder, OWNER)["AVL-03"]["date"]) == "2026-01-05"
    other = send(room, {"answer": 2}, counter=2, base=same["mark"])

    assert other["kind"] == "saved"
    assert "because" not in stored(folder, OWNER)["AVL-03"]


def test_vote_upon_an_unknown_change_is_a_conflict_without_the_note(folder, room):
    """The file stays; what the room is told has no note in it."""
    given(folder, "AVL-03", {"note": "Between us."})

    reply = send(room, {"answer": 1}, base="")

    assert reply["kind"] == "conflict"
    assert "Between us." not in json.dumps(reply)
    assert stored(folder, OWNER)["AVL-03"]["answer"] == 3


def test_room_is_entered_without_any_vote_being_told(folder, room):
    """Marks say that somebody has answered; the answer itself stays hidden."""
    given(folder, "AVL-03", {"note": "Between us."})

    (entered,) = room.handle({"kind": "enter", "present": [OWNER]})

    assert entered["files"][OWNER]["marks"]["AVL-03"]
    assert "Between us." not in json.dumps(entered)
    assert "2026-01-05" not in json.dumps(entered)


def test_room_begins_with_what_settles_most(folder, room):
    """Splits and undecided gates in the facilitator's order, with minutes, no votes."""
    given(folder, "AVL-03", {"answer": 0})
    given(folder, "AVL-03", {"answer": 3}, who="domain-expert")
    (entered,) = room.handle({"kind": "enter", "present": [OWNER]})
    bank = load_bank_for(folder)
    items = agenda(score(bank, open_assessment(folder, bank=bank)), bank)

    assert entered["agenda"] == [{"id": i.id, "minutes": i.minutes} for i in items]
    assert "AVL-03" in [item.id for item in items if item.kind == "split"]


def test_who_came_and_what_was_answered_meanwhile_is_known_on_entering(folder, room):
    """The files are read anew: stakeholders, answers and what was agreed."""
    mark = given(folder, "AVL-03", {})
    path = folder / "stakeholders.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[sponsor]", "[late, sponsor]", 1), "utf-8")

    (entered,) = room.handle({"kind": "enter", "present": [OWNER, "late"]})

    assert entered["kind"] == "entered"
    assert entered["files"][OWNER]["marks"] == {"AVL-03": mark}
    assert entered["files"]["late"]["file"] == "answers/late.yaml"


def test_agreement_is_saved_once_and_read_by_the_next_reveal(folder, room):
    """It names who was present; a counter that was seen is not written again."""
    settled = {"answer": 2, "because": "Signed by nobody.", "present": [OWNER]}
    saved = send(room, settled, part="agreed")
    again = send(room, {**settled, "because": "Late."}, part="agreed")

    (revealed,) = room.handle({"kind": "reveal", "question": "AVL-03"})

    assert saved["kind"] == "saved"
    assert again == saved
    assert revealed["agreed"]["because"] == "Signed by nobody."
    assert revealed["mark"] == saved["mark"]
    assert stored(folder, "agreed", "settled")["AVL-03"]["present"] == [OWNER]


def test_agreement_that_others_settled_meanwhile_is_a_conflict(room):
    """Both are kept until the room chooses one."""
    first = {"answer": 2, "because": "Theirs.", "present": [OWNER]}
    send(room, first, part="agreed")

    message = {"kind": "save", "part": "agreed", "question": "AVL-03", "counter": 1}
    ours = {**first, "answer": 4, "because": "Ours."}
    (reply,) = room.handle({**message, "client": "other", "base": "", "answer": ours})

    assert reply["kind"] == "conflict"
    assert reply["theirs"]["because"] == "Theirs."


def test_agreement_without_its_reason_is_refused(room):
    """The reply says which key is missing."""
    reply = send(room, {"answer": 2, "present": [OWNER]}, part="agreed")

    assert reply["kind"] == "refused"
    assert "because" in reply["problems"][0]


def test_folder_that_is_damaged_is_told_and_nothing_else(folder, room):
    """The room is not opened upon a file that cannot be read."""
    (folder / "assessment.yaml").write_text("nonsense: [", encoding="utf-8")

    (opened,) = room.handle({"kind": "open"})
    (revealed,) = room.handle({"kind": "reveal", "question": "AVL-03"})

    assert opened["kind"] == revealed["kind"] == "refused"
    assert "assessment.yaml" in opened["problems"][0]
    assert room.standing("") == []
