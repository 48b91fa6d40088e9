"""Many cases on one page: what moved, what holds most back, who owes what, and lists."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import shutil
from pathlib import Path

import jsonschema
import pytest
from axe_playwright_python.sync_playwright import Axe

import samples
from many_cases import HOSTILE, make_cases
from readybook.case.later import last_touched
from readybook.case.milestones import load_milestones
from readybook.case.open import open_one
from readybook.cli.files import document_schemas, start_assessment
from readybook.cli.main import main
from readybook.model.errors import Problem, ReadybookError
from readybook.model.portfolio import Failed, Owed, Portfolio, Wait
from readybook.model.results import Bounds, Verdict
from readybook.report.page import PORTFOLIO, ROW, PortfolioOrder
from readybook.report.portfolio import render_portfolio
from readybook.report.render import execute_notebook
from readybook.report.rows import first_place, gather, read_portfolio
from readybook.score.score import score
from readybook.show.kit.case import Case
from readybook.show.portfolio import blockers, views
from readybook.show.portfolio.row import row_of
from readybook.workbook import PortfolioBook, open_portfolio
from shown import case_of, rows_of, words_of

CASES, MANY = 40, 2_000
FEW = 4  #: among which one waits for a permission, and stood at a milestone


@pytest.mark.parametrize(
    ("folder", "file", "told"),
    [
        (".", "answers/ann.yaml", "churn/answers"),
        (".", "a.b/c.yaml", "churn/a.b/c.yaml:3"),
        ("../churn", "../churn/answers/ann.yaml", "churn/answers"),
        ("../churn", "../churn", "churn:3"),
        ("../churn", "../churn-2/secret/register.yaml", "register.yaml:3"),
        ("../churn", "../churn.yaml", "churn.yaml:3"),
    ],
)
def test_place_of_a_problem_names_no_folder_and_no_person(
    folder, file, told, tmp_path, monkeypatch
):
    (tmp_path / "churn").mkdir()
    monkeypatch.chdir(tmp_path / "churn")
    problem = Problem(file, 3, "key", "this", "that", "mend it")

    assert first_place([problem], Path(folder)) == f"{told}: 1 problem"


def row_at(folder):
    """The row of a case, as its report would keep it."""
    opened = open_one(folder)
    result = score(opened.bank, opened.assessment)
    known = load_milestones(folder)
    case = Case(opened.assessment, opened.bank, result, milestones=known)
    return row_of(case, touched=last_touched(opened.assessment))


def keep(out, rows):
    """Write rows beside reports that nobody made."""
    for row in rows:
        (out / row.name).mkdir(parents=True, exist_ok=True)
        text = row.model_dump_json(exclude_defaults=True)
        (out / row.name / ROW).write_text(text, encoding="utf-8")


def make(out, rows, **more):
    """Put rows on one page, in a folder of reports."""
    keep(out, rows)
    names = tuple(row.name for row in rows)
    order = PortfolioOrder(out, names=names, in_kernel=False, **more)
    return render_portfolio(order, tick=lambda _: None)


def changed(row, **more):
    return row.model_copy(update=more)


def of(*rows, **more):
    return Portfolio(format=1, readybook="0", cases=rows, **more)


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """The rows of forty different cases."""
    return [row_at(one) for one in make_cases(tmp_path_factory.mktemp("cases"), CASES)]


@pytest.fixture(scope="module")
def row(tmp_path_factory):
    """The row of one case that waits for a permission."""
    made = map(row_at, make_cases(tmp_path_factory.mktemp("few"), FEW))
    return next(one for one in made if one.waits and one.earlier)


@pytest.fixture(scope="module")
def reports(rows, tmp_path_factory):
    """The page of forty cases, made twice: answers of one got better in between."""
    out = tmp_path_factory.mktemp("reports")
    make(out, rows[:-1])
    better = changed(
        rows[0].now, failed=(), verdict=Verdict(lower="ready", upper="ready")
    )
    make(out, [changed(rows[0], now=better), *rows[1:]])
    return out


# --- the row of a case ---------------------------------------------------------------


def test_who_said_that_it_is_not_known_owes_no_answer_but_to_find_out():
    """Since that day, and not since the first milestone without a level."""
    bank = samples.bank(samples.question("AVL-01", gate=("pilot", 2)))
    said = samples.sheet(answers={"AVL-01": samples.answer("unknown")})
    one = case_of(samples.assessment({"ann": said}), bank)
    silent = case_of(samples.assessment({"ann": samples.sheet()}), bank)

    (told,), (owed,) = (row_of(each, touched=None).owed for each in (one, silent))
    assert told.what == "Find out, said not to be known: Title of AVL-01 (AVL-01)"
    assert told.since == samples.AS_OF - dt.timedelta(days=10)
    assert (owed.what, owed.since) == ("Title of AVL-01 (AVL-01)", None)


def test_row_of_the_example_says_what_it_waits_for_and_who_owes_what(root):
    """Each permission with its role and dates; a role that nobody holds is told."""
    row = row_at(root / "templates" / "flight-delays")
    waits = {one.about: one.role for one in row.waits}
    owed = {(one.about, one.kind): one for one in row.owed}

    assert waits["permission/scheduling-feed-read"] == "security"
    assert waits["role/security"] == "sponsor"
    assert row.vacant == ("security",)
    assert row.unit == "Network operations"
    assert owed["permission/cloud-account", "permission"].due == dt.date(2026, 10, 28)
    assert owed["AVL-04", "proof"].role == "domain-expert"
    assert owed["name-security-lead", "decision"].since == dt.date(2026, 11, 3)
    assert ("name-security-lead", "acceptance") not in owed  # it is asked for once
    assert row.now.failed == ("AVL-02", "AVL-03", "PRV-04")
    assert row.gates["AVL-03"].role == "data-owner"
    assert row.touched == dt.date(2026, 11, 27)
    assert {one.on for one in row.earlier} == {
        dt.date(2026, 10, 12),
        dt.date(2026, 11, 2),
    }
    assert row.ready.p50 is None
    assert row.ready.undated


# --- what holds most back ----------------------------------------------------------------


def test_what_delays_most_cases_stands_first(row):
    """Before what as many wait for, and that delays the end of none."""
    slow, idle = (Wait(about=f"permission/{n}", what=n, role="finance", runs=runs)
                  for n, runs in (("slow", 0.4), ("idle", 0.0)))  # fmt: skip
    one = changed(row, name="a", waits=(idle, slow))
    two = changed(row, name="b", waits=(idle,))
    found = blockers.waits_of(of(one, two))

    assert [(w.about, len(w.cases), w.ends) for w in found] == [
        ("permission/slow", 1, 1), ("permission/idle", 2, 0),
    ]  # fmt: skip


def test_gate_is_counted_over_the_cases_to_which_it_applies(row):
    """Not over all; nor in another bank, where its id may ask something else."""
    name, gate = next((n, g) for n, g in row.gates.items() if g.state == "failed")
    without = changed(row, name="b", gates={})
    other = row.bank.model_copy(update={"fingerprint": "sha256:0"})
    foreign = changed(row, name="c", bank=other)
    found = {g.id: g for g in blockers.gates_of(of(row, without, foreign))}

    assert (found[name].applies, len(found[name].failed)) == (1, 1)
    assert found[name].title == gate.title
    assert f"{gate.title} {name} 1 of 1" in " ".join(
        rows_of(views.holds_back(of(row)), 1)
    )


def test_one_permission_frees_all_that_wait_and_one_answer_frees_one(row):
    """Days over are counted from the first date, at each case's own day."""
    due = row.as_of - dt.timedelta(days=9)
    yes = Owed(
        role="finance", kind="permission", about="permission/x", what="X", due=due
    )
    proof = Owed(role="legal", kind="proof", about="AVL-08", what="Lawful use (AVL-08)")
    both = [changed(row, name=n, owed=(proof, yes), vacant=()) for n in "ab"]
    first, second = blockers.debts_of(of(*both))

    assert (first.about, first.at_once, first.over, first.acts) == (
        "permission/x",
        True,
        9,
        1,
    )
    assert (second.about, second.at_once, second.over, second.acts) == (
        "AVL-08",
        False,
        None,
        2,
    )
    shown = rows_of(views.chase(of(*both)))
    assert [re.search(r"(2 at once|2, one each)", one)[0] for one in shown] == [
        "2 at once", "2, one each",
    ]  # fmt: skip


def test_money_is_added_by_currency_and_says_who_declared_none(row):
    """A range of declared figures; nothing is averaged."""
    cost = row.cost_of_delay_per_week * 0 + type(row.cost_of_delay_per_week)(
        low=1200, likely=1200, high=2400
    )
    told = [changed(row, name=n, currency=c, cost_of_delay_per_week=cost)
            for n, c in (("a", "EUR"), ("b", "EUR"), ("c", "USD"))]  # fmt: skip
    none = changed(row, name="d", currency=None, cost_of_delay_per_week=None)

    assert blockers.month_in([*told, none]).told == (
        "EUR 10,000 to 21,000 and USD 5,200 to 10,000, declared in 3 of 4 cases"
    )
    assert blockers.month_in([none]).told == ""


@pytest.mark.slow
def test_other_bank_and_other_track_are_not_comparable(rows):
    """Most have one bank and one track; the others say what they have."""
    usual = blockers.common(rows)
    foreign = rows[0].bank.model_copy(update={"id": "ours", "fingerprint": "sha256:0"})

    assert blockers.not_comparable(rows[0], usual) == ""
    assert blockers.not_comparable(rows[9], usual) == "not comparable: starter track"
    told = blockers.not_comparable(changed(rows[0], bank=foreign), usual)
    assert told == f"not comparable: bank ours {foreign.version}"
    assert "not comparable: starter track" in words_of(views.case_by_case(of(*rows)))


# --- where each stands ------------------------------------------------------------------


def test_not_known_has_a_pattern_of_its_own_and_units_stand_together(row):
    """In the levels' words; what is known in part is marked as that too."""
    known, part, none = (
        Bounds(lower=2, upper=2),
        Bounds(lower=1, upper=2),
        Bounds(lower=0, upper=4),
    )
    levels = {"AVL": known, "QLT": part, "PRV": none, "OWN": None}
    now = row.now.model_copy(update={"levels": levels})
    cases = [changed(row, name=n, title=n, now=now, unit=u)
             for n, u in (("a", None), ("b", "Zinc"), ("c", "Alum"))]  # fmt: skip
    shown = views.levels(of(*cases)).html

    assert re.findall(r'<td(?: class="([^"]+)")?>', shown)[:4] == [
        "h3",
        "h2 part",
        "unknown",
        "",
    ]
    assert "partly in place</td>" in shown
    assert "improvised to partly in place</td>" in shown
    assert "not known</td>" in shown
    assert re.findall(r'"rowgroup" colspan="5">([^<]+)<', shown) == [
        "Alum", "Zinc", "No unit declared",
    ]  # fmt: skip


@pytest.mark.slow
def test_no_row_averages_and_no_unit_is_ranked(rows):
    """Units stand by name, cases by name."""
    shown = views.levels(of(*rows)).html
    units = re.findall(r'"rowgroup" colspan="5">([^<]+)<', shown)

    assert units == [*sorted(units[:-1]), "No unit declared"]


# --- what changed ----------------------------------------------------------------------


@pytest.mark.slow
def test_first_run_has_nothing_to_compare_with(rows, tmp_path):
    """It says so, and nobody is told to have joined."""
    make(tmp_path, rows[:2])
    told = read_portfolio(tmp_path)

    assert told.before == {}
    assert words_of(views.changes(told)) == "There is no earlier run."


@pytest.mark.slow
def test_who_joined_left_or_failed_is_no_movement(rows, tmp_path):
    """A changed mix is told apart from cases that moved."""
    keep(tmp_path, rows)
    names = [row.name for row in rows]
    first = gather(tmp_path, names[:4], [Failed(name="x", why="y")])
    (tmp_path / "portfolio.json").write_text(
        first.model_dump_json(exclude_defaults=True), encoding="utf-8"
    )
    now = gather(
        tmp_path, [*names[:2], names[5]], [Failed(name=names[2], why="it is broken")]
    )
    told = words_of(views.changes(now))

    assert "No case moved since the run as of 30 November 2026." in told
    assert f"Joined: {names[5]}." in told
    assert f"Without a report now: {names[2]}." in told
    assert f"Left: {names[3]}, x." in told


def test_case_moves_by_its_verdict_then_by_its_gates(row):
    """Both ends of the verdict count, before the number of gates that fail."""
    worse = row.now.model_copy(update={"failed": (*row.now.failed, "OWN-99")})
    unsure = row.now.model_copy(
        update={"verdict": Verdict(lower="not ready", upper="ready"), "failed": ()}
    )
    cases = [
        changed(row, name=n, now=now)
        for n, now in (("a", worse), ("b", unsure), ("c", row.now))
    ]
    before = dict.fromkeys("abc", row.now)
    shown = rows_of(views.changes(of(*cases, since=row.as_of, before=before)))

    assert [one.split()[:2] for one in shown] == [["a", "worse"], ["b", "better"]]
    assert "OWN-99 fails now" in shown[0]
    assert "fails no more" in shown[1]


@pytest.mark.slow
def test_run_in_which_nothing_moved_keeps_what_it_is_compared_with(rows, tmp_path):
    """So it gives the same bytes, and nobody loses a comparison by running twice."""

    def all_of_it():
        return {p.relative_to(tmp_path): p.read_bytes()
                for p in tmp_path.rglob("*.*")}  # fmt: skip

    make(tmp_path, rows[:3])
    first = all_of_it()
    make(tmp_path, rows[:3])
    assert all_of_it() == first
    make(tmp_path, rows[:4])
    second = all_of_it()
    make(tmp_path, rows[:4])
    assert all_of_it() == second
    assert read_portfolio(tmp_path).before.keys() == {row.name for row in rows[:3]}


@pytest.mark.parametrize("named", ["second round", "2026-11-02", "2026-11-20"])
def test_page_is_compared_with_a_milestone_by_name_or_day(row, tmp_path, named):
    """A case without it is told apart."""
    then = [one.model_copy(update={"name": name})
            for one, name in zip(row.earlier, ("First", "Second round"), strict=True)]  # fmt: skip
    fresh = changed(row, name="fresh", earlier=())
    old = changed(row, name="old", earlier=tuple(then))
    keep(tmp_path, [fresh, old])
    found = gather(tmp_path, ["fresh", "old"], [], named)

    assert found.before == {"old": then[1]}
    assert "Without that milestone: fresh." in words_of(views.changes(found))


@pytest.mark.slow
def test_damaged_portfolio_is_made_anew_and_refused_by_a_notebook(rows, tmp_path):
    """Whoever opens it is told; the next run is a first one."""
    make(tmp_path, rows[:2])
    (tmp_path / "portfolio.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ReadybookError, match="delete it, then run 'readybook report'"):
        open_portfolio(str(tmp_path))
    make(tmp_path, rows[:2])

    assert read_portfolio(tmp_path).before == {}


@pytest.mark.slow
def test_row_of_another_case_is_refused(rows, tmp_path):
    """Two rows of one name would be one, and a name is a place that links lead to."""
    make(tmp_path, rows[:2])
    first, second = (tmp_path / row.name / ROW for row in rows[:2])
    first.write_bytes(second.read_bytes())

    with pytest.raises(ReadybookError, match=f"the row of the case '{rows[1].name}'"):
        gather(tmp_path, [row.name for row in rows[:2]], ())


@pytest.mark.parametrize("runs", ["NaN", "1e999", "-1", "7"])
def test_row_with_a_share_that_is_none_is_refused(row, tmp_path, runs):
    """Where it stands, and not as a page that cannot be drawn."""
    make(tmp_path, [row])
    file = tmp_path / row.name / ROW
    kept = json.loads(file.read_text("utf-8"))
    kept["waits"][0]["runs"] = float(runs)
    file.write_text(json.dumps(kept), encoding="utf-8")

    with pytest.raises(ReadybookError, match=rf"{ROW}: waits\[0\]\.runs: found"):
        gather(tmp_path, [row.name], ())


# --- what is written ---------------------------------------------------------------------


def lines_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


@pytest.mark.slow
def test_lists_say_what_the_page_says(reports, rows):
    """A row a case; what each role owes is a file of its own, and all of it one."""
    told = lines_of(reports / "portfolio.csv")
    owed = lines_of(reports / "chase.csv")
    roles = {one.stem for one in (reports / PORTFOLIO).glob("*.csv")}

    assert [one["case"] for one in told] == [row.name for row in rows]
    assert told[1]["gates_failed"].split() == [*rows[1].now.failed]
    assert {one["role"] for one in owed} == roles
    parts = [
        line for role in roles for line in lines_of(reports / PORTFOLIO / f"{role}.csv")
    ]
    assert sorted(map(str, parts)) == sorted(map(str, owed))
    assert {one["at_once"] for one in owed if one["kind"] == "permission"} == {"yes"}


@pytest.mark.slow
def test_portfolio_for_programs_is_as_its_schema_says(reports):
    """Which takes keys that a later version adds."""
    body = json.loads((reports / "portfolio.json").read_text("utf-8"))
    schema = jsonschema.Draft202012Validator(document_schemas()["portfolio"])

    assert schema.is_valid(body | {"new": 1})
    assert not schema.is_valid(body | {"cases": [{"name": "x"}]})


@pytest.mark.slow
def test_what_people_typed_is_text_on_the_page_and_no_formula_in_a_list(reports):
    """Titles of cases, which anybody may send."""
    page = (reports / "index.html").read_text("utf-8")
    titles = [one["title"] for one in lines_of(reports / "portfolio.csv")]

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert f"'{HOSTILE}" in titles


def test_file_of_a_role_goes_when_it_owes_nothing(row, tmp_path):
    """Nobody mails a list of another quarter; what is not ours stays."""
    (tmp_path / PORTFOLIO / "folder.csv").mkdir(parents=True)
    other = tmp_path / PORTFOLIO / "shares.csv"
    other.write_text("name,number\n", encoding="utf-8")
    owed = Owed(role="legal", kind="answer", about="AVL-08", what="Lawful use")
    make(tmp_path, [changed(row, owed=(owed,)), changed(row, name="b", owed=())])
    assert (tmp_path / PORTFOLIO / "legal.csv").exists()
    make(tmp_path, [changed(row, owed=()), changed(row, name="b", owed=())])

    left = [one.name for one in (tmp_path / PORTFOLIO).glob("*.csv")]
    assert sorted(left) == ["folder.csv", "shares.csv"]


def test_piece_that_does_not_exist_is_told_with_the_nearest(row):
    """As a workbook does."""
    with pytest.raises(ReadybookError, match="did you mean 'chase'"):
        PortfolioBook(of(row)).show("chas")


@pytest.mark.slow
def test_notebook_gives_the_same_in_a_kernel_and_without(reports, tmp_path):
    """Under plain papermill too, whose kernel it is."""
    ran = []
    for way in (True, False):
        into = tmp_path / str(way)
        into.mkdir()
        given = {"folder": reports, "into": into, "parameters": {}}
        ran.append(execute_notebook(PORTFOLIO, **given, in_kernel=way))

    assert ran[0] == ran[1]
    assert [o for c in ran[0].cells for o in c.get("outputs", ())]


def test_notebook_opens_a_folder_of_cases_as_they_are(tmp_path):
    """One that cannot be read is a row that says why."""
    make_cases(tmp_path, 1)
    start_assessment(tmp_path / "broken")
    (tmp_path / "broken" / "assessment.yaml").write_text("a: 1", encoding="utf-8")
    found = open_portfolio(str(tmp_path)).portfolio

    assert [one.name for one in found.cases] == ["case-00"]
    assert [one.name for one in found.failed] == ["broken"]
    assert found.failed[0].why.startswith("broken/assessment.yaml:1: ")
    assert "found" not in found.failed[0].why


# --- from the command line ------------------------------------------------------------


@pytest.mark.slow
def test_batch_writes_the_page_and_does_not_write_it_again(run, tmp_path):
    """One case has none; a case that fails is a row that says why, one that is gone left."""
    for name in "abc":
        start_assessment(tmp_path / name)
    alone = run("report", "a")
    assert alone.stdout.split() == ["reports/a.html"]
    assert not (tmp_path / "reports" / "index.html").exists()
    page = tmp_path / "reports" / "index.html"

    assert run("report", "a", "b", "c").stdout.split()[-1] == "reports/index.html"
    first = page.read_bytes()
    again = run("report", "a", "b", "c")
    assert "3 cases: 3 not known well enough (unchanged)" in again.stderr
    assert run("report", "a", "b", "c", "--force").returncode == 0
    assert page.read_bytes() == first
    (tmp_path / "b" / "assessment.yaml").write_text("broken: 1", encoding="utf-8")
    done = run("report", "a", "b")

    assert done.returncode == 3
    told = read_portfolio(tmp_path / "reports")
    assert [one.name for one in told.cases] == ["a"]
    assert told.failed[0].why.startswith("b/assessment.yaml:1")
    words = words_of(page.read_text("utf-8"))
    assert "Left: c." in words
    assert "failed: b/assessment.yaml:1" in words


@pytest.mark.parametrize("name", ["index", "portfolio"])
def test_case_called_as_the_page_of_many_is_refused_among_many(
    tmp_path, monkeypatch, capsys, name
):
    """It would lose its own."""
    monkeypatch.chdir(tmp_path)
    start_assessment(tmp_path / name)
    start_assessment(tmp_path / "other")

    assert main(["report", name, "other"]) == 2
    assert f"found '{name}' as the name of more" in capsys.readouterr().err


# --- in a browser -----------------------------------------------------------------------


@pytest.fixture
def open_page(browser):
    """Open a page at a width; returns it and all that it said."""
    pages = []

    def opened(path, width=1280, **more):
        page = browser.new_page(viewport={"width": width, "height": 900}, **more)
        said = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_load_state("networkidle")
        pages.append(page)
        return page, [one for one in said if one != path.as_uri()]

    yield opened
    for page in pages:
        page.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(open_page, reports, scheme):
    """On the page of forty cases, in both colour schemes."""
    page, said = open_page(reports / "index.html", color_scheme=scheme, bypass_csp=True)
    found = Axe().run(page)

    assert said == []
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 768, 360])
def test_page_never_scrolls_sideways_and_answers_on_its_first_screen(
    open_page, reports, width
):
    """What to unblock first, and who; on a phone within two screens."""
    page, _ = open_page(reports / "index.html", width)
    box = page.get_by_role("region", name="Unblock first").bounding_box()

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert box["y"] + box["height"] <= 900
    assert page.get_by_role("region", name="Who is waited for").is_visible()


@pytest.mark.slow
def test_page_is_complete_without_scripts(browser, reports):
    """All rows are there, and no field that does nothing."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((reports / "index.html").as_uri())

    assert page.locator("#part-case-by-case tbody tr:visible").count() == CASES
    assert page.locator("input").count() == 0
    context.close()


@pytest.fixture(scope="module")
def crowd(rows, tmp_path_factory):
    """The page of two thousand cases."""
    out = tmp_path_factory.mktemp("crowd")
    many = [
        changed(rows[at % CASES], name=f"case-{at:04}", title=f"Use {at}")
        for at in range(MANY)
    ]
    make(out, many)
    yield out / "index.html"
    shutil.rmtree(out)


@pytest.mark.slow
def test_two_thousand_cases_are_sorted_and_searched(open_page, crowd):
    """In a file of a few megabytes; the order of numbers is that of numbers."""
    assert crowd.stat().st_size < 4_000_000
    page, said = open_page(crowd)
    table = page.locator("#part-case-by-case table")
    firsts = "rows => rows.slice(0, 3).map(row => row.cells[0].querySelector('a').textContent)"

    assert said == []
    assert table.locator("tbody tr").count() == MANY
    table.get_by_role("button", name="Case").click()
    assert table.locator("tbody tr").evaluate_all(firsts) == ["Use 0", "Use 1", "Use 2"]
    table.get_by_role("button", name="Case").click()
    assert table.locator("tbody tr").evaluate_all(firsts) == [
        "Use 1999",
        "Use 1998",
        "Use 1997",
    ]
    assert table.locator("th[aria-sort=descending]").count() == 1
    search = page.locator("#part-case-by-case input")
    search.fill("use 77")
    assert table.locator("tbody tr:visible").count() == 11
    assert page.locator("#part-case-by-case output").text_content() == "11 of 2000 rows"
    search.fill("")
    assert table.locator("tbody tr:visible").count() == MANY
