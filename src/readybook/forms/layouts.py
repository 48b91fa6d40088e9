"""How each table is laid out: its words, what stands in the row, what is folded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["LAYOUTS", "Layout", "TableName", "group_title", "help_of", "label"]

TableName: TypeAlias = Literal[
    "needs",
    "value",
    "resources",
    "permissions",
    "roles",
    "assets",
    "sign_offs",
    "changes",
    "actions",
]


@dataclass(frozen=True)
class Layout:
    """One table in words; columns that are not named here are folded below the row."""

    title: str
    about: str
    noun: str  #: one row of it, such as "need"
    main: tuple[str, ...]  #: columns of the table itself; the first names the row
    fixed: tuple[str, ...] = ()  #: columns that are shown and not changed here
    #: Whether rows are added and removed here, and where else where they are not.
    grows: bool = True
    names: str = ""  #: column whose text a new row's id is made from; "": it needs none


LAYOUTS: dict[TableName, Layout] = {
    "needs": Layout(
        "What the use case needs",
        "One row for each thing that the data must hold. Leave the field empty while "
        "nobody knows where it is: that is a finding, not a mistake.",
        "need",
        ("what", "use", "field", "ask"),
        names="what",
    ),
    "value": Layout(
        "What the case is worth",
        "Figures that somebody declares, each from low to high. None is made up here.",
        "figure",
        ("currency", "source"),
        grows=False,
    ),
    "resources": Layout(
        "Resources",
        "What must be provisioned, and what is needed of it. Who permits it, and when, "
        "is in the table of permissions.",
        "resource",
        ("what", "kind", "probe"),
        names="what",
    ),
    "permissions": Layout(
        "Permissions",
        "Who says yes to each resource, who pays, and since when it waits. Resources "
        "are added and removed in their own table.",
        "permission",
        ("what", "grants", "asked_on", "granted_on", "expires"),
        fixed=("id", "what"),
        grows=False,
    ),
    "roles": Layout(
        "Roles",
        "Who answers for each role. Name functions, such as data-engineer-weather, "
        "never people. That nobody holds a role yet is a finding.",
        "role",
        ("role", "held_by", "team", "days_per_week"),
    ),
    "assets": Layout(
        "Assets",
        "Pieces that somebody must own. Exactly one accountable role is wanted.",
        "asset",
        ("what", "accountable", "responsible", "confirmed_on"),
        names="what",
    ),
    "sign_offs": Layout(
        "Agreement to the data model",
        "Which role agreed to which part of the data model, and when. What it agreed "
        "to is kept in agreements/.",
        "sign-off",
        ("role", "covers", "on"),
        fixed=("role", "covers", "on", "fingerprint"),
        grows=False,
    ),
    "changes": Layout(
        "Changes while the data was collected",
        "Changes of procedure, system, definition or business, from the day on which "
        "they began.",
        "change",
        ("what", "date", "kind", "tables"),
        names="what",
    ),
    "actions": Layout(
        "Actions",
        "What is done next, by whom, until when. Without a lead time there is no date "
        "for the case.",
        "action",
        ("action", "owner", "due", "state"),
        names="action",
    ),
}

#: By "table.column", or by column where every table says the same.
_LABELS = {
    "accepted_on": "Accepted on",
    "account.id": "Account number",
    "account.profile": "Profile of the credentials",
    "action": "What is done",
    "ask": "Role to ask",
    "asked_on": "Asked on",
    "budget_code": "Budget code",
    "budget.limit": "Limit",
    "buy_in.known_from": "Known from",
    "buy_in.on": "Known on",
    "buy_in.state": "State",
    "changes.date": "From",
    "confirmed_on": "Confirmed on",
    "covers": "Stands for",
    "days_per_week": "Days a week",
    "decides": "Questions that it settles",
    "done_on": "Done on",
    "expires": "Ends on",
    "field": "Field",
    "granted_on": "Granted on",
    "grants": "Who can say yes",
    "held_by": "Held by",
    "id": "Short name",
    "lead_time_days": "Days that it takes, says who grants",
    "leadership": "Only leadership can decide it",
    "needs": "Waits for",
    "needs.cpus": "CPUs",
    "needs.disk_gib": "Free disk, GiB",
    "needs.gpu_memory_gib": "Memory of each GPU, GiB",
    "needs.gpus": "GPUs",
    "needs.matrix_gflops": "Matrix product, GFLOP/s",
    "needs.memory_gib": "Memory, GiB",
    "needs.open_files": "Open files",
    "needs.package_index": "A package index must answer",
    "needs.swap_gib": "Swap, GiB",
    "needs.write_mib_per_s": "Writing, MiB/s",
    "on": "On",
    "pays": "Who pays",
    "probe": "Probe",
    "refused_on": "Refused on",
    "same_as": "Must equal",
    "sign_offs.covers": "Part of the data model",
    "started_on": "Started on",
    "told_by": "Told by",
    "waits_for": "Waits for",
    "workaround_for": "Workaround for",
}
_GROUPS = {
    "account": "Cloud account",
    "budget": "Approved budget",
    "build_cost": "Cost of building it",
    "buy_in": "Buy-in",
    "cost": "Cost besides effort",
    "cost_of_delay_per_week": "Cost of each week of delay",
    "day_rate": "Rate of one person-day",
    "effort_days": "Effort, person-days",
    "gain_per_year": "Gain a year",
    "lead_time_weeks": "Lead time, weeks",
    "needs": "Needed of the machine",
    "run_cost_per_year": "Running cost a year",
}


#: Where the file's own words are about how it is written.
_HELP = {
    "account.id": "reports show its last four characters",
    "budget_code": "as the role that pays writes it",
    "covers": "tables, table.field or resources",
    "decides": "what it is meant to settle",
    "id": "small letters, digits and hyphens; other parts of the assessment name it",
    "leadership": "",
    "needs.package_index": "packages must be installable from it",
    "needs.privileges": "",
    "probe": "name of a file in evidence/, written by `readybook probe` on that machine",
}


def label(table: str, key: str) -> str:
    """Return a column's label; a key without one is told in words."""
    words = key.rpartition(".")[2].replace("_", " ").capitalize()
    return _LABELS.get(f"{table}.{key}") or _LABELS.get(key, words)


def help_of(key: str, words: str) -> str:
    """Return what a cell takes, in the words of the file unless they are about YAML."""
    return _HELP.get(key, words.removeprefix("list of "))


def group_title(key: str) -> str:
    """Return the title of the columns that stand below one key of the file."""
    return _GROUPS.get(key, key.replace("_", " ").capitalize())
