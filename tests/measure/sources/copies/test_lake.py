"""Delta and Iceberg: the rows that are left, and nothing from outside of the folder."""

import json
import shutil
import sys

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from declared_tables import located, open_or_why, table_of
from readybook.measure.sources.engines import open_engines
from readybook.model.contract import Server

ROWS = pa.table({"k": list(range(10))})


def server(form):
    return Server(server="here", type="local", path="{model}", format=form)


@pytest.fixture
def opened(tmp_path):
    """Return a function that opens the table of a format."""
    with open_engines() as engines:
        yield lambda form: open_or_why(
            engines, table_of(), located(tmp_path, server(form))
        )


@pytest.fixture
def delta(tmp_path):
    """Write a Delta table; return what changes each entry of its log."""
    write_deltalake(tmp_path / "t", ROWS)
    log = tmp_path / "t" / "_delta_log" / f"{0:020}.json"

    def change(**changes):
        entries = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        for entry in entries:
            for kind, new in changes.items():
                entry.get(kind, {}).update(new)
        log.write_text("\n".join(map(json.dumps, entries)), "utf-8")

    return change


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return the folder of an Iceberg table where it was written first."""
    from pyiceberg.catalog.memory import InMemoryCatalog  # noqa: PLC0415 - slow

    folder = tmp_path_factory.mktemp("lake")
    catalog = InMemoryCatalog("here", warehouse=f"file://{folder}")
    catalog.create_namespace("a")
    table = catalog.create_table("a.t", schema=ROWS.schema)
    table.append(ROWS)
    table.delete("k < 4")
    return folder / "a" / "t"


@pytest.fixture
def iceberg(written, tmp_path):
    """Copy an Iceberg table; return what changes its newest metadata, as text."""
    shutil.copytree(written, tmp_path / "t")
    newest = max((tmp_path / "t" / "metadata").glob("*.metadata.json"))
    return lambda old, new: newest.write_text(
        newest.read_text("utf-8").replace(old, new), "utf-8"
    )


def keys(source):
    return sorted(row["k"] for row in source.ask(source.table.select("k")))


def test_rows_that_a_deletion_vector_takes_out_are_not_counted(opened, delta):
    """Newer tables keep the file and say which of its rows are gone."""
    features = ["deletionVectors"]
    vector = {
        "storageType": "i",
        "pathOrInlineDv": "^Bg9^0rr910000000000iXQKl0rr91000625c8Xg000931POJ5",
        "sizeInBytes": 38,
        "cardinality": 3,
    }
    delta(
        protocol={
            "minReaderVersion": 3, "minWriterVersion": 7,
            "readerFeatures": features, "writerFeatures": features,
        },
        metaData={"configuration": {"delta.enableDeletionVectors": "true"}},
        add={"deletionVector": vector},
    )  # fmt: skip

    assert keys(opened("delta")) == [1, 2, 4, 6, 7, 8, 9]


@pytest.mark.parametrize("form", ["file://{}", "{}", "../{name}", "%2e%2e/{name}"])
def test_delta_reads_no_file_outside_of_its_folder(opened, delta, tmp_path, form):
    """A log may name any file of the machine; its library would read it."""
    other = tmp_path / "other.parquet"
    pa.parquet.write_table(ROWS, other)
    path = form.format(other, name=other.name)
    delta(add={"path": path, "size": other.stat().st_size, "stats": None})
    source = opened("delta")

    assert source.found
    assert source.failed == "t cannot be read: its log names files outside of it"


@pytest.mark.parametrize(
    ("kind", "path"),
    [("p", "file:///{}/v.bin"), ("p", "/{}/v.bin"), ("u", "../../" + 20 * "0"),
     ("u", "{}/" + 20 * "0")],
)  # fmt: skip
def test_deletion_vector_outside_of_the_folder_is_refused(
    opened, delta, tmp_path, kind, path
):
    """The library would open it, and lists it nowhere."""
    features = ["deletionVectors"]
    vector = {"storageType": kind, "pathOrInlineDv": path.format(tmp_path),
              "offset": 1, "sizeInBytes": 36, "cardinality": 1}  # fmt: skip
    delta(
        protocol={"minReaderVersion": 3, "minWriterVersion": 7,
                  "readerFeatures": features, "writerFeatures": features},
        add={"deletionVector": vector},
    )  # fmt: skip
    source = opened("delta")

    assert source.failed == "t cannot be read: its log names files outside of it"


@pytest.mark.usefixtures("delta")
@pytest.mark.parametrize("is_parquet", [True, False])
def test_checkpoint_names_no_file_outside_of_the_folder(opened, tmp_path, is_parquet):
    """It may leave actions to files of its own, which the library would read."""
    log = tmp_path / "t" / "_delta_log"
    DeltaTable(tmp_path / "t").create_checkpoint()
    assert keys(opened("delta")) == [*range(10)]
    action = {"sidecar": {"path": "file:///etc/passwd"}}
    if is_parquet:
        rows = pa.Table.from_pylist([action])
        pa.parquet.write_table(rows, log / f"{0:020}.checkpoint.parquet")
    else:
        (log / f"{0:020}.checkpoint.0.json").write_text(json.dumps(action), "utf-8")
        (log / f"{0:020}.checkpoint.parquet").unlink()
    source = opened("delta")

    assert source.failed == "t cannot be read: its log names files outside of it"


@pytest.mark.usefixtures("delta")
@pytest.mark.parametrize(
    ("form", "link"),
    [("delta", "t/more"), ("delta", "t/_delta_log"), ("delta", "t"),
     ("iceberg", "t/data"), ("iceberg", "t/metadata"),
     ("iceberg", "t/data/a.parquet")],
)  # fmt: skip
def test_table_with_a_log_holds_no_link(opened, written, tmp_path, form, link):
    """Its library would follow it out of the folder, or past the fingerprint."""
    if form == "iceberg":
        shutil.rmtree(tmp_path / "t")
        shutil.copytree(written, tmp_path / "t")
    place, away = tmp_path / link, tmp_path / "away"
    if place.exists():
        place.rename(away)
    else:
        away.mkdir()
    place.symlink_to(away)
    source = opened(form)

    assert source.failed == (
        f"{link} is a link, and a table with a log is read from its own folder only: "
        "put the files there"
    )


@pytest.mark.parametrize("where", ["/elsewhere", "s3://bucket/t"])
def test_iceberg_is_read_where_it_is_and_not_where_it_was(
    opened, iceberg, written, where
):
    """Rows that were deleted are gone; what its log names elsewhere is not read."""
    whole = keys(opened("iceberg"))
    shutil.move(written / "data", written / "moved")
    moved = keys(opened("iceberg"))
    shutil.move(written / "moved", written / "data")
    iceberg(f'"location":"file://{written}"', f'"location":"{where}"')
    source = opened("iceberg")

    assert whole == moved == [4, 5, 6, 7, 8, 9]
    assert source.failed == "t cannot be read: its log names files outside of it"


def test_property_of_an_iceberg_table_imports_no_module(opened, iceberg, monkeypatch):
    """The library imports what reads its files by a name in the table's own metadata."""
    monkeypatch.delitem(sys.modules, "this", raising=False)
    iceberg('"properties":{}', '"properties":{"py-io-impl":"this.FileIO"}')

    assert len(keys(opened("iceberg"))) == 6
    assert "this" not in sys.modules


@pytest.mark.parametrize("form", ["delta", "iceberg"])
def test_broken_log_is_told_without_its_content(opened, tmp_path, form):
    """A table that is there and unreadable is a contradiction."""
    mark = {"delta": "_delta_log/0.json", "iceberg": "metadata/v1.metadata.json"}[form]
    (tmp_path / "t" / mark).parent.mkdir(parents=True)
    (tmp_path / "t" / mark).write_text("secret")
    source = opened(form)

    assert source.found
    assert source.failed.startswith(f"t cannot be read as a table of {form.title()}: ")
    assert "secret" not in source.failed


@pytest.mark.parametrize("form", ["delta", "iceberg"])
def test_folder_without_a_log_is_no_table_of_its_format(opened, tmp_path, form):
    """What was declared is not there, so that nothing is said of its content."""
    (tmp_path / "t").mkdir()
    pa.parquet.write_table(ROWS, tmp_path / "t" / "a.parquet")
    source = opened(form)

    assert not source.found
    assert source.failed == f"t is no table of the format {form}"


@pytest.mark.usefixtures("delta")
def test_table_with_a_log_that_is_declared_as_plain_says_what_to_declare(opened):
    """Its files hold rows that were deleted."""
    source = opened("parquet")

    assert source.failed == (
        "t is a table of the format Delta; its files also hold rows that were "
        "deleted, so they are not read as plain ones; declare 'format: delta'"
    )
