"""The form's protocol without a browser: messages in, messages and files out."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import threading
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment, today
from readybook.forms.form import FormSession

WHO = "data-engineer"


@pytest.fixture
def folder(root, tmp_path):
    """The example, without answers, judged today."""
    case = tmp_path / "case"
    source = root / "templates" / "flight-delays"
    shutil.copytree(
        source, case, ignore=shutil.ignore_patterns("data", "answers", "milestones")
    )
    (case / "answers").mkdir()
    scope = case / "assessment.yaml"
    text = scope.read_text(encoding="utf-8").replace(
        "as_of: 2026-11-30", "as_of: today"
    )
    scope.write_text(text, encoding="utf-8")
    return case


def session_of(folder: Path, **options) -> FormSession:
    bank = load_bank_for(folder)
    return FormSession(folder, bank, open_assessment(folder, bank=bank), **options)


def opened(folder, who=WHO, **options):
    """A session in which somebody has begun."""
    session = session_of(folder, **options)
    (cards,) = session.handle({"kind": "open", "who": who})
    assert cards["kind"] == "cards"
    return session


def save(session, question, value, counter, **more):
    """Send one answer, and return the one reply."""
    note = {"note": more.pop("note")} if "note" in more else {}
    (reply,) = session.handle(
        {
            "kind": "save",
            "who": WHO,
            "question": question,
            "client": "tab",
            "counter": counter,
            "base": "",
            "answer": {"answer": value, **note},
            **more,
        }
    )
    return reply


def stored(folder, who=WHO):
    path = folder / "answers" / f"{who}.yaml"
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))["answers"]


def test_cards_hold_every_word_and_nothing_that_anchors(folder):
    """A card has the texts of its question; no measurement, no gate's level."""
    session = session_of(folder, section="AVL")

    (cards,) = session.handle({"kind": "open", "who": WHO})

    text = json.dumps(cards)
    assert len(cards["cards"]) == 15
    assert all(len(card["levels"]) == 5 for card in cards["cards"])
    assert "reveal" not in text
    assert "SWF" not in text


def test_save_is_acknowledged_with_file_time_and_mark(folder):
    """The counter comes back with what is stored."""
    session = opened(folder)

    reply = save(session, "AVL-01", 3, 1, note="Seen.")

    assert reply["kind"] == "saved"
    assert reply["counter"] == 1
    assert reply["file"] == "answers/data-engineer.yaml"
    assert re.fullmatch(r"\d\d:\d\d", reply["at"])
    assert stored(folder)["AVL-01"] == {"answer": 3, "date": today(), "note": "Seen."}


def test_counter_seen_before_is_answered_and_not_written_again(folder):
    """A message that comes twice, or late, changes nothing."""
    session = opened(folder)
    save(session, "AVL-01", 3, 5)
    again = save(session, "AVL-01", 3, 5)

    late = session.handle(
        {
            "kind": "save",
            "who": WHO,
            "question": "AVL-01",
            "client": "tab",
            "counter": 4,
            "base": "",
            "answer": {"answer": 0},
        }
    )

    assert again["kind"] == "saved"
    assert late == []
    assert stored(folder)["AVL-01"]["answer"] == 3


def test_second_save_before_the_first_mark_is_back_is_no_conflict(folder):
    """A tab may send faster than it is answered."""
    session = opened(folder)

    replies = [save(session, "AVL-01", level, level + 1) for level in (1, 2, 3)]

    assert [reply["kind"] for reply in replies] == ["saved"] * 3
    assert stored(folder)["AVL-01"]["answer"] == 3
    assert stored(folder)["AVL-01"]["first"] == 1


def test_saves_faster_than_their_marks_come_back_are_no_conflict(folder):
    """A mark that comes late is that of a save of one's own, a later one or not."""
    session = opened(folder)
    marks = [""]

    for counter, late in enumerate((0, 0, 0, 1, 2, 1, 4), start=1):
        reply = save(session, "AVL-01", counter % 5, counter, base=marks[late])
        assert reply["kind"] == "saved", counter
        marks.append(reply["mark"])

    assert stored(folder)["AVL-01"]["answer"] == 7 % 5
    change_by_hand = (folder / "answers" / f"{WHO}.yaml").read_text(encoding="utf-8")
    (folder / "answers" / f"{WHO}.yaml").write_text(
        change_by_hand.replace("answer: 2", "answer: 4"), encoding="utf-8"
    )
    reply = save(session, "AVL-01", 3, 8, base=marks[-1])
    assert reply["kind"] == "conflict"


def test_save_after_the_file_was_put_back_is_no_conflict(folder):
    """By git, or by hand: who looked again builds on what stands there now."""
    session, path = opened(folder), folder / "answers" / f"{WHO}.yaml"
    first = save(session, "AVL-01", 1, 1)
    before = path.read_bytes()
    save(session, "AVL-01", 2, 2, base=first["mark"])
    path.write_bytes(before)

    assert save(session, "AVL-01", 3, 3, base=first["mark"])["kind"] == "saved"
    path.write_bytes(before.replace(b"answer: 1", b"answer: 4"))
    assert save(session, "AVL-01", 0, 4, base=first["mark"])["kind"] == "conflict"
    assert stored(folder)["AVL-01"]["answer"] == 4


def test_two_tabs_with_different_answers_conflict(folder):
    """The second tab is told what the first one saved; nothing is overwritten."""
    session = opened(folder)
    save(session, "AVL-01", 1, 1, client="one")

    reply = save(session, "AVL-01", 4, 1, client="two")

    assert reply["kind"] == "conflict"
    assert reply["theirs"]["answer"] == 1
    assert stored(folder)["AVL-01"]["answer"] == 1
    assert save(session, "AVL-01", 4, 2, client="two", base=reply["mark"])["kind"] == (
        "saved"
    )


def test_note_alone_keeps_the_date_of_the_answer(folder):
    """Only the answer itself, or "still true", is dated anew."""
    session = opened(folder)
    save(session, "AVL-01", 3, 1)
    path = folder / "answers" / f"{WHO}.yaml"
    text = path.read_text(encoding="utf-8").replace(str(today()), "2020-01-01")
    path.write_text(text, encoding="utf-8")
    (changed,) = session.handle({"kind": "look", "who": WHO})
    assert changed["due"] == ["AVL-01"]

    reply = save(session, "AVL-01", 3, 2, base=changed["marks"]["AVL-01"], note="Yes.")
    assert str(stored(folder)["AVL-01"]["date"]) == "2020-01-01"
    session.handle(
        {
            "kind": "save",
            "who": WHO,
            "question": "AVL-01",
            "client": "tab",
            "counter": 3,
            "base": reply["mark"],
            "answer": {"answer": 3, "note": "Yes."},
            "redate": True,
        }
    )
    assert stored(folder)["AVL-01"] == {"answer": 3, "date": today(), "note": "Yes."}


def test_note_that_was_emptied_is_gone(folder):
    """A form sends all of an answer, so what it does not send is removed."""
    session = opened(folder)
    base = save(session, "AVL-01", 3, 1, note="Between us.")["mark"]
    save(session, "AVL-01", 3, 2, base=base)

    assert stored(folder)["AVL-01"] == {"answer": 3, "date": today()}


def test_refused_answer_says_why_and_may_be_sent_again(folder):
    """A file that is damaged stays as it is; once mended, the same counter is saved."""
    session = opened(folder)
    path = folder / "answers" / f"{WHO}.yaml"
    save(session, "AVL-01", 3, 1)
    good = path.read_text(encoding="utf-8")
    path.write_text(good + "nonsense: [", encoding="utf-8")

    refused = save(session, "AVL-02", 2, 2)
    path.write_text(good, encoding="utf-8")
    saved = save(session, "AVL-02", 2, 2)

    assert refused["kind"] == "refused"
    assert "answers/data-engineer.yaml" in refused["problems"][0]
    assert saved["kind"] == "saved"


def test_standing_shows_only_what_the_person_has_answered(folder):
    """Measurement, others and gates come for answered questions, and for no other."""
    session = opened(folder)
    before = session.standing(WHO)[0]
    save(session, "AVL-03", 3, 1)

    after = session.standing(WHO)[0]

    assert before["reveal"] == {}
    assert before["standing"] is None
    assert set(after["reveal"]) == {"AVL-03"}
    assert after["reveal"]["AVL-03"]["measured"]
    assert "production" in after["standing"]["headline"]


@pytest.mark.slow
def test_folder_is_judged_on_the_day_on_which_it_was_opened(folder):
    """A page that looks back goes on looking back, whatever the folder declares."""
    bank, day = load_bank_for(folder), dt.date(2026, 11, 1)
    session = FormSession(folder, bank, open_assessment(folder, bank=bank, as_of=day))

    assert session.opened().as_of == day
    assert session_of(folder).opened().as_of == today()


def test_gate_is_told_with_the_level_that_it_needs(folder):
    """Of a question without a gate there is nothing to tell."""
    session = opened(folder)
    asked = [one for _, one in session.bank.questions]
    gated = next(one for one in asked if one.gate and one.gate.phase == "prototype")
    plain = next(one for one in asked if one.gate is None)
    for at, one in enumerate((gated, plain)):
        save(session, one.id, 0, at)
    told = session.standing(WHO)[0]["reveal"]

    assert "its minimum for prototype is" in told[gated.id]["gate"]["says"]
    assert told[plain.id]["gate"] is None


def test_what_decides_a_check_is_told_first(folder):
    """Of a check's findings those that contradict stand before those that hold."""
    session = opened(folder)
    save(session, "AVL-03", 3, 1)

    reveal = session.standing(WHO)[0]["reveal"]["AVL-03"]

    told = next(one["told"] for one in reveal["measured"] if len(one["told"]) > 1)
    assert [one.startswith("No row of") for one in told] == [True, True, False]


def test_scope_fact_changes_what_is_asked(folder):
    """A condition on the scope facts is judged again with every standing."""
    session = opened(folder)
    before = session.standing(WHO)[0]["asked"]
    scope = folder / "assessment.yaml"
    text = scope.read_text(encoding="utf-8")
    scope.write_text(
        text.replace("serving: batch", "serving: online"), encoding="utf-8"
    )

    after = session.standing(WHO)[0]["asked"]

    assert "SCP-07" not in before
    assert "SCP-07" in after


def test_broken_folder_is_told_beside_the_saved_answer(folder):
    """Answers are saved though the verdict cannot be computed."""
    session = opened(folder)
    (folder / "actions.yaml").write_text("format: 1\nactoins: []\n", encoding="utf-8")

    reply = save(session, "AVL-01", 3, 1)

    assert reply["kind"] == "saved"
    assert "actions.yaml:2" in session.standing(WHO)[0]["problems"][0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "role", "said"),
    [
        ("Jane Doe", "legal", "never the person"),
        ("agreed", "legal", "the room's file"),
        ("somebody", "king", "expected a role"),
        ("gone", "", "not known here"),
        (WHO, "legal", "expected a name that is free"),
    ],
)
def test_name_that_cannot_be_is_explained(folder, who, role, said):
    """The chooser says what was found, what is expected and what to do."""
    session = session_of(folder)

    (reply,) = session.handle({"kind": "open", "who": who, "role": role})

    assert reply["kind"] == "people"
    assert said in reply["problem"]


def test_new_respondent_gets_a_file_with_the_first_answer(folder):
    """Nothing is written before something is answered."""
    session = session_of(folder)
    (cards,) = session.handle({"kind": "open", "who": "security", "role": "security"})
    assert not (folder / "answers" / "security.yaml").exists()

    session.handle(
        {
            "kind": "save",
            "who": "security",
            "question": "PRV-11",
            "client": "tab",
            "counter": 1,
            "base": "",
            "answer": {"answer": "unknown"},
        }
    )

    assert cards["title"] == "Security" or cards["title"]
    assert stored(folder, "security")["PRV-11"]["answer"] == "unknown"


@pytest.mark.slow
def test_messages_of_two_threads_lose_nothing(folder):
    """ipykernel delivers on more than one thread; each question is saved."""
    session = opened(folder)
    ids = [question.id for _, question in session.bank.questions][:20]

    def answer(part):
        for at, question in enumerate(ids[part::2]):
            save(session, question, at % 5, 1)

    threads = [threading.Thread(target=answer, args=(part,)) for part in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(stored(folder)) == set(ids)


def test_who_is_settled_by_the_notebook_is_not_chosen_by_the_browser(folder):
    """A message cannot answer in another one's name."""
    session = session_of(folder, respondent=WHO)
    for who in ("", "finance", "../elsewhere"):
        (cards,) = session.handle({"kind": "open", "who": who})

        assert (cards["kind"], cards["who"], cards["fixed"]) == ("cards", WHO, True)


def test_message_of_no_question_is_refused_as_such(folder):
    """What is wrong with the file is told to whoever looks again."""
    session = opened(folder)
    (folder / "answers" / f"{WHO}.yaml").write_text("answers: [", encoding="utf-8")
    (refused,) = session.handle({"kind": "look", "who": WHO})

    assert (refused["kind"], refused["question"]) == ("refused", "")
    assert refused["problems"]


def test_unknown_message_is_left_alone(folder):
    """What a newer script might send does no harm."""
    session = session_of(folder)

    assert session.handle({"kind": "dance"}) == []
    assert session.handle({"kind": "save", "who": "nobody", "counter": 1}) == []
