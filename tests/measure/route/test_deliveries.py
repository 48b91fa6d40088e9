"""A deployment log is read whole, or every row that cannot be is told at once."""

import datetime as dt
import json

import pytest

from readybook.measure.route.deliveries import read_log
from readybook.model.errors import InvalidInputError

UTC = dt.UTC
CSV = """\
commit_time,deploy_time,who
2026-09-01T08:00:00Z,2026-09-03T08:00:00Z,a
2026-09-02T08:00:00+02:00,2026-09-03T10:00:00+02:00,b
"""
TIMES = [
    (
        dt.datetime(2026, 9, 1, 8, tzinfo=UTC),
        dt.datetime(2026, 9, 3, 8, tzinfo=UTC),
    ),
    (
        dt.datetime(2026, 9, 2, 6, tzinfo=UTC),
        dt.datetime(2026, 9, 3, 8, tzinfo=UTC),
    ),
]
TIME = "2026-09-03T08:00:00Z"
ROW = {"commit_time": "2026-09-01T08:00:00Z", "deploy_time": TIME}


def times(text, log="log.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return [(one.committed, one.deployed) for one in read_log(content, log)]


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


def test_list_of_json_objects_is_read_with_the_line_of_each():
    """Later problems can name the line, though JSON does not need any lines."""
    text = "[\n" + ",\n\n".join(json.dumps(ROW) for _ in range(3)) + "\n]"
    found = read_log(text.encode(), "log.json")

    assert [(one.line, one.key) for one in found] == [
        (2, "[0]"),
        (4, "[1]"),
        (6, "[2]"),
    ]
    assert {(one.committed, one.deployed) for one in found} == set(TIMES[:1])


@pytest.mark.parametrize(
    ("text", "log"), [("[]", "a.json"), ("commit_time,deploy_time", "a.csv")]
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

    assert refused(text)[0].startswith("log.csv:4: commit_time: found nothing")


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
            "a.csv: found a text that is not UTF",
        ),
        ("", "a.csv", "a.csv:1: found an empty file, expected a header with"),
        (
            f'commit_time,deploy_time\n{TIME},"open',
            "a.csv",
            "a.csv:2: found a row that",
        ),
        ("{}", "a.json", "a.json:1: found no JSON list, expected a list of objects"),
        ("[\n{,\n]", "a.json", "a.json:2: found no JSON, expected a JSON list"),
        ("[" * 100_000, "a.json", "a.json: found JSON that cannot be read"),
        ("[" + "9" * 5_000 + "]", "a.json", "a.json: found JSON that cannot be read"),
        ("[\n3]", "a.json", "a.json:2: [0]: found no JSON object, expected an object"),
        ('[{"commit_time": 3}]', "a.json", "a.json:1: [0]: found no deploy_time"),
        (
            json.dumps([ROW | {"deploy_time": [1]}]),
            "a.json",
            "a.json:1: [0].deploy_time: found what is no time",
        ),
        (
            json.dumps([ROW | {"deploy_time": None}]),
            "a.json",
            "a.json:1: [0].deploy_time: found nothing",
        ),
        (
            json.dumps([ROW | {"deployed_at": TIME}]),
            "a.json",
            "a.json:1: [0]: found deploy_time and deployed_at side by side",
        ),
    ],
)
def test_file_of_another_kind_is_a_problem_and_no_traceback(text, log, start):
    """Whatever the file holds, one line says what to do."""
    assert refused(text, log)[0].startswith(start)


def test_no_cell_is_repeated_in_a_problem():
    """A shifted row may hold a name or a token where a time should be."""
    problems = refused(f"commit_time,deploy_time\nJane Doe,{TIME}\n")
    problems += refused(json.dumps([ROW | {"commit_time": "Jane Doe"}]), "a.json")

    assert "Jane" not in "\n".join(problems)


def test_of_many_problems_the_first_hundred_are_told_and_the_rest_counted():
    """A log in a wrong format does not fill the screen."""
    problems = refused("commit_time,deploy_time\n" + f"x,{TIME}\n" * 150)

    assert len(problems) == 101
    assert problems[0].startswith("log.csv: found 50 more problems of such kinds")
    assert problems[-1].startswith("log.csv:101: ")
