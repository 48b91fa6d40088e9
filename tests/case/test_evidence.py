"""What evidence may say: each machine is itself, each file is as it was written."""

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

from readybook.bank.own import load_bank_for
from readybook.case.evidence import probe_problems
from readybook.case.open import open_assessment
from readybook.model.errors import InvalidInputError
from readybook.model.results import seal_of
from resource_case import fact, probe


def test_probe_under_a_second_name_is_told_whatever_its_date():
    """A copy is a copy on any day; another machine shows other amounts."""
    one = probe(fact("memory-granted", 16))
    copy = one.model_copy(
        update={"measured_on": one.measured_on + dt.timedelta(days=1)}
    )
    other = probe(fact("memory-granted", 15.9))

    found = [
        problem.file for problem in probe_problems({"a": one, "b": copy, "c": other})
    ]

    assert found == ["evidence/b.json"]


def opened(case, name, text):
    """What opening a case says of one of its files, with this content."""
    (case / "evidence" / name).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInputError) as refused:
        open_assessment(case, bank=load_bank_for(case))
    return {(p.file, p.key): (p.found, p.do) for p in refused.value.problems}


@pytest.fixture
def case(root, tmp_path):
    """The example without its data."""
    ignored = shutil.ignore_patterns("data", "milestones")
    example = root / "templates" / "flight-delays"
    return Path(shutil.copytree(example, tmp_path / "case", ignore=ignored))


def sealed(case, edit):
    """The evidence of the data, edited and sealed anew by who has the tool."""
    content = json.loads((case / "evidence" / "data.json").read_text("utf-8"))
    edit(content["findings"])
    return json.dumps({**content, "seal": seal_of(content, "seal")})


def failed(findings):
    return next(one for one in findings if one["outcome"] == "contradicts")


def test_line_that_was_edited_breaks_the_seal(case):
    """Whatever the line."""
    text = (case / "evidence" / "data.json").read_text("utf-8")
    found = opened(case, "data.json", text.replace("336,776 rows", "336,777 rows"))

    assert found["evidence/data.json", "seal"][0] == "a seal of other content"


@pytest.mark.parametrize(
    ("edit", "key"),
    [
        (lambda findings: failed(findings).update(outcome="supports"), "outcome"),
        (lambda findings: findings.append(findings[0]), "subject"),
        (lambda findings: findings[0].update(check="memory-enough"), "check"),
        (lambda findings: findings[0].update(check="no-such-check"), "check"),
    ],
    ids=["outcome", "twice", "of a machine", "of nothing"],
)
def test_seal_made_anew_does_not_let_a_file_say_what_it_cannot(case, edit, key):
    """Outcomes follow from figures, each subject stands once, checks are of the data."""
    found = opened(case, "data.json", sealed(case, edit))

    assert {path.rpartition(".")[2] for _, path in found} == {key}


def test_list_of_failures_is_never_to_be_deleted(case):
    """What failed before cannot be measured again: deleting it would hide that."""
    text = '{"format": 1, "kind": "failures", "readybook": "1", "findings": []}'
    found = opened(case, "failures.json", text)

    assert found["evidence/failures.json", "seal"] == (
        "no seal",
        "put back the file as readybook wrote it",
    )


def test_half_a_character_is_a_damaged_file(case):
    """JSON can name it; no text that is shown can hold it."""
    text = (case / "evidence" / "data.json").read_text("utf-8")
    half = text.replace('"message": "', '"message": "\\ud800', 1)

    assert opened(case, "data.json", half)["evidence/data.json", ""][0] == (
        "a damaged file"
    )


@pytest.mark.parametrize("digits", [300, 400])
def test_number_that_no_machine_counts_with_is_a_damaged_file(case, digits):
    """Such an integer is valid JSON, and no float; a shorter one is judged by rules."""

    def edit(findings):
        findings[0]["value"] = 10 ** (digits - 1)

    found = opened(case, "data.json", sealed(case, edit))
    is_damaged = ("evidence/data.json", "") in found

    assert is_damaged == (digits == 400)


def series(content, name):
    """The first series of a name, of the findings of evidence."""
    every = (one for finding in content["findings"] for one in finding["series"])
    return next(one for one in every if one["name"] == name)


def series_of(content, check):
    return next(f for f in content["findings"] if f["check"] == check)["series"]


@pytest.mark.parametrize(
    ("name", "edit", "key"),
    [
        ("data", lambda d: series(d, "category")["points"][0].update(value=10**7), "value"),
        ("data", lambda d: series(d, "category")["points"][0].update(value=-1), "value"),
        ("data", lambda d: series(d, "month")["points"][0].update(label="2013-13"), "label"),
        ("data", lambda d: series(d, "day")["points"][0].update(label="2013-02-30"), "label"),
        ("data", lambda d: series(d, "month")["points"].reverse(), "points"),
        ("data", lambda d: series(d, "month")["points"].clear(), "points"),
        ("data", lambda d: series(d, "month")["points"].append(series(d, "month")["points"][0]), "points"),
        ("data", lambda d: series_of(d, "live-like-training")[1]["points"].pop(), "series"),
        ("data", lambda d: series_of(d, "nulls-tolerated")[0]["points"][0].update(value=101), "value"),
        ("data", lambda d: series_of(d, "joins-match") or next(
            f for f in d["findings"] if f["unit"] == "share of rows").update(value=1.5), "value"),
        ("data", lambda d: d["findings"][0].update(measured_on="2999-01-01"), "measured_on"),
        ("data", lambda d: series(d, "step")["points"][0].update(label="x: 2013-13"), "label"),
        ("data", lambda d: series(d, "declared and found")["points"][0].update(value=-1e9), "value"),
        ("route", lambda d: d.update(first=d["last"], last=d["first"]), "last"),
        ("route", lambda d: d.update(last=None), "deployments"),
        ("route", lambda d: d.update(lead_time_p90=d["lead_time_median"] / 2), "lead_time_p90"),
        ("route", lambda d: d.update(per_week=-1), "per_week"),
        ("route", lambda d: d["months"][0].update(label="2026-00"), "label"),
        ("route", lambda d: d["months"][0].update(value=99), "value"),
        ("route", lambda d: d["months"].append(d["months"][0]), "months"),
        ("rehearsal", lambda d: d["facts"].append(d["facts"][0]), "fact"),
        ("rehearsal", lambda d: next(f for f in d["facts"] if f["unit"] == "GiB").update(value=-1), "value"),
    ],
    ids=lambda one: one if isinstance(one, str) else str(one.__code__.co_firstlineno),
)  # fmt: skip
def test_figure_that_cannot_be_is_a_problem_at_its_key(case, name, edit, key):
    """Sealed anew it is as wrong as before; no chart has to bear it."""
    content = json.loads((case / "evidence" / f"{name}.json").read_text("utf-8"))
    edit(content)
    sealed_again = json.dumps({**content, "seal": seal_of(content, "seal")})

    found = opened(case, f"{name}.json", sealed_again)

    assert {file for file, _ in found} == {f"evidence/{name}.json"}
    assert key in {place.rpartition(".")[2] for _, place in found}
