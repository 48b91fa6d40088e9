"""Probes side by side: what differs, every fact, and what is not known."""

from __future__ import annotations

import datetime as dt

from flight_case import flight_bank
from readybook.model.case import ResourceNeeds
from readybook.show.machines.probes import comparison, facts_tables
from resource_case import case, fact, probe, resource
from shown import case_of, rows_of, words_of

BANK = flight_bank()
DECIDING = {
    "python": "3.11.7",
    "platform": "Linux x86_64",
    "blas": "openblas 0.3.31",
    "blas-architecture": "SkylakeX",
    "memory-granted": 16.0,
}
PACKAGES = {"numpy": "2.3.1", "pandas": "2.2.0", "scipy": "1.15.0"}
TRAINING = resource("training", probe="training")
SERVING = resource("serving", probe="serving", same_as="training")


def machine(packages=PACKAGES, **changes):
    """A probe of a machine that is like all others but for the changes."""
    facts = DECIDING | {name.replace("_", "-"): v for name, v in changes.items()}
    return probe(*(fact(name, v) for name, v in facts.items()), packages=packages)


def compared(serving=None, training=None, *, declared=(TRAINING, SERVING)):
    """The comparison of these two probes."""
    probes = {"training": training or machine()}
    assessment = case(
        *declared, probes=probes | ({"serving": serving} if serving else {})
    )
    return comparison(case_of(assessment, BANK))


def test_other_python_and_package_are_told_with_why_they_matter():
    """The title names what differs; the machine that is copied comes first."""
    other = machine(PACKAGES | {"numpy": "1.26.4"}, python="3.12.1")
    shown = compared(other)

    assert shown.text == (
        "serving is not the environment of training: Python and 1 package differ."
    )
    rows = rows_of(shown)
    assert rows[0].startswith("Python 3.11.7 3.12.1 no A model saved on one")
    assert rows[1].startswith("Packages 3 packages 3 packages no, 1 differ")
    assert "numpy 2.3.1 1.26.4" in words_of(shown.html)
    assert "scipy" not in shown.html
    assert "The same: platform, BLAS, BLAS architecture" in shown.html


def test_less_memory_is_told_and_decides_nothing():
    """A smaller machine is the same environment."""
    shown = compared(machine(memory_granted=4.0))

    assert shown.text.startswith("serving has the Python, the platform")
    assert rows_of(shown)[0].startswith("Memory 16 4 decides nothing")


def test_same_environments_are_said_to_be_the_same():
    """Without a difference a sentence is enough."""
    shown = compared(machine())

    assert shown.text.startswith("serving has the Python")
    assert "<table" not in shown.html


def test_fact_that_one_probe_lacks_is_not_the_same():
    """What was not seen on both is named."""
    half = machine(python="3.12.1", packages={})
    kept = tuple(one for one in half.facts if one.fact != "blas")
    shown = compared(half.model_copy(update={"facts": kept}))

    assert "Not seen on both: BLAS," in shown.html
    assert "packages." in shown.html


def test_many_packages_are_folded_and_the_rest_is_counted():
    """Twenty by name; the whole list of a machine is never shown."""
    many = {f"package-{n:02}": "1.0" for n in range(30)}
    shown = compared(machine(dict.fromkeys(many, "2.0")), machine(many))

    assert "30 packages that differ" in shown.html
    assert "10 more packages differ." in shown.html
    assert shown.html.count("<code>package-") == 20


def test_machine_that_was_not_probed_is_not_compared():
    """The sentence says which command is missing, and where."""
    shown = compared()

    assert shown.text == (
        "serving was not compared with training. No probe has run on serving. Run "
        "there: readybook probe --out evidence/serving.json"
    )


def test_no_declared_pair_says_where_one_is_declared():
    """Empty, and how to change that."""
    assert "key same_as" in compared(declared=(TRAINING,)).text


def facts_of(probes, *resources, edition="team"):
    """The tables of facts of these probes."""
    return facts_tables(case_of(case(*resources, probes=probes), BANK, edition=edition))


def test_facts_stand_side_by_side_with_how_they_were_read():
    """One row for each fact, one column for each probe; not visible says why."""
    hidden = fact("blas", None, "not visible", "numpy is not installed")
    denied = fact("disk-free", None, "denied", "may not read it")
    shown = facts_of(
        {
            "one": probe(fact("memory-granted", 16.0, unit="GiB"), hidden),
            "two": probe(fact("memory-granted", 4.0, unit="GiB"), denied),
        }
    )

    assert "one on 23 November 2026: 1 of 2 facts read, 1 not visible" in shown.text
    assert "two on 23 November 2026: 1 of 2 facts read, 1 denied" in shown.text
    assert rows_of(shown) == [
        "Memory granted a file 16 GiB 4 GiB",
        "BLAS a file not visible numpy is not installed not looked at",
        "Disk free a file not looked at denied may not read it",
    ]


def test_facts_that_were_read_in_other_ways_say_how_in_their_cells():
    """A limit of one machine is not the measure of another."""
    here = fact("memory-granted", 16.0).model_copy(update={"how": "control groups v2"})
    shown = facts_of({"one": probe(fact("memory-granted", 16.0)), "two": probe(here)})

    assert rows_of(shown) == ["Memory granted 16 a file 16 control groups v2"]


def test_leadership_reads_how_many_facts_were_read():
    """What each of them is stands in the team's edition."""
    shown = facts_of({"one": machine()}, edition="leadership")

    assert " facts read" in shown.html
    assert "<table" not in shown.html


def test_fourth_probe_begins_another_table():
    """Three fit side by side."""
    shown = facts_of({name: machine() for name in ("a", "b", "c", "d")})

    assert shown.html.count("<table") == 2


def test_probe_that_has_not_run_or_is_too_late_is_named():
    """Missing, unnamed and dated after the as-of date are said in words."""
    needs = ResourceNeeds(cpus=1.0)
    late = probe(on=dt.date(2026, 12, 1))
    shown = facts_of(
        {"late": late},
        resource("a", needs=needs),
        resource("b", needs=needs, probe="gone"),
        resource("c", needs=needs, probe="late"),
    )

    assert shown.text.splitlines() == [
        (
            "No probe is named for a. Run there: readybook probe --out evidence/NAME.json; "
            "then name it in resources.yaml, key probe."
        ),
        "No probe has run on b. Run there: readybook probe --out evidence/gone.json",
        (
            "No probe has run on c: evidence/late.json is dated after the as-of date. Run "
            "there: readybook probe --out evidence/late.json"
        ),
    ]


def test_nothing_probed_says_how_a_probe_is_made():
    """Without machines there is still something to do."""
    assert facts_of({}).text.startswith("No probe has run. Run on the machine")
