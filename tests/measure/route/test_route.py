"""Lead time and deployment frequency from real logs and real repositories."""

import datetime as dt
import json
import shutil

import pytest

from readybook.cli.main import main
from readybook.measure.route.route import measure_route
from readybook.model.errors import InvalidInputError
from readybook.model.findings import RouteEvidence
from readybook.text.documents import evidence_text
from repositories import commit, git, make, tag

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


def test_json_and_csv_of_the_same_changes_show_the_same(folder):
    """The format of a log is no part of what it shows."""
    names = ("commit_time", "deploy_time", "author")
    entries = [
        dict(zip(names, line.split(","), strict=True)) for line in ROWS.splitlines()
    ]
    (folder / "log.json").write_text(json.dumps(entries), encoding="utf-8")
    same = {"fingerprint": "x"}

    assert measure(folder, "log.json").model_copy(update=same) == measure(
        folder
    ).model_copy(update=same)


@pytest.mark.parametrize(
    ("rows", "deployments", "median"),
    [("", 0, None), (row(0, 2), 1, 2.0), (row(0, 2) + row(6, 4), 2, 3.0)],
)
def test_log_of_less_than_a_week_gives_no_frequency(folder, rows, deployments, median):
    """Two deployments on two days are not seven a week."""
    (folder / "log.csv").write_text(HEADER + rows, encoding="utf-8")
    found = measure(folder)

    assert (found.deployments, found.per_week) == (deployments, None)
    assert found.lead_time_median == median


def test_tags_of_a_repository_give_the_same_measures(folder):
    """A commit of day 3 that is tagged on day 5 took two days."""
    code = make(folder / "code")
    for day in (1, 15):
        commit(code, f"2026-09-{day:02}T08:00:00Z")
        tag(code, f"v{day}", f"2026-09-{day + 2:02}T08:00:00Z")
    found = measure(folder, "code")

    assert (found.deployments, found.per_week) == (2, 0.5)
    assert (found.lead_time_median, found.lead_time_p90) == (2.0, 2.0)


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


def test_tag_of_the_future_is_told_once(folder):
    """However many commits it has, the tag is what has the wrong date."""
    code = make(folder / "code")
    commit(code, "2026-09-01T08:00:00Z")
    tag(code, "v1", "2026-09-02T08:00:00Z")
    commit(code, "2026-09-03T08:00:00Z")
    commit(code, "2026-09-04T08:00:00Z")
    tag(code, "v2", "2027-09-05T08:00:00Z")

    assert problems(folder, "code") == [
        (
            "code: tag 2 of 2 by date: found a deployment in the future, expected a time "
            "that has passed, do: correct the time, or take the row out"
        )
    ]


@pytest.mark.parametrize(
    ("log", "why"),
    [
        ("gone.csv", "it does not exist"),
        ("log.txt", "it is neither a file .csv, .tsv, .json nor a git repository"),
        (".", "it is a folder, and no git repository"),
    ],
)
def test_log_out_of_reach_is_recorded_with_the_reason(folder, log, why):
    """What could not be read is "not measured" in the report, never fine."""
    (folder / "log.txt").touch()
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


def test_unchanged_tags_are_taken_over_and_a_new_tag_is_not(folder):
    """A repository is the same while its tags are."""
    code = make(folder / "code")
    commit(code, "2026-09-01T08:00:00Z")
    tag(code, "v1", "2026-09-02T08:00:00Z")
    before = measure(folder, "code").model_copy(update={"deployments": 77})
    commit(code, "2026-09-03T08:00:00Z")

    assert measure(folder, "code", earlier=before).deployments == 77
    tag(code, "v2", "2026-09-04T08:00:00Z")
    assert measure(folder, "code", earlier=before).deployments == 2


def test_evidence_holds_aggregates_only(folder):
    """No time of a single change, no name, no path; the same log, the same bytes."""
    code = make(folder / "code")
    commit(code, "2026-09-01T08:00:00Z")
    tag(code, "v1", "2026-09-02T08:00:00Z")
    head = git(code, "rev-parse", "HEAD").strip()
    text = evidence_text(measure(folder)) + evidence_text(measure(folder, "code"))

    assert not [word for word in ("Jane", "log.csv", "v1", head, "T08") if word in text]
    assert evidence_text(measure(folder)) in text


@pytest.mark.parametrize("offset", ["+14:00", "-12:00"])
def test_first_year_of_the_calendar_is_counted(folder, offset):
    """A time that no calendar can move by its offset is no traceback."""
    rows = f"0001-01-01T00:00:00{offset},2026-09-01T00:00:00Z,x\n{row(0, 1)}"
    rows += f"0001-01-01T00:00:00+14:00,0001-01-01T00:00:00{offset},x\n"
    (folder / "log.csv").write_text(HEADER + rows, encoding="utf-8")
    found = measure(folder)

    assert (found.deployments, found.first) == (3, dt.date(1, 1, 1))
    assert len(found.months) == 600


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

    assert main(["measure", str(case)]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("not measured  lead-time-met  ")
    assert "it does not exist" in first
