"""A register that cases share says what they leave open; no case says otherwise."""

import datetime as dt
import os
import re
import shutil
from pathlib import Path

import pytest

from many_cases import edit
from readybook.bank.read import read_bank
from readybook.case.open import open_assessment, open_each, open_register
from readybook.case.register import other_words
from readybook.checks.owners import check_register as check_owners
from readybook.checks.permissions import check_permissions
from readybook.cli.main import main
from readybook.model.case import Register, Resources
from readybook.model.errors import InvalidInputError
from readybook.text.documents import parse_document

BROKEN = Path(__file__).parents[1] / "broken"
NODE = "{id: node, what: A machine, kind: compute%s}"


@pytest.fixture(scope="module")
def bank():
    return read_bank(BROKEN / "_bank").bank


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(BROKEN / "_valid", tmp_path / "cases" / "parcels"))


def of(*, roles="", resources=""):
    """A register that has these rows."""
    text = f"format: 1\nroles: [{roles}]\nresources: [{resources}]\n"
    return parse_document(text, Register, name="shared/register.yaml")


def with_node(folder, **keys):
    """Let a case declare the machine with these keys alone."""
    said = "".join(f", {key}: {value}" for key, value in keys.items())
    text = f"format: 1\nresources: [{NODE % said}]\n"
    (folder / "resources.yaml").write_text(text, encoding="utf-8")


def with_sponsor(folder, said):
    edit(folder / "stakeholders.yaml", r"role: sponsor, held_by: nobody-yet",
         f"role: sponsor, {said}")  # fmt: skip


def refused(folder, bank, register):
    with pytest.raises(InvalidInputError) as told:
        open_assessment(folder, bank=bank, register=register)
    return str(told.value).splitlines()


def test_what_a_case_leaves_open_the_register_says(folder, bank):
    """Who holds a role that nobody held, how a permission stands; and where that is from."""
    with_node(folder, probe="node")
    register = open_register(BROKEN / "_register.yaml")

    alone = open_assessment(folder, bank=bank)
    one = open_assessment(folder, bank=bank, register=register)

    (node,) = one.resources.resources
    assert (node.what, node.probe) == ("A machine", "node")  # its own words stay
    assert (node.grants, node.granted_on) == ("sponsor", dt.date(2026, 2, 10))
    assert (node.expires, node.lead_time_weeks.high) == ("never", 3)
    assert one.stakeholders.people("sponsor") == {"mona", "nora"}
    assert alone.stakeholders.people("sponsor") == frozenset()
    assert (one.shared.file, one.shared.resources) == ("_register.yaml", ("node",))
    assert one.fingerprint != alone.fingerprint
    assert alone.shared is None
    (now,), (then,) = check_permissions(one), check_permissions(alone)
    assert (then.outcome, now.outcome) == ("not measured", "supports")
    assert now.threshold_source.startswith("the shared register _register.yaml: node")
    held = "the shared register _register.yaml: roles sponsor held_by"
    assert held in [found.threshold_source for found in check_owners(one)]


@pytest.mark.parametrize(
    ("mine", "theirs", "told"),
    [
        # an answer the register says alone, better or worse
        ({"granted_on": "2026-02-01"}, "", "granted_on: found 2026-02-01, expected nothing of it"),
        ({"refused_on": "2026-02-01"}, ", granted_on: 2026-01-01",
         "refused_on: found 2026-02-01, expected nothing of it"),
        ({"granted_on": "2026-02-01", "expires": "never"}, ", granted_on: 2026-02-01",
         "expires: found never, expected nothing of it"),
        ({"granted_on": "2026-02-01", "expires": "never"},
         ", granted_on: 2026-02-01, expires: 2026-03-01",
         "expires: found never, expected 2026-03-01"),
        ({"granted_on": "2026-02-01"}, ", refused_on: 2026-03-01",
         "granted_on: found 2026-02-01, expected nothing of it"),
        # the rest is the same, where both say it
        ({"grants": "data-owner"}, ", grants: sponsor", "grants: found data-owner, expected sponsor"),
        ({"lead_time_days": "90"}, ", lead_time_days: 0", "lead_time_days: found 90, expected 0"),
        ({"asked_on": "2026-05-01"}, ", asked_on: 2026-01-01",
         "asked_on: found 2026-05-01, expected 2026-01-01"),
        ({"asked_on": "2026-05-01"}, ", granted_on: 2026-01-01",
         "asked_on: found asked on 2026-05-01, expected a day up to 2026-01-01"),
    ],
)  # fmt: skip
def test_case_that_says_more_or_otherwise_is_refused_at_its_line(
    folder, bank, mine, theirs, told
):
    """It cannot talk itself up, and what it typed is not dropped unseen."""
    with_node(folder, **mine)

    lines = refused(folder, bank, of(resources=NODE % theirs))

    assert [
        line for line in lines if line.startswith("resources.yaml:2: ") and told in line
    ]
    assert len(lines) == 1


def test_case_may_say_what_the_register_does_not_ask_of_all(folder, bank):
    """When it asked, what it takes, and the same as the register in other order."""
    with_node(
        folder, asked_on="2026-01-05", lead_time_days="7", granted_on="2026-02-01"
    )
    with_sponsor(folder, "held_by: [b, a]")
    roles = "{role: sponsor, held_by: [a, b]}"

    one = open_assessment(
        folder, bank=bank, register=of(roles=roles, resources=NODE % ", granted_on: 2026-02-01")
    )  # fmt: skip

    (node,) = one.resources.resources
    assert (node.asked_on, node.lead_time_days) == (dt.date(2026, 1, 5), 7)


@pytest.mark.parametrize(
    ("mine", "theirs", "key"),
    [
        ("held_by: [me]", "held_by: nobody-yet", "held_by: found [me], expected nothing"),
        ("held_by: [me, mona]", "held_by: [mona]", "held_by: found [me, mona], expected [mona]"),
        ("held_by: [mona], deputies: [me]", "held_by: [mona]", "deputies: found [me], expected nothing"),
        # a deputy of nobody would stand in for somebody
        ("held_by: nobody-yet, deputies: [me]", "held_by: [mona]", "deputies: found [me], expected nothing"),
        ("held_by: [mona], team: A", "held_by: [mona], team: B", "team: found A, expected B"),
    ],
)  # fmt: skip
def test_nobody_adds_himself_to_a_role_that_the_register_gives(
    folder, bank, mine, theirs, key
):
    """By holding it, as one more, or as who stands in."""
    with_sponsor(folder, mine)
    register = of(roles=f"{{role: sponsor, {theirs}}}")

    (line,) = refused(folder, bank, register)

    assert line.startswith("stakeholders.yaml:")
    assert key in line


def test_person_with_two_roles_is_no_second_voice(folder, bank):
    """One role is from the case, the other from the register: it is one person."""
    roles = "{role: sponsor, held_by: [data-owner]}"

    one = open_assessment(folder, bank=bank, register=of(roles=roles))

    assert not one.is_another("sponsor", "data-owner")
    assert open_assessment(folder, bank=bank, register=of(
        roles="{role: sponsor, held_by: [mona]}")).is_another("sponsor", "data-owner")  # fmt: skip


@pytest.mark.parametrize(
    ("theirs", "state", "later"),
    [
        (", granted_on: 2026-02-01, expires: 2026-06-29", "contradicts", 0),
        (", granted_on: 2026-02-01, refused_on: 2026-03-01", "contradicts", 0),
        (", grants: sponsor, granted_on: 2026-07-01, expires: never", "contradicts", 1),
    ],
    ids=["expired", "taken back", "not yet"],
)
def test_permission_that_ended_or_is_to_come_frees_nothing(
    folder, bank, theirs, state, later
):
    """What is dated after the as-of date has not happened; it stops no case, and counts."""
    with_node(folder)
    register = of(resources=NODE % theirs)

    one = open_assessment(folder, bank=bank, refuse_later=True, register=register)

    assert [found.outcome for found in check_permissions(one)] == [state]
    assert one.later == later


def test_resource_that_no_case_declares_is_nobodys(folder, bank):
    """A register of forty permissions lets no case wait for forty."""
    register = of(
        resources="{id: feed, what: F, kind: privilege, granted_on: 2027-01-01}"
    )

    one = open_assessment(folder, bank=bank, register=register)

    assert one.resources == open_assessment(folder, bank=bank).resources
    assert (one.later, one.shared.resources) == (0, ())


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("{id: node, what: A MACHINE, kind: compute}", []),
        ("{id: node, what: A bucket, kind: storage}",
         ["resources node what: found 'A bucket', expected 'A machine', which the"]),
        ("{id: nodes, what: Another, kind: compute}",
         [("resources nodes: found 'nodes', which the shared register register.yaml does "
          "not have, expected its id for it, do: did you mean 'node'?")]),
        ("{id: server, what: A machine!, kind: compute}",
         ["resources server: found 'server', which the shared register"]),
        ("{id: licence, what: Of a map, kind: licence}",
         [("resources: found none of those of the shared register register.yaml, expected "
          "its ids for what it says, do: write node where one of them is meant")]),
    ],
)  # fmt: skip
def test_resource_that_a_register_may_call_otherwise_is_told(row, told):
    """Nothing that it says of one would count under another id."""
    text = f"format: 1\nresources: [{row}]\n"
    mine = parse_document(text, Resources, name="resources.yaml").model
    notes = [str(one) for one in other_words(of(resources=NODE % ""), mine)]

    assert len(notes) == len(told)
    assert all(part in note for note, part in zip(notes, told, strict=True))


def test_every_problem_of_a_register_is_told_with_its_line(folder, tmp_path, capsys):
    """By the path that was given, once, and nothing is written."""
    file = tmp_path / "register.yaml"
    file.write_text("format: 1\nroles:\n  - {role: sponsor, held_by: nobody}\n"
                    "resources:\n  - {id: node, what: A, kind: compute, needs: {cpus: 2}}\n",
                    encoding="utf-8")  # fmt: skip

    assert main(["report", str(folder), "--register", str(file),
                 "--out", str(tmp_path / "out")]) == 1  # fmt: skip
    told = capsys.readouterr().err
    assert f"{file}:3: roles[0].held_by: found" in told
    assert f"{file}:5: resources[0].needs: found" in told
    assert not (tmp_path / "out").exists()


def test_register_is_held_to_the_bank_and_to_the_order_of_its_dates(folder, bank):
    """As the files of a case are; its problems keep its own path."""
    with_node(folder)
    row = NODE % ", asked_on: 2026-03-01, granted_on: 2026-02-01"
    register = of(
        roles="{role: sponsro, held_by: nobody-yet}", resources=f"{row}, {row}"
    )

    _, (bad,) = open_each([folder], judge=lambda _: bank, register=register)

    lines = str(bad).splitlines()
    assert all(line.startswith("shared/register.yaml:") for line in lines)
    assert "roles[0].role: found 'sponsro'" in lines[0]
    assert "did you mean 'sponsor'?" in lines[0]
    assert sum("found granted on 2026-02-01" in line for line in lines) == 2
    assert sum("found 'node' a second time" in line for line in lines) == 1


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("cases/parcels/data/register.yaml", "a file of the assessment parcels"),
        ("cases/link.yaml", "a file of the assessment parcels"),
        ("resources.yaml", "the name 'resources.yaml', which a case has for one of its own"),
        ("none.yaml", "no such file"),
        ("loop.yaml", "a file that cannot be read (too many levels of symbolic links)"),
        ("pipe.yaml", "a pipe or device"),
        ("two\nlines.yaml", "a path with a line end"),
        ("half\udcff.yaml", "a path that is not UTF-8"),
    ],
)  # fmt: skip
def test_register_lies_outside_of_every_case_under_a_name_of_its_own(
    folder, tmp_path, name, found
):
    """No case brings the register along that speaks for it."""
    inside = folder / "data" / "register.yaml"
    inside.parent.mkdir(exist_ok=True)
    shutil.copy(BROKEN / "_register.yaml", inside)
    shutil.copy(inside, tmp_path / "resources.yaml")
    (tmp_path / "cases" / "link.yaml").symlink_to(inside)
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    for odd in ("two\nlines.yaml", "half\udcff.yaml"):
        shutil.copy(inside, tmp_path / odd)

    with pytest.raises(InvalidInputError) as told:
        open_register(tmp_path / name)

    (problem,) = told.value.problems
    assert (problem.file, problem.found) == (str(tmp_path / name), found)


def test_register_of_the_guide_is_one(root):
    """Who copies it has begun."""
    (text,) = re.findall(
        r"(?ms)^```yml\n(.*?)^```$", (root / "docs/batch.md").read_text("utf-8")
    )

    register = parse_document(text, Register, name="register.yaml").model

    assert (len(register.roles), len(register.resources)) == (1, 1)
