"""Probes side by side: what differs, every fact, and what is not known."""

from __future__ import annotations

import datetime as dt

from flight_case import flight_bank
from readybook.model.case import ResourceNeeds
from readybook.show.machines.probes import comparison, facts_tables
from resource_case import case, fact, probe, resource
from shown import case_of, heads_of, notes_of, rows_of, words_of

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
    why = "A model saved on one may fail, or answer otherwise, on the other"
    assert rows == [
        f"Python 3.11.7 3.12.1 no {why}",
        f"Packages 3 packages 3 packages no, 1 differ {why}",
    ]
    assert heads_of(shown) == [
        *("What differs", "training", "serving", "The same?", "Why it can matter")
    ]
    assert rows_of(shown, 1) == ["numpy 2.3.1 1.26.4"]
    same, _, unseen = notes_of(shown)[0].partition(" Not seen on both: ")
    assert same == "The same: platform, BLAS, BLAS architecture, memory granted."
    assert unseen.endswith(".")
    assert "packages" not in unseen


def test_less_memory_is_told_and_decides_nothing():
    """A smaller machine is the same environment."""
    shown = compared(machine(memory_granted=4.0))

    said = "serving has the Python, the platform, the numerical library and the 3"
    assert shown.text.startswith(f"{said} packages of training; it differs from ")
    assert rows_of(shown) == [
        "Memory 16 4 decides nothing A job may run slower or not fit"
    ]
    bare = machine(memory_granted=4.0)
    pair = case(TRAINING, SERVING, probes={"training": machine(), "serving": bare})
    untold = comparison(case_of(pair, BANK, evidence=()))
    assert untold.text == "serving beside training."


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

    (note,) = notes_of(shown)
    assert note.startswith(
        "The same: platform, BLAS architecture, memory granted. Not "
    )
    assert " Not seen on both: BLAS, " in note
    assert note.endswith(", packages.")


def test_many_packages_are_folded_and_the_rest_is_counted():
    """Twenty by name; the whole list of a machine is never shown."""
    many = {f"package-{n:02}": "1.0" for n in range(30)}
    shown = compared(machine(dict.fromkeys(many, "2.0")), machine(many))

    assert "<summary>30 packages that differ</summary>" in shown.html
    assert notes_of(shown)[1:] == ["10 more packages differ."]
    assert shown.html.count("<code>package-") == 20
    few = dict.fromkeys([*many][:20], "1.0")
    whole = compared(machine(dict.fromkeys(few, "2.0")), machine(few))
    assert len(rows_of(whole, 1)) == 20
    assert notes_of(whole)[1:] == []


def test_machine_that_was_not_probed_is_not_compared():
    """The sentence says which command is missing, and where."""
    shown, how = compared(), "Whoever can log in there runs readybook probe; "
    how += "it changes nothing."

    assert shown.text == (
        f"serving was not compared with training. No probe has run on serving. {how}"
    )
    neither = case(TRAINING, SERVING, probes={})
    assert comparison(case_of(neither, BANK)).text == (
        "serving was not compared with training. No probe has run on training. No probe "
        f"has run on serving. {how}"
    )
    alone = case(TRAINING, SERVING, probes={"serving": machine()})
    assert comparison(case_of(alone, BANK)).text == (
        f"serving was not compared with training. No probe has run on training. {how}"
    )


def test_no_declared_pair_is_said():
    """An empty section says what is missing."""
    assert compared(declared=(TRAINING,)).text == (
        "Nobody has said yet which environments must be the same, such as where the model "
        "is trained and where it serves."
    )


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

    assert shown.text == (
        "one on 23 November 2026: 1 of 2 facts read, 1 not visible; two on 23 November "
        "2026: 1 of 2 facts read, 1 denied"
    )
    assert heads_of(shown) == ["Fact", "How it was read", "one", "two"]
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


def test_facts_that_one_reason_hides_are_one_row():
    """All of a GPU's, where there is none; a reason stands behind its way."""
    hidden = [
        fact(name, None, "not visible", "no GPU") for name in ("gpu", "gpu-memory")
    ]
    other = fact("gpu", None, "denied", "no right").model_copy(update={"how": "nvml"})
    one = facts_of({"one": probe(*hidden)})
    two = facts_of({"one": probe(hidden[0]), "two": probe(other)})

    assert rows_of(one) == ["GPU, GPU memory a file not visible no GPU"]
    assert rows_of(two) == ["GPU not visible a file; no GPU denied nvml; no right"]


def test_probe_without_any_fact_says_so():
    """An empty table would look like a machine without limits."""
    shown = facts_of({"one": probe()})

    assert shown.text == "one on 23 November 2026: 0 of no facts read"
    assert "These probes have no facts." in words_of(shown)


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

    assert shown.text == (
        "No probe has run on a. No probe has run on b. No probe has run on c: "
        "evidence/late.json is dated after the as-of date. Whoever can log in there runs "
        "readybook probe; it changes nothing."
    )


def test_nothing_probed_says_how_a_probe_is_made():
    """Without machines there is still something to do."""
    assert facts_of({}).text == (
        "No machine was looked at. Whoever can log in there runs readybook probe; it "
        "changes nothing."
    )
