"""A change of the data changes only its lines of the text, and means just that."""

import datetime as dt
import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from readybook.edit.yamltext import UneditableError, YamlText, yaml_lines
from readybook.text import yaml
from readybook.text.yaml import parse_yaml

SHEET = """\
# kept: "above"
format: 1
role: 'owner'   # two spaces

bank: { id: small, version: "1.0.0" } # in one line
answers:
  # about the first
  AVL-01:
    date: 2026-09-25
    answer: 4
    # inside
    note: "quoted"
  AVL-03: {answer: 1, date: 2026-09-25} # short
  # A gate.
  QLT-01:
    answer: 3 # not 4
    note: >-
      This is folded over
      two lines.
    proof:
      reference: 'the file'
      date: 2026-09-01
    # asked: Tuesday

  # about the last
  QLT-02:
    answer: unknown
    date: 2026-09-25
# the end
"""


def read(text):
    return YamlText.read(text.encode(), name="f.yaml")


def changed(text, *path, value):
    """The text after one value was set."""
    source = read(text)
    data = with_value(source.plain.data, path, value)
    result = source.with_data(data)
    assert result.plain == parse_yaml(result.raw, name="f.yaml")
    return result.raw.decode()


def with_value(data, path, value):
    if not path:
        return value
    inner = data.get(path[0], {}) if isinstance(data, dict) else {}
    return {**data, path[0]: with_value(inner, path[1:], value)}


def difference(before, after):
    """Lines that went, and lines that came."""
    old, new = before.splitlines(), after.splitlines()
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return old, new


@pytest.mark.parametrize(
    ("path", "value", "gone", "came"),
    [
        (("AVL-01", "answer"), 2, ["    answer: 4"], ["    answer: 2"]),
        (("QLT-01", "answer"), "unknown", ["    answer: 3 # not 4"],
         ["    answer: unknown # not 4"]),
        (("AVL-01", "note"), "other", ['    note: "quoted"'], ['    note: "other"']),
        (("QLT-01", "proof", "reference"), "it's", ["      reference: 'the file'"],
         ["      reference: 'it''s'"]),
        (("QLT-01", "proof", "shelf_life_days"), 30, [],
         ["      shelf_life_days: 30"]),
        (("QLT-01", "note"), "short", ["    note: >-", "      This is folded over",
         "      two lines."], ["    note: short"]),
        (("QLT-02", "note"), "a\nb", [], ["    note: |-", "      a", "      b"]),
        (("AVL-03", "answer"), 2, ["  AVL-03: {answer: 1, date: 2026-09-25} # short"],
         ["  AVL-03: {answer: 2, date: 2026-09-25} # short"]),
        (("QLT-03",), {"answer": 1}, [], ["  QLT-03:", "    answer: 1"]),
        (("AVL-01",), {"answer": 4}, ["    date: 2026-09-25", "    answer: 4",
         "    # inside", '    note: "quoted"'], ["    answer: 4", "    # inside"]),
    ],
)  # fmt: skip
def test_only_the_lines_of_what_changed_differ(path, value, gone, came):
    """Comments, order of keys, quotes and folded lines around it are the same bytes."""
    after = changed(SHEET, "answers", *path, value=value)

    assert difference(SHEET, after) == (gone, came)


@pytest.mark.parametrize(
    ("head", "text", "kept"),
    [
        ("|", "a\n", ["", ""]),
        ("|-", "a", ["", ""]),
        ("|+", "a\n\n\n", []),
        (">+", "a\n\n\n", []),
        ("|2-", "a", ["", ""]),
        ("| # one + one", "a\n", ["", ""]),
        ("|+ # all", "a\n\n\n", []),
    ],
)
def test_empty_lines_below_a_text_stay_unless_they_are_a_part_of_it(head, text, kept):
    """The sign + keeps them, but not where it stands in a comment."""
    before = f"a: {head}\n  a\n\n\nz: 1\n"
    assert parse_yaml(before, name="f").data["a"] == text

    comment = head.partition(" ")[2]
    above = [comment] if comment else []
    assert changed(before, "a", value="b").splitlines() == [
        *above,
        "a: b",
        *kept,
        "z: 1",
    ]
    assert changed(before, "z", value=2) == before.replace("z: 1", "z: 2")


def test_new_entry_comes_after_the_one_that_stands_before_it():
    """The comment above the next entry stays with the next entry."""
    source = read(SHEET)
    answers = source.plain.data["answers"]
    placed = {}
    for key, value in answers.items():
        placed[key] = value
        if key == "AVL-03":
            placed["AVL-05"] = {"answer": 0, "date": dt.date(2026, 1, 1)}
    after = source.with_data({**source.plain.data, "answers": placed}).raw.decode()

    assert (
        "# short\n  AVL-05:\n    answer: 0\n    date: 2026-01-01\n  # A gate." in after
    )
    assert difference(SHEET, after)[0] == []


def test_removed_entry_takes_only_its_own_lines():
    """Every comment stays: those above it, inside of it and above the next one."""
    source = read(SHEET)
    answers = {k: v for k, v in source.plain.data["answers"].items() if k != "QLT-01"}
    after = source.with_data({**source.plain.data, "answers": answers}).raw.decode()

    assert (
        "# short\n  # A gate.\n  # not 4\n  # asked: Tuesday\n\n"
        "  # about the last\n  QLT-02:"
    ) in after
    assert difference(SHEET, after)[1] == ["  # not 4", "  # asked: Tuesday"]


def test_file_with_windows_line_ends_keeps_them():
    """Every line that is added ends as the others do."""
    text = SHEET.replace("\n", "\r\n")
    after = changed(text, "answers", "QLT-02", "note", value="one\ntwo\n\nfour")

    assert after.count("\n") == after.count("\r\n") == text.count("\n") + 5
    assert after.replace("\r\n", "\n") == changed(
        SHEET, "answers", "QLT-02", "note", value="one\ntwo\n\nfour"
    )


def test_file_that_begins_with_a_byte_order_mark_keeps_it():
    """An editor that wrote the mark finds it again."""
    source = YamlText.read(b"\xef\xbb\xbf" + SHEET.encode(), name="f.yaml")
    data = with_value(source.plain.data, ("role",), "other")

    assert (
        source.with_data(data).raw
        == b"\xef\xbb\xbf" + SHEET.replace("'owner'", "'other'").encode()
    )


def test_key_comes_below_one_whose_last_line_goes():
    """What is added after a group takes the place of what leaves the group."""
    text = "p:\n  a: 1\n  b: 2\n# end\n"
    after = read(text).with_data({"p": {"a": 1}, "q": 3}).raw.decode()

    assert after == "p:\n  a: 1\nq: 3\n# end\n"


def test_text_without_a_last_line_end_takes_a_new_key():
    """The last line is not glued to the new one."""
    assert changed("a: 1", "b", value="x") == "a: 1\nb: x"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("rows: []\n\n# rows:\n#   - id: a\n",
         "rows:\n  - id: b\n    m: true\n\n# rows:\n#   - id: a\n"),
        ("rows: # all of them\n- id: a # one\n# end\n",
         "rows: # all of them\n- id: b # one\n  m: true\n# end\n"),
        ("rows: [{ id: a }] # short\n", "rows: [{id: b, m: true}] # short\n"),
        ("rows: [] # none\n", "rows: # none\n  - id: b\n    m: true\n"),
    ],
)  # fmt: skip
def test_list_of_rows_takes_the_form_that_it_has(before, after):
    """A list between brackets, an empty one and one with dashes at the margin."""
    assert changed(before, "rows", value=({"id": "b", "m": True},)) == after


def test_rows_are_added_changed_and_removed_by_their_id():
    """Comments of the other rows stay where they are."""
    text = (
        "rows:\n  # a\n  - id: a\n    m: 1 # one\n  # b\n  - id: b\n  # c\n  - id: c\n"
    )
    rows = ({"id": "a", "m": 2}, {"id": "c"}, {"id": "d"})

    assert changed(text, "rows", value=rows) == (
        "rows:\n  # a\n  - id: a\n    m: 2 # one\n  # b\n  # c\n  - id: c\n  - id: d\n"
    )
    assert changed(text, "rows", value=()) == (
        "rows: []\n  # a\n  # one\n  # b\n  # c\n"
    )


def test_form_that_cannot_be_changed_in_place_is_refused():
    """Nothing is guessed: an alias stands for two places."""
    source = read("a: &x {n: 1}\nb: *x\n")

    with pytest.raises(UneditableError):
        source.with_data({**source.plain.data, "a": 2})
    with pytest.raises(UneditableError):
        yaml_lines({"a": object()})


WORDS = st.one_of(
    st.sampled_from(
        ["no", "off", "12:30", "1_000", "~", "2026-01-01", "- x", "a: b", "a #b", "#", "🙂",
         " x", "x ", "'", '"', "a\nb", "a\n\n b\n", "\n", "|", ">-", "{", "[a]", "&a",
         "*a", "!x", "%", "@", "`", "0x1F", "1e3", "---", "...", "a\tb", "\t", "\x85",
         "\u2028", "\x07", "\ufeff", "?", "? x", ":", "x:", "y", "=", "<<", "\r\n"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30),
)  # fmt: skip
VALUES = st.one_of(WORDS, st.integers(-9, 99), st.booleans(), st.dates(), st.none())
KEYS = st.sampled_from(["answer", "date", "note", "proof", "z"])


@settings(max_examples=60)
@given(WORDS)
@example("multi: line\n- with # signs\n\n    and indentation")
def test_any_text_is_read_back_as_it_was_typed(text):
    """A note comes back sign by sign, in all the places that a value has."""
    lines = yaml_lines({"a": text, "b": [text], "c": [{"d": text}], "e": {text: 1}})
    data = parse_yaml("\n".join(lines) + "\n", name="f").data

    assert data == {"a": text, "b": (text,), "c": ({"d": text},), "e": {text: 1}}


@pytest.mark.parametrize("text", ["no", "off", "12:30", "1_000", "y", "3", "1.0", "~"])
def test_text_that_other_readers_would_turn_is_quoted(text):
    """Who reads the file with another program reads the same text."""
    assert yaml_lines({"a": text}) == [f'a: "{text}"']


@settings(max_examples=40)
@given(
    st.sampled_from(["AVL-01", "AVL-03", "QLT-01", "QLT-02", "NEW-01"]),
    st.dictionaries(KEYS, VALUES | st.dictionaries(KEYS, VALUES, min_size=1)),
    st.booleans(),
)
def test_any_change_means_just_that_and_leaves_the_other_entries(entry, value, windows):
    """What was spliced in is what the whole text means when it is read again."""
    text = SHEET.replace("\n", "\r\n") if windows else SHEET
    after = changed(text, "answers", entry, value=value)
    data = parse_yaml(after, name="f").data

    assert data == with_value(
        parse_yaml(text, name="f").data, ("answers", entry), value
    )
    for comment in ("# about the first", "# A gate.", "# about the last", "# the end"):
        assert after.count(comment) == 1


ROW = st.fixed_dictionaries(
    {"id": st.sampled_from("abcdefg")},
    optional={"m": VALUES, "list": st.lists(WORDS, max_size=3).map(tuple)},
)


@settings(max_examples=40)
@example(before=[], after=[{"id": "a", "list": ("?0",)}], windows=False)
@given(
    before=st.lists(ROW, max_size=5, unique_by=lambda row: row["id"]),
    after=st.lists(ROW, max_size=5, unique_by=lambda row: row["id"]),
    windows=st.booleans(),
)
def test_any_list_of_rows_becomes_any_other(before, after, windows):
    """Rows are added, moved, changed and removed; every comment stays."""
    lines = ["# head", *(yaml_lines({"rows": before}) if before else ["rows: []"])]
    told = [[f"# of {x}", x] if x.startswith("  - id") else [x] for x in lines]
    text = "".join(f"{line}\n" for part in told for line in part) + "# end\n"
    text = text.replace("\n", "\r\n") if windows else text
    source = read(text)
    result = source.with_data({"rows": tuple(after)})

    assert parse_yaml(result.raw, name="f").data == {"rows": tuple(after)}
    for line in text.splitlines():
        assert result.raw.decode().count(line) >= 1 or not line.startswith("#")


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [(1, True, "true"), (True, 1, "1"), (1, 1.5, "1.5"), (0, False, "false"),
     ("1", 1, "1"), ((1,), (True,), "[true]")],
)  # fmt: skip
def test_value_that_only_python_takes_for_the_same_is_written(old, new, text):
    """`1` is no yes/no value in a file, though `True == 1`."""
    before = "\n".join(yaml_lines({"a": old, "b": 2})) + "\n"

    assert changed(before, "a", value=new) == f"a: {text}\nb: 2\n"


def test_every_file_that_is_shipped_stays_as_it_was_typed(root):
    """Whatever its lines look like, a key that comes and goes again leaves no trace."""
    for path in (root / "templates").rglob("*.yaml"):
        source = YamlText.read(path.read_bytes(), name=path.name)
        data = source.plain.data
        added = source.with_data({**data, "zz": 1})

        assert difference(source.raw.decode(), added.raw.decode()) == ([], ["zz: 1"])
        assert added.with_data(data).raw == source.raw


@pytest.mark.parametrize(("size", "lines"), [(42, 1), (43, 3)])
def test_list_that_fits_a_line_stands_on_it(size, lines):
    """A longer one has a line for each item; 88 signs fit, ends and commas counted."""
    assert len(yaml_lines({"a": ["x" * 42, "y" * size]})) == lines


def test_long_and_foreign_lines_beside_a_change_stay():
    """Nothing is wrapped, aligned, translated or told in another way."""
    text = (
        f"long: {'word ' * 60}end\nück:   'Größe 天气 🙂'  \ntwo: one\n  two\n"
        'quoted: "one\n  two"\nnone: ~\nyes: True\nf: { a: 1,   b: [1,\n  2] }\nz: 1\n'
    )

    assert changed(text, "z", value=2) == text.replace("z: 1", "z: 2")


NOTED = st.recursive(
    st.sampled_from(["1", "text", "'q'", '"d"', "[x, y]", "{k: 1}", "|-\n  l\n  m"]),
    lambda inner: st.lists(inner, min_size=1, max_size=3),
    max_leaves=6,
)


def noted_lines(value, numbers, indent):
    """Lines of keys and values, with a comment above and beside each."""
    pad, lines = " " * indent, []
    for at, item in enumerate(value):
        lines.append(f"{pad}# n{next(numbers)}.")
        beside = f" # n{next(numbers)}."
        if isinstance(item, list):
            lines.append(f"{pad}k{at}:{beside}")
            lines += noted_lines(item, numbers, indent + 2)
        else:
            first, *more = item.split("\n")
            lines.append(f"{pad}k{at}: {first}{beside}")
            lines += [f"{pad}{line}" for line in more]
    return lines


@pytest.mark.slow
@settings(max_examples=60)
@given(st.lists(NOTED, min_size=1, max_size=4), st.data())
def test_no_comment_is_ever_lost(value, data):
    """Whatever is added, changed or removed, and wherever the comment stood."""
    numbers = itertools.count()
    text = "\n".join(["a: 1", *noted_lines(value, numbers, 0)]) + "\n"
    source = read(text)
    path, inner = (), source.plain.data
    while isinstance(inner, dict) and (not path or data.draw(st.booleans())):
        path = (*path, data.draw(st.sampled_from(sorted(inner))))
        inner = inner[path[-1]]
    new = data.draw(VALUES | st.just({"k0": 1, "z": "x"}) | st.just(({"id": "r"},)))
    after = source.with_data(replaced(source.plain.data, path, new)).raw.decode()

    for number in range(next(numbers)):
        assert after.count(f"# n{number}.") == 1


def replaced(data, path, new):
    """The data with one value set; without its key where the new value is None."""
    name, *rest = path
    value = replaced(data[name], rest, new) if rest else new
    return {key: value if key == name else item for key, item in data.items()
            if key != name or value is not None}  # fmt: skip


def test_a_change_reads_the_text_once(monkeypatch):
    """What is written is read, to know what it means; what stood there was read before."""
    start, texts = yaml._Quick.__init__, []  # noqa: SLF001 - the parser itself
    source = read(SHEET)
    monkeypatch.setattr(
        yaml._Quick,  # noqa: SLF001
        "__init__",
        lambda parser, text: (texts.append(text), start(parser, text))[1],
    )

    result = source.with_data({**source.plain.data, "role": "lead"})

    assert texts == [result.raw.decode()]
