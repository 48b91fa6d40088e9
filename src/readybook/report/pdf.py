"""A page as a PDF, printed by the Chromium or Chrome that is installed.

The browser gets a private profile, no name resolved and no sandbox where it runs as
root, where none starts: the page runs two scripts of ours and nothing else.
"""

import base64
import datetime as dt
import os
import re
import shutil
import subprocess
import tempfile
import zlib
from pathlib import Path

from readybook.model.errors import ReadybookError

BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"
)  # fmt: skip
_SECONDS = 120  # for a page of fifty sheets on a machine that is busy
_PATIENCE = 20_000  # milliseconds of the page's own clock, for its charts
_FLAGS = (
    "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update",
    "--disable-default-apps", "--disable-sync", "--no-pdf-header-footer",
    "--host-resolver-rules=MAP * ~NOTFOUND", f"--virtual-time-budget={_PATIENCE}",
)  # fmt: skip
#: plotly.js, packed: unpacking takes as long as it takes, and no print waits for it.
_PACKED = re.compile(r'(<script [^>]*id="?plotlyjs"?>)([^<]+)</script>')
#: The choice of a reader to print what is closed too, as nobody opens a PDF's parts.
_WHOLE = re.compile(r'<input [^>]*id="?whole"?(?=[ >])')
_DATED = re.compile(rb"(/(?:Creation|Mod)Date \(D:)\d{14}[^)]*\)")


def find_browser() -> str:
    """Return the path of a browser that can print.

    Raises:
        ReadybookError: there is none on PATH.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        message = f"--pdf: found no browser on PATH, expected {' or '.join(BROWSERS)}, "
        raise ReadybookError(
            message + "do: install Chromium, or print the page by hand"
        )
    return found


def _unpacked(found: re.Match[str]) -> str:
    """Return the script as the policy of the page knows it, ready to run."""
    plain = zlib.decompress(base64.b64decode(found[2])).decode()
    return f"<script>{plain}</script>{found[1]}</script>"


def print_pdf(page: str, as_of: dt.date, *, browser: str) -> bytes:
    """Return a page on A4 as a PDF; the same page and browser give the same bytes.

    Args:
        page: a report, complete in itself.
        as_of: the date that the file bears; a browser would take its clock.
        browser: path of the program.

    Raises:
        ReadybookError: the browser printed nothing.
    """
    with tempfile.TemporaryDirectory(prefix="readybook-") as name:
        source, target = Path(name, "page.html"), Path(name, "page.pdf")
        paper = "<style>@page{size:A4}</style></head>"
        plain = _PACKED.sub(_unpacked, page.replace("</head>", paper, 1))
        plain = _WHOLE.sub(r"\g<0> checked", plain)
        source.write_text(plain, encoding="utf-8")
        sandbox = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
        command = [browser, *_FLAGS, *sandbox, f"--user-data-dir={name}/profile",
                   f"--print-to-pdf={target}", source.as_uri()]  # fmt: skip
        # What it leaves behind where it is stopped goes with ours.
        own = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), name)
        said = ""
        try:
            ran = subprocess.run(  # noqa: S603 - a browser of this machine, our flags
                command, capture_output=True, timeout=_SECONDS, check=False, env=own
            )
            said = ran.stderr.decode(errors="replace").strip()
        except (OSError, subprocess.TimeoutExpired) as error:
            said = str(error)
        if not target.exists():
            last = said.splitlines()[-1] if said else "nothing"
            message = f"--pdf: {browser} printed no file, and said: {last}"
            raise ReadybookError(message)
        made = target.read_bytes()
    # As long as it was, or the places of what stands behind it would be wrong.
    stamp = b"%s000000" % as_of.strftime("%Y%m%d").encode()

    def dated(found: re.Match[bytes]) -> bytes:
        rest = len(found[0]) - len(found[1]) - len(stamp) - 1
        return found[1] + stamp + b"+00'00'"[:rest].ljust(rest) + b")"

    return _DATED.sub(dated, made)
