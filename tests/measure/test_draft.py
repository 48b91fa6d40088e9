"""A contract drafted from files: what is there, valid, and nothing agreed."""

import datetime as dt
import gzip
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from readybook.contract.read import parse_contract
from readybook.measure import draft
from readybook.measure.data import measure_data
from readybook.measure.draft import draft_contract, draft_into
from readybook.model.case import Assessment, Scope
from readybook.model.errors import InvalidInputError

TODAY = dt.date(2026, 11, 23)
DATA = Path(__file__).parents[2] / "templates" / "flight-delays" / "data"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "case"
    made.mkdir()
    return made


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def tables(folder):
    """Return the drafted tables after they were measured where they lie."""
    raw = (folder / "data.odcs.yaml").read_bytes()
    assessment = Assessment(
        name="case",
        as_of=TODAY,
        scope=Scope(format=1, title="C", team="T", phase="pilot", as_of=TODAY),
        data_model=parse_contract(raw, name="data.odcs.yaml", folder=folder).model,
        fingerprint="sha256:0",
    )
    return {
        one.table: (one.rows, list(one.columns), one.failed)
        for one in measure_data(assessment, folder, today=TODAY).tables
    }


ODD = {
    "semicolon.csv": ("a;b\n1;2\n", (1, ["a", "b"], None)),
    "bom.csv": ("\ufeffa,b\n1,2\n", (1, ["a", "b"], None)),
    "umlauts.csv": ("Größe,Straße\n1,x\n", (1, ["Größe", "Straße"], None)),
    "header-only.csv": ("a,b\n", (0, ["a", "b"], None)),
    "breaks.csv": ('a,b\n"x\ny","say ""z"""\n', (1, ["a", "b"], None)),
    "twice.csv": ("a,a,b\n1,2,3\n", (1, ["a", "a_1", "b"], None)),
    "packed.csv.gz": (gzip.compress(b"a,b\n1,2\n3,4\n"), (2, ["a", "b"], None)),
    "yes,no.csv": (
        "yes,no,1.10,null\n1,2,3,4\n",
        (1, ["yes", "no", "1.10", "null"], None),
    ),
    "a [b] c.csv": ("a\n1\n", (1, ["a"], None)),
    "lines.jsonl": ('{"a": 1, "b": "x"}\n', (1, ["a", "b"], None)),
}


def test_odd_files_are_drafted_and_measured(tmp_path, folder):
    """What the draft says of an odd file is what measuring then finds."""
    files = [write(tmp_path / name, content) for name, (content, _) in ODD.items()]
    draft_into(folder, files)

    found = dict(zip(ODD, tables(folder).values(), strict=True))
    assert found == {name: expected for name, (_, expected) in ODD.items()}


def test_draft_of_several_kinds_of_files_finds_each(tmp_path, folder):
    """Folders and formats may differ: each kind has its own place in the contract."""
    files = [
        write(folder / "in" / "one.csv", "a\n1\n"),
        write(folder / "two.csv", "a\n1\n2\n"),
        write(tmp_path / "three.csv.gz", gzip.compress(b"a\n1\n2\n3\n")),
        DATA / "airlines.parquet",
    ]
    draft_into(folder, files)
    rows = {name: measured[0] for name, measured in tables(folder).items()}

    assert rows == {"one": 1, "two": 2, "three": 3, "airlines": 16}
    assert sorted(path.name for path in (folder / "data").iterdir()) == [
        "airlines.parquet",
        "three.csv.gz",
    ]


def test_draft_agrees_to_nothing(folder):
    """A draft needs no column, promises no category and declares no history."""
    text = draft_contract([DATA / "flights.parquet"], title="Case", folder=folder)
    model = parse_contract(text, name="data.odcs.yaml", folder=folder).model
    (table,) = model.tables

    assert model.status == "draft"
    assert not any(column.needed or column.categories for column in table.columns)
    assert (table.keys, table.event_time, table.history_needed) == ((), None, None)


def test_draft_suggests_in_comments(folder):
    """Values that look like categories and a time are offered, not declared."""
    text = draft_contract([DATA / "flights.parquet"], title="Case", folder=folder)

    assert "# Is time_hour the time of the event?" in text
    assert '#   - value: "EWR"' in text


def uncomment(text):
    """Return a contract whose suggestions were taken over, each where it stands."""
    head, schema = text.split("schema:\n")
    lines = schema.splitlines()
    taken = (one if "?" in one else one.replace("# ", "", 1) for one in lines)
    return f"{head}schema:\n" + "\n".join(taken)


def test_suggestions_are_valid_where_the_comment_is_removed(tmp_path, folder):
    """A team that takes every suggestion over has a contract that can be read."""
    rows = [f"{site};2{n}.12.2024;{n},5" for n in range(10) for site in "ab"]
    files = [
        DATA / "flights.parquet",
        write(tmp_path / "t.csv", "\n".join(["site;day;fee", *rows])),
    ]
    text = draft_contract(files, title="Case", folder=folder)
    model = parse_contract(uncomment(text), name="data.odcs.yaml", folder=folder).model
    flights, table = model.tables

    assert (flights.event_time, table.event_time) == ("time_hour", "day")
    assert flights.column("origin").categories
    assert [one.value for one in table.column("site").categories] == ["a", "b"]
    assert table.column("day").written_as == "%d.%m.%Y"
    assert table.column("fee").written_as == "1.234,5"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("007", "string"),
        ("-01067", "string"),
        ("00.5", "string"),
        ("0", "integer"),
        ("-7", "integer"),
        ("0.5", "number"),
        ("-.5", "number"),
        ("1e-05", "number"),
        ("00:30", "time"),
    ],
)
def test_zeros_in_front_are_not_drafted_away(tmp_path, folder, value, kind):
    """An id or a postal code that begins with 0 is a text, whatever the others are."""
    file = write(tmp_path / "t.csv", f"a,b\n{value},1\n{value},2\n")
    text = draft_contract([file], title="Case", folder=folder)

    assert YAML(typ="safe").load(text)["schema"][0]["properties"][0] == {
        "name": "a",
        "logicalType": kind,
        "physicalType": text.split("physicalType: ")[2].split()[0],
    }
    assert "writtenAs" not in text[text.index("schema:") :]


def test_rare_and_odd_values_stay_out_of_the_comments(tmp_path, folder):
    """A value of few rows could be a person; one with a line break ends a comment."""
    rows = ["north"] * 10 + ["south"] * 10 + ["J. Doe"] + ['"x\u2028y: z"'] * 10
    file = write(tmp_path / "t.csv", "\n".join(["site", *rows]) + "\n")
    text = draft_contract([file], title="Case", folder=folder)

    assert '"north"' in text
    assert "J. Doe" not in text
    assert "y: z" not in text
    assert YAML(typ="safe").load(text)["schema"][0]["name"] == "t"


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("t.csv", b"", "t.csv is empty (0 bytes)"),
        ("t.csv", b"a\nGr\xf6\xdfe\n", "do: save it as UTF-8, or leave it out"),
        ("t.parquet", b"not at all", "it is not a Parquet file"),
        *(
            (f"t.{end}", b"PK", "declare it by hand (docs/measuring.md")
            for end in ("xlsx", "db", "sqlite", "duckdb", "odt")
        ),
        ("t.csv", None, "no file t.csv"),
        ("t.xlsx", None, "no file t.xlsx"),
    ],
)
def test_file_that_cannot_be_drafted_is_refused(tmp_path, folder, name, content, found):
    """The refusal names the file and the reason, and nothing was written."""
    if content is not None:
        write(tmp_path / name, content)
    with pytest.raises(InvalidInputError) as caught:
        draft_into(folder, [tmp_path / name])

    assert found in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
    assert list(folder.iterdir()) == []


def test_two_files_of_one_name_are_refused(tmp_path, folder):
    """A table has one source; which one, the team decides."""
    files = [write(tmp_path / at / "t.csv", "a\n1\n") for at in ("x", "y")]
    with pytest.raises(InvalidInputError) as refused:
        draft_into(folder, files)
    assert str(refused.value) == (
        "t.csv: found the table t, which t.csv makes too, expected another name for"
        " each table, do: rename one of the two files"
    )


def test_too_large_a_file_is_not_copied(tmp_path, folder, monkeypatch):
    """The contract is drafted from it and says where it has to go."""
    monkeypatch.setattr(draft, "MOST_COPIED", 5)
    draft_into(folder, [write(tmp_path / "t.csv", "a\n1\n2\n3\n")])
    text = (folder / "data.odcs.yaml").read_text("utf-8")

    assert "# data/t.csv was not copied, it is too large: put it there." in text
    assert not (folder / "data").exists()


def test_draft_is_the_same_each_time(folder):
    """The same files give the same text."""
    files = [DATA / "airlines.parquet", DATA / "planes.parquet"]
    once = draft_contract(files, title="Case", folder=folder)

    assert once == draft_contract(files, title="Case", folder=folder)
