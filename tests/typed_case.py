"""The worked example with a text typed behind every free text of its files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML

from ready_case import write
from readybook.case.cross_check import model_of
from readybook.text.refusals import expected, type_at

EXAMPLE = Path(__file__).parent.parent / "templates" / "flight-delays"
#: Texts that name something else: a column, a file, an address, a key of another list.
NAMES = {
    "field", "covers", "measured", "holds", "dataset", "content", "host", "proof_of",
    "log", "key", "data", "table", "tables", "waits_for", "needs", "workaround_for",
    "about",
}  # fmt: skip
#: Free texts of a contract, which has no model of ours.
_CONTRACT = {"description", "purpose", "limitations", "usage", "businessName"}
_YAML = YAML(typ="safe", pure=True)


def typed(data, model, text, path=()):
    """Return plain data with a text behind each that people may word as they like."""
    if isinstance(data, Mapping):
        return {key: typed(one, model, text, (*path, key)) for key, one in data.items()}
    if isinstance(data, list):
        return [typed(one, model, text, (*path, at)) for at, one in enumerate(data)]
    names = [one for one in path if isinstance(one, str)]
    if not isinstance(data, str) or names[-1] in NAMES:
        return data
    if model is None:
        return data + text if names[-1] in _CONTRACT else data
    return data + text if expected(type_at(model, path)) == "text" else data


def write_typed(folder, text):
    """Write the example, without milestones, so that a text stands in every field."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("milestones"))
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        data = _YAML.load(path.read_text("utf-8"))
        write(folder, name, typed(data, model_of(name), text))
