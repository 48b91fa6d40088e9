"""The verb `lab`: the notebooks beside an assessment, in JupyterLab.

A copy that a person has changed is never written over.
"""

import argparse
import hashlib
import importlib
import importlib.util
import json
import os
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_client.kernelspec import KernelSpec

from readybook import __version__
from readybook.case.open import open_register
from readybook.cli.files import template_copied
from readybook.cli.terminal import (
    FINE,
    REGISTER,
    Verb,
    command,
    option,
    say,
    whole_number,
)
from readybook.model.errors import InvalidInputError, MissingExtraError
from readybook.text.documents import packaged, read_bytes, refuse_undecodable, save_text
from readybook.text.extras import installs

#: The worked example's folder, and the name of the copy of one's own.
_EXAMPLE = "flight-delays"
_MARK = "readybook"  #: key of a notebook's metadata
_PARAMETER = re.compile(r'^(assessment|register)(: str = )"[^"]*"', re.MULTILINE)

Notebook = dict[str, Any]


def is_shipped(folder: Path) -> bool:
    """Return whether a folder is one that comes with readybook."""
    templates = packaged("templates").resolve()
    return folder.resolve().is_relative_to(templates)


def own_example(into: Path) -> tuple[Path, str]:
    """Return a copy of the worked example to work in, and what was done, in words.

    The copy lies in a folder, or is put into it.

    Raises:
        InvalidInputError: something else has the name, or the place is not one's own.
    """
    own = into / _EXAMPLE
    if (own / "assessment.yaml").is_file() and not is_shipped(into):
        return own, f"You work in your copy of the example, {own}."
    if is_shipped(into):
        refused = ("the folder of what comes with readybook",
                   "a folder of your own to put the copy into",
                   "change to another folder")  # fmt: skip
    elif own.exists():
        refused = ("something else that has this name", "no such folder",
                   "rename it, or change to another folder")  # fmt: skip
    else:
        with template_copied(_EXAMPLE, own):
            return own, f"The example was copied to {own}; change there what you like."
    raise InvalidInputError.of(str(own), *refused)


def copy_notebooks(folder: Path, register: Path | None = None) -> list[str]:
    """Put the notebooks into `notebooks/` of an assessment; say what was done.

    A copy whose cells nobody has changed is brought up to date. Beside one that was
    changed, a newer version is put under another name.

    Args:
        folder: of the assessment.
        register: that cases share, for the notebooks to open; None: none.

    Returns:
        A sentence for each thing that a person may want to know.
    """
    beside = folder / "notebooks"
    beside.mkdir(exist_ok=True)
    # From the notebooks' own folder: all of it may be moved.
    shared = os.path.relpath(register, beside.resolve()) if register else ""
    given = {"assessment": "..", "register": shared.replace(os.sep, "/")}
    said = []
    for path in sorted(packaged("notebooks").glob("[0-9]-*.ipynb")):
        fresh = _fresh(path, given)
        target, note = _target(beside / path.name, fresh)
        if target is not None:
            save_text(target, json.dumps(fresh, indent=1, ensure_ascii=False) + "\n")
        said += [note] if note else []
    return said


def _fresh(path: Path, given: Mapping[str, str]) -> Notebook:
    """Return a notebook that opens what it is given, and knows its cells."""

    def told(found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}{json.dumps(given[found[1]], ensure_ascii=False)}"

    notebook: Notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if "parameters" in cell["metadata"].get("tags", ()):
            source = _PARAMETER.sub(told, "".join(cell["source"]))
            cell["source"] = source.splitlines(keepends=True)
    mark = {"version": __version__, "cells": _fingerprint(notebook)}
    notebook["metadata"][_MARK] = mark
    return notebook


def _target(path: Path, fresh: Notebook) -> tuple[Path | None, str]:
    """Return where a notebook is written, None for nowhere, and what to say of it."""
    if not path.exists():
        return path, ""
    found, newest = _read(path), fresh["metadata"][_MARK]["cells"]
    if _is_untouched(found):
        is_newest = _fingerprint(found) == newest
        return (None, "") if is_newest else (path, f"{path}: brought up to date.")
    if _origin(found) == newest:
        return None, ""  # changed by hand, and there is nothing newer
    for number in range(1, 100):
        again = f"-{number}" if number > 1 else ""
        beside = path.with_name(f"{path.stem}.readybook-{__version__}{again}.ipynb")
        if not beside.exists() or _is_untouched(_read(beside)):
            kept = f"{path}: kept as you changed it"
            return beside, f"{kept}; the newer version is {beside.name}."
    return None, ""


def _read(path: Path) -> Notebook:
    """Return a notebook; what cannot be read is a notebook with nothing in it."""
    try:
        found = json.loads(read_bytes(path, name=path.name))
    except (InvalidInputError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_untouched(notebook: Notebook) -> bool:
    """Return whether the cells are those that were copied; outputs do not count."""
    return _origin(notebook) == _fingerprint(notebook)


def _origin(notebook: Notebook) -> str | None:
    """Return the fingerprint of the cells that were copied; None: it is none of ours."""
    mark = notebook.get("metadata", {}).get(_MARK, {})
    return mark.get("cells") if isinstance(mark, dict) else None


def _fingerprint(notebook: Notebook) -> str:
    cells = [
        [cell.get("cell_type"), "".join(cell.get("source", ()))]
        for cell in notebook.get("cells", ())
    ]
    content = json.dumps(cells, ensure_ascii=False)
    return f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"


class OwnKernel(KernelSpec):
    """What starts a kernel that takes no module from the folder that it works in.

    A notebook's folder may be a stranger's: `pandas.py` beside it is data.
    """

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - as its base has them
        """Add to what is given, where IPython is to run."""
        super().__init__(**given)
        if "ipykernel_launcher" in self.argv:
            self.argv = [*self.argv, "--InteractiveShellApp.ignore_cwd=True"]
            self.env = {**self.env, "PYTHONSAFEPATH": "1"}


def _start_lab(folder: Path, *, port: int | None, browser: bool) -> None:
    """Run JupyterLab around an assessment's folder until it is stopped.

    What it shows begins one folder above: reports are written beside the assessment,
    and a page can link only to what JupyterLab shows. It shows nothing that is hidden.
    Outputs of our notebooks are shown and never saved: they repeat what people
    answered, and a notebook is easily sent on. Without a port, the first free one from
    JupyterLab's own is taken.
    """
    case = folder.resolve()
    root = case if case.name.startswith(".") else case.parent
    first = (case / "notebooks" / "0-workshop.ipynb").relative_to(root)
    words = [
        f"--ServerApp.root_dir={root}",
        "--ServerApp.ip=127.0.0.1",
        f"--KernelSpecManager.kernel_spec_class={__name__}.{OwnKernel.__name__}",
        f"--LabApp.default_url=/lab/tree/{quote(first.as_posix())}",
        *([f"--ServerApp.port={port}"] if port else []),
        *([] if browser else ["--no-browser"]),
    ]
    if getattr(os, "geteuid", lambda: 1)() == 0:  # as in most containers
        say("You are root, as whom JupyterLab does not start unless it is told to. It "
            "is told to: it listens on 127.0.0.1 only, and asks for its token.")  # fmt: skip
        words.append("--ServerApp.allow_root=True")
    # An extra: its modules are imported where they are there, and not before.
    lab = importlib.import_module("jupyterlab.labapp")
    server = lab.LabApp.initialize_server(argv=words)
    server.contents_manager.register_pre_save_hook(without_outputs)
    server.start()


def without_outputs(*, model: Mapping[str, Any], **_: object) -> None:
    """Take the outputs out of one of our notebooks; a hook of Jupyter Server."""
    content: Notebook = model.get("content") or {}
    if model.get("type") != "notebook" or _origin(content) is None:
        return
    content["metadata"].pop("widgets", None)
    for cell in content.get("cells", ()):
        if cell.get("cell_type") == "code":
            cell["outputs"], cell["execution_count"] = [], None


def _lab(arguments: argparse.Namespace) -> int:
    """Copy what is missing, say what was done, and run JupyterLab."""
    if importlib.util.find_spec("jupyterlab") is None:
        message = f"JupyterLab is not installed; {installs('lab')}"
        raise MissingExtraError(message)
    folder: Path | None = arguments.folder
    if folder is None or (folder.is_dir() and is_shipped(folder)):
        folder, done = own_example(Path())
        say(done)
    if not (folder / "assessment.yaml").exists():  # a broken one is what the lab mends
        found, do = "a folder without assessment.yaml", "name another one"
        if folder.is_file():
            found = "a file"
        elif not folder.exists():
            found, do = "no such folder", f"run: {command('new', folder)}"
        expected = "the folder of an assessment"
        raise InvalidInputError.of(str(folder), found, expected, do)
    refuse_undecodable(folder, str(folder))
    open_register(arguments.register)
    for note in copy_notebooks(folder, arguments.register):
        say(note)
    _start_lab(folder, port=arguments.port, browser=not arguments.no_browser)
    return FINE


_OPTIONS = (
    option(
        "folder DIR?",
        "an assessment's folder (default: the worked example, copied to "
        "./flight-delays)",
        type=Path,
    ),
    option(
        "--port N",
        "port to listen on (default: 8888, or the next free one)",
        type=partial(whole_number, most=65_535, such=8888),
    ),
    option(
        "--no-browser", "print the address instead of opening it (default: open it)"
    ),
    REGISTER,
)
VERBS = {"lab": Verb(_lab, _OPTIONS, "readybook lab churn")}
