"""Whether the package index answers that pip is configured for.

Its address can hold credentials: only this process learns it, and no fact has it. One
HEAD request is sent, without credentials, through the proxy that pip would use.
"""

from __future__ import annotations

import ast
import http.client
import os
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import IO

from readybook.measure.machine.facts import unseen_fact, yes_no
from readybook.measure.machine.network import in_time
from readybook.model.findings import MachineFact

__all__ = ["index_fact"]

_SECONDS = 3.0  #: for the index
_PIP_SECONDS = 4.0  #: for pip to say how it is configured
_DEFAULT = "https://pypi.org/simple"  #: pip's own, where nothing is configured
_OFF = {None, "", "0", "n", "no", "f", "false", "off"}  #: as pip reads a switch
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  #: heeded by pip, not by Python

#: Whether it answers, None where that cannot be told; and why.
_Answer = tuple[bool | None, str | None]


def index_fact(*, wanted: bool, seconds: float = _SECONDS) -> MachineFact:
    """Return whether the index answers, "yes" or "no"; its name is not told.

    Args:
        wanted: False: nobody needs it, so nobody asks.
        seconds: that it has.
    """
    name, how = "package-index", "a HEAD request to the index that pip would use"
    if not wanted:
        why = "not asked: no resource was named that needs a package index"
        return unseen_fact(name, how, why)
    holds, reason = _asked(seconds)
    if holds is None:
        return unseen_fact(name, how, reason or "not known")
    return yes_no(name, how, holds=holds, why=reason)


def _asked(seconds: float) -> _Answer:
    settings = _settings()
    if isinstance(settings, str):
        return None, settings
    if (_setting(settings, "no-index") or "").lower() not in _OFF:
        return False, "pip is told to use no index"
    url = _public(_setting(settings, "index-url") or _DEFAULT)
    if url is None:
        return None, "pip looks in a place that is not on a network"
    try:
        opener = _opener(settings)
    except OSError:
        return None, "the certificates that pip is told to trust cannot be read"
    [answer] = in_time([partial(_answer, opener, url, seconds)], seconds)
    return answer or (False, f"no answer within {seconds:g} s")


# --- what pip is told --------------------------------------------------------------


def _settings() -> dict[str, str] | str:
    """Return the settings of pip, from its files and the environment, or why not."""
    words = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    try:
        done = subprocess.run(  # noqa: S603 - this Python, constant words
            [*words, "config", "list"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_PIP_SECONDS,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        return f"pip did not answer ({type(error).__name__})"
    if done.returncode:
        return "this Python has no pip that answers"
    lines = (line.partition("=") for line in done.stdout.splitlines())
    return {key: _unquoted(value) for key, _, value in lines}


def _unquoted(value: str) -> str:
    """Return a value that pip prints as Python writes it."""
    try:
        return str(ast.literal_eval(value))
    except (SyntaxError, ValueError):
        return value


def _setting(settings: Mapping[str, str], key: str) -> str | None:
    """Return a setting as pip finds it: the environment, the verb, then the rest."""
    for section in (":env:", "install", "global"):
        if value := settings.get(f"{section}.{key}"):
            return value
    return None


def _public(url: str) -> str | None:
    """Return an address on a network without credentials, None for any other."""
    try:
        parts = urllib.parse.urlsplit(url.strip())
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return None
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        place = f"{host}:{parts.port}" if parts.port else host
    except ValueError:
        return None
    path = urllib.parse.quote(parts.path.rstrip("/"), safe="/%:@")
    return f"{parts.scheme}://{place}{path}/"


# --- asking ------------------------------------------------------------------------


class _Here(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: that one is made is an answer."""

    def redirect_request(  # noqa: PLR0913, PLR0917 - the base class's own
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> None:
        """Return that nothing more is asked."""


def _opener(settings: Mapping[str, str]) -> urllib.request.OpenerDirector:
    """Return what connects as pip would: its proxy, and the certificates it trusts.

    Raises:
        OSError: the certificates cannot be read.
    """
    context = ssl.create_default_context()
    named = [_setting(settings, "cert"), *map(os.environ.get, _BUNDLES)]
    if bundle := next(filter(None, named), None):
        is_folder = os.path.isdir(bundle)  # noqa: PTH112 - as ssl takes them
        context.load_verify_locations(**{"capath" if is_folder else "cafile": bundle})
    proxy = _setting(settings, "proxy")
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({"http": proxy, "https": proxy} if proxy else None),
        urllib.request.HTTPSHandler(context=context),
        _Here(),
    )


def _answer(opener: urllib.request.OpenerDirector, url: str, seconds: float) -> _Answer:
    """Return whether it answers; messages of errors are left out, they name it."""
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - http only
    try:
        with opener.open(request, timeout=seconds):
            return True, None
    except urllib.error.HTTPError as error:
        error.close()
        return _judged(error.code)
    except urllib.error.URLError as error:
        return _failed(error.reason)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return _failed(error)


def _judged(status: int) -> _Answer:
    if status == HTTPStatus.UNAUTHORIZED:
        return True, "it asks for credentials, which were not sent"
    if status in {HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}:
        return False, f"it, or a proxy before it, refuses (HTTP {status})"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return False, f"it fails (HTTP {status})"
    return True, f"it answers HTTP {status}"


def _failed(reason: object) -> _Answer:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return None, "this Python does not trust its certificate; pip may"
    if isinstance(reason, ConnectionRefusedError):
        return False, "refused"
    if isinstance(reason, TimeoutError):
        return False, "timed out"
    if isinstance(reason, socket.gaierror):
        return False, "no name"
    return False, "no route, or a proxy refuses"
