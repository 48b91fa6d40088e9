"""Whatever figures evidence holds, they are a problem, or every piece is shown."""

import json
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readybook.checks.catalogue import CHECKS
from readybook.model.errors import InvalidInputError
from readybook.model.results import seal_of
from readybook.workbook import PIECES, open_workbook

FILES = ["data", "rehearsal", "route", "training-node"]
ANY_FIGURE = st.one_of(
    st.none(), st.integers(-(10**9), 10**9), st.floats(), st.just("<10"), st.just(10**20),
    st.sampled_from(["", "x", "2013-13", "2013-01", "2013-01-01", "9999-12", "0000-00", "a: b"]),
    st.dates().map(str),
)  # fmt: skip


@pytest.fixture(scope="module")
def case(root, tmp_path_factory):
    """The example without its data."""
    ignored = shutil.ignore_patterns("data", "milestones")
    example = root / "templates" / "flight-delays"
    place = tmp_path_factory.mktemp("any") / "case"
    return Path(shutil.copytree(example, place, ignore=ignored))


def places(data, path=()):
    """Yield where each node of plain data stands."""
    yield path
    if isinstance(data, dict | list):
        for key in data if isinstance(data, dict) else range(len(data)):
            yield from places(data[key], (*path, key))


def alike(data):
    """The places of evidence, those that differ by a position inside together."""
    groups = defaultdict(list)
    for path in places(data):
        if path and path[0] not in {"format", "kind", "seal"}:
            groups[tuple(str(key) if at < 2 or isinstance(key, str) else "*"
                         for at, key in enumerate(path))].append(path)  # fmt: skip
    return groups


def doctored(content, draw):
    """Evidence with one figure, label or length that is another, sealed anew."""
    groups = alike(content)
    *above, last = draw(st.sampled_from(groups[draw(st.sampled_from([*groups]))]))
    part = content
    for key in above:
        part = part[key]
    old = part[last]
    if isinstance(old, list):
        shorter, twice = old[: len(old) // 2], old + old[:1]
        part[last] = draw(st.sampled_from([[], shorter, twice, old[::-1]]))
    else:
        part[last] = draw(ANY_FIGURE)
    content["seal"] = seal_of(content, "seal")
    return json.dumps(content)


@pytest.mark.slow
@given(name=st.sampled_from(FILES), data=st.data())
@settings(max_examples=max(20, settings.default.max_examples // 20))
def test_evidence_of_any_figures_is_refused_or_shown(case, name, data):
    """No chart meets a figure that it cannot draw."""
    path = case / "evidence" / f"{name}.json"
    before = path.read_text("utf-8")
    path.write_text(doctored(json.loads(before), data.draw), encoding="utf-8")
    try:
        workbook = open_workbook(str(case))
    except InvalidInputError as error:
        assert all(one.file == f"evidence/{name}.json" for one in error.problems)  # noqa: PT017
        return
    finally:
        path.write_text(before, encoding="utf-8")
    for piece in PIECES:
        of = {"findings": tuple(CHECKS), "questions": ("AVL",)}.get(piece, ())
        assert isinstance(workbook.show(piece, *of).html, str)
