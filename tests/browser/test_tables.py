"""Tables of the assessment in JupyterLab: edited by keyboard, saved, and refused."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from ruamel.yaml import YAML

from formpage import NO_DRAFT

OPEN = "from readybook import open_workbook\nworkbook = open_workbook('case')"


def stored(case, file, key):
    """The rows that a file holds."""
    text = (case / file).read_text(encoding="utf-8")
    return YAML(typ="safe").load(text)[key]


def show(lab, *names, before=()):
    """Open a notebook with tables, run it, and return the page with them ready."""
    lab.write("tables.ipynb", OPEN, *before, *(f"workbook.edit({n!r})" for n in names))
    page = lab.open("tables.ipynb")
    lab.run_all(page)
    for name in names:
        table(page, name).wait_for()
    return page


def table(page, name):
    return page.locator(f".rb-form[data-ready=yes][data-table={name}]")


def row(page, name, called):
    """The row of a table that is called so."""
    return table(page, name).locator(f"tbody[data-row='{called}']")


def cell(found, key):
    """The control in a cell of a row."""
    return (
        found.locator(f"[data-cell='{key}']").locator("input, textarea, select").first
    )


def is_saved(found, file):
    said = re.compile(rf"Saved \d\d:\d\d to {re.escape(file)}")
    expect(found.get_by_role("status")).to_contain_text(said)


def tab_to(page, control):
    """Press Tab until a control has the focus."""
    while not control.evaluate("node => node === document.activeElement"):
        page.keyboard.press("Tab")


def test_need_and_role_are_added_by_keyboard(lab, case):
    """Tab, typing and arrows add a row; the file has it, and its comments."""
    page = show(lab, "needs", "roles")
    needs, roles = table(page, "needs"), table(page, "roles")
    needs.get_by_role("button", name="Add a row: need").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Fuel on board, in litres")
    new = needs.locator("tbody").last
    expect(new.get_by_role("status")).to_contain_text("Typing")
    page.keyboard.press("Tab")
    expect(new.get_by_role("status")).to_contain_text("not in the file: Use is missing")
    page.keyboard.type("Feature")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Domain expert")  # D alone is the data owner, and is sent
    is_saved(new, "assessment.yaml")
    expect(cell(new, "ask")).to_have_value("domain-expert")
    page.wait_for_function(NO_DRAFT)

    *_, before, last = stored(case, "assessment.yaml", "needs")
    assert last == {
        "id": "fuel-board", "what": "Fuel on board, in litres", "use": "feature",
        "ask": "domain-expert"}  # fmt: skip
    assert before["what"] != last["what"]  # one row was added
    assert "# The two needs below decide most" in (case / "assessment.yaml").read_text(
        encoding="utf-8"
    )

    row(page, "roles", "security").get_by_role("button", name="Remove security").click()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(roles.get_by_text("Removed security from stakeholders.yaml")).to_be_visible()
    tab_to(page, roles.get_by_role("button", name="Add a row: role"))
    page.keyboard.press("Enter")
    page.keyboard.type("Security")
    new = roles.locator("tbody").last
    tab_to(page, new.locator("summary").first)
    page.keyboard.press("Enter")
    tab_to(page, new.get_by_role("checkbox", name="security"))
    page.keyboard.press("Space")
    is_saved(new, "stakeholders.yaml")
    page.keyboard.press("Escape")
    expect(new.locator("summary").first).to_be_focused()
    expect(new.locator("details").first).not_to_have_attribute("open", "")
    assert stored(case, "stakeholders.yaml", "roles")[-1] == {
        "role": "security", "held_by": ["security"]}  # fmt: skip


def test_wrong_value_is_refused_beside_its_cell_until_it_is_right(lab, case):
    """The other cells of the row are saved; what was typed stays and is kept."""
    page = show(lab, "needs")
    before = stored(case, "assessment.yaml", "needs")
    found = row(page, "needs", "wind")
    field = found.get_by_role("combobox", name="Field wind")
    field.fill("weather.wind_sped")
    cell(found, "what").fill("Speed of the wind")
    page.keyboard.press("Tab")

    wrong = found.locator("[data-cell=field] .wrong")
    expect(wrong).to_contain_text("did you mean 'weather.wind_speed'?")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("weather.wind_sped")
    expect(found.get_by_role("status")).to_contain_text("Kept in this browser")
    wind = next(n for n, need in enumerate(before) if need["id"] == "wind")
    expected = [*before]
    expected[wind] = {**before[wind], "what": "Speed of the wind"}
    assert stored(case, "assessment.yaml", "needs") == expected
    field.fill("weather.wind_gust")  # a name that is offered is complete
    is_saved(found, "assessment.yaml")
    expect(wrong).to_be_empty()
    assert (
        stored(case, "assessment.yaml", "needs")[wind]["field"] == "weather.wind_gust"
    )


def test_removed_row_is_put_back_as_it_was(lab, case):
    """Removing asks once; Undo brings the file back to the byte, and tables beside it."""
    page = show(lab, "resources", "permissions")
    permission = row(page, "permissions", "rehearsal")
    path = case / "resources.yaml"
    before = path.read_bytes()
    found = row(page, "resources", "rehearsal")
    found.get_by_role("button", name="Remove rehearsal").click()
    expect(found.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Enter")
    expect(found.get_by_role("button", name="Remove rehearsal")).to_be_focused()
    assert path.read_bytes() == before
    page.keyboard.press("Enter")
    found.get_by_role("button", name="Remove it").click()
    undo = table(page, "resources").get_by_role(
        "button", name="Undo removing rehearsal"
    )
    expect(undo).to_be_focused()
    assert b"id: rehearsal" not in path.read_bytes()
    expect(permission).to_have_count(0)
    page.keyboard.press("Enter")

    expect(found.get_by_role("status")).to_contain_text("Put back into resources.yaml")
    assert path.read_bytes() == before
    expect(permission).to_have_count(1)


def test_half_filled_range_and_new_row_come_back_after_a_restart(lab, case):
    """What no file may hold yet is kept in the browser, and completed later."""
    page = show(lab, "actions")
    found = row(page, "actions", "settle-swf")
    found.get_by_role("button", name="More settle-swf").click()
    cost = found.get_by_role("group", name="Cost besides effort")
    cell(cost, "cost.low").fill("100")
    cell(found, "proof").focus()
    expect(found.get_by_role("status")).to_contain_text(
        "Cost besides effort still needs Likely, High"
    )
    page.get_by_role("button", name="Add a row: action").click()
    page.keyboard.type("Ask the tower")
    lab.restart(page)
    lab.run_cell(page, 0)
    lab.run_cell(page, 1)
    new = table(page, "actions").locator("tbody").last
    expect(cell(new, "action")).to_have_value("Ask the tower")
    cell(new, "owner").select_option("operations")
    is_saved(new, "actions.yaml")

    found = row(page, "actions", "settle-swf")
    found.get_by_role("button", name="More settle-swf").click()
    cost = found.get_by_role("group", name="Cost besides effort")
    expect(cell(cost, "cost.low")).to_have_value("100")
    cell(cost, "cost.likely").fill("200")
    cell(cost, "cost.high").fill("3.000")  # which may be meant as 3000
    cell(found, "proof").focus()
    expect(found.locator(".wrong").filter(has_text="3000, or 3")).to_be_visible()
    cell(cost, "cost.high").fill("300.5")
    cell(found, "proof").focus()
    is_saved(found, "actions.yaml")
    rows = {one["id"]: one for one in stored(case, "actions.yaml", "actions")}
    assert rows["settle-swf"]["cost"] == {"low": 100, "likely": 200, "high": 300.5}
    assert rows["ask-tower"]["owner"] == "operations"


def test_change_underneath_is_merged_or_shown_as_a_conflict(lab, case):
    """Another cell of the row: both are kept. The same cell: both are shown."""
    page = show(lab, "needs")
    path = case / "assessment.yaml"
    found = row(page, "needs", "wind")
    cell(found, "what").focus()
    text = path.read_text(encoding="utf-8")
    theirs = text.replace("field: weather.wind_speed", "field: weather.wind_gust")
    path.write_text(theirs, encoding="utf-8")
    cell(found, "what").fill("Mine")
    is_saved(found, "assessment.yaml")
    expect(cell(found, "field")).to_have_value("weather.wind_gust")

    path.write_text(
        path.read_text(encoding="utf-8").replace("what: Mine", "what: Theirs"),
        encoding="utf-8",
    )
    cell(found, "what").fill("Mine again")
    expect(found.get_by_text("Two versions of this row")).to_be_visible()
    expect(found.get_by_text("What: Theirs")).to_be_visible()
    assert "what: Theirs" in path.read_text(encoding="utf-8")
    found.get_by_role("button", name="Use mine").click()
    is_saved(found, "assessment.yaml")
    assert "what: Mine again" in path.read_text(encoding="utf-8")


def test_tables_have_no_accessibility_violation(lab, case):
    """Open folds and problems included, wide and narrow; nothing stands in the traits."""
    del case  # it only has to be there
    names = ("needs", "value", "resources", "permissions", "roles", "assets",
             "sign_offs", "changes", "actions", "decisions", "exceptions",
             "replies", "not_needed", "withdrawn")  # fmt: skip
    page = show(lab, *names)
    for name in names:
        more = table(page, name).get_by_role("button", name=re.compile("^More"))
        if more.count():
            more.first.click()
    field = cell(row(page, "needs", "wind"), "field")
    field.fill("nowhere")
    page.keyboard.press("Tab")
    expect(field).to_have_attribute("aria-invalid", "true")
    table(page, "roles").locator("summary").first.click()
    for width in (1400, 900):
        page.set_viewport_size({"width": width, "height": 1000})
        found = Axe().run(page, context=".rb-table").response["violations"]
        broken = [(v["id"], v["nodes"][0]["html"]) for v in found]
        assert (width, broken) == (width, [])
    notebook = lab.save(page)

    assert "widgets" not in notebook["metadata"]
    assert "crew-connection" not in str([c["outputs"] for c in notebook["cells"]])


def test_data_model_is_declared_by_keyboard(lab, case):
    """A proposal is taken, a table is chosen, and what is stale afterwards is told."""
    path = case / "data.odcs.yaml"
    text = path.read_text(encoding="utf-8")
    before = text.replace(
        "      - name: name\n", "      - name: name\n"
        "        ## Proposed, because no row lacks one\n        # required: true\n",
        1,
    )  # fmt: skip
    path.write_text(before, encoding="utf-8")
    page = show(lab, "columns")
    columns = table(page, "columns")
    columns.get_by_role("combobox", name="Table").focus()
    page.keyboard.type("airports")
    expect(row(page, "columns", "flights origin")).to_be_hidden()
    other = row(page, "columns", "weather wind_speed")
    expect(other.locator("*")).to_have_count(0)  # it is drawn once it is shown
    found = row(page, "columns", "airports name")
    tab_to(page, found.get_by_role("button", name="Declare it"))
    page.keyboard.press("Enter")
    is_saved(found, "data.odcs.yaml")
    expect(found.get_by_role("button", name="Declare it")).to_have_count(0)
    expect(cell(found, "type")).to_be_focused()
    expect(
        columns.get_by_text("flights, airports are declared otherwise")
    ).to_be_visible()

    tab_to(page, found.get_by_role("button", name="More airports name"))
    page.keyboard.press("Enter")
    tab_to(page, cell(found, "missing"))
    page.keyboard.type("few")
    page.keyboard.press("Tab")
    expect(found.locator("[data-cell=missing] .wrong")).to_contain_text("a number")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("2 %")
    page.keyboard.press("Tab")
    is_saved(found, "data.odcs.yaml")
    lines = text.splitlines()
    after = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line not in after] == []
    assert [line.strip() for line in after if line not in lines] == [
        "mustBeLessOrEqualTo: 2"]  # fmt: skip


def test_drafted_action_becomes_a_row_or_is_dropped_by_keyboard(lab, case):
    """Its words stand in the file below what was typed; neither is offered again."""
    file = case / "actions.yaml"
    typed, old = file.read_text("utf-8"), stored(case, "actions.yaml", "actions")
    page = show(lab, "actions")
    drafted = table(page, "actions").get_by_role("group", name="Drafted: Actions")
    adds, drops = (
        drafted.get_by_role("button", name=re.compile(f"^{word}: ")).all()
        for word in ("Add", "Drop")
    )
    words = [one.get_attribute("aria-label") for one in (adds[0], drops[1])]
    assert Axe().run(page, context=".rb-table").response["violations"] == []
    for at, name in enumerate(words, 1):
        drafted.get_by_role("button", name=name, exact=True).focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        is_saved(table(page, "actions").locator("tbody").last, "actions.yaml")
        expect(drafted.get_by_role("button")).to_have_count(2 * (len(adds) - at))
        rows = table(page, "actions").locator("tbody")
        expect(rows).to_have_count(len(old) + at)  # also where it was pressed twice

    added, dropped = stored(case, "actions.yaml", "actions")[len(old) :]
    assert [f"Add: {added['action']}", f"Drop: {dropped['action']}"] == words
    assert "state" not in added
    assert dropped["state"] == "dropped"
    assert file.read_text("utf-8").startswith(typed.rstrip())


def test_new_row_opens_what_it_lacks(lab, case):
    """Who has filled what is in sight is shown what is missing, and not only told."""
    page = show(lab, "withdrawn")
    page.get_by_role("button", name="Add a row: withdrawal").click()
    new = table(page, "withdrawn").locator("tbody").last
    values = {"check": "keys-unique", "subject": "flights.id", "on": "2026-11-30"}
    for key, value in values.items():
        cell(new, key).fill(value)
    expect(new.get_by_role("button", name=re.compile("^More"))).to_be_visible()
    cell(new, "by").select_option("data-owner")
    cell(new, "check").focus()
    expect(new.get_by_role("button", name=re.compile("^Less"))).to_be_visible()
    cell(new, "because").fill("Done without.")
    cell(new, "check").focus()

    is_saved(new, "assessment.yaml")
    kept = {"because": "Done without.", "by": "data-owner", **values}
    assert [{key: f"{one[key]}" for key in kept}
            for one in stored(case, "assessment.yaml", "withdrawn")] == [kept]  # fmt: skip
