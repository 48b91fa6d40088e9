"""YAML text becomes a model or a list of problems; nothing is guessed on the way."""

import contextlib
import datetime as dt
import io
import stat

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from readybook.model.bank import QuestionFile
from readybook.model.case import AnswerSheet, Resources, Scope
from readybook.model.errors import InvalidInputError, ReadybookError
from readybook.text.documents import load_document, packaged, parse_document, save_text
from readybook.text.yaml import Stamp, parse_yaml

SCOPE = b"""\
format: 1
title: Late parcels
team: Dispatch
phase: pilot
as_of: 2026-06-30
"""


def data(text):
    return parse_yaml(text, name="f.yaml").data


def messages(raw, model=Scope):
    with pytest.raises(InvalidInputError) as refused:
        parse_document(raw, model, name="f.yaml")
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    "text",
    ["no", "off", "yes", "y", "on", "12:30", "1:30:00", "1_000", "0b11", "1,000",
     "2026-1-2", "1_0.5", "=", "+", "_", "1.0.0"],
)  # fmt: skip
def test_what_may_be_text_stays_text(text):
    """Words and times that older YAML turns into something else stay as written."""
    assert data(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3), ("-3", -3), ("010", 10), ("0o17", 15), ("0x1F", 31), ("1.10", 1.1),
        ("1e3", 1000.0), ("true", True), ("False", False), ("~", None), ("", None),
        ("null", None), ("2026-02-28", dt.date(2026, 2, 28)), ("'3'", "3"),
        ("2026-02-28T10:00:00Z", Stamp("2026-02-28T10:00:00Z")), ("[1, b]", (1, "b")),
        ("!!str 3", "3"),
    ],
)  # fmt: skip
def test_value_is_read_by_the_core_schema(text, value):
    """Numbers, dates, yes/no values and lists are read as YAML 1.2 has them."""
    read = data(f"a: {text}")["a"]

    assert read == value
    assert type(read) is type(value)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40))
@example("no")
@example("off")
@example("12:30")
@example("1_000")
@example("2026-02-30")
@example("# x: y")
@example(" padded ")
def test_text_that_is_written_is_read_back(text):
    """Any text that our YAML writer writes is the same text when it is read."""
    out = io.StringIO()
    YAML().dump({"a": text}, out)

    assert data(out.getvalue()) == {"a": text}


@pytest.mark.slow
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_no_input_ends_in_a_traceback(raw):
    """Whatever a file holds, it is a document or a list of problems."""
    with pytest.raises(InvalidInputError):
        parse_document(raw, Scope, name="f.yaml")


@given(st.integers(0, len(SCOPE)), st.text("[]{}:-#&*!|>'\"%@`,? \n\tab1~", max_size=6))
def test_no_slip_of_the_hand_ends_in_a_traceback(at, typed):
    """Characters typed into a valid file leave it valid or are told as problems."""
    raw = SCOPE[:at] + typed.encode() + SCOPE[at:]
    with contextlib.suppress(InvalidInputError):
        parse_document(raw, Scope, name="f.yaml")


def test_document_knows_the_line_of_each_key():
    """Later checks can point at the line, or at the nearest thing around it."""
    text = (
        "# comment\nformat: 1\nresources:\n  - id: a\n    what: b\n    kind: compute\n"
    )
    loaded = parse_document(text, Resources, name="resources.yaml")

    assert loaded.line("resources", 0, "kind") == 6
    assert loaded.line("resources", 0) == 4
    assert loaded.line("resources", 0, "grants") == 4
    assert loaded.line() == 2


def test_all_problems_of_a_file_come_at_once():
    """Text and meaning are judged together; lines are in order."""
    told = messages(
        "format: true\n"
        "title: 2026\n"
        "team: ''\n"
        "as_of: 2026-02-30\n"
        "tilte: x\n"
        "team: b\n"
        "needs: [{id: A b, what: 3.5, use: featuree, ask: legal}]\n"
        "target_date: 2026-3-1\n"
        "example: yes\n"
        "value: {currency: eur, source: [a], cost_of_delay_per_week: 3}\n"
    )

    assert [line.partition(": found ")[0].removeprefix("f.yaml:") for line in told] == [
        "1: format",
        "1: phase",
        "2: title",
        "3: team",
        "4: as_of",
        "5: tilte",
        "6: team",
        "7: needs[0].id",
        "7: needs[0].use",
        "7: needs[0].what",
        "8: target_date",
        "9: example",
        "10: value.cost_of_delay_per_week",
        "10: value.currency",
        "10: value.source",
    ]
    assert [told[at].partition(": found ")[2] for at in (1, 2, 6, 8, 10)] == [
        (
            "no such key, expected one of 'prototype', 'pilot', 'production', "
            "do: add 'phase: ...'"
        ),
        'the number 2026, expected text, do: put it in quotes: "2026"',
        (
            "the key a second time (first: line 3), expected each key once, "
            "do: keep one of the two"
        ),
        (
            "the text 'featuree', expected one of 'feature', 'label', 'key', 'time', "
            "'segment', do: did you mean 'feature'?"
        ),
        (
            "the text '2026-3-1', expected a date such as 2026-03-31, "
            "do: write it as YYYY-MM-DD, without quotes"
        ),
    ]
    assert told[5].endswith(", do: did you mean 'title'?")


@pytest.mark.parametrize(
    ("typed", "quoted"),
    [("true", "true"), ("2026", "2026"), ("2026-01-02", "2026-01-02")],
)
def test_value_that_should_be_text_is_put_in_quotes(typed, quoted):
    """As it was typed, though it was read as a number, a date or yes or no."""
    (told,) = [one for one in messages(f"title: {typed}\n") if ": title" in one]

    assert told.endswith(f'do: put it in quotes: "{quoted}"')


def test_answer_of_the_wrong_kind_gives_one_problem():
    """A level, 'unknown' or 'does-not-apply' is one choice, told once."""
    text = (
        "format: 1\nrole: legal\nbank: {id: x, version: 1.0}\nanswers:\n"
        "  AVL-01: {answer: unknownn, date: 2026-06-01 10:00:00}\n"
        "  avl-2: {answer: [3], date: 2026-06-01}\n"
    )
    answer = "a whole number from 0 to 4, 'unknown' or 'does-not-apply'"

    assert messages(text, AnswerSheet) == [
        'f.yaml:3: bank.version: found the number 1.0, expected text, do: put it in quotes: "1.0"',
        (
            f"f.yaml:5: answers.AVL-01.answer: found the text 'unknownn', expected {answer}"
            ", do: did you mean 'unknown'?"
        ),
        (
            "f.yaml:5: answers.AVL-01.date: found the time 2026-06-01 10:00:00, expected a "
            "date such as 2026-03-31, do: leave out the time of day"
        ),
        (
            "f.yaml:6: answers.avl-2: found the key 'avl-2', expected a question id such "
            "as AVL-01 (a capital letter first, 2 to 8 capitals or digits, a hyphen, 2 or "
            "3 digits), do: write a question id such as AVL-01"
        ),
        (
            f"f.yaml:6: answers.avl-2.answer: found a list of 1, expected {answer}, "
            f"do: write {answer}"
        ),
    ]


def test_key_that_is_missing_beside_a_refused_one_is_not_told_again():
    """It may be the one that was refused; elsewhere it is told."""
    raw = b"""\
format: 1
role: owner
bank: {id: small, version: "1.0.0"}
answers:
  AVL-01: {4: answer, date: 2026-01-01}
  AVL-03: {date: 2026-01-01}
"""

    assert [line.split(" found ")[0] for line in messages(raw, AnswerSheet)] == [
        "f.yaml:5: answers.AVL-01:",
        "f.yaml:6: answers.AVL-03.answer:",
    ]


def test_list_of_the_wrong_length_is_told_once():
    """Five levels are five; none of the missing ones is told on its own."""
    text = "format: 1\nsection: SCP\nquestions:\n  - levels: [a, b]\n    sources: []\n"

    told = messages(text, QuestionFile)

    assert (
        "f.yaml:4: questions[0].levels: found a list of 2, expected a list of five "
        "texts, do: write five texts, each after '- '"
    ) in told
    assert (
        "f.yaml:5: questions[0].sources: found an empty list, expected a list of at "
        "least 1, do: write a list of at least 1, or remove the key"
    ) in told
    assert not any("levels[" in line for line in told)


def test_numbered_keys_where_a_list_is_expected_are_told_once():
    """Quotes around the numbers would not help, so nobody is asked for them."""
    text = (
        "format: 1\nsection: SCP\nquestions:\n"
        "  - id: SCP-01\n    levels: {1: a, 2: b, 3: c, 4: d, 5: e}\n"
    )

    assert [line for line in messages(text, QuestionFile) if "levels" in line] == [
        (
            "f.yaml:5: questions[0] (SCP-01).levels: found keys, expected a list of five "
            "texts, do: write five texts, each after '- '"
        )
    ]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            "title: 'Late",
            (
                "f.yaml:1: found text that is not YAML (found unexpected end of stream), "
                "expected YAML, do: close the quotes that open on this line"
            ),
        ),
        (
            "title: @late",
            (
                "f.yaml:1: found text that is not YAML (found character '@' that cannot "
                "start any token), expected YAML, "
                "do: put text that begins with this sign in quotes"
            ),
        ),
        (
            "title: *late",
            (
                "f.yaml:1: found text that is not YAML (found undefined alias 'late'), "
                "expected YAML, do: put text that begins with * in quotes"
            ),
        ),
        (
            "x" * 2_000_001,
            (
                "f.yaml: found a file of 2,000,001 bytes, expected at most 2,000,000 bytes"
                ", do: split the file, or keep long material elsewhere and refer to it"
            ),
        ),
        (
            "- " * 3000,
            (
                "f.yaml: found more than 40 levels of nesting, expected at most 40, "
                "do: bring the content into fewer levels"
            ),
        ),
        (
            "- a",
            (
                "f.yaml:1: found a list of 1, expected the keys format, title, team, "
                "phase, as_of, do: write the keys format, title, team, phase, as_of"
            ),
        ),
    ],
    ids=["quote", "sign", "alias", "size", "depth", "list"],
)
def test_file_that_is_no_document_is_one_problem(raw, message):
    """What cannot be read as a whole is told once, with the line where it ends."""
    assert messages(raw) == [message]


def test_numbers_that_no_file_means_are_refused():
    """Endless and infinite numbers are told, not computed with."""
    told = messages(SCOPE + b"a: .inf\nb: " + b"9" * 30)

    assert told[0] == (
        "f.yaml:6: a: found the number .inf, expected a finite number, "
        "do: write a number, or put it in quotes if it is text"
    )
    assert told[1] == (
        f"f.yaml:7: b: found the number {'9' * 30}, expected at most 18 digits, "
        "do: put it in quotes if it is a name, else write a shorter number"
    )


def test_file_with_a_byte_order_mark_and_windows_line_ends_is_read():
    """Editors on Windows write both; neither changes the content."""
    raw = b"\xef\xbb\xbf" + SCOPE.replace(b"\n", b"\r\n")

    assert parse_document(raw, Scope, name="f.yaml").model.title == "Late parcels"


def test_few_aliases_are_read():
    """An alias that repeats a little is fine; each name may be used again."""
    assert data("a: &x {b: 1}\nc: *x\nd: &x 2\ne: *x") == {
        "a": {"b": 1}, "c": {"b": 1}, "d": 2, "e": 2,
    }  # fmt: skip


def test_forty_levels_are_read_and_no_more():
    """Where a file may end is the same for every file."""
    assert data("- " * 40 + "x")
    with pytest.raises(InvalidInputError) as refused:
        data("- " * 41 + "x")
    assert str(refused.value) == (
        "f.yaml:1: [0][0][0]: found more than 40 levels of nesting, expected at "
        "most 40, do: bring the content into fewer levels"
    )


def test_document_is_loaded_from_a_file(tmp_path):
    """The name in problems is the one that was given, not the path."""
    path = tmp_path / "assessment.yaml"
    path.write_bytes(SCOPE)

    assert load_document(path, Scope, name="assessment.yaml").model.phase == "pilot"


def test_saved_text_replaces_the_file_and_leaves_nothing_else(tmp_path):
    """The file has the new text, its old mode, and no draft lies beside it."""
    path = tmp_path / "a.yaml"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)

    save_text(path, "neu: ü\r\n")

    assert path.read_bytes() == "neu: ü\r\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [*tmp_path.iterdir()] == [path]


def test_new_file_has_the_mode_that_new_files_have(tmp_path):
    """Colleagues in the same group can read what was saved."""
    (tmp_path / "usual").touch()

    save_text(tmp_path / "a.yaml", "a: 1\n")

    assert (tmp_path / "a.yaml").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_save_follows_a_link(tmp_path):
    """A link stays a link; what it points to is replaced."""
    (tmp_path / "real.yaml").write_text("old", encoding="utf-8")
    (tmp_path / "link.yaml").symlink_to("real.yaml")

    save_text(tmp_path / "link.yaml", "new")

    assert (tmp_path / "link.yaml").is_symlink()
    assert (tmp_path / "real.yaml").read_text(encoding="utf-8") == "new"


def test_save_that_fails_leaves_the_old_file(tmp_path):
    """A text that cannot be encoded changes nothing and leaves no draft."""
    path = tmp_path / "a.yaml"
    path.write_text("old", encoding="utf-8")

    with pytest.raises(UnicodeEncodeError):
        save_text(path, "\ud800")

    assert path.read_text(encoding="utf-8") == "old"
    assert [*tmp_path.iterdir()] == [path]


def test_packaged_folders_are_found(root):
    """An editable install reads them from the checkout, a wheel from the package."""
    assert packaged("templates") == root / "templates"
    assert packaged("questions").name == "questions"


def test_packaged_folder_that_is_missing_is_named():
    """A broken installation says what is missing and what to do."""
    with pytest.raises(ReadybookError) as refused:
        packaged("nothing")

    assert str(refused.value) == (
        "readybook was installed without 'nothing'; install it again"
    )
