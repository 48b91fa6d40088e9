"""A deployment log is read whole, or every row that cannot be is told at once."""

import datetime as dt
import json
import shutil

import pytest

from readybook.cli.main import main
from readybook.measure.route import measure_route, read_log
from readybook.model.errors import InvalidInputError
from readybook.model.findings import RouteEvidence
from readybook.text.documents import evidence_text

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
START = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)
HEADER = "commit_time,deploy_time,author\n"


def row(deployed, lead):
    """A change that ran on a day after the start, `lead` days after its commit."""
    ran = START + dt.timedelta(days=deployed)
    return f"{(ran - dt.timedelta(days=lead)).isoformat()},{ran.isoformat()},Jane Doe\n"


#: Five changes in four deployments over four weeks: 1, 2, 3, 4 and 10 days.
ROWS = "".join(map(row, (0, 7, 14, 28, 28), (1, 2, 3, 4, 10)))


def measure(folder, log="log.csv", earlier=None, now=NOW):
    return measure_route(log, folder, now=now, earlier=earlier)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "log.csv").write_text(HEADER + ROWS, encoding="utf-8")
    return tmp_path


def problems(folder, log="log.csv", **changes):
    with pytest.raises(InvalidInputError) as error:
        measure(folder, log, **changes)
    return str(error.value).splitlines()


def test_log_gives_median_ninetieth_percentile_and_deployments_a_week(folder):
    """Changes that went out together are one deployment and two lead times."""
    found = measure(folder)

    assert found.failed is None
    assert (found.lead_time_median, found.lead_time_p90) == (3.0, 7.6)
    assert (found.deployments, found.per_week) == (4, 0.75)
    assert (found.first, found.last) == (dt.date(2026, 9, 1), dt.date(2026, 9, 29))
    assert found.measured_on == NOW.date()


@pytest.mark.parametrize(
    ("columns", "unread"),
    [
        ("author", ()),
        ("Status", ("status",)),
        ("env,deployment status", ("environment", "status")),
    ],
)
def test_what_may_say_that_a_row_does_not_count_is_named(folder, columns, unread):
    """By what it is, not by what the log calls it; its cells are not repeated."""
    rows = [f"{one.rpartition(',')[0]}{',failed' * len(columns.split(','))}\n"
            for one in ROWS.splitlines()]  # fmt: skip
    header = f"commit_time,deploy_time,{columns}\n"
    (folder / "log.csv").write_text(header + "".join(rows), encoding="utf-8")
    found = measure(folder)

    assert (found.unread, found.deployments) == (unread, 4)
    assert "failed" not in found.model_dump_json(exclude={"failed"})


def test_month_without_a_deployment_is_a_zero(folder):
    """A pause is seen, not skipped."""
    text = HEADER + row(0, 1) + row(70, 1)
    (folder / "log.csv").write_text(text, encoding="utf-8")
    found = measure(folder)

    assert [(one.label, one.value) for one in found.months] == [
        ("2026-09", 1),
        ("2026-10", 0),
        ("2026-11", 1),
    ]


def test_json_lines_and_csv_of_the_same_changes_show_the_same(folder):
    """The format of a log is no part of what it shows."""
    names = ("commit_time", "deploy_time", "author")
    entries = [
        dict(zip(names, line.split(","), strict=True)) for line in ROWS.splitlines()
    ]
    text = "\n".join(map(json.dumps, entries))
    (folder / "log.jsonl").write_text(text, encoding="utf-8")
    same = {"fingerprint": "x"}

    assert measure(folder, "log.jsonl").model_copy(update=same) == measure(
        folder
    ).model_copy(update=same)


@pytest.mark.parametrize(
    ("rows", "deployments", "median", "per_week"),
    [
        ("", 0, None, None),
        (row(0, 2), 1, 2.0, None),
        (row(0, 2) + row(6, 4), 2, 3.0, None),
        (row(0, 2) + row(7, 4), 2, 3.0, 1.0),
    ],
)
def test_frequency_takes_deployments_a_week_apart(
    folder, rows, deployments, median, per_week
):
    """Two deployments on two days are not seven a week."""
    (folder / "log.csv").write_text(HEADER + rows, encoding="utf-8")
    found = measure(folder)

    assert (found.deployments, found.per_week) == (deployments, per_week)
    assert found.lead_time_median == median


def test_times_that_cannot_be_are_problems_with_their_lines(folder):
    """With a wrong clock in the log no figure would be worth anything."""
    later = row(365, 1)
    (folder / "log.csv").write_text(HEADER + row(0, -1) + later, encoding="utf-8")

    assert problems(folder) == [
        (
            "log.csv:2: found a deployment before the commit, expected the commit first, "
            "do: correct one of the two times"
        ),
        (
            "log.csv:3: found a deployment in the future, expected a time that has passed, "
            "do: correct the time, or take the row out"
        ),
    ]


@pytest.mark.parametrize(
    ("log", "why"),
    [
        ("gone.csv", "it does not exist"),
        ("log.txt", "it is no file .csv, .tsv, .jsonl, .ndjson"),
        (
            "log.json",
            (
                "JSON lists are not read; write an object a line into .jsonl (it is no file "
                ".csv, .tsv, .jsonl, .ndjson)"
            ),
        ),
        (
            ".",
            (
                "it is a folder, and tags of git are not read; list them in .csv, .tsv, "
                ".jsonl, .ndjson"
            ),
        ),
    ],
)
def test_log_out_of_reach_is_recorded_with_the_reason(folder, log, why):
    """What could not be read is "not measured" in the report, never fine."""
    for name in ("log.txt", "log.json"):
        (folder / name).touch()
    found = measure(folder, log)

    assert (found.failed, found.deployments, found.fingerprint) == (why, 0, "none")


def test_unchanged_log_is_taken_over_under_todays_date(folder):
    """What was found before holds for as long as the log is the same."""
    before = measure(folder).model_copy(update={"lead_time_median": 99.0})
    later = NOW + dt.timedelta(days=3)
    again = measure(folder, earlier=before, now=later)

    assert again == before.model_copy(update={"measured_on": later.date()})


@pytest.mark.parametrize(
    "changes",
    [{"fingerprint": "sha256:0"}, {"readybook": "0.0.0"}, {"failed": "no such file"}],
)
def test_log_is_read_again_where_anything_changed(folder, changes):
    """Another content, another version, or nothing found before."""
    before = measure(folder).model_copy(update={"lead_time_median": 99.0} | changes)

    assert measure(folder, earlier=before).lead_time_median == 3.0


def test_evidence_holds_aggregates_only(folder):
    """No time of a single change, no name, no path; the same log, the same bytes."""
    text = evidence_text(measure(folder))

    assert not [word for word in ("Jane", "log.csv", "T08") if word in text]
    assert evidence_text(measure(folder)) == text


@pytest.mark.parametrize("offset", ["+14:00", "-12:00"])
def test_first_year_of_the_calendar_is_counted(folder, offset):
    """A time that no calendar can move by its offset is no traceback."""
    rows = f"0001-01-01T00:00:00{offset},2026-09-01T00:00:00Z,x\n{row(0, 1)}"
    rows += f"0001-01-01T00:00:00+14:00,0001-01-01T00:00:00{offset},x\n"
    (folder / "log.csv").write_text(HEADER + rows, encoding="utf-8")
    found = measure(folder)

    assert (found.deployments, found.first) == (3, dt.date(1, 1, 1))
    assert len(found.months) == 600


# --- the log -------------------------------------------------------------------------

UTC = dt.UTC
CSV = """\
commit_time,deploy_time,who
2026-09-01T08:00:00Z,2026-09-03T08:00:00Z,a
2026-09-02T08:00:00+02:00,2026-09-03T10:00:00+02:00,b
"""
TIMES = [
    (dt.datetime(2026, 9, 1, 8, tzinfo=UTC), dt.datetime(2026, 9, 3, 8, tzinfo=UTC)),
    (dt.datetime(2026, 9, 2, 6, tzinfo=UTC), dt.datetime(2026, 9, 3, 8, tzinfo=UTC)),
]
TIME = "2026-09-03T08:00:00Z"
ROW = {"commit_time": "2026-09-01T08:00:00Z", "deploy_time": TIME}


def times(text, log="log.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return [(one.committed, one.deployed) for one in read_log(content, log, NOW)]


def refused(text, log="log.csv"):
    with pytest.raises(InvalidInputError) as error:
        times(text, log)
    return str(error.value).splitlines()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rows_of_csv_become_pairs_of_times(delimiter):
    """Offsets are kept, other columns left alone, whatever separates the cells."""
    assert times(CSV.replace(",", delimiter)) == TIMES


@pytest.mark.parametrize(
    ("commit", "deploy"),
    [
        ("committed_at", "deployed_at"),
        ("Commit Time", "Deployment-Time"),
        ("commit_date", "deploy_date"),
        ("COMMIT_TIMESTAMP", "deployment_timestamp"),
    ],
)
def test_usual_names_of_columns_are_taken(commit, deploy):
    """A log need not be rewritten because its program chose another usual name."""
    text = CSV.replace("commit_time", commit).replace("deploy_time", deploy)

    assert times(text) == TIMES


def test_byte_order_mark_windows_line_ends_and_empty_lines_are_read_past():
    """What a spreadsheet program writes is read like any other file."""
    text = "\ufeff\n" + CSV.replace("\n", "\n\n")

    assert times(text.replace("\n", "\r\n")) == TIMES


def test_dates_as_git_prints_them_are_read():
    """`git log --format=%ci` has spaces around the time."""
    text = "commit_time,deploy_time\n2026-09-01 10:00:00 +0200,2026-09-03 08:00:00Z\n"

    assert times(text) == TIMES[:1]


@pytest.mark.parametrize(
    ("text", "log"), [("\n", "a.jsonl"), ("commit_time,deploy_time", "a.csv")]
)
def test_log_without_a_change_is_empty_and_no_problem(text, log):
    """Nothing deployed yet is an answer."""
    assert times(text, log) == []


def test_every_bad_row_is_told_with_line_and_column():
    """Somebody can mend the whole file after one run."""
    text = (
        "commit_time,deploy_time\n"
        f",{TIME}\n"
        f"2026-09-01T08:00:00,{TIME}\n"
        f"{TIME},Jane Doe\n"
        f"{TIME},{TIME},Jane Doe\n"
        f"2026-09-31T08:00:00Z,{TIME}\n"
        f"{TIME},{TIME}\n"
    )
    such = "2026-09-14T08:30:00+02:00"
    write = "do: write it in ISO 8601, or take the row out"

    assert refused(text) == [
        f"log.csv:2: commit_time: found nothing, expected a time such as {such}, {write}",
        (
            "log.csv:3: commit_time: found a time without an offset from UTC, expected one "
            f"such as {such}, do: write Z or an offset such as +02:00 behind it"
        ),
        (
            "log.csv:4: deploy_time: found what is no time, expected a time such as "
            f"{such}, {write}"
        ),
        "log.csv:5: found 3 cells, expected 2, as in the header, do: mend the row",
        (
            "log.csv:6: commit_time: found what is no time, expected a time such as "
            f"{such}, {write}"
        ),
    ]


def test_lines_are_those_of_the_file_where_a_cell_spans_several():
    """A commit message with line ends does not shift what is told after it."""
    text = f'note,commit_time,deploy_time\n"a\nb",{TIME},{TIME}\nc,,{TIME}\n'

    assert refused(text)[0] == (
        "log.csv:4: commit_time: found nothing, expected a time such as "
        "2026-09-14T08:30:00+02:00, do: write it in ISO 8601, or take the row out"
    )


@pytest.mark.parametrize(
    ("header", "problems"),
    [
        (
            "commit_time,committed_at,deploy_time",
            [
                (
                    "log.csv:1: found commit_time and committed_at side by side, expected "
                    "one of them as commit_time, do: name the right one commit_time, rename "
                    "the other"
                )
            ],
        ),
        (
            "sha,when",
            [
                (
                    "log.csv:1: found no commit_time, expected commit_time (or committed_at, "
                    "commit_date, commit_timestamp), do: name what holds it commit_time"
                ),
                (
                    "log.csv:1: found no deploy_time, expected deploy_time (or deployed_at, "
                    "deploy_date, deploy_timestamp, deployment_time, deployment_date, "
                    "deployment_timestamp), do: name what holds it deploy_time"
                ),
            ],
        ),
    ],
)
def test_columns_that_are_missing_or_ambiguous_are_told_once(header, problems):
    """Which of two columns is meant is never guessed."""
    row = ",".join([TIME] * (header.count(",") + 1))

    assert refused(f"{header}\n{row}\n{row}\n") == problems


@pytest.mark.parametrize(
    ("text", "log", "start"),
    [
        (
            b"commit_time,deploy_time\n\xff",
            "a.csv",
            (
                "a.csv:2: found bytes that are not UTF-8, expected text in UTF-8, "
                "do: save the file again with the encoding UTF-8"
            ),
        ),
        (
            "",
            "a.csv",
            (
                "a.csv:1: found an empty file, expected a header with commit_time and"
                " deploy_time, do: write the names of the columns into the first line"
            ),
        ),
        (
            f'commit_time,deploy_time\n{TIME},"open',
            "a.csv",
            (
                "a.csv:2: found a row that is no CSV, expected cells between commas, "
                "do: close the quotes that open here"
            ),
        ),
        (
            "[]",
            "a.jsonl",
            (
                "a.jsonl:1: found no JSON object, expected one object on each line, "
                "do: write its commit_time and its deploy_time between { and }"
            ),
        ),
        (
            "\n{,\n",
            "a.jsonl",
            (
                "a.jsonl:2: found no JSON object, expected one object on each line, "
                "do: write its commit_time and its deploy_time between { and }"
            ),
        ),
        (
            "[" * 100_000,
            "a.jsonl",
            (
                "a.jsonl:1: found no JSON object, expected one object on each line, "
                "do: write its commit_time and its deploy_time between { and }"
            ),
        ),
        (
            '{"a": ' + "9" * 5_000 + "}",
            "a.ndjson",
            (
                "a.ndjson:1: found no JSON object, expected one object on each line, "
                "do: write its commit_time and its deploy_time between { and }"
            ),
        ),
        (
            '{"commit_time": 3}',
            "a.jsonl",
            (
                "a.jsonl:1: found no deploy_time, expected deploy_time (or "
                "deployed_at, deploy_date, deploy_timestamp, deployment_time, "
                "deployment_date, deployment_timestamp), do: name what holds it "
                "deploy_time"
            ),
        ),
        (
            json.dumps(ROW | {"deploy_time": [1]}),
            "a.jsonl",
            (
                "a.jsonl:1: deploy_time: found what is no time, expected a time such "
                "as 2026-09-14T08:30:00+02:00, do: write it in ISO 8601, or take the "
                "row out"
            ),
        ),
        (
            json.dumps(ROW | {"deploy_time": None}),
            "a.jsonl",
            (
                "a.jsonl:1: deploy_time: found nothing, expected a time such as "
                "2026-09-14T08:30:00+02:00, do: write it in ISO 8601, or take the row"
                " out"
            ),
        ),
        (
            json.dumps(ROW | {"deployed_at": TIME}),
            "a.jsonl",
            (
                "a.jsonl:1: found deploy_time and deployed_at side by side, expected "
                "one of them as deploy_time, do: name the right one deploy_time, "
                "rename the other"
            ),
        ),
    ],
)
def test_file_of_another_kind_is_a_problem_and_no_traceback(text, log, start):
    """Whatever the file holds, one line says what to do."""
    assert refused(text, log)[0] == start


def test_no_cell_is_repeated_in_a_problem():
    """A shifted row may hold a name or a token where a time should be."""
    problems = refused(f"commit_time,deploy_time\nJane Doe,{TIME}\n")
    problems += refused(json.dumps(ROW | {"commit_time": "Jane Doe"}), "a.jsonl")

    assert "Jane" not in "\n".join(problems)


def test_of_many_problems_the_first_hundred_are_told_and_the_rest_counted():
    """A log in a wrong format does not fill the screen."""
    problems = refused("commit_time,deploy_time\n" + f"x,{TIME}\n" * 150)

    assert len(problems) == 101
    assert problems[-2] == (
        "log.csv:101: commit_time: found what is no time, expected a time such as"
        " 2026-09-14T08:30:00+02:00, do: write it in ISO 8601, or take the row "
        "out"
    )
    assert problems[-1] == ("and 50 more problems; mend these first")


# --- readybook measure ---------------------------------------------------------------

ROUTE = """\
format: 1
resources: []
route: {log: data/log.csv, lead_time_days: 2, deployments_per_week: 0.5}
"""


@pytest.fixture
def case(tmp_path, folder, capsys):
    """A started assessment that declares the log, and no data."""
    case = tmp_path / "churn"
    assert main(["new", str(case)]) == 0
    (case / "data.odcs.yaml").unlink(missing_ok=True)
    (case / "data").mkdir(exist_ok=True)
    shutil.copy(folder / "log.csv", case / "data" / "log.csv")
    (case / "resources.yaml").write_text(ROUTE, encoding="utf-8")
    capsys.readouterr()
    return case


def test_measure_writes_what_the_log_shows_beside_the_claims(case, capsys):
    """Both findings are printed as the report will have them."""
    assert main(["measure", str(case)]) == 0
    out = capsys.readouterr().out
    path = case / "evidence" / "route.json"
    written = RouteEvidence.model_validate_json(path.read_bytes())

    assert (written.lead_time_median, written.per_week) == (3.0, 0.75)
    assert [line.split("  ")[:2] for line in map(str.lstrip, out.splitlines())] == [
        ["contradicts", "lead-time-met"],
        ["supports", "deployments-often"],
    ]
    assert main(["check", str(case)]) == 0


def test_measure_with_a_bad_log_lists_the_rows_and_writes_nothing(case, capsys):
    """Data is not measured either, so that one run tells all that is wrong."""
    log = case / "data" / "log.csv"
    log.write_text(HEADER + "x,y,z\n", encoding="utf-8")
    code = main(["measure", str(case)])
    err = capsys.readouterr().err.splitlines()

    assert code == 1
    assert [line.split(" found ")[0] for line in err[:2]] == [
        f"{log}:2: commit_time:",
        f"{log}:2: deploy_time:",
    ]
    assert err[2:] == ["2 problems; nothing was written."]
    assert not list((case / "evidence").glob("*.json"))


def test_folder_with_evidence_and_without_its_log_can_be_read(case):
    """The log itself need not be given to everybody who reads the report."""
    assert main(["measure", str(case)]) == 0
    (case / "data" / "log.csv").unlink()

    assert main(["check", str(case)]) == 0


def test_measure_of_a_log_that_went_away_says_so(case, capsys):
    """What was found before does not stand for a log that nobody can see."""
    assert main(["measure", str(case)]) == 0
    (case / "data" / "log.csv").unlink()
    capsys.readouterr()

    assert main(["measure", str(case)]) == 3
    first = capsys.readouterr().out.splitlines()[0]
    assert first == (
        "not measured  lead-time-met  The lead time was not measured: the log "
        "could not be read (it does not exist)."
    )
