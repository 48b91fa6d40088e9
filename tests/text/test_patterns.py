"""What reads text that people wrote takes time that grows with it, and no faster."""

import ast
import importlib
import re
from pathlib import Path
from re._parser import SubPattern, parse

import pytest

import readybook
from readybook.case.slips import KINDS
from readybook.model.errors import InvalidInputError
from readybook.text.yaml import parse_yaml

PACKAGE = Path(readybook.__file__).parent
MANY = 64  #: a repeat of so many, or without an end, takes long inside of another


def patterns():
    """Yield each pattern that the package hands to `re`, with its file and line.

    Of one that is put together, its module knows what came of it.
    """
    for path in sorted(PACKAGE.rglob("*.py")):
        made = []
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            of_re = (
                isinstance(called, ast.Attribute) and ast.unparse(called.value) == "re"
            )
            if of_re and node.args and isinstance(node.args[0], ast.Constant):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node.args[0].value
            elif of_re and node.args and called.attr == "compile":
                made.append(node.lineno)
        if made:
            name = ".".join(
                ["readybook", *path.relative_to(PACKAGE).with_suffix("").parts]
            )
            known = [*compiled([*vars(importlib.import_module(name)).values()])]
            assert len(known) >= len(made), f"{path}: {made} are not kept by the module"
            for at, one in enumerate(known):
                yield f"{path.relative_to(PACKAGE)}: compiled {at}", one.pattern


def compiled(value):
    """Yield the patterns that a value holds."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from compiled(one)


def repeats(parsed, *, inside):
    """Return whether a repeat without an end lies in another one."""
    for name, of in parsed:
        kind, endless = str(name), False
        within = of if isinstance(of, tuple) else ()
        parts = [one for one in within if isinstance(one, SubPattern)]
        if kind == "BRANCH":
            parts = of[1]
        elif kind in {"MAX_REPEAT", "MIN_REPEAT"}:
            endless = of[1] >= MANY
        if endless and inside:
            return True
        if any(repeats(one, inside=inside or endless) for one in parts):
            return True
    return False


@pytest.mark.slow
def test_no_pattern_repeats_a_repeat():
    """Such a pattern can try for hours on text that nearly matches."""
    found = dict(patterns())

    assert len(found) > 30
    assert KINDS["a password"].pattern in found.values()
    assert [at for at, one in found.items() if repeats(parse(one), inside=False)] == []


@pytest.mark.parametrize("pattern", [r"(\s*(#.*)?\n)*%", r"(a+)+", r"(?:x|(y*z)*)!"])
def test_pattern_that_repeats_a_repeat_is_found(pattern):
    """The search knows groups, branches and what is optional between."""
    assert repeats(parse(pattern), inside=False)


@pytest.mark.parametrize("line", ["\n", " \n", "# %\n", "\t#\n", "\r\n"])
def test_empty_lines_and_comments_before_a_directive_are_read_at_once(line):
    """The directive is found on its own line, whatever stands before it."""
    with pytest.raises(InvalidInputError) as refused:
        parse_yaml(line * 50_000 + "%YAML 1.1\n---\na: 1\n", name="x.yaml")

    assert str(refused.value).startswith("x.yaml:50001: ")


@pytest.mark.parametrize("line", ["\n", " \n", "# %\n"])
def test_empty_lines_and_comments_before_a_document_are_read(line):
    """Neither their number nor a percent sign in a comment is a problem."""
    assert parse_yaml(line * 50_000 + "a: 50 %\n", name="x.yaml").data == {"a": "50 %"}
