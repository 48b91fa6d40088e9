"""No proof from nothing: every check beside tables that hold next to nothing."""

import datetime as dt
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from measured_case import TODAY, assessment_of
from readybook.checks.catalogue import checks_of
from readybook.measure.data import measure_data

DAY = dt.timedelta(days=1)
START = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - a clock without a zone
KINDS = {
    "id": pa.int64(),
    "at": pa.timestamp("us"),
    "kind": pa.string(),
    "n": pa.float64(),
    "label": pa.bool_(),
    "known": pa.timestamp("us"),
}


def ours(**properties):
    return [
        {"property": f"readiness.{name}", "value": one}
        for name, one in properties.items()
    ]


#: Declares something for each check of the data.
CONTRACT = {
    "apiVersion": "v3.2.0", "kind": "DataContract", "id": "c", "version": "1",
    "status": "active",
    "servers": [{"server": "here", "type": "local", "path": "{model}.parquet",
                 "format": "parquet"}],
    "slaProperties": [{"property": "latency", "value": 3, "unit": "d",
                       "element": "t.at"}],
    "schema": [
        {"name": "t",
         "customProperties": ours(
             keys=[["id"]], eventTime="at", grain="P1D", historyNeeded="P2D",
             timeZone="UTC", train={"column": "at", "to": "2026-08-31"},
             live={"column": "at", "from": "2026-09-01"}),
         "properties": [
             {"name": "id", "logicalType": "integer",
              "relationships": [{"to": "o.id"}]},
             {"name": "at", "logicalType": "timestamp"},
             {"name": "kind", "logicalType": "string", "enum": [{"value": "a"}],
              "required": True},
             {"name": "n", "logicalType": "number",
              "logicalTypeOptions": {"minimum": 0}},
             {"name": "label", "logicalType": "boolean", "customProperties": ours(
                 label=True, labelKnown="known", labelFill=0.5, labelDelay="P9D")},
             {"name": "known", "logicalType": "timestamp"}]},
        {"name": "o", "properties": [{"name": "id", "logicalType": "integer"}]},
    ],
}  # fmt: skip


def rows(number, *, apart=1, same=False, unit="us"):
    """So many rows, so many days apart; or the same row again and again."""
    places = [0 if same else at for at in range(number)]
    days = [START + at * apart * DAY for at in places]
    values = [places, days, ["a"] * number, places, [at % 2 for at in places], days]
    columns = dict(zip(KINDS, values, strict=True))
    return {
        name: pa.array(columns[name], pa.timestamp(unit))
        if pa.types.is_timestamp(kind)
        else pa.array(columns[name]).cast(kind)
        for name, kind in KINDS.items()
    }


def first_only(number):
    """Rows without a value, but for the first."""
    one = rows(1)
    return {
        name: pa.concat_arrays([one[name], pa.nulls(number - 1, kind)])
        for name, kind in KINDS.items()
    }


def judged(folder, table, partner=None):
    """What is supported of a table, and what contradicted, by check and column."""
    pq.write_table(pa.table(table), folder / "t.parquet")
    pq.write_table(pa.table({"id": (partner or table)["id"]}), folder / "o.parquet")
    case = assessment_of(
        folder, contract=json.dumps(CONTRACT), needs=[f"t.{name}" for name in KINDS]
    )
    findings = measure_data(case, folder, today=TODAY).findings
    assert {one.check for one in findings} == {one.id for one in checks_of("data")}
    return tuple(
        {
            (one.check, one.subject.removeprefix("t.").partition(" ")[0])
            for one in findings
            if one.outcome == outcome and one.subject[0] == "t"
        }
        for outcome in ("supports", "contradicts")
    )


def every(check, *columns):
    return {(check, name) for name in columns or KINDS}


#: Of a schema alone these are known; a boolean has no room for a stand-in.
EXIST = every("fields-present")
TYPES = every("types-match") | every("source-opened", "t")
TRUTHS = every("sentinels-absent", "label")
#: A value lies in its range, and finds its partner, whatever the others do.
VALUES = every("categories-populated", "kind") | every("values-declared", "kind")
VALUES |= every("values-in-range", "n") | every("joins-match", "id")
#: A day is no history, and it is some time ago; what is not there is missing.
OLD = every("history-span", "t") | every("data-fresh", "t")
LACKS = every("label-filled", "label") | every("nulls-tolerated", "kind")
#: Of the label nobody knows: the rows of the last days are too young for one.
FILLED = every("nulls-tolerated", "kind")


@pytest.mark.parametrize(
    ("table", "known", "refuted"),
    {
        "no rows": (rows(0), EXIST, every("source-opened", "t")),
        "no values": (
            {name: pa.nulls(300, kind) for name, kind in KINDS.items()},
            EXIST | TYPES,
            LACKS | every("categories-populated", "kind"),
        ),
        "one row": (rows(1), EXIST | TYPES | TRUTHS | VALUES | FILLED, OLD),
        "one value": (first_only(300), EXIST | TYPES | TRUTHS | VALUES, OLD | LACKS),
        "one distinct value": (
            rows(300, same=True),
            EXIST | TYPES | VALUES | FILLED | every("sentinels-absent")
            | every("label-delay", "label"),
            OLD | every("keys-unique", "id"),
        ),
    }.values(),
    ids=["no rows", "no values", "one row", "one value", "one distinct value"],
)  # fmt: skip
def test_check_judges_nothing_that_it_cannot_see(tmp_path, table, known, refuted):
    """Every check of the data is among those that are asked."""
    assert judged(tmp_path, table) == (known, refuted)


def test_join_into_a_table_without_rows_is_not_measured(tmp_path):
    """Whether the key fits is not seen; that the table is empty is told of the table."""
    supported, contradicted = judged(tmp_path, rows(300), rows(0))

    assert ("joins-match", "id") not in supported | contradicted


def test_few_rows_show_no_step_and_support_none(tmp_path):
    """A row a week over most of a year: no series could show one."""
    few, many = rows(40, apart=7), rows(300)

    assert ("steps-declared", "t") not in judged(tmp_path, few)[0]
    assert ("steps-declared", "t") in judged(tmp_path, many)[0]


def test_nanoseconds_take_no_stand_ins_from_other_columns(tmp_path):
    """They have no year 9999, and all columns are looked at together."""
    supported, _ = judged(tmp_path, rows(300, unit="ns"))

    assert every("sentinels-absent") <= supported
