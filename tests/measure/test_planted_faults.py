"""Faults planted into real flights are found, named, dated and located; no others."""

import datetime as dt
import shutil
from pathlib import Path

import duckdb
import pytest

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.measure.data import measure_data

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "templates" / "flight-delays"
TODAY = dt.date(2026, 11, 23)
LOCAL = "timezone('America/New_York', time_hour)"

#: As columns of the altered table, so that they stay apart from each other.
CHANGED = f"""
SELECT * REPLACE (
    CASE WHEN carrier = 'B6' AND {LOCAL} >= '2013-05-01' THEN 'JB'
         ELSE carrier END AS carrier,
    CASE WHEN flight % 5 = 0 AND {LOCAL} >= '2013-08-15' THEN NULL
         ELSE tailnum END AS tailnum,
    CAST(CASE WHEN {LOCAL} >= '2013-09-10' THEN distance * 1.609
         ELSE distance END AS INTEGER) AS distance,
    CASE WHEN flight % 20 < 3 THEN 'Q' || (flight % 7) ELSE dest END AS dest)
FROM flights
"""  # noqa: S608 - a constant
ROWS = f"""
SELECT * REPLACE (
    CASE WHEN month = 11 AND carrier = 'EV' AND flight % 2 = 0 THEN 'ZZ'
         ELSE carrier END AS carrier)
FROM flights WHERE NOT (origin = 'LGA' AND {LOCAL} >= '2013-07-01')
UNION ALL
SELECT * FROM flights WHERE month = 6 AND day = 12
"""  # noqa: S608 - a constant


def measured(folder, query):
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("evidence"))
    file = folder / "data" / "flights.parquet"
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute(f"CREATE TABLE flights AS FROM '{file}'")
        engine.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet)")
    evidence = measure_data(
        open_assessment(folder, bank=load_bank_for(folder)), folder, today=TODAY
    )
    return {(one.check, one.subject): one for one in evidence.findings}


@pytest.fixture(scope="module")
def clean():
    """What is recorded of the untouched original; `test_data` measures it again."""
    recorded = open_assessment(EXAMPLE, bank=load_bank_for(EXAMPLE)).data
    return {(one.check, one.subject): one for one in recorded.findings}


@pytest.fixture(scope="module")
def values(tmp_path_factory):
    return measured(tmp_path_factory.mktemp("values") / "case", CHANGED)


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    return measured(tmp_path_factory.mktemp("rows") / "case", ROWS)


def told(finding):
    labels = [point.label for one in finding.series for point in one.points]
    return " ".join([finding.message, *labels])


STEPS = ("steps-declared", "flights")
LIVE = ("live-like-training", "flights.carrier")
FAULTS = {
    "a renamed code is told with both names": (
        "values", STEPS, ["carrier B6", "JB", "1 May 2013"],
    ),
    "a renamed code is not declared": (
        "values", ("values-declared", "flights.carrier"), ["JB"],
    ),
    "a step of missing values is dated": (
        "values", STEPS, ["missing values in flights.tailnum", "15 August 2013"],
    ),
    "missing values pass their limit": (
        "values", ("nulls-tolerated", "flights.tailnum"), ["less than 1 %"],
    ),
    "a change of unit is dated": (
        "values", STEPS, ["usual size of flights.distance: 2013-09-10"],
    ),
    "a key that joins 85 per cent": (
        "values", ("joins-match", "flights.dest -> airports.faa"), ["% "],
    ),
    "an emptied category is dated": (
        "rows", STEPS, ["origin LGA", "1 July 2013"],
    ),
    "a duplicated day has no unique keys": (
        "rows", ("keys-unique", "flights.time_hour+carrier+flight"), ["2013-06-12"],
    ),
    "a duplicated day has too many rows": (
        "rows", ("arrivals-regular", "flights"), ["2013-06-12"],
    ),
    "an unseen carrier is named": (
        "rows", LIVE, ["ZZ"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("which", "place", "words"), FAULTS.values(), ids=FAULTS.keys()
)
def test_a_planted_fault_is_found_named_and_dated(which, place, words, request):
    """What was planted contradicts, in words with its name and its date.

    Of live rows it is told alone: those of the example are cut from the training file.
    """
    finding = request.getfixturevalue(which)[place]
    outcome = "informs" if place == LIVE else "contradicts"
    assert finding.outcome == outcome, finding.message
    text = told(finding)
    assert [word for word in words if word not in text] == [], text


@pytest.mark.parametrize(
    ("place", "words"),
    [(place, words) for _, place, words in FAULTS.values()],
    ids=FAULTS.keys(),
)
def test_the_untouched_original_raises_none_of_them(place, words, clean):
    """No planted fault is seen where none was planted."""
    finding = clean[place]
    # Real flights have unknown airports, one undeclared step and two months without
    # many a tail number of their own.
    own = {STEPS, LIVE, ("joins-match", "flights.dest -> airports.faa"),
           ("nulls-tolerated", "flights.tailnum")}  # fmt: skip
    assert finding.outcome == "supports" or place in own
    if place in {STEPS, LIVE}:
        assert not all(word in told(finding) for word in words)


def test_the_planted_orphans_are_counted_exactly(clean, values):
    """The share of orphans is what was planted on top of the real one."""
    place = ("joins-match", "flights.dest -> airports.faa")
    assert clean[place].value == pytest.approx(7_602 / 336_776, abs=1e-6)
    assert 0.14 < values[place].value < 0.2
