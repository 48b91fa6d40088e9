"""Whatever stands in a document, `check` lists problems or takes it; it never breaks.

A few of them here; `make soak` tries 100,000.
"""

import contextlib
import io
import json
import os
import re
import shutil
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from readybook.case.milestones import save_milestone
from readybook.case.open import open_one
from readybook.cli.main import main
from readybook.model.results import seal_of
from readybook.score.freeze import freeze
from readybook.score.score import score

VALID = Path(__file__).parents[1] / "broken" / "_valid"
DOCUMENTS = ["assessment.yaml", "data.odcs.yaml", "resources.yaml", "stakeholders.yaml",
             "actions.yaml", "changes.yaml", "decisions.yaml", "bank.yaml",
             "answers/data-owner.yaml",
             "answers/agreed.yaml", "evidence/data.json", "evidence/node.json",
             "evidence/failures.json", "evidence/route.json", "evidence/accounts.json",
             "milestones/2026-06-30.json", "agreements/0123456789abcdef.json"]  # fmt: skip
SEALS = {
    "evidence": "seal",
    "milestones": "fingerprint",
}  #: by folder, what vouches for it
ANY_TEXT = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["\0", "\ud800", "\x1b[2J", "\u202e", "2026-02-30", "0-0", "a: b", "x" * 400,
                     "AVL-01", "data-owner", "parcels", "parcels.sent_at", "PT0S", "P1D", "%s",
                     "{model}", "../x", "*", "**", "<10", "1e999", "-0"]),
)  # fmt: skip
ANY_SCALAR = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), ANY_TEXT, st.just(10**400)
)
ANY_DATA = st.recursive(
    ANY_SCALAR,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(ANY_TEXT, inner, max_size=3)
    ),
    max_leaves=6,
)
PIECES = ["a: ", "- ", "\n", "\n  ", "{", "}", "[", "]", ", ", ": ", " #", "|\n", "'", '"', "&x ",
          "*x", "!t ", "? ", "---\n", "%", "\t", "\x85", "\x1b", "\0", "\\", "<<: ", "é"]  # fmt: skip
ANY_BYTES = st.one_of(
    st.binary(max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=12).map(
        lambda some: "".join(some).encode()
    ),
    ANY_DATA.map(lambda data: json.dumps(data).encode()),
)


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """A small case with one of each document, where that can be."""
    folder = shutil.copytree(VALID, tmp_path_factory.mktemp("any") / "case")
    sheet = folder / "answers" / "data-owner.yaml"
    sheet.write_text(
        sheet.read_text("utf-8").partition("  AVL-01")[0], encoding="utf-8"
    )
    one = open_one(folder)
    frozen = freeze(
        score(one.bank, one.assessment), one.assessment, one.bank, version="1"
    )
    save_milestone(folder, frozen, replace=False)
    assert checked(folder) == 0
    return folder


def checked(folder):
    """The exit code of `check`, after a look at all that it prints."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        code = main(["check", str(folder)])
    unseen = {
        one for one in told.getvalue() if unicodedata.category(one) in {"Cc", "Cs"}
    }
    assert unseen <= {"\n"}, told.getvalue()
    assert "Traceback" not in told.getvalue()
    return code


def holding(folder, name, content):
    """The exit code of `check` while a document holds other bytes."""
    path = folder / name
    before = path.read_bytes() if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    try:
        path.write_bytes(content)
        return checked(folder)
    finally:
        path.unlink()
        if before is not None:
            path.write_bytes(before)


def places(data, path=()):
    """Yield where each node of plain data stands."""
    yield path
    if isinstance(data, dict | list):
        for key in data if isinstance(data, dict) else range(len(data)):
            yield from places(data[key], (*path, key))


def edited(folder, name, draw):
    """A document with one node that is another, sealed anew where it has a seal."""
    text = (folder / name).read_text("utf-8")
    data = (
        YAML(typ="safe", pure=True).load(text)
        if name.endswith("yaml")
        else json.loads(text)
    )
    data = json.loads(json.dumps(data, default=str))
    *above, last = draw(st.sampled_from([path for path in places(data) if path]))
    part = data
    for key in above:
        part = part[key]
    what = draw(st.sampled_from(["value", "key", "gone", "twice"]))
    if what == "gone":
        del part[last]
    elif what == "key" and isinstance(part, dict):
        part[draw(ANY_TEXT)] = draw(ANY_DATA)
    elif what == "twice" and isinstance(part, list):
        part.append(part[last])
    else:
        part[last] = draw(ANY_DATA)
    if seal := SEALS.get(name.partition("/")[0]):
        with contextlib.suppress(UnicodeEncodeError):  # half a character has no hash
            data[seal] = seal_of(data, seal)
    # YAML takes JSON, but for dates in quotes
    dumped = json.dumps(data)
    return dumped.encode() if name.endswith("json") else _unquoted(dumped).encode()


def _unquoted(text):
    return re.sub(r'"(\d{4}-\d\d-\d\d)"', r"\1", text)


IN_SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
few = settings(max_examples=settings.default.max_examples // (5 if IN_SOAK else 20))


@pytest.mark.parametrize("name", DOCUMENTS)
@given(content=ANY_BYTES)
@few
def test_document_of_anything_is_read_or_refused(case, name, content):
    """Bytes, pieces of YAML and structures of any kind."""
    assert holding(case, name, content) in {0, 1}


@pytest.mark.parametrize("name", [one for one in DOCUMENTS if (VALID / one).exists()]
                         + ["milestones/2026-06-30.json"])  # fmt: skip
@given(data=st.data())
@few
def test_document_with_anything_in_one_place_is_read_or_refused(case, name, data):
    """What is otherwise as it should be gets far into the tool."""
    assert holding(case, name, edited(case, name, data.draw)) in {0, 1}
