"""What probes saw: two environments side by side, and every fact of each probe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from readybook.checks.environments import Difference, compare_environments
from readybook.checks.machines import Probed, find_probe
from readybook.model.case import Resource
from readybook.model.findings import Finding, MachineEvidence, MachineFact
from readybook.model.words import capital, count, day, number
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import (
    Column,
    Fragment,
    code,
    draw,
    joined,
    lines,
    nothing,
    small,
    table,
)
from readybook.show.kit.theme import outcome_mark

__all__ = ["comparison", "fact_label", "facts_tables", "has_not_run"]

_MOST_PROBES = 3  # side by side
_MOST_PACKAGES = 20  # that differ; more are counted
_ABBREVIATED = {"cpu": "CPU", "cpus": "CPUs", "gpu": "GPU", "gpus": "GPUs"} | {
    "blas": "BLAS",
    "python": "Python",
    "shm": "/dev/shm",  # noqa: S108 - a name to be read, no file is opened
}
#: What is compared besides packages.
_COMPARED = (
    "python",
    "platform",
    "blas",
    "blas-architecture",
    "blas-threads",
    "cpu-features",
    "memory-granted",
    "cpus-granted",
)


def comparison(case: Case) -> Fragment:
    """Return each environment beside the one that it must equal, fact by fact.

    What was compared is read first, what could not be stands below it.
    """
    resources = case.assessment.resources.resources
    by_id = {resource.id: resource for resource in resources}
    pairs = [
        (by_id[row.same_as], row)
        for row in resources
        if row.same_as and row.same_as in by_id
    ]
    if not pairs:
        return nothing(
            "No two environments are declared to be the same yet: resources.yaml, key "
            "same_as of the resource that serves."
        )
    found = {f.subject: f for f in case.evidence if f.check == "environments-same"}
    shown, missing = [], []
    for one, other in pairs:
        both = [find_probe(case.assessment, row) for row in (one, other)]
        there, here = (probed.evidence for probed in both)
        if here and there:
            shown.append(_compared(one, other, here, there, found.get(other.id)))
        else:
            unseen = [has_not_run(one) for one in both if one.evidence is None]
            text = f"{other.id} was not compared with {one.id}. {'; '.join(unseen)}"
            missing.append(nothing(text))
    return joined(*shown, *missing)


def has_not_run(probed: Probed) -> str:
    """Return that the probe of a resource is missing, and how to get it."""
    resource = probed.resource
    if resource.probe is None:
        return (
            f"No probe is named for {resource.id}. Run there: readybook probe --out "
            "evidence/NAME.json; then name it in resources.yaml, key probe."
        )
    file = f"evidence/{resource.probe}.json"
    why = f": {probed.why}" if probed.is_too_late else ""
    return f"No probe has run on {resource.id}{why}. Run there: readybook probe --out {file}"


def _compared(
    one: Resource,
    other: Resource,
    here: MachineEvidence,
    there: MachineEvidence,
    finding: Finding | None,
) -> Fragment:
    differences = compare_environments(here, there)
    columns = (
        Column("What differs", "head"),
        Column(one.id),
        Column(other.id),
        Column("The same?"),
        Column("Why it can matter", "wide"),
    )
    title = _compared_title(one, other, differences, finding)
    rest = _rest(here, there)
    rows = _rows(differences, here, there)
    shown = table(title, columns, rows, empty=title, note=rest, around="titled")
    return Fragment(shown.html + _packages((one, other), differences), title)


def _compared_title(
    one: Resource,
    other: Resource,
    differences: Sequence[Difference],
    finding: Finding | None,
) -> str:
    deciding = [row for row in differences if row.decides]
    if not deciding:
        return finding.message if finding else f"{other.id} beside {one.id}."
    named = [row.what for row in deciding if not row.is_package]
    packages = len(deciding) - len(named)
    named += [count(packages, "package")] if packages else []
    listed = " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
    verb = "differs" if len(deciding) == 1 else "differ"
    return f"{other.id} is not the environment of {one.id}: {listed} {verb}."


def _rows(
    differences: Sequence[Difference], here: MachineEvidence, there: MachineEvidence
) -> Iterator[list[Markup | str]]:
    """Yield a row for each difference, and one for all packages."""
    for one in differences:
        if not one.is_package:
            mark = _PARTED if one.decides else _TOLD
            yield [capital(one.what), one.there, one.here, mark, capital(one.matters)]
    packages = [one for one in differences if one.is_package]
    if packages:
        sizes = [count(len(each.packages), "package") for each in (there, here)]
        differ = outcome_mark("contradicts", f"no, {len(packages)} differ")
        yield ["Packages", *sizes, differ, capital(packages[0].matters)]


def _packages(
    both: tuple[Resource, Resource], differences: Sequence[Difference]
) -> str:
    """Return the packages that differ, folded; of many some, and how many more."""
    packages = [one for one in differences if one.is_package]
    if not packages:
        return ""
    left = len(packages) - _MOST_PACKAGES
    shown = table(
        "Packages that differ",
        (Column("Package", "head"), *(Column(row.id) for row in both)),
        [[code(p.what), p.there, p.here] for p in packages[:_MOST_PACKAGES]],
        empty="None",
        note=f"{count(left, 'more package')} differ." if left > 0 else "",
    )
    said = f"{count(len(packages), 'package')} that differ"
    return draw("facts.html.j2", folds=[(said, shown.html)], missing=())


_PARTED = outcome_mark("contradicts", "no")
_TOLD = outcome_mark("informs", "decides nothing")


def _rest(here: MachineEvidence, there: MachineEvidence) -> str:
    """Return what is the same, and what was not seen on both machines."""
    pairs = {name: (there.fact(name), here.fact(name)) for name in _COMPARED}
    values = {
        name: [fact.value if fact and fact.state == "read" else None for fact in pair]
        for name, pair in pairs.items()
    }
    same = [_label(n) for n, (a, b) in values.items() if a == b and a is not None]
    unseen = [_label(n) for n, pair in values.items() if None in pair]
    if not (here.packages and there.packages):
        unseen.append("packages")
    said = [f"The same: {', '.join(same)}." if same else ""]
    said += [f"Not seen on both: {', '.join(unseen)}." if unseen else ""]
    return " ".join(filter(None, said))


# --- facts -------------------------------------------------------------------------


def fact_label(name: str) -> str:
    """Return the name of a fact in words: "cpus-granted" is "CPUs granted"."""
    return capital(_label(name))


def _label(name: str) -> str:
    return " ".join(_ABBREVIATED.get(word, word) for word in name.split("-"))


def facts_tables(case: Case) -> Fragment:
    """Return every fact of each probe, folded; and probes that have not run, as such.

    A fact that is not known says why: not visible and denied are two answers, and
    neither is a good one.
    """
    assessment = case.assessment
    missing = [
        has_not_run(probed)
        for row in assessment.resources.resources
        if row.needs or row.probe
        if (probed := find_probe(assessment, row)).evidence is None
    ]
    probes = [
        (name, probe)
        for name, probe in sorted(assessment.probes.items())
        if probe.measured_on <= assessment.as_of
    ]
    if not probes and not missing:
        return nothing(
            "No probe has run. Run on the machine: readybook probe --out "
            "evidence/NAME.json; then name it in resources.yaml, key probe."
        )
    folds = []
    for first in range(0, len(probes), _MOST_PROBES):
        some = probes[first : first + _MOST_PROBES]
        said = "; ".join(_facts_said(name, probe) for name, probe in some)
        folds.append((said, _facts(dict(some))))
    html = draw("facts.html.j2", folds=folds, missing=missing)
    return Fragment(html, "\n".join([*(said for said, _ in folds), *missing]))


def _facts_said(name: str, probe: MachineEvidence) -> str:
    read = sum(fact.state == "read" for fact in probe.facts)
    denied = sum(fact.state == "denied" for fact in probe.facts)
    hidden = len(probe.facts) - read - denied
    parts = [f"{read} of {count(len(probe.facts), 'fact')} read"]
    parts += [f"{hidden} not visible"] if hidden else []
    parts += [f"{denied} denied"] if denied else []
    return f"{name} on {day(probe.measured_on)}: {', '.join(parts)}"


def _facts(probes: Mapping[str, MachineEvidence]) -> str:
    """Return the facts of some probes side by side, each with how it was read."""
    columns = (
        Column("Fact", "head"),
        Column("How it was read"),
        *(Column(name) for name in probes),
    )
    names = dict.fromkeys(fact.fact for one in probes.values() for fact in one.facts)
    told: dict[tuple[str | Markup, ...], list[str]] = {}
    for name in names:
        facts = [one.fact(name) for one in probes.values()]
        ways = {fact.how for fact in facts if fact}
        way = ways.pop() if len(ways) == 1 else ""
        cells = [lines(_value(fact), _beside(fact, way)) for fact in facts]
        # Facts that one reason hides are one row: all of a GPU's, where there is none.
        told.setdefault((way, *cells), []).append(fact_label(name))
    rows = [[", ".join(labels), *cells] for cells, labels in told.items()]
    return table("Facts", columns, rows, empty="These probes have no facts.").html


def _beside(fact: MachineFact | None, way: str) -> Markup:
    """Return why a fact is what it is, and how it was read unless its row says it."""
    if fact is None:
        return small("")
    how = "" if way else fact.how
    return small("; ".join(filter(None, (how, fact.why))))


def _value(fact: MachineFact | None) -> Markup | str:
    """Return the value with its unit, or in words why there is none."""
    if fact is None:
        return outcome_mark("not measured", "not looked at")
    if fact.state != "read":
        return outcome_mark("not measured", fact.state)
    of_name = (
        fact.unit in fact.fact.split("-") or (fact.unit or "").lower() in fact.fact
    )
    return number(fact.value, None if of_name else fact.unit)
