"""What probes saw: two environments side by side, and every fact of each probe."""

from collections import Counter
from collections.abc import Mapping

from markupsafe import Markup

from readybook.checks.environments import FACTS, compare_environments
from readybook.checks.machines import Probed, find_probe
from readybook.model.case import Resource
from readybook.model.findings import Finding, MachineEvidence, MachineFact
from readybook.model.words import capital, count, day, listed, number, sentence
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

_MOST_PROBES = 3  # side by side
_HOW = "Whoever can log in there runs readybook probe; it changes nothing."
_MOST_PACKAGES = 20  # that differ; more are counted
_ABBREVIATED = {"cpu": "CPU", "cpus": "CPUs", "gpu": "GPU", "gpus": "GPUs"}
_ABBREVIATED |= {"blas": "BLAS", "python": "Python", "shm": "/dev/shm"}  # noqa: S108


def comparison(case: Case) -> Fragment:
    """Return each environment beside the one that it must equal, fact by fact.

    What was compared is read first, what could not be stands below it.
    """
    by_id = {row.id: row for row in case.assessment.resources.resources}
    pairs = [
        (by_id[row.same_as], row) for row in by_id.values() if row.same_as in by_id
    ]
    if not pairs:
        return nothing(
            "Nobody has said yet which environments must be the same, such as where the "
            "model is trained and where it serves."
        )
    found = {one.subject: one for one in case.found("environments-same")}
    shown, missing = [], []
    for one, other in pairs:
        both = [find_probe(case.assessment, row) for row in (one, other)]
        there, here = (probed.evidence for probed in both)
        if here and there:
            shown.append(_compared(one, other, here, there, found.get(other.id)))
        else:
            unseen = [_has_not_run(one) for one in both if one.evidence is None]
            text = f"{other.id} was not compared with {one.id}. {' '.join(unseen)}"
            missing.append(nothing(f"{text} {_HOW}"))
    return joined(*shown, *missing)


def _has_not_run(probed: Probed) -> str:
    """Return that the probe of a resource is missing."""
    why = f": {probed.why}" if probed.is_too_late else ""
    return f"No probe has run on {probed.resource.id}{why}."


def _compared(
    one: Resource,
    other: Resource,
    here: MachineEvidence,
    there: MachineEvidence,
    finding: Finding | None,
) -> Fragment:
    differences = compare_environments(here, there)
    deciding = [row for row in differences if row.decides]
    packages = [row for row in differences if row.is_package]
    title = finding.message if finding else f"{other.id} beside {one.id}."
    if deciding:
        named = [row.what for row in deciding if not row.is_package]
        more = len(deciding) - len(named)
        named += [count(more, "package")] if more else []
        verb = "differs" if len(deciding) == 1 else "differ"
        title = f"{other.id} is not the environment of {one.id}: "
        title += f"{listed(named)} {verb}."
    rows = [
        [capital(row.what), row.there, row.here, mark, capital(row.matters)]
        for row in differences
        if not row.is_package
        for mark in (_PARTED if row.decides else _TOLD,)
    ]
    if packages:
        sizes = [count(len(each.packages), "package") for each in (there, here)]
        differ = outcome_mark("contradicts", f"no, {len(packages)} differ")
        rows.append(["Packages", *sizes, differ, capital(packages[0].matters)])
    columns = [
        Column("What differs", "head"),
        *map(Column, (one.id, other.id, "The same?")),
        Column("Why it can matter", "wide"),
    ]
    rest = _rest(here, there)
    shown = table(title, columns, rows, empty=title, note=rest, around="titled")
    if not packages:
        return Fragment(shown.html, title)
    left = len(packages) - _MOST_PACKAGES
    folded = table(
        "Packages that differ",
        [Column("Package", "head"), Column(one.id), Column(other.id)],
        [[code(p.what), p.there, p.here] for p in packages[:_MOST_PACKAGES]],
        note=f"{count(left, 'more package')} differ." if left > 0 else "",
    )
    folds = [(f"{count(len(packages), 'package')} that differ", folded.html)]
    return Fragment(shown.html + draw("facts.html.j2", folds=folds, missing=()), title)


_PARTED = outcome_mark("contradicts", "no")
_TOLD = outcome_mark("informs", "decides nothing")


def _rest(here: MachineEvidence, there: MachineEvidence) -> str:
    """Return what is the same, and what was not seen on both machines."""
    pairs = {name: (there.fact(name), here.fact(name)) for name in FACTS}
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


def fact_label(name: str) -> str:
    """Return the name of a fact in words: "cpus-granted" is "CPUs granted"."""
    return capital(_label(name))


def _label(name: str) -> str:
    return " ".join(_ABBREVIATED.get(word, word) for word in name.split("-"))


def facts_tables(case: Case) -> Fragment:
    """Return every fact of each probe, folded; and probes that have not run, as such.

    A fact that is not known says why: not visible and denied are two answers, and
    neither is a good one. Leadership reads how many were read.
    """
    assessment = case.assessment
    missing = [
        _has_not_run(probed)
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
        return nothing(f"No machine was looked at. {_HOW}")
    missing = [f"{' '.join(missing)} {_HOW}"] if missing else []
    folds = []
    for first in range(0, len(probes), _MOST_PROBES):
        some = probes[first : first + _MOST_PROBES]
        said = "; ".join(_facts_said(name, probe) for name, probe in some)
        folds.append((said, _facts(dict(some))))
    told = [] if case.edition == "team" else [sentence(said) for said, _ in folds]
    html = draw("facts.html.j2", folds=[] if told else folds, missing=[*told, *missing])
    return Fragment(html, "\n".join([*(said for said, _ in folds), *missing]))


def _facts_said(name: str, probe: MachineEvidence) -> str:
    states = Counter(fact.state for fact in probe.facts)
    read, denied = states["read"], states["denied"]
    hidden = len(probe.facts) - read - denied
    said = f"{name} on {day(probe.measured_on)}: "
    said += f"{read} of {count(len(probe.facts), 'fact')} read"
    said += f", {hidden} not visible" if hidden else ""
    return said + (f", {denied} denied" if denied else "")


def _facts(probes: Mapping[str, MachineEvidence]) -> str:
    """Return the facts of some probes side by side, each with how it was read."""
    columns = [Column("Fact", "head"), *map(Column, ("How it was read", *probes))]
    names = dict.fromkeys(fact.fact for one in probes.values() for fact in one.facts)
    told: dict[tuple[str | Markup, ...], list[str]] = {}
    for name in names:
        facts = [one.fact(name) for one in probes.values()]
        ways = {fact.how for fact in facts if fact}
        way = ways.pop() if len(ways) == 1 else ""
        cells = [_told(fact, way) for fact in facts]
        # Facts that one reason hides are one row: all of a GPU's, where there is none.
        told.setdefault((way, *cells), []).append(fact_label(name))
    rows = [[", ".join(labels), *cells] for cells, labels in told.items()]
    return table("Facts", columns, rows, empty="These probes have no facts.").html


def _told(fact: MachineFact | None, way: str) -> Markup:
    """Return a fact, or why there is none, and how it was read unless its row says."""
    if fact is None:
        return lines(outcome_mark("not measured", "not looked at"))
    beside = small("; ".join(filter(None, ("" if way else fact.how, fact.why))))
    if fact.state != "read":
        return lines(outcome_mark("not measured", fact.state), beside)
    unit = fact.unit or ""
    of_name = unit.lower() in fact.fact
    return lines(number(fact.value, None if of_name else unit), beside)
