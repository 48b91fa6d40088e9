"""A contract drafted from data: what is there, valid, and nothing agreed."""

import datetime as dt
import gzip
import io
import re
import shutil
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pyarrow.parquet as pq
import pytest
from ruamel.yaml import YAML

from drafted_inputs import INPUTS
from readybook.cli.files import Drafting, start_assessment
from readybook.cli.main import main
from readybook.contract.read import parse_contract
from readybook.measure.data import measure_data
from readybook.measure.draft import draft_contract
from readybook.model.case import Assessment, Scope
from readybook.model.errors import InvalidInputError

TODAY = dt.date(2026, 11, 23)
DATA = Path(__file__).parents[2] / "templates" / "flight-delays" / "data"


@pytest.fixture(scope="module")
def flights(tmp_path_factory):
    """The first rows of the example's largest table."""
    path = tmp_path_factory.mktemp("in") / "flights.parquet"
    pq.write_table(pq.read_table(DATA / path.name).slice(0, 5_000), path)
    return path


def draft(*words, **given):
    """Return a drafted contract."""
    return draft_contract(
        [str(word) for word in words], title="Case", today=TODAY, **given
    )


def columns(text):
    """Return what is declared of each column of a contract, by table and name."""
    return {
        f"{table['name']}.{one['name']}": one
        for table in YAML(typ="safe").load(text)["schema"]
        for one in table["properties"]
    }


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def measured(folder):
    """Return the evidence of an assessment's data, measured where it lies."""
    raw = (folder / "data.odcs.yaml").read_bytes()
    assessment = Assessment(
        name="case",
        as_of=TODAY,
        scope=Scope(format=1, title="C", team="T", phase="pilot", as_of=TODAY),
        data_model=parse_contract(raw, name="data.odcs.yaml", folder=folder).model,
        fingerprint="sha256:0",
    )
    return measure_data(assessment, folder, today=TODAY)


def tables(folder):
    """Return the drafted tables after they were measured where they lie."""
    return {
        one.table: (one.rows, list(one.columns), one.failed)
        for one in measured(folder).tables
    }


def packed(**files):
    """Return a zip archive of files."""
    archive = io.BytesIO()
    with ZipFile(archive, "w") as stream:
        for name, content in files.items():
            stream.writestr(name.replace("_", "."), content)
    return archive.getvalue()


# --- what is found -------------------------------------------------------------------

ODD = {
    "semicolon.csv": ("a;b\n1;2\n", (1, ["a", "b"], None)),
    "bom.csv": ("\ufeffa,b\n1,2\n", (1, ["a", "b"], None)),
    "umlauts.csv": ("Größe,Straße\n1,x\n", (1, ["Größe", "Straße"], None)),
    "header-only.csv": ("a,b\n", (0, ["a", "b"], None)),
    "breaks.csv": ('a,b\n"x\ny","say ""z"""\n', (1, ["a", "b"], None)),
    "twice.csv": ("a,a,b\n1,2,3\n", (1, ["a", "a_1", "b"], None)),
    "packed.csv.gz": (gzip.compress(b"a,b\n1,2\n3,4\n"), (2, ["a", "b"], None)),
    "plain.zip": (packed(x_csv="a,b\n1,2\n"), (1, ["a", "b"], None)),
    "months.csv.zip": (
        packed(x_csv="a,b\n1,2\n", y_csv="a,b\n3,4\n"),
        (2, ["a", "b"], None),
    ),
    "text.zip": (packed(x_txt="a;b\n1;2\n"), (1, ["a", "b"], None)),
    "yes,no.csv": (
        "yes,no,1.10,null\n1,2,3,4\n",
        (1, ["yes", "no", "1.10", "null"], None),
    ),
    "a [b] c.csv": ("a\n1\n", (1, ["a"], None)),
    "years.csv": ("land,2023,2024\nAT,1,2\n", (1, ["land", "2023", "2024"], None)),
    "notes.txt": ("a;b\n1;2\n", (1, ["a", "b"], None)),
    "lines.jsonl": ('{"a": 1, "b": "x"}\n', (1, ["a", "b"], None)),
}


def test_odd_files_are_drafted_and_measured(tmp_path):
    """What the draft says of an odd file is what measuring then finds."""
    files = [write(tmp_path / name, content) for name, (content, _) in ODD.items()]
    start_assessment(tmp_path / "c", data=files)

    found = dict(zip(ODD, tables(tmp_path / "c").values(), strict=True))
    assert found == {name: expected for name, (_, expected) in ODD.items()}


def test_draft_of_several_kinds_of_files_finds_each(tmp_path):
    """Folders and formats may differ: each kind has its own place in the contract."""
    files = [
        write(tmp_path / "in" / "one.csv", "a\n1\n"),
        write(tmp_path / "two.csv", "a\n1\n2\n"),
        write(tmp_path / "three.csv.gz", gzip.compress(b"a\n1\n2\n3\n")),
        DATA / "airlines.parquet",
    ]
    start_assessment(tmp_path / "c", data=files)
    rows = {name: found[0] for name, found in tables(tmp_path / "c").items()}

    assert rows == {"one": 1, "two": 2, "three": 3, "airlines": 16}


#: By input: its tables, with rows.
FOUND = {
    "workbook": {"Visits_2024": 300, "sites": 3},
    "sheet": {"preise": 30},
    "sqlite": {"items": 1, "odd_table": 0, "receipts": 300},
    "database": {"late": 2_994, "orders": 3_000, "sites": 1},
    "months": {"sales": 84},
    "folder": {"customers": 5, "orders": 30},
    "nested": {"nested": 240},
    "lines": {"events": 300},
    "zipped": {"packed": 30},
    "album": {"album": 60},
    "sounds": {"calls": 21},
    "letters": {"letters": 12},
    "delta": {"ledger": 200},
    "iceberg": {"stock": 250},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FOUND)
def test_each_table_of_a_source_is_drafted_and_measured(tmp_path, name):
    """Sheets, tables and files of a folder; an empty sheet is none."""
    start_assessment(tmp_path / "c", data=INPUTS[name](tmp_path))
    found = tables(tmp_path / "c")

    assert {table: rows for table, (rows, _, _) in found.items()} == FOUND[name]
    assert [failed for *_, failed in found.values() if failed] == []


def test_only_named_tables_are_drafted(tmp_path):
    """Of a database of hundreds the use case needs a few."""
    (file,) = INPUTS["sqlite"](tmp_path)
    text = draft(file, only=["items"]).text

    assert {name.partition(".")[0] for name in columns(text)} == {"items"}


# --- what is proposed ----------------------------------------------------------------


def test_draft_agrees_to_nothing(flights):
    """A draft needs no column, promises no category and declares no history."""
    text = draft(flights).text
    model = parse_contract(text, name="data.odcs.yaml", folder=DATA).model
    (table,) = model.tables

    assert model.status == "draft"
    assert not any(column.needed or column.categories for column in table.columns)
    assert (table.keys, table.event_time, table.history_needed) == ((), None, None)


_BLOCK = re.compile(r"(?m)(?:^ *# (?!#).*\n)+")


def uncommented(text, block=None):
    """Return a contract in which a block of proposals is taken over, or every one."""
    start, end = block.span() if block else (0, len(text))
    taken = re.sub(r"(?m)^( *)# (?!#)", r"\1", text[start:end])
    return text[:start] + taken + text[end:]


@pytest.mark.parametrize("name", ["folder", "names", "persons", "noise", "album"])
def test_any_block_and_all_are_valid_where_they_stand(tmp_path, name):
    """A person takes over what they like, and has a contract that can be read."""
    text = draft(*INPUTS[name](tmp_path)).text
    blocks = list(_BLOCK.finditer(text))
    read = [
        parse_contract(version, name="data.odcs.yaml", folder=tmp_path).model
        for version in (
            text,
            uncommented(text),
            *(uncommented(text, b) for b in blocks),
        )
    ]

    assert blocks
    assert len({model.fingerprint for model in read}) >= len(blocks) + 1


@pytest.mark.slow
@pytest.mark.parametrize("name", INPUTS)
def test_every_version_of_a_draft_is_checked_and_measured(tmp_path, name, capsys):
    """As drafted, and with every proposal taken over, alone and together."""
    start_assessment(tmp_path / "c", data=INPUTS[name](tmp_path))
    contract = tmp_path / "c" / "data.odcs.yaml"
    text = contract.read_text("utf-8")
    blocks = list(_BLOCK.finditer(text))
    versions = [text, uncommented(text), *(uncommented(text, one) for one in blocks)]
    for version in versions:
        contract.write_text(version, encoding="utf-8")
        codes = [main([verb, str(tmp_path / "c")]) for verb in ("check", "measure")]

        assert codes == [0, 0], capsys.readouterr().err


def taken_over(tmp_path, name):
    """Return the one table of an input, with every proposal taken over."""
    text = uncommented(draft(*INPUTS[name](tmp_path)).text)
    model = parse_contract(text, name="data.odcs.yaml", folder=tmp_path).model
    return model.tables[0]


def test_swiss_numbers_are_proposed(tmp_path):
    """Thousands parted by an apostrophe, whichever, as soon as one is."""
    rows = "".join(
        f"{at},{at % 7 + 1}'{at:03}.50\n{at},7\u2019{at:03}\n" for at in range(50)
    )
    file = tmp_path / "t.csv"
    write(file, f"id,amount\n{rows}".encode())

    assert """value: "1'234.5\"""" in draft(file).text


def test_german_numbers_and_days_are_proposed(tmp_path):
    """With the key, the days that are closed, the categories and the label."""
    table = taken_over(tmp_path, "german")
    label = table.column("storniert")

    assert table.column("betrag").written_as == "1.234,5"
    assert (table.event_time, table.grain, table.keys) == (
        "datum",
        "P1D",
        (("bestell_nr",),),
    )
    assert table.column("datum").written_as == "%d.%m.%Y"
    assert table.calendar.weekdays == ("tue", "wed", "thu", "fri", "sat")
    because = " ".join(
        draft(*INPUTS["german"](tmp_path)).text.replace("##", "").split()
    )
    assert re.search(
        r"Proposed, because .* no row on \d+ of \d+ Mondays: closed\?", because
    )
    assert [one.value for one in label.categories] == ["ja", "nein"]
    assert label.is_label


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (12, "to 2026-02 but for 12 rows at 1900-01-01, which may stand for unknown:"),
        (3, "to 2026-02 but for fewer than 10 rows far from these or ahead, which may"),
        (0, "to 2026-02: is it the time of the event?"),
    ],
)
def test_times_that_stand_for_unknown_are_told_apart(tmp_path, rows, told):
    """They are no days of the event, and a small group is not named."""
    days = [dt.date(2026, 1, 1) + dt.timedelta(at % 50) for at in range(2_000)]
    written = [f"{day:%d.%m.%Y}" for day in days] + ["01.01.1900"] * rows
    text = draft(write(tmp_path / "t.csv", "\n".join(["datum", *written]))).text

    assert told in " ".join(text.replace("##", "").split())


def test_words_for_no_value_are_proposed_and_are_no_categories(tmp_path):
    """NA among places, numbers and days; a column of them still has its type."""
    table = taken_over(tmp_path, "missing")
    found = {one.name: (one.type, one.null_tokens) for one in table.columns}

    assert found == {
        "id": ("integer", ()),
        "site": ("string", ("NA",)),
        "value": ("number", ("NA",)),
        "taken": ("date", ("n/a",)),
        "count": ("integer", ("-",)),
    }
    assert "NA" not in [one.value for one in table.column("site").categories]


def test_digits_that_are_times_are_proposed(tmp_path):
    """A year stays a number; seconds and milliseconds since 1970 do not."""
    table = taken_over(tmp_path, "digits")
    found = {one.name: (one.type, one.written_as) for one in table.columns}

    assert found == {
        "day": ("date", "%Y%m%d"),
        "model_year": ("integer", None),
        "sent_at": ("timestamp", "epoch seconds"),
        "read_at": ("timestamp", "epoch milliseconds"),
    }


def test_day_and_month_are_told_apart_by_the_data_or_not_at_all(tmp_path):
    """Where both orders fit none is proposed, and the draft says that it asks."""
    (file,) = INPUTS["slashes"](tmp_path)
    text = draft(file).text
    table = taken_over(tmp_path, "slashes")
    found = {one.name: (one.type, one.written_as) for one in table.columns}

    assert found == {
        "open": (None, None), "told": ("date", "%m/%d/%Y"), "amount": (None, None)
    }  # fmt: skip
    assert "300 cannot be dd/MM/yyyy" in " ".join(text.replace("##", "").split())


def test_files_that_are_no_tables_are_drafted_as_rows(tmp_path):
    """What a row holds of each, by their names: a day, a label's folder, sizes."""
    album, calls, letters = (columns(draft(*INPUTS[one](tmp_path)).text)
                             for one in ("album", "sounds", "letters"))  # fmt: skip
    own = {
        f"{of}.{one['name']}": {p["property"]: p["value"] for p in one["customProperties"]}
        for of, some in (("album", album), ("calls", calls)) for one in some.values()
    }  # fmt: skip
    usual = {"path", "state", "kind", "bytes", "content"}

    assert {one.partition(".")[2] for one in letters} == usual
    assert {one.partition(".")[2] for one in calls} == {*usual, "seconds"}
    assert {one.partition(".")[2] for one in album} == {
        *usual, "folder", "date", "width", "height",
    }  # fmt: skip
    assert own["album.date"] == {
        "readiness.ofFile": "date", "readiness.writtenAs": "yyyyMMdd",
    }  # fmt: skip
    assert album["album.date"]["logicalType"] == "date"
    taken = taken_over(tmp_path / "again", "album")
    assert taken.event_time == "date"
    assert taken.keys[0] == ("path",)
    assert [c.value for c in taken.column("folder").categories] == ["cat", "dog"]


@pytest.mark.parametrize("name", ["20241301.png", "2024-1.png", "no day.png"])
def test_day_is_drafted_only_where_each_name_has_one(tmp_path, name):
    """A number that is no day, and a name without any, leave it out."""
    INPUTS["album"](tmp_path)
    write(tmp_path / "album" / "cat" / name, b"")

    assert "album.date" not in columns(draft(tmp_path / "album").text)


@pytest.mark.parametrize("ending", ["pkl", "h5", ""])
def test_folder_of_what_nothing_looks_into_is_refused(tmp_path, ending):
    """A row for each file would say nothing of what is in them."""
    write(tmp_path / "in" / f"a.{ending}", b"1")
    with pytest.raises(InvalidInputError, match="has no file that can be read"):
        draft(tmp_path / "in")


def test_referred_folder_may_hold_files_but_no_manifest_may_be_referred_to(
    tmp_path, capsys
):
    """Files of a folder that the person named are read; a list could name others."""
    (folder,) = INPUTS["letters"](tmp_path)
    start_assessment(tmp_path / "c", data=[folder])
    assert tables(tmp_path / "c")["letters"][0] == 12
    assert main(["measure", str(tmp_path / "c")]) == 0
    capsys.readouterr()
    assert main(["explain", str(tmp_path / "c"), "source-opened", "letters"]) == 0
    assert duckdb.execute(capsys.readouterr().out).fetchall() == [(12,)]
    shutil.rmtree(folder)
    write(folder, "path\n../secret.txt\n")

    assert "there is no file data/letters" in str(tables(tmp_path / "c")["letters"][2])


def test_nothing_of_persons_is_listed(tmp_path):
    """Nor are rare values, or a text with a sign that would end a comment."""
    rows = ["north"] * 10 + ["south"] * 10 + ["J. Nobody"] + ['"x\u2028y: z"'] * 10
    file = write(tmp_path / "t.csv", "\n".join(["site", *rows]) + "\n")
    text = draft(file, *INPUTS["persons"](tmp_path)).text

    assert "Nobody" not in text
    assert "y: z" not in text
    assert [word for word in ("Huber", "example.org", "660") if word in text] == []
    assert text.count("# classification: restricted") == 3


def test_column_of_many_rare_values_is_not_proposed(tmp_path):
    """Two towns and a dozen of villages are no list of categories."""
    rows = ["a"] * 20 + ["b"] * 20 + [f"v{at}" for at in range(12)]
    text = draft(write(tmp_path / "t.csv", "\n".join(["site", *rows]))).text

    assert "enum:" not in text


def test_rare_value_that_looks_like_a_frequent_one_is_named_and_not_proposed(tmp_path):
    """With the rows of both; wards that differ in their number are all listed."""
    values = {"Chirurgie": 900, "Chirugie": 14, "Ward 1": 900, "Ward 2": 12}
    rows = [value for value, rows in values.items() for _ in range(rows)]
    text = draft(write(tmp_path / "t.csv", "\n".join(["site", *rows]))).text
    [site] = columns(uncommented(text)).values()
    told = " ".join(text.replace("##", "").split())

    assert [one["value"] for one in site["enum"]] == ["Chirurgie", "Ward 1", "Ward 2"]
    assert "(Chirurgie 900, Ward 1 900, Ward 2 12)" in told
    assert "not listed: Chirugie (14 rows) looks like Chirurgie (900)" in told


def test_key_that_is_broken_is_proposed_with_the_rows_that_repeat_one(tmp_path):
    """A column that is different in 99 % of the rows; no measure, and no long text."""
    rows = [f"{at / 7},{'x' * 50}{at},P{at}" for at in range(3_000)]
    rows += rows[:20]
    text = draft(write(tmp_path / "t.csv", "\n".join(["size,note,nr", *rows]))).text
    told = " ".join(text.replace("##", "").split())

    assert [name for name, one in columns(uncommented(text)).items()
            if one.get("primaryKey")] == ["t.nr"]  # fmt: skip
    assert "3,000 of 3,020 rows have different values, none missing; 20 rows" in told


def test_key_of_two_columns_is_proposed_where_none_is_alone(tmp_path):
    """By a rule of the standard on duplicates."""
    rows = [f"{day},{site}" for day in range(1, 31) for site in "xyz"]
    table = write(tmp_path / "t.csv", "\n".join(["day_no,site", *rows]))
    text = uncommented(draft(table).text)
    model = parse_contract(text, name="data.odcs.yaml", folder=tmp_path).model

    assert model.tables[0].keys == (("day_no", "site"),)


@pytest.mark.parametrize(
    ("table", "key", "column", "is_join"),
    [
        ("customers", "customer_no", "customer_no", True),
        ("customers", "customer_no", "last_customer_no", True),
        ("customers", "id", "customer_id", True),
        ("Companies", "ID", "company", True),
        ("kunden", "id", "kundeId", True),
        ("customers", "id", "id", False),
        ("customers", "id", "order_id", False),
        ("customers", "customer_no", "buyer", False),
    ],
)
def test_join_is_proposed_where_each_value_is_one_of_a_key_of_the_name(
    tmp_path, table, key, column, is_join
):
    """As a comment: names and values may agree by chance."""
    keys = "".join(f"k{at},x\n" for at in range(40))
    known = write(tmp_path / f"{table}.csv", f"{key},note\n{keys}")
    rows = "".join(f"{at}.5,k{at % 30}\n" for at in range(90))
    orders = write(tmp_path / "orders.csv", f"amount,{column}\n{rows}")
    drafted = draft(orders, known).text
    text = uncommented(drafted)
    model = parse_contract(text, name="data.odcs.yaml", folder=tmp_path).model
    joins = [one.subject for one in model.tables[0].relationships]

    assert joins == [f"orders.{column} -> {table}.{key}"] * is_join
    assert "\n        relationships" not in drafted
    if is_join:
        others = "".join(f"{at}.5,other{at}\n" for at in range(9))
        write(orders, f"amount,{column}\n{rows}{others}")
        assert "relationships:\n" not in draft(orders, known).text


def test_join_with_a_small_table_of_an_odd_name_is_proposed_though_it_is_broken(
    tmp_path,
):
    """A list of four shops has no key by chance, and its name stands in no reference."""
    shops = write(
        tmp_path / "Filialen.csv",
        "Kürzel,Ort\nBE,Bern\nZH,Zürich\nSG,Gallen\nLU,Luzern\n",
    )
    rows = "".join(f"{at}.5,{('BE', 'ZH', 'SG', 'LU')[at % 4]}\n" for at in range(90))
    sales = write(tmp_path / "sales.csv", f"amount,Filiale\n{rows}90.5,XX\n")
    drafted = draft(sales, shops).text
    text = uncommented(drafted)
    model = parse_contract(text, name="data.odcs.yaml", folder=tmp_path).model
    of_sales, of_shops = model.tables

    assert [one.subject for one in of_sales.relationships] == [
        "sales.Filiale -> Filialen.Kürzel"
    ]
    assert of_shops.keys == (("Kürzel",),)
    assert "4 of its 5 values are of Filialen.Kurzel" in drafted
    alone = uncommented(draft(shops).text)
    (kept,) = parse_contract(alone, name="data.odcs.yaml", folder=tmp_path).model.tables
    assert kept.keys == ()


def test_event_time_is_the_filled_one_of_two_with_german_names(tmp_path):
    """A name in one word tells as much as one in two; a time that is missing less."""
    days = [dt.date(2024, 1, 1) + dt.timedelta(at) for at in range(300)]
    rows = "".join(
        f"{day},{'' if at % 9 == 0 else day}\n" for at, day in enumerate(days)
    )
    table = write(tmp_path / "t.csv", f"Rechnungsdatum,Bezahlt am\n{rows}")
    text = uncommented(draft(table).text)

    (found,) = parse_contract(text, name="data.odcs.yaml", folder=tmp_path).model.tables
    assert found.event_time == "Rechnungsdatum"


def test_time_zone_is_the_persons_or_left_open(flights):
    """Nobody is put into Vienna."""
    left, named = draft(flights).text, draft(flights, zone="America/New_York").text

    assert "readiness.timeZone is left open" in " ".join(left.replace("##", "").split())
    assert "property: readiness.timeZone" not in left
    assert "#     value: America/New_York" in named


def test_zeros_in_front_are_not_drafted_away(tmp_path):
    """An id or a postal code that begins with 0 is a text, whatever the others are."""
    kinds = {
        "007": "string", "-01067": "string", "00.5": "string", "0": "integer",
        "-7": "integer", "0.5": "number", "-.5": "number", "1e-05": "number",
        "00:30": "time",
    }  # fmt: skip
    names, values = ",".join(f"c{at}" for at in range(len(kinds))), ",".join(kinds)
    file = write(tmp_path / "t.csv", f"{names},b\n{values},1\n{values},2\n")
    text = draft(file).text
    found = [one["logicalType"] for one in columns(text).values()]

    assert found == [*kinds.values(), "integer"]
    assert "writtenAs" not in text[text.index("schema:") :]


# --- what is refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("t.csv", b"", "t.csv is empty (0 bytes)"),
        ("t.csv", b"a\nGr\xf6\xdfe\n", "not UTF-8, line 2: save the file again"),
        ("t.csv", b"1,Anna,2024-01-01\n2,Jo,2024-01-02\n", "no header: its first row"),
        ("t.csv", b"Graz,x\nLinz,x\nGraz,x\n", "no header: its first row"),
        ("t.csv", b"Report: orders  by JO\n\n" + 3 * b"1;2;3\n", "what stands above"),
        ("t.csv", b"|" + 30 * b"-" + b"|\n" + 3 * b"|1|2|3|4|\n", "what stands above"),
        ("t.csv", b"sep=;\r\nid;x\r\n1;2\r\n", "what stands above the names"),
        ("t.parquet", b"not at all", "it is not a Parquet file"),
        ("t.odt", b"PK", "declare it by hand (docs/measuring.md"),
        *((f"t.{end}", b"PK", "cannot be read") for end in ("xlsx", "db", "sqlite")),
        ("t.zip", packed(a_csv="a,b\n1,2\n", b_csv="x,y\n1,2\n"), "unpack it"),
        ("t.csv.zip", packed(a_csv="a,b\n1,2\n", b_csv="x,y\n1,2\n"), "several"),
        ("t.zip", packed(a_csv="1,2\n3,4\n"), "no header: its first row"),
        ("t.zip", packed(a_csv="a\n1\n", b_json="{}"), "not one of csv, json, parquet"),
        ("t.zip", packed(), "not one of csv, json, parquet"),
        ("t.zip", b"PK", "it is not a zip file without password"),
        ("t.csv", None, "no file t.csv"),
        ("t.xlsx", None, "no file t.xlsx"),
    ],
)
def test_source_that_cannot_be_drafted_is_refused(tmp_path, name, content, found):
    """The refusal names the file and the reason, and nothing was written."""
    if content is not None:
        write(tmp_path / "in" / name, content)
    with pytest.raises(InvalidInputError) as caught:
        start_assessment(tmp_path / "c", data=[tmp_path / "in" / name])

    assert found in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize(
    "address",
    [
        "postgres://jo:Hunter2@localhost/shop",
        "https://jo:Hunter2@example.org/t.csv",
        "postgres://SHOP_USER:Hunter2@localhost/shop",
    ],
)
def test_value_of_a_password_is_neither_taken_nor_repeated(address):
    """An address has names of variables; what they hold stays in the environment."""
    with pytest.raises(InvalidInputError) as caught:
        draft(address)

    assert "Hunter2" not in str(caught.value)


def test_two_files_of_one_name_are_refused(tmp_path):
    """A table has one source; which one, the team decides."""
    files = [write(tmp_path / at / "t.csv", "a\n1\n") for at in ("x", "y")]
    with pytest.raises(InvalidInputError) as refused:
        draft(*files)

    assert "found the table t, which t.csv makes too" in str(refused.value)


def test_folder_of_several_tables_and_parts_is_refused(tmp_path):
    """Which files are one table is not guessed."""
    for name, text in {
        "a1": "id,x\n1,1\n",
        "a2": "id,x\n2,1\n",
        "b": "land\nAT\n",
    }.items():
        write(tmp_path / "in" / f"{name}.csv", text)
    with pytest.raises(InvalidInputError, match="a folder for each table"):
        draft(tmp_path / "in")


# --- where the data stays ------------------------------------------------------------


def test_data_stays_where_it_lies_and_out_of_git(tmp_path):
    """Only a copy that was asked for is in the folder, and git is told to leave it."""
    file = write(tmp_path / "t.csv", "a\n1\n2\n")
    for copies in (False, True):
        folder = tmp_path / f"case-{copies}"
        start_assessment(folder, data=[file], drafting=Drafting(copies=copies))

        assert (folder / "data" / "t.csv").exists() == copies
        assert "/data/" in (folder / ".gitignore").read_text("utf-8").splitlines()
        assert str(tmp_path) not in (folder / "data.odcs.yaml").read_text("utf-8")


def test_case_that_was_begun_without_data_is_given_a_draft(tmp_path, capsys):
    """Measuring says how; nothing else of the case changes, and no model is replaced."""
    file = write(tmp_path / "t.csv", "a\n1\n2\n")
    folder = tmp_path / "case"
    start_assessment(folder)
    assert main(["measure", str(folder)]) == 0
    assert "to draft it: readybook new " in capsys.readouterr().err
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    write(folder / "data" / "t.csv", "b\n3\n")
    copying = Drafting(copies=True)
    with pytest.raises(InvalidInputError, match=r"data/t\.csv"):
        start_assessment(folder, data=[file], drafting=copying)
    assert not (folder / "data.odcs.yaml").exists()
    (folder / "data" / "t.csv").unlink()

    made = start_assessment(folder, data=[file])
    assert made == [folder / "data.odcs.yaml"]
    assert {path: path.read_bytes() for path in before} == before
    assert tables(folder)["t"][0] == 2
    with pytest.raises(InvalidInputError, match="there already"):
        start_assessment(folder, data=[file])


def test_reference_holds_for_its_case_and_its_place_alone(tmp_path):
    """Another case, or another name in the same one, reads nothing outside of it."""
    file = write(tmp_path / "t.csv", "a\n1\n2\n")
    start_assessment(tmp_path / "c", data=[file])
    start_assessment(tmp_path / "other")
    text = (tmp_path / "c" / "data.odcs.yaml").read_text("utf-8")
    write(tmp_path / "other" / "data.odcs.yaml", text)
    write(tmp_path / "u.csv", "a\n1\n")
    renamed = text.replace("physicalName: t", "physicalName: u")
    assert tables(tmp_path / "c")["t"][0] == 2

    why = str(tables(tmp_path / "other")["t"][2])
    assert "there is no file data/t.csv" in why
    assert "what --data named for a case in another folder is read for that" in why
    write(tmp_path / "c" / "data.odcs.yaml", renamed)
    why = str(tables(tmp_path / "c")["t"][2])
    assert "there is no file data/u.csv" in why
    assert "--data" not in why


def test_join_names_the_table_that_could_not_be_opened(tmp_path):
    """It is told of the table that asks, which lies where it should."""
    keys = "".join(f"k{at}\n" for at in range(20))
    files = [write(tmp_path / f"{name}.csv", f"k_id\n{keys}") for name in "ab"]
    start_assessment(tmp_path / "c", data=files)
    contract = tmp_path / "c" / "data.odcs.yaml"
    text = contract.read_text("utf-8")
    join = "      - name: k_id\n        relationships: [{to: b.k_id}]\n"
    write(contract, text.replace("      - name: k_id\n", join, 1))
    files[1].unlink()
    found = measured(tmp_path / "c")
    (told,) = [one.message for one in found.findings if one.check == "joins-match"]

    assert "was not measured: b could not be opened: there is no file b.csv in" in told
    assert (
        "b could not be opened" in {one.table: one for one in found.tables}["a"].failed
    )


def test_what_lies_in_the_case_is_read_first_and_is_the_same(tmp_path):
    """A file that was put into data/ has the fingerprint that it had outside."""
    INPUTS["months"](tmp_path)
    start_assessment(tmp_path / "c", data=[tmp_path / "sales"])
    before = [one.fingerprint for one in measured(tmp_path / "c").tables]
    (tmp_path / "c" / "data").mkdir()
    (tmp_path / "sales").rename(tmp_path / "c" / "data" / "sales")

    assert before == [one.fingerprint for one in measured(tmp_path / "c").tables]


def test_draft_is_the_same_each_time():
    """The same files give the same text."""
    files = [DATA / "airlines.parquet", DATA / "planes.parquet"]

    assert draft(*files).text == draft(*files).text


# --- servers -------------------------------------------------------------------------

SHOP = (
    "CREATE TABLE orders (order_id int, state varchar(9))",
    "CREATE TABLE sites (site varchar(9))",
    *(f"INSERT INTO orders VALUES ({at}, '{'ab'[at % 2]}')" for at in range(40)),  # noqa: S608
)


def drafted_on_server(address, monkeypatch, user, password, secret):
    """Draft what an address names, whose variables are set; nothing of them is in it."""
    monkeypatch.setenv(user[0], user[1])
    monkeypatch.setenv(password, secret)
    text = draft(address).text
    model = parse_contract(uncommented(text), name="c", folder=Path()).model

    assert secret not in text
    assert {one.name: len(one.columns) for one in model.tables} == {
        "orders": 2,
        "sites": 1,
    }
    assert model.tables[0].keys == (("order_id",),)
    (server,) = model.servers
    assert (server.user_variable, server.password_variable) == (user[0], password)


def test_tables_of_postgresql_are_drafted(postgres, monkeypatch):
    """By the names of two variables, and only of the schema that is named."""
    with postgres.admin() as con:
        con.execute("CREATE SCHEMA drafted; GRANT USAGE ON SCHEMA drafted TO reader")
        con.execute("SET search_path = drafted")
        for statement in SHOP:
            con.execute(statement)
        con.execute("GRANT SELECT ON ALL TABLES IN SCHEMA drafted TO reader")
    address = (
        f"postgres://DRAFT_USER:DRAFT_PASSWORD@127.0.0.1:{postgres.port}/postgres"
        "?schema=drafted"
    )
    user = ("DRAFT_USER", "reader")
    drafted_on_server(address, monkeypatch, user, "DRAFT_PASSWORD", "only reads")


def test_tables_of_mysql_are_drafted(mariadb, monkeypatch):
    """As those of PostgreSQL; the database is named."""
    with mariadb.admin() as cursor:
        cursor.execute("CREATE DATABASE drafted")
        cursor.execute("USE drafted")
        for statement in SHOP:
            cursor.execute(statement)
        cursor.execute("GRANT SELECT ON drafted.* TO reader@'127.0.0.1'")
    address = f"mysql://DRAFT_USER:DRAFT_PASSWORD@127.0.0.1:{mariadb.port}/drafted"
    user = ("DRAFT_USER", "reader")
    drafted_on_server(address, monkeypatch, user, "DRAFT_PASSWORD", "only reads")
