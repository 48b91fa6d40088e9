"""How an optional package is added, for the way in which readybook was installed."""

import json
import sys
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname


def installs(extra: str) -> str:
    """Return what to do to add an extra, without a path of this machine.

    Of a checkout it names the interpreter below it, where there is one.
    """
    try:
        told = metadata.distribution("readybook").read_text("direct_url.json")
    except metadata.PackageNotFoundError:  # read from a folder of sources
        told = None
    return way_to(extra, told, Path(sys.executable))


def way_to(extra: str, told: str | None, program: Path) -> str:
    """Return what to do to add an extra.

    Args:
        extra: its name.
        told: the `direct_url.json` of the installed package (PEP 610); None: it came
            from an index of packages.
        program: the interpreter that runs.
    """
    came = json.loads(told) if told else {}
    folder = came.get("dir_info")
    if folder is not None:
        checkout = Path(url2pathname(urlsplit(str(came.get("url"))).path))
        is_below = program.is_relative_to(checkout)
        python = program.relative_to(checkout).as_posix() if is_below else "python"
        editable = "-e " if folder.get("editable") else ""
        return f"in its checkout, run: {python} -m pip install {editable}'.[{extra}]'"
    if came:
        return f"install readybook[{extra}] from where readybook came"
    return f"run: pip install 'readybook[{extra}]'"
