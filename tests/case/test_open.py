"""A folder is opened whole, or every problem in it is told at once."""

import contextlib
import datetime as dt
import io
import json
import os
import shutil
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from readybook.bank.read import read_bank
from readybook.case.open import open_assessment, open_one
from readybook.cli.files import VERBS  # noqa: F401 - nobody may read what it imports
from readybook.cli.main import main
from readybook.model.errors import InvalidInputError
from readybook.model.results import seal_of

BROKEN = Path(__file__).parents[1] / "broken"
VALID = BROKEN / "_valid"
#: Each is a small overlay on the valid folder, beside the messages that it must give.
CASES = sorted(path for path in BROKEN.iterdir() if not path.name.startswith("_"))


@pytest.fixture(scope="module")
def bank():
    return read_bank(BROKEN / "_bank").bank


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(VALID, tmp_path / "parcels"))


def overlay(case, folder):
    """Put a case's files over a folder."""
    ours = {case / "expected.txt", case / "absent.txt"}
    for path in case.rglob("*"):
        if path.is_file() and path not in ours:
            target = folder / path.relative_to(case)
            target.parent.mkdir(exist_ok=True)
            shutil.copy(path, target)
    if (case / "absent.txt").exists():
        for name in (case / "absent.txt").read_text(encoding="utf-8").split():
            (folder / name).unlink()


def expected(case):
    return (case / "expected.txt").read_text(encoding="utf-8").splitlines()


def messages(folder, bank):
    with pytest.raises(InvalidInputError) as refused:
        open_assessment(folder, bank=bank)
    return str(refused.value).splitlines()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_broken_folder_is_refused_with_its_messages(case, folder, bank):
    """Each way to break a folder is told in full: where, found, expected, what to do."""
    overlay(case, folder)

    assert messages(folder, bank) == expected(case)


def test_problems_of_all_files_come_at_once(folder, bank):
    """A folder with eleven broken files is refused once, with all that is wrong."""
    names = (
        "unknown-key", "contract-unknown-key", "merge-key", "circle-of-actions",
        "granted-before-asked", "empty-file", "level-5", "broken-evidence",
        "cut-evidence", "unknown-file", "unknown-folder",
    )  # fmt: skip
    for name in names:
        overlay(BROKEN / name, folder)

    told = {line for name in names for line in expected(BROKEN / name)}
    assert set(messages(folder, bank)) == told


@pytest.mark.parametrize(
    ("file", "step"),
    [
        ("resources.yaml", "permission/ghost"),
        ("resources.yaml", "resource/ghost"),
        ("data.odcs.yaml", "history/ghost"),
    ],
)
def test_step_of_a_file_that_cannot_be_read_is_not_missed(folder, bank, file, step):
    """Nobody knows then whether it is there; of a file that can be read, it is told."""
    path = folder / "actions.yaml"
    text = path.read_text(encoding="utf-8")
    added = f"  - {{id: late, action: Wait., owner: sponsor, needs: [{step}]}}\n"
    path.write_text(text + added, encoding="utf-8")
    (missed,) = messages(folder, bank)
    (folder / file).write_text("nonsense: [", encoding="utf-8")
    damaged = messages(folder, bank)

    assert missed.startswith("actions.yaml:")
    assert f"found '{step}', expected the id of an action" in missed
    assert {message.partition(":")[0] for message in damaged} == {file}


def test_no_message_holds_an_absolute_path(folder, bank):
    """Problems name files relative to the folder, so that reports can be shared."""
    (folder / "assessment.yaml").unlink()
    (folder / "assessment.yaml").mkdir()

    assert messages(folder, bank) == [
        (
            "assessment.yaml: found a file that cannot be read (is a directory), "
            "expected a readable file, do: make it a file that you may read"
        )
    ]


def test_folder_that_is_not_there_is_refused(tmp_path, bank):
    """A slip in the folder's name is told like any other."""
    assert messages(tmp_path / "parcel", bank) == [
        (
            "parcel: found no such folder, expected the folder of an assessment, "
            "do: name another folder, or run: readybook new"
        )
    ]


def test_file_in_the_place_of_a_folder_is_refused(folder, bank):
    """Whoever names a file of the folder is told to name the folder."""
    assert messages(folder / "assessment.yaml", bank) == [
        (
            "assessment.yaml: found a file, expected the folder of an assessment, "
            "do: name the folder that holds assessment.yaml"
        )
    ]


def test_valid_folder_is_opened_whole(folder, bank):
    """Every document, answer sheet and evidence file is there, under its name."""
    opened = open_assessment(folder, bank=bank)

    assert opened.name == "parcels"
    assert opened.as_of == dt.date(2026, 6, 30)
    assert list(opened.sheets) == ["data-owner"]
    assert opened.sheets["data-owner"].answers["SCP-01"].note == "no"
    assert opened.agreed.settled["SCP-01"].answer == 3
    assert opened.needed_fields == ("parcels.weight",)
    assert opened.data.tables[0].rows == 1200
    assert opened.probes["node"].fact("memory").value == 32
    assert opened.resources.resources[0].needs.memory_gib == 16
    assert len(opened.actions.actions) == 2
    assert len(opened.changes.changes) == 1
    assert len(opened.stakeholders.assets) == 1


def test_figures_may_all_be_the_same(folder, bank):
    """What is known exactly is declared as three figures that are one, also as none."""
    path = folder / "assessment.yaml"
    text = path.read_text(encoding="utf-8")
    same = text.replace("low: 1, likely: 2, high: 3", "low: 0, likely: 0, high: 0")
    path.write_text(same, encoding="utf-8")

    assert (
        open_assessment(folder, bank=bank).scope.value.cost_of_delay_per_week.high == 0
    )


def test_only_assessment_yaml_is_required(folder, bank):
    """What is not there yet is empty: a finding for later, not a problem."""
    for path in folder.iterdir():
        if path.name != "assessment.yaml":
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    opened = open_assessment(folder, bank=bank)

    assert opened.declared == frozenset()
    assert opened.sheets == {}
    assert opened.data is None


def test_other_files_are_left_alone(folder, bank):
    """Notes, data, drafts and hidden files of a team disturb nothing."""
    before = open_assessment(folder, bank=bank).fingerprint
    for name in ("README.md", "data/parcels.csv", ".git/config", "x.ipynb",
                 ".draft.yaml", "answers/.data-owner.yaml.swp"):  # fmt: skip
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("text: [", encoding="utf-8")

    assert open_assessment(folder, bank=bank).fingerprint == before


def test_date_given_wins_over_the_declared_one(folder, bank):
    """One date can be set for a whole batch; it is part of the fingerprint."""
    declared = open_assessment(folder, bank=bank)
    given = open_assessment(folder, bank=bank, as_of=dt.date(2026, 9, 1))

    assert given.as_of == dt.date(2026, 9, 1)
    assert given.fingerprint != declared.fingerprint


def test_today_is_resolved_to_a_date(folder, bank):
    """`as_of: today` becomes the day on which the folder is opened."""
    path = folder / "assessment.yaml"
    text = path.read_text(encoding="utf-8").replace("as_of: 2026-06-30", "as_of: today")
    path.write_text(text, encoding="utf-8")
    before = dt.datetime.now().astimezone().date()

    opened = open_assessment(folder, bank=bank)

    assert before <= opened.as_of <= dt.datetime.now().astimezone().date()


@pytest.mark.parametrize("name", ["answers/agreed.yaml", "evidence/node.json"])
def test_fingerprint_changes_with_every_file(name, folder, bank):
    """A report is made anew when any file that was read has changed."""
    before = open_assessment(folder, bank=bank).fingerprint
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write("\n")

    assert open_assessment(folder, bank=bank).fingerprint != before


def test_link_to_data_outside_the_folder_is_refused(folder, bank, tmp_path):
    """A link is followed before a local path is judged."""
    (folder / "data").mkdir()
    (tmp_path / "other.csv").write_text("a\n", encoding="utf-8")
    (folder / "data" / "parcels.csv").symlink_to(tmp_path / "other.csv")

    assert messages(folder, bank) == [
        (
            "data.odcs.yaml:9: servers[0].path: found the path 'data/{model}.csv', which "
            "leaves the assessment's folder, expected a path inside the folder, "
            "do: copy the data into the folder, such as data/"
        )
    ]


PLACES = ["assessment.yaml", "answers/x.yaml", "evidence/x.json", "milestones/x.json"]


def in_place_of(folder, name):
    """Return the path of a file, which is not there any more."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    return path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
@pytest.mark.parametrize("name", PLACES)
def test_pipe_in_place_of_a_file_is_refused_without_waiting(folder, bank, name):
    """Nobody writes into it, so that reading it would never end."""
    os.mkfifo(in_place_of(folder, name))

    [message] = messages(folder, bank)

    assert message.startswith(f"{name}: found a pipe or device, expected a file ")


@pytest.mark.parametrize("name", PLACES)
def test_file_of_gigabytes_is_refused_unread(folder, bank, name):
    """Its size is looked at first."""
    with in_place_of(folder, name).open("wb") as file:
        file.truncate(3_000_000_000)

    [message] = messages(folder, bank)

    assert message.startswith(f"{name}: found a file of 3,000,000,000 bytes, expected ")


@pytest.mark.parametrize("name", PLACES)
def test_link_in_place_of_a_file_that_leads_outside_is_refused(
    folder, bank, tmp_path, name
):
    """What lies outside is neither read nor told."""
    (tmp_path / "secret").write_text("token: 4711\n", encoding="utf-8")
    in_place_of(folder, name).symlink_to(tmp_path / "secret")

    [message] = messages(folder, bank)

    assert message.startswith(f"{name}: found a link that leaves the assessment's")
    assert "4711" not in message


@pytest.mark.parametrize("escape", ["\\u0000", "\\ud800"])
@pytest.mark.parametrize("name", ["evidence/data.json", "evidence/node.json"])
def test_escape_of_no_text_is_refused_in_json_too(folder, bank, name, escape):
    """Though the file is sealed anew; the same signs after a backslash are text."""
    content = json.loads((folder / name).read_text("utf-8"))

    for text, is_fine in ((f"1{escape}", False), (f"1\\{escape}", True)):
        part = content["findings" if "data" in name else "facts"][0]
        part["message" if "data" in name else "how"] = json.loads(f'"{text}"')
        with contextlib.suppress(UnicodeEncodeError):  # half a character has no hash
            content["seal"] = seal_of(content, "seal")
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
        if is_fine:
            assert open_assessment(folder, bank=bank)
        else:
            [message] = messages(folder, bank)
            assert message.startswith(f"{name}: found a damaged file, expected JSON")


@pytest.mark.skipif(os.name == "nt", reason="names of files are texts there")
@pytest.mark.parametrize(
    "name", [b"answers/\xff.yaml", b"evidence/\xff.json", b"\xff.yaml"]
)
def test_file_name_that_is_no_text_is_a_problem_that_can_be_printed(
    root, tmp_path, name
):
    """It is in no encoding that a terminal knows."""
    case = shutil.copytree(root / "templates" / "assessment", tmp_path / "case")
    path = Path(os.fsdecode(bytes(case) + b"/" + name))
    path.parent.mkdir(exist_ok=True)
    path.touch()
    told = io.StringIO()

    with redirect_stdout(told):
        code = main(["check", str(case)])

    assert code == 1
    assert told.getvalue().encode("utf-8")
    assert "\\udcff" in told.getvalue()


FOLDERS = ["answers", "agreements", "evidence", "milestones"]
DOCUMENTS = [*PLACES, "agreements/x.json", "bank.yaml", "stakeholders.yaml",
             "data.odcs.yaml"]  # fmt: skip


def in_place_of_folder(folder, name):
    """Return the path of a folder, which is not there any more."""
    shutil.rmtree(folder / name, ignore_errors=True)
    return folder / name


@pytest.fixture
def place():
    """A folder that everybody may enter, other than one of pytest's."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextlib.contextmanager
def as_nobody():
    """Be somebody whom no mode of a file is waived for, as it is for root."""
    uid = os.geteuid()
    if uid == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(uid)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="there are no modes here")
@pytest.mark.parametrize(
    ("name", "mode"),
    [(name, 0o000) for name in (*DOCUMENTS, *FOLDERS, ".")]
    + [(name, mode) for name in (*FOLDERS, ".") for mode in (0o333, 0o444)],
)
def test_what_may_not_be_read_is_a_problem_and_not_absent(root, place, name, mode):
    """A file; a folder whose files, or the names of whose files, may not be seen."""
    case = shutil.copytree(root / "templates" / "assessment", place / "case")
    if name in FOLDERS:
        (case / name).mkdir(exist_ok=True)
        for ending in ("yaml", "json"):
            (case / name / f"x.{ending}").touch()
    else:
        (case / name).parent.mkdir(exist_ok=True)
        (case / name).touch()
    (case / name).chmod(mode)
    told = io.StringIO()

    with as_nobody(), redirect_stdout(told):
        code = main(["check", str(case)])

    (case / name).chmod(0o755)
    assert code == 1
    lines = told.getvalue().splitlines()
    assert lines
    assert all(line.startswith(str(case / name)) for line in lines)
    assert all("permission denied" in line for line in lines)


@pytest.mark.parametrize("name", FOLDERS)
def test_file_in_the_place_of_one_of_its_folders_is_refused(folder, bank, name):
    """It would be read as a folder with nothing in it."""
    in_place_of_folder(folder, name).write_text("", encoding="utf-8")

    [message] = messages(folder, bank)

    assert message.startswith(f"{name}: found what cannot be listed (not a directory)")


@pytest.mark.parametrize("name", FOLDERS)
def test_link_in_the_place_of_a_folder_that_leads_nowhere_is_refused(
    folder, bank, name
):
    """What it led to was moved: its content is not there, and was not removed."""
    in_place_of_folder(folder, name).symlink_to("elsewhere")

    [message] = messages(folder, bank)

    assert message.startswith(f"{name}: found a link that leads nowhere, expected ")


@pytest.mark.parametrize("name", FOLDERS)
def test_link_in_the_place_of_a_folder_that_leads_outside_is_refused(
    folder, bank, tmp_path, name
):
    """What lies there is not told, not even by its name."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "private name.yaml").write_text("{}")
    in_place_of_folder(folder, name).symlink_to(tmp_path / "elsewhere")

    [message] = messages(folder, bank)

    assert message.startswith(f"{name}: found a link that leaves the assessment's")
    assert "private" not in message


def test_line_end_in_a_name_is_shown_in_its_problem(folder, bank):
    """A name cannot look like a line of its own."""
    (folder / "answers" / "a\nb.yaml").write_text("{}")

    [message] = messages(folder, bank)

    assert "\n" not in message


@pytest.mark.parametrize("name", DOCUMENTS)
def test_folder_in_the_place_of_a_file_is_refused(folder, name):
    """Nothing of it is taken for absent."""
    in_place_of(folder, name).mkdir()

    with pytest.raises(InvalidInputError) as refused:
        open_one(folder)

    assert f"{folder}/{name}: found a file that cannot be read" in str(refused.value)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_link_in_the_place_of_a_file_that_leads_nowhere_is_refused(folder, name):
    """As little as a file that is a folder."""
    in_place_of(folder, name).symlink_to("elsewhere")

    with pytest.raises(InvalidInputError) as refused:
        open_one(folder)

    assert f"{folder}/{name}: found a link that leads nowhere" in str(refused.value)


@pytest.mark.parametrize("name", ["assessment", "flight-delays"])
def test_what_we_ship_is_valid(name, root):
    """The start and the worked example open without a problem."""
    open_assessment(root / "templates" / name, bank=read_bank().bank)
