"""The command line as its users meet it: help, results, refusals, exit codes."""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from readybook.bank.own import find_bank
from readybook.case.open import Opened, open_assessment
from readybook.cli.files import ahead_notes
from readybook.cli.main import main
from readybook.text.documents import save_evidence
from resource_case import probe

BROKEN = Path(__file__).parents[1] / "broken"
CASES = sorted(path for path in BROKEN.iterdir() if not path.name.startswith("_"))
PROBLEM = re.compile(r"^\S.*: found .+, expected .+, do: .+$")


def run(capsys, *words):
    """Run a command; returns exit code, standard output, standard error."""
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture(scope="module")
def new(tmp_path_factory):
    """A folder that `readybook new` made; only to be copied."""
    folder = tmp_path_factory.mktemp("new") / "churn"
    assert main(["new", str(folder)]) == 0
    return folder


@pytest.fixture
def started(new, tmp_path):
    """A copy of it."""
    return Path(shutil.copytree(new, tmp_path / new.name))


@pytest.mark.slow
def test_only_the_chosen_verb_is_imported():
    """Help imports none of them, nor what they need; `schema` nothing that reads data."""
    code = (
        "import sys\n"
        "from readybook.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "heavy = {'plotly', 'papermill', 'nbconvert', 'ibis', 'duckdb', 'pydantic'}\n"
        "verbs = {name for name in sys.modules if name.startswith('readybook.cli.')}\n"
        "print(*sorted(heavy & set(sys.modules) | verbs), file=sys.stderr)\n"
    )
    always = ["readybook.cli.main", "readybook.cli.terminal"]
    for words, more in (
        (["--help"], []),
        (["schema"], ["pydantic", "readybook.cli.files"]),
    ):
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            capture_output=True, text=True, check=True,
        )  # fmt: skip

        assert done.stderr.split() == sorted([*always, *more])


@pytest.mark.parametrize(
    "words", [[], ["reprot"], ["report"], ["report", "x", "--ot", "y"]]
)
def test_wrong_usage_exits_with_2(words, capsys):
    """A word that is missing or misspelt is a usage error."""
    with pytest.raises(SystemExit) as left:
        main(words)

    assert left.value.code == 2
    assert "usage: readybook" in capsys.readouterr().err


def test_new_makes_a_valid_start_and_says_what_is_next(tmp_path, capsys):
    """The starter files pass the check and hold no answer; folders around are made."""
    folder = tmp_path / "team" / "cases" / "churn"
    code, out, err = run(capsys, "new", folder)

    assert code == 0
    assert str(folder / "assessment.yaml") in out.splitlines()
    assert f"readybook report {folder}" in err
    assert "copies" not in err
    assert "readybook measure" not in err
    code, out, _ = run(capsys, "check", folder)
    assert code == 0
    assert "fine; 0 answers by 0 respondents, 0 needs" in out


def test_new_ships_the_schemas_that_its_files_name(started):
    """Editors complete keys: every schema that a starter file names is there."""
    for path in sorted(started.rglob("*.yaml")):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        schema = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)[1]

        assert (path.parent / schema).is_file()


def test_new_refuses_a_folder_that_is_taken(started, capsys):
    """Nothing that is there is overwritten."""
    before = sorted(started.rglob("*"))
    code, out, err = run(capsys, "new", started)

    assert (code, out) == (1, "")
    assert err.splitlines()[0] == (
        "churn: found something that is there already, expected no such folder, or "
        "an empty one, do: choose another name"
    )
    assert sorted(started.rglob("*")) == before


def test_new_with_data_drafts_a_contract_that_validates_and_measures(tmp_path, capsys):
    """Two CSV files of one's own: drafted, checked, measured."""
    (tmp_path / "orders.csv").write_text(
        "order;kunde;wert;am\n1;7;9,50;2026-01-01\n2;8;3,25;2026-01-02\n",
        encoding="utf-8",
    )
    (tmp_path / "customers.csv").write_text(
        "id,name,städte\n7,Ann,Köln\n8,Bob,Wien\n", encoding="utf-8"
    )
    folder = tmp_path / "shop"
    data = [tmp_path / "orders.csv", tmp_path / "customers.csv"]

    code, _, err = run(capsys, "new", folder, "--data", *data)
    assert code == 0
    assert "Your files are read where they lie" in err
    assert not (folder / "data").exists()
    assert f"readybook measure {folder}\n" in err
    assert run(capsys, "check", folder)[0] == 0
    code, out, _ = run(capsys, "measure", folder)
    assert code == 0
    assert "orders was opened; it has 2 rows." in out
    assert "customers was opened; it has 2 rows." in out
    assert (folder / "evidence" / "data.json").is_file()


def test_new_with_a_file_that_is_not_there_writes_nothing(tmp_path, capsys):
    """A misspelt data file is a problem, not a half-made folder."""
    code, _, err = run(
        capsys, "new", tmp_path / "shop", "--data", tmp_path / "ordres.csv"
    )

    assert code == 1
    assert "ordres.csv" in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


# what each of them is told stands in tests/case
@pytest.mark.parametrize("case", CASES[::12], ids=lambda case: case.name)
def test_broken_folder_exits_with_1_and_writes_nothing(case, tmp_path, capsys):
    """Some ways to break a folder: problems with lines, no traceback, no report."""
    folder = Path(shutil.copytree(BROKEN / "_valid", tmp_path / "parcels"))
    ours = {case / "expected.txt", case / "absent.txt"}
    for path in case.rglob("*"):
        if path.is_file() and path not in ours:
            target = folder / path.relative_to(case)
            target.parent.mkdir(exist_ok=True, parents=True)
            shutil.copyfile(path, target)
    if (case / "absent.txt").exists():
        for name in (case / "absent.txt").read_text(encoding="utf-8").split():
            (folder / name).unlink()
    out = tmp_path / "reports"

    code, printed, err = run(capsys, "report", folder, "--out", out)

    *problems, last = err.splitlines()
    assert (code, printed) == (1, "")
    assert problems
    assert all(PROBLEM.match(line) for line in problems)
    assert all(line.startswith(str(folder)) for line in problems)
    assert re.fullmatch(r"\d+ problems?; nothing was written\.", last)
    assert not out.exists()


@pytest.mark.parametrize("verb", ["check", "status", "actions"])
def test_own_bank_that_leads_outside_is_neither_read_nor_told(
    started, tmp_path, capsys, verb
):
    """A link in its place could have a file of the reader's own repeated."""
    (tmp_path / "secret").write_text("token: 4711\n", encoding="utf-8")
    (started / "bank.yaml").symlink_to(tmp_path / "secret")

    code, out, err = run(capsys, verb, started)

    assert code == 1
    assert "bank.yaml: found a link that leaves the assessment's folder" in out + err
    assert "token" not in out + err


@pytest.mark.parametrize(
    "link",
    [
        "evidence <- measure churn",
        "evidence <- probe --out churn/evidence/node.json",
        "milestones <- milestone churn",
        "reports <- report churn --out churn/reports",
        "notebooks <- lab churn --no-browser",
        ".readybook <- probe --for churn --out churn/evidence/node.json",
        "data <- new churn --data t.csv --copy-data --time-zone UTC",
    ],
)
def test_folder_that_leads_outside_is_not_written_into(
    started, tmp_path, capsys, monkeypatch, link
):
    """Even an empty one, of which nothing was read."""
    name, _, words = link.partition(" <- ")
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.rmtree(started / name, ignore_errors=True)
    (started / name).symlink_to(outside, target_is_directory=True)
    (tmp_path / "t.csv").write_text("a\n1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    code, _, err = run(capsys, *words.split())

    assert code == 1
    assert "found a link that leaves the assessment's folder" in err
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    "place",
    ["churn/assessment.yaml", "churn/answers/node.json", "churn/node.json", "mine.txt",
     "churn/evidence/data.json", "link.json"],
)  # fmt: skip
def test_probe_is_written_over_nothing_else(
    started, tmp_path, capsys, monkeypatch, place
):
    """In a case its place is the evidence; elsewhere a file of one's own stays."""
    (started / "evidence").mkdir(exist_ok=True)
    for name in ("mine.txt", "churn/evidence/data.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    (tmp_path / "link.json").symlink_to(started / "actions.yaml")
    monkeypatch.chdir(tmp_path)
    before = {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()}

    code, _, err = run(capsys, "probe", "--out", place)

    assert code == 1
    assert f"{place}: found " in err
    after = {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()}
    assert after == before


@pytest.mark.parametrize("verb", ["check", "actions"])
@pytest.mark.parametrize(
    "number", [150, 1500, pytest.param(15_000, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("row", ["a{}: 1", "a: 1", "~: 1"])
def test_a_hundred_problems_are_told_and_the_rest_counted(
    started, capsys, verb, number, row
):
    """Whoever generated a broken file is not flooded; the number of all is said."""
    rows = "\n".join(["a: 1", "a: 1", *(row.format(at) for at in range(number - 2))])
    (started / "actions.yaml").write_text(f"format: 1\n{rows}\n", encoding="utf-8")

    code, out, err = run(capsys, verb, started)

    told = (out + err).splitlines()
    assert code == 1
    lines = sum("actions.yaml:" in line for line in told)
    if verb == "check":  # which tells once what says the same, with all of its lines
        lines += sum(
            line.count(", ") for line in told if line.startswith("  the same ")
        )
    assert lines == 100
    assert any(line.startswith(f"and {number - 100:,} more problems") for line in told)


def test_check_prints_problems_as_json_for_machines(started, capsys):
    """The same list, as data."""
    path = started / "assessment.yaml"
    path.write_text(path.read_text("utf-8") + "titel: x\n", encoding="utf-8")
    code, out, _ = run(capsys, "check", started, "--format", "json")
    (problem,) = json.loads(out)["problems"]

    assert code == 1
    assert problem["found"] == "an unknown key"
    assert problem["key"] == "titel"


DECLARED = {
    "data.odcs.yaml": """
apiVersion: v3.2.0
kind: DataContract
id: c
version: "1"
status: active
servers: [{server: here, type: local, path: "{model}.csv", format: FORMAT}]
schema:
  - {name: orders, properties: [{name: id, logicalType: TYPE}]}
  - {name: lost, properties: [{name: id}]}
""",
    "resources.yaml": """
format: 1
resources: [{id: node, what: A machine, kind: compute, probe: nod}]
""",
    "stakeholders.yaml": """
format: 1
roles: [{role: legal, held_by: [lena]}, {role: sponsor, held_by: [sam]}]
""",
    "answers/lena.yaml": """
format: 1
role: legal
bank: {id: readybook, version: 0.6.0}
answers: {}
""",
}


def declare(folder, **words):
    """Write the documents, and rows of one of two declared tables."""
    (folder / "orders.csv").write_text("id\n1\n", encoding="utf-8")
    for name, text in DECLARED.items():
        for word, value in words.items():
            text = text.replace(word, value)  # noqa: PLW2901
        (folder / name).write_text(text, encoding="utf-8")


def test_check_warns_of_what_is_declared_and_not_there(started, capsys):
    """As notes: a file that is missing, a probe, a sheet; the exit code is 0."""
    declare(started, FORMAT="csv", TYPE="integer")
    code, out, _ = run(capsys, "check", started)

    assert code == 0
    lost, probe, sheet = out.splitlines()[1:]
    assert "data.odcs.yaml: schema lost: found there is no file lost.csv" in lost
    assert "resources node probe: found 'nod', and no evidence/nod.json" in probe
    assert "roles sponsor held_by: found sam, of whom there is no sheet" in sheet
    assert sheet.endswith(f"readybook questions {started} --role sponsor")


def test_commands_to_run_next_can_be_run_as_they_are_printed(tmp_path, capsys):
    """In a folder whose name a shell would take apart, too."""
    folder = tmp_path / "a user's $case"
    told = run(capsys, "new", folder)[2]
    declare(folder, FORMAT="csv", TYPE="integer")
    told += run(capsys, "check", folder)[1] + run(capsys, "milestone", folder)[2]
    printed = re.findall(r"readybook (check|report|questions|compare) (.*)", told)

    assert {verb for verb, _ in printed} == {"check", "report", "questions", "compare"}
    for _, words in printed:
        assert folder.as_posix() in shlex.split(words)


def test_check_warns_of_evidence_without_a_list_of_failures(started, capsys):
    """Beside evidence only: before anything was measured, nothing can have failed."""
    assert "failures" not in run(capsys, "check", started)[1]
    save_evidence(probe(), started / "evidence" / "node.json")
    code, out, _ = run(capsys, "check", started)

    assert code == 0
    assert "evidence/failures.json: found no list of earlier failures: what once" in out


@pytest.mark.slow
def test_check_loads_no_engine(started):
    """Where tables lie is found without what reads them, which takes longer to load."""
    declare(started, FORMAT="csv", TYPE="integer")
    code = (
        "import sys; from readybook.cli.main import main; main(['check', sys.argv[1]]);"
        "print({'ibis', 'duckdb', 'pyarrow'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, started],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "lost" in done.stdout
    assert done.stdout.endswith("set()\n")


def test_check_warns_of_a_format_that_cannot_be_read(started, capsys):
    """It names those that can."""
    declare(started, FORMAT="avro", TYPE="integer")
    _, out, _ = run(capsys, "check", started)

    assert "schema orders: found orders.csv has the format avro; csv, " in out


def test_what_could_not_be_read_and_what_changed_since_is_told(started, capsys):
    """The exit code is 3, and evidence that is older than the contract is named."""
    declare(started, FORMAT="csv", TYPE="integer")
    code, _, told = run(capsys, "measure", started)
    _, before, _ = run(capsys, "check", started)
    declare(started, FORMAT="csv", TYPE="number")
    _, after, _ = run(capsys, "check", started)
    _, status, _ = run(capsys, "status", started)
    (started / "lost.csv").write_text("id\n1\n", encoding="utf-8")

    assert code == 3
    assert f"{started}: lost could not be read in full: there is no file" in told
    assert "changed after it was measured" not in before
    assert "schema orders: found a contract that changed after it was" in after
    assert "and the contract of orders changed since" in " ".join(status.split())
    assert run(capsys, "measure", started)[0] == 0


def test_check_says_what_changed_since_answers_were_recorded(started, capsys):
    """One line for a folder whose answers name an earlier version of the bank."""
    sheet = started / "answers" / "legal.yaml"
    sheet.write_text(
        "format: 1\nrole: legal\nbank: {id: readybook, version: 0.0.1}\nanswers: {}\n",
        encoding="utf-8",
    )
    code, out, _ = run(capsys, "check", started)
    _, printed, _ = run(capsys, "check", started, "--format", "json")
    fine, note = out.splitlines()

    assert code == 0
    assert fine.startswith(f"{started}: fine; ")
    assert note.startswith(
        f"{started}: answers recorded under readybook 0.0.1, judged under readybook "
    )
    assert json.loads(printed) == {"format": 1, "problems": [], "notes": [note]}


@pytest.mark.parametrize(
    ("as_of", "example", "told"),
    [
        ("2026-07-02", "false", None),
        (
            "2026-07-03",
            "false",
            "2026-07-03, and today is 2026-07-01; 1 input is dated",
        ),
        ("2026-07-03", "true", None),
        ("today", "false", None),
    ],
)
def test_date_that_is_ahead_is_told_with_what_it_lets_count(
    started, as_of, example, told
):
    """Tomorrow may be today elsewhere; the day after lets promises count as done."""
    scope = started / "assessment.yaml"
    text = re.sub(r"(?m)^as_of: .*$", f"as_of: {as_of}", scope.read_text("utf-8"))
    scope.write_text(f"{text}\nexample: {example}\n", encoding="utf-8")
    (started / "answers" / "legal.yaml").write_text(
        "format: 1\nrole: legal\nbank: {id: readybook, version: 0.6.0}\n"
        "answers: {AVL-08: {answer: 3, date: 2026-07-02}}\n",
        encoding="utf-8",
    )
    bank = find_bank().bank
    opened = Opened(started, open_assessment(started, bank=bank), bank)
    notes = [one.found for one in ahead_notes(opened, dt.date(2026, 7, 1))]

    assert [note.startswith(told or "nothing") for note in notes] == [True] * bool(told)


def test_check_tells_a_date_that_is_ahead(started, capsys):
    """As a note: the folder may be read, and the exit code is 0."""
    scope = started / "assessment.yaml"
    text = re.sub(r"(?m)^as_of: .*$", "as_of: 9000-01-01", scope.read_text("utf-8"))
    scope.write_text(text, encoding="utf-8")
    code, out, _ = run(capsys, "check", started)

    assert code == 0
    assert f"{started}: assessment.yaml: as_of: found 9000-01-01, and today" in out


@pytest.mark.parametrize(("as_of", "is_told"), [("2026-06-30", True), ("today", False)])
def test_case_of_an_earlier_day_is_measured_and_told_so(
    started, capsys, as_of, is_told
):
    """As often as anybody likes; every other verb refuses it until as_of is moved."""
    scope = started / "assessment.yaml"
    text = re.sub(r"(?m)^as_of: .*$", f"as_of: {as_of}", scope.read_text("utf-8"))
    scope.write_text(text, encoding="utf-8")
    (started / "t.csv").write_text("a\n1\n", encoding="utf-8")
    (started / "data.odcs.yaml").write_text(
        "apiVersion: v3.1.0\nkind: DataContract\nid: t\nversion: 1.0.0\nstatus: draft\n"
        "servers: [{server: here, type: local, path: t.csv, format: csv}]\n"
        "schema: [{name: t, properties: [{name: a, logicalType: integer}]}]\n",
        encoding="utf-8",
    )
    for _ in range(2):
        code, _, err = run(capsys, "measure", started)
        assert code == 0
        assert ("as_of in assessment.yaml is 30 June 2026, before" in err) is is_told
    assert run(capsys, "check", started)[0] == int(is_told)


def test_check_tells_a_form_of_dates_that_nothing_reads(tmp_path, capsys):
    """Measuring would find all of its values amiss, long after it was written."""
    (tmp_path / "t.csv").write_text("day\n31.12.2024\n")
    folder = tmp_path / "case"
    run(capsys, "new", folder, "--data", tmp_path / "t.csv")
    contract = folder / "data.odcs.yaml"
    column = (
        "        logicalType: date\n        logicalTypeOptions: {format: TT.MM.JJJJ}\n"
    )
    name = "      - name: day\n"
    text = contract.read_text("utf-8").replace(name, f"{name}{column}")
    contract.write_text(text, encoding="utf-8")
    code, out, _ = run(capsys, "check", folder)

    assert code == 0
    assert "schema t day logicalTypeOptions.format: found the text 'TT.MM.JJJJ'" in out
    assert "did you mean 'dd.MM.yyyy'?" in out


def test_bank_that_is_not_there_is_refused(tmp_path, capsys):
    """A slip in the path is told like any other problem."""
    for words in (["lint"], ["questions", "--bank"]):
        code, out, err = run(capsys, *words, tmp_path / "bnak.yaml")

        assert (code, out) == (1, "")
        assert err.startswith(f"{tmp_path}/bnak.yaml: found no such file, expected")


def test_schema_lists_prints_and_refuses(capsys):
    """Names, one schema, and a slip with the nearest name."""
    code, out, _ = run(capsys, "schema")
    assert code == 0
    assert "assessment" in out.split()
    code, out, _ = run(capsys, "schema", "assessment")
    assert code == 0
    assert json.loads(out)["$schema"].startswith("https://json-schema.org/")
    code, _, err = run(capsys, "schema", "asessment")
    assert code == 2
    assert "did you mean 'assessment'?" in err


def test_as_of_overrides_the_assessments_own_date(root, capsys):
    """One date for a whole batch."""
    example = root / "templates" / "flight-delays"
    _, out, _ = run(capsys, "check", example, "--as-of", "2027-06-01")

    assert "judged at 2027-06-01" in out


def test_two_folders_of_one_name_are_refused(started, tmp_path, capsys):
    """One report would overwrite the other."""
    other = shutil.copytree(started, tmp_path / "elsewhere" / started.name)
    code, out, err = run(capsys, "report", started, other, "--out", tmp_path / "out")

    assert (code, out) == (2, "")
    assert err.startswith("readybook report: found 'churn' as the name of more than")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_fresh_assessment_renders_and_a_bad_one_harms_no_other(
    started, tmp_path, capsys
):
    """In a batch the good one is rendered: not enough known, and five facts."""
    bad = tmp_path / "bad"
    shutil.copytree(started, bad)
    (bad / "assessment.yaml").write_text("format: 1\n", encoding="utf-8")
    code, out, err = run(capsys, "report", bad, started, "--out", tmp_path / "out")
    page = (tmp_path / "out" / "churn.html").read_text(encoding="utf-8")
    facts = page.split("What we do not know yet", 1)[1].split("</ol>")[0]

    assert code == 3
    assert out.split() == [
        str(tmp_path / "out" / name) for name in ("churn.html", "index.html")
    ]
    assert f"{bad}/assessment.yaml:1: title: found no such key" in err
    assert "Not enough known" in err
    assert "Not enough known" in page
    assert len(re.findall(r"<li[ >]", facts)) == 5
