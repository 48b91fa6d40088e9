"""Files as rows: what is known of each, what is told of all, and what is not opened."""

import csv
import json
import os
import shutil
import struct
import sys
import time
import zlib
from pathlib import Path

import duckdb
import pytest
from PIL import Image

from declared_tables import located
from files_as_rows import COLUMNS, FIRST, contract, every_kind, pictures, said
from measured_case import TODAY, assessment_of
from readybook.measure.data import RunOptions, measure_data
from readybook.measure.diagnostic import count_again
from readybook.measure.sources.copies.manifest import look
from readybook.measure.sources.engine import Limits
from readybook.measure.sources.places import UnreachedError
from readybook.model.contract import Server
from readybook.model.errors import InvalidInputError, SourceError

pytestmark = pytest.mark.skipif(
    os.name != "posix", reason="pipes, links, names of bytes"
)
INSIDE = ("kind", "width", "height", "seconds")


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """Return a folder with a file of each kind, and what is true of each."""
    folder = tmp_path_factory.mktemp("kinds") / "t"
    return folder, every_kind(folder)


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """Return a folder with 60 pictures of two kinds."""
    folder = tmp_path_factory.mktemp("album")
    pictures(folder / "t")
    return folder


def no():
    return False


def measured(folder, text, needs=(), **options):
    case = assessment_of(folder, contract=text, needs=needs)
    return measure_data(case, folder, today=TODAY, options=RunOptions(**options))


def found(evidence, check, subject="t"):
    (one,) = [f for f in evidence.findings if (f.check, f.subject) == (check, subject)]
    return one


def copied(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    return tmp_path / "copy"


def manifest(folder, rows, name="m.csv"):
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


# --- one file ------------------------------------------------------------------------


def test_each_kind_of_file_is_known_by_its_content(kinds):
    """Cut, hostile and misnamed ones too; no pipe is waited for, no link followed."""
    folder, truth = kinds
    begun = time.monotonic()
    seen = {name: look(folder / name, no)._asdict() for name in truth}

    assert sorted(truth) == sorted(one.name for one in folder.iterdir())
    for name, true in truth.items():
        want = {"state": "read", "unread": "", **dict.fromkeys(INSIDE), **true}
        assert {key: seen[name][key] for key in want} == want, name
        assert (seen[name]["content"] is None) == ("content" in true), name
    assert time.monotonic() - begun < 10


def test_file_that_is_gone_or_has_no_name_is_missing(tmp_path):
    """Nothing is raised for what a manifest may say."""
    for name in ("none.png", "a/b.png", "x" * 5000):
        state = look(tmp_path / name, no).state
        assert state in {"missing", "unreadable"}, name


PNG = b"\x89PNG\r\n\x1a\n"


def part(name, content=b""):
    total = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", total)


HEAD = part(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 0, 0, 0, 0))
#: Parts without end, a text and a profile of 20 MB, a list of files that is as long.
ENDLESS = {
    "parts.png": PNG + HEAD + part(b"noNe") * 600_000,
    "text.png": PNG + HEAD + part(b"tEXt", b"a\0" + b"x" * 20_000_000),
    "parts.jpg": b"\xff\xd8" + b"\xff\xe1\0\x02" * 1_000_000,
    "list.docx": b"PK\1\2" * 5_000_000 + struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 20_000_000, 0, 0),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", ENDLESS)
def test_header_without_end_is_given_up(tmp_path, name):
    """It takes a second or two, whatever a library would read."""
    (tmp_path / name).write_bytes(ENDLESS[name])
    begun = time.monotonic()
    facts = look(tmp_path / name, no)

    assert facts.state == "too large"
    assert facts.content
    assert time.monotonic() - begun < 15


def test_damage_in_the_middle_of_a_picture_is_found(kinds, tmp_path):
    """PNG has a sum for each part; a part of gigabytes is not held for it."""
    raw = bytearray((kinds[0] / "a.png").read_bytes())
    raw[len(raw) // 2] ^= 1
    (tmp_path / "a.png").write_bytes(raw)

    assert look(tmp_path / "a.png", no).state == "damaged"


@pytest.mark.parametrize("name", ["a.png", "a.txt", "a.wav"])
def test_reading_of_one_file_ends_with_the_limit(kinds, name):
    """Also in its middle."""
    asked = iter((False, True))
    with pytest.raises(UnreachedError):
        look(kinds[0] / name, lambda: next(asked, True))


@pytest.mark.parametrize("how", [{"lossless": True}, {"quality": 50}, {"alpha": 9}])
def test_three_forms_of_webp_have_their_size(tmp_path, how):
    """Its library would decode it, so its header is read here."""
    mode = "RGBA" if "alpha" in how else "RGB"
    how = {} if "alpha" in how else how
    Image.new(mode, (301, 77), (9, 9, 9, 9)[: len(mode)]).save(
        tmp_path / "a.webp", **how
    )
    facts = look(tmp_path / "a.webp", no)

    assert facts[:2] == ("read", "WEBP")
    assert (facts.width, facts.height) == (301, 77)


# --- a folder's listing --------------------------------------------------------------


def test_folder_is_a_row_for_each_file(album):
    """Labels stand in folders' names, dates in files' names, where it is declared."""
    text = contract("t", eventTime="date", grain="P1D")
    evidence = measured(album, text, needs=("t.folder",))

    assert evidence.tables[0].rows == 60
    assert list(evidence.tables[0].columns) == list(COLUMNS)
    populated = found(evidence, "categories-populated", "t.folder")
    assert populated.numbers("category") == {"cat": 30, "dog": 30}
    assert found(evidence, "history-gaps").outcome == "supports"
    assert found(evidence, "values-in-range", "t.width").value == "<10"
    for check in ("t.path", "t.content"):
        assert found(evidence, "keys-unique", check).outcome == "supports"
    assert found(evidence, "values-declared", "t.state").value == 0


@pytest.mark.slow
def test_pattern_chooses_files(album):
    """Paths begin below its first folder that is no pattern."""
    evidence = measured(album, contract("t/*/*.png", "path", "kind"))
    asked = count_again(found(evidence, "keys-unique", "t.path"), case_of(album, evidence,
                        contract("t/*/*.png", "path", "kind")), album)  # fmt: skip

    assert evidence.tables[0].rows == 30
    assert "substr(f.filename, 3)" in asked


def case_of(folder, evidence, text):
    case = assessment_of(folder, contract=text)
    return case.model_copy(update={"data": evidence})


def test_hostile_folder_is_counted_in_words_and_by_state(kinds):
    """What cannot be used fails the source; no name of a file is told."""
    folder, truth = kinds
    evidence = measured(folder.parent, contract("t", "path", "content", "bytes"))
    opened = found(evidence, "source-opened")

    assert evidence.tables[0].rows == len(truth)
    assert opened.outcome == "contradicts"
    words = (
        "13 of 26 files cannot be used: damaged (7), empty (1), link (1), no file (2)"
    )
    assert words in opened.message
    assert "2 files with another one's content" in opened.message
    assert "not looked into: 1 file (their names end in .mov)" in opened.message
    assert found(evidence, "keys-unique", "t.content").outcome == "contradicts"
    assert "misnamed" not in evidence.model_dump_json()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("enum", "opened", "declared"),
    [(["read"], "supports", "contradicts"), (["read", "empty"], "contradicts", "supports"),
     ([], "contradicts", None)],
)  # fmt: skip
def test_files_that_cannot_be_used_fail_one_check_or_the_other(
    tmp_path, album, enum, opened, declared
):
    """Nobody declares them away: where a state is allowed, the source still fails."""
    folder = copied(album, tmp_path)
    (folder / "t" / "cat" / "empty.png").touch()
    text = json.loads(contract("t", "path", "state"))
    state = text["schema"][0]["properties"][1]
    state |= {"enum": [{"value": one} for one in enum]} if enum else {"enum": None}
    evidence = measured(folder, json.dumps(text))
    states = [one for one in evidence.findings if one.check == "values-declared"]

    assert found(evidence, "source-opened").outcome == opened
    assert "empty (1)" in found(evidence, "source-opened").message
    assert [one.outcome for one in states] == ([declared] if declared else [])


@pytest.mark.parametrize("module", ["PIL.Image", "soundfile"])
def test_missing_extra_is_our_own_limit_and_named(kinds, tmp_path, monkeypatch, module):
    """Files are counted, nothing about what is in them is, and it is asked again."""
    extra = {"PIL.Image": "pictures", "soundfile": "audio"}[module]
    name = {"PIL.Image": "a.png", "soundfile": "a.flac"}[module]
    (tmp_path / "t").mkdir()
    shutil.copy(kinds[0] / name, tmp_path / "t")
    sys.modules.pop(module.partition(".")[0], None) if module == "soundfile" else None
    monkeypatch.setitem(sys.modules, module, None)
    needs = ("t.width", "t.bytes")
    evidence = measured(tmp_path, contract("t"), needs=needs)
    why = f"the extra readybook[{extra}] is not installed"

    opened = found(evidence, "source-opened")
    assert (opened.outcome, opened.value) == ("not measured", 1)
    assert why in opened.message
    assert why in evidence.tables[0].failed
    for check, subject in (("values-declared", "t.state"), ("values-in-range", "t.width"),
                           ("fields-present", "t.width")):  # fmt: skip
        assert found(evidence, check, subject).outcome == "not measured", subject
        assert why in found(evidence, check, subject).message
    assert found(evidence, "keys-unique", "t.path").outcome == "not measured"
    assert found(evidence, "fields-present", "t.bytes").outcome == "supports"


@pytest.mark.slow
def test_content_makes_the_fingerprint_and_is_read_each_time(tmp_path, album):
    """A copy has the same, a file with another byte another one."""
    text = contract("t", "path", "bytes")
    folder = copied(album, tmp_path)
    case = assessment_of(folder, contract=text)
    first = measured(album, text)
    file = folder / "t" / "cat" / "IMG_20240101_0.png"
    marks = [measured(folder, text).tables[0].fingerprint]
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    os.utime(file, (0, 0))
    case = case.model_copy(update={"data": first})
    marks.append(measure_data(case, folder, today=TODAY).tables[0].fingerprint)

    assert marks[0] == first.tables[0].fingerprint
    assert marks[1] != marks[0]


def test_limit_of_time_ends_it_between_files(album):
    """It is told as ours."""
    evidence = measured(album, contract("t"), limits=Limits(seconds=0.0))

    assert found(evidence, "source-opened").outcome == "not measured"
    assert "raise --time-limit" in found(evidence, "source-opened").message


def test_folders_may_be_deep(tmp_path):
    """Deeper than a path may be long, whose end is told."""
    home = Path.cwd()
    os.chdir(tmp_path)
    try:
        for name in ("t", *["d" * 60] * 100):
            Path(name).mkdir()
            os.chdir(name)
    finally:
        os.chdir(home)
    evidence = measured(tmp_path, contract("t", "path"))

    assert evidence.tables[0].rows == 1
    assert "cannot be used" in found(evidence, "source-opened").message


@pytest.mark.parametrize("path", ["t", "t/*", "m.csv"])
def test_nothing_outside_of_the_folder_is_listed(tmp_path, path):
    """A link in place of the folder or the manifest is refused, at the contract too."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "m.csv").write_text("path\nx\n")
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "t").symlink_to(tmp_path / "out")
    (folder / "m.csv").symlink_to(tmp_path / "out" / "m.csv")
    with pytest.raises(InvalidInputError, match="leaves the assessment's folder"):
        assessment_of(folder, contract=contract(path))
    model = assessment_of(tmp_path, contract=contract(path)).data_model

    place = located(folder, model.servers[0], table=model.tables[0])
    assert "leads out of" in (place.failed or "")


def test_files_in_object_storage_are_not_looked_into(tmp_path):
    """Nothing is copied for it, and what can be read there is named."""
    server = Server(server="lake", type="s3", path="s3://bucket/t", format="files")

    assert (
        "a list of them is read from there as csv" in located(tmp_path, server).failed
    )


# --- a manifest ----------------------------------------------------------------------


def listed(days=30):
    """The rows of a manifest of the album's cats."""
    names = [
        f"t/cat/IMG_202401{n + 1:02}_{n}.{('png', 'jpg')[n % 2]}" for n in range(days)
    ]
    return [
        {"path": name, "label": "cat", "day": f"2024-01-{n + 1:02}", "width": 7}
        for n, name in enumerate(names)
    ]


OWN = (
    {"name": "label", "logicalType": "string",
     "customProperties": said(label=True, labelFill=0.9)},
    {"name": "day", "logicalType": "date"},
)  # fmt: skip


def test_manifest_brings_labels_and_dates_and_files_bring_the_rest(tmp_path, album):
    """Its rows stay as many; what it says of a size itself is not believed."""
    folder = copied(album, tmp_path)
    rows = listed()
    rows += [{**rows[0], "path": rows[0]["path"].replace("/", "\\")}]
    manifest(folder, rows)
    text = contract("m.csv", "path", "state", "width", columns=OWN, eventTime="day",
                    grain="P1D")  # fmt: skip
    evidence = measured(folder, text, needs=("t.label",))

    assert evidence.tables[0].rows == 31
    assert found(evidence, "values-declared", "t.state").value == 0
    assert found(evidence, "label-filled", "t.label").value == 1
    assert found(evidence, "history-gaps").outcome == "supports"
    assert (
        "16, first on 2024-01-01"
        in found(evidence, "values-in-range", "t.width").message
    )
    opened = found(evidence, "source-opened").message
    assert "width is measured, and not read from the manifest" in opened
    assert "without a row: 30 files beside them" in opened


def test_row_whose_file_cannot_be_read_stays_a_row(tmp_path, album):
    """It may name anything: nothing outside is opened, and none counts as read."""
    folder = copied(album, tmp_path)
    (folder / "t" / "up").symlink_to("/etc")
    strange = ("../x.png", "/etc/passwd", "t/../../x.png", "t/up/passwd", "t/none.png", "",
               "t/cat", "t/\x01.png")  # fmt: skip
    manifest(folder, listed() + [{**listed()[0], "path": one} for one in strange])
    evidence = measured(folder, contract("m.csv", "path", "content", columns=OWN))

    assert evidence.tables[0].rows == 38
    opened = found(evidence, "source-opened")
    assert opened.outcome == "contradicts"
    words = "8 of 38 files cannot be used: missing (3), no file (1), outside (4)"
    assert words in opened.message


@pytest.mark.parametrize(
    ("path", "facts", "why"),
    [("m.csv", ("state",), "names the files of m.csv"),
     ("n.csv", ("path", "state"), "names none of the declared columns"),
     ("none", ("path",), "no file none in the assessment's folder")],
)  # fmt: skip
def test_manifest_that_names_no_files_is_told(tmp_path, path, facts, why):
    """With the key that would say it."""
    manifest(tmp_path, listed(2))
    (tmp_path / "n.csv").write_text("a,b\n1,2\n")
    evidence = measured(tmp_path, contract(path, *facts))

    assert why in evidence.tables[0].failed


def test_columns_of_files_are_needed_to_list_a_folder(tmp_path):
    """A folder alone says nothing."""
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.txt").write_text("a")
    evidence = measured(tmp_path, contract("t", "path").replace("ofFile", "origin"))

    assert "readiness.ofFile" in evidence.tables[0].failed


# --- what counts it again ------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("path", ["t", "m.csv"])
def test_sql_counts_duplicates_again_and_says_what_it_does_not_know(
    tmp_path, album, path, monkeypatch
):
    """Content, size, path and folder are SQL's too."""
    folder = copied(album, tmp_path)
    first = folder / listed()[0]["path"]
    shutil.copy(first, folder / listed()[2]["path"])
    manifest(folder, listed())
    text = contract(path, "path", "content", "width")
    evidence = measured(folder, text)
    case = case_of(folder, evidence, text)
    monkeypatch.chdir(folder)
    finding = found(evidence, "keys-unique", "t.content")
    with duckdb.connect() as engine:
        (again,) = engine.execute(count_again(finding, case, folder)).fetchall()

    assert finding.value == 1
    assert again[1] == 2
    with pytest.raises(SourceError, match="does not know the width of a file"):
        count_again(found(evidence, "values-in-range", "t.width"), case, folder)
    assert FIRST.year == 2024
