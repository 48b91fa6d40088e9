"""Whose account is it? Ask each declared cloud account's provider who is calling.

Keys, tokens, names and full account numbers stay inside this module: what an account
shows is masked, and the texts of errors are replaced by words of our own.
"""

import datetime as dt
import hmac
import importlib
import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Literal

from readybook import __version__
from readybook.measure.machine.access import in_time
from readybook.model.case import Account, Resource
from readybook.model.findings import AccountEvidence, AccountSeen
from readybook.text.extras import installs

State = Literal["read", "expired", "invalid", "missing", "not visible"]

_HOW = "AWS STS GetCallerIdentity"
_SECONDS_TO_CONNECT = 2
_SECONDS_TO_ANSWER = 3
_SECONDS = 10  # for all, with whatever program a profile has its credentials from
_NUMBER = re.compile(r"\d{12}")
_LAST = 4  # digits that are shown

_CLOCK = "the clock of this machine is wrong; set it"
_AWAY = "run 'readybook account' where AWS can be reached"
#: What helps, where the reason does not say it. "Not visible" has many reasons.
_DO: Mapping[State, str] = {
    "expired": "; sign in again",
    "invalid": "; set the profile's credentials up again",
    "missing": "; sign in, or set the profile's credentials up",
}

#: Error codes of STS, and what they mean. Its texts quote keys and names.
_CODES: Mapping[str, tuple[State, str]] = {
    "ExpiredToken": ("expired", "the credentials have expired"),
    "ExpiredTokenException": ("expired", "the credentials have expired"),
    "InvalidClientTokenId": ("invalid", "AWS does not know the access key"),
    "UnrecognizedClientException": ("invalid", "AWS does not know the access key"),
    "InvalidAccessKeyId": ("invalid", "AWS does not know the access key"),
    "AuthFailure": ("invalid", "AWS does not accept the credentials"),
    "AccessDenied": ("invalid", "AWS does not accept the credentials"),
    "IncompleteSignature": ("invalid", "the credentials are not well formed"),
    "SignatureDoesNotMatch": ("invalid", "the secret does not fit the access key"),
    "MissingAuthenticationToken": ("missing", "no credentials were sent"),
    "RequestExpired": ("not visible", _CLOCK),
    "RequestTimeTooSkewed": ("not visible", _CLOCK),
}
_NOT_REACHED = f"AWS was not reached from here; {_AWAY}"
_TOO_SLOW = (
    f"AWS was not reached within {_SECONDS_TO_CONNECT} s; {_AWAY}",
    f"AWS did not answer within {_SECONDS_TO_ANSWER} s; {_AWAY}",
)
_CODE_WANTED = (
    "the profile wants a one-time code, which is not asked; sign in first and declare "
    "the profile of that session"
)
#: Kinds of errors before STS is asked, by the names that botocore gives them.
_KINDS: Mapping[str, tuple[State, str]] = {
    "NoCredentialsError": ("missing", "no credentials were found"),
    "PartialCredentialsError": ("missing", "a part of the credentials is missing"),
    "ProfileNotFound": ("missing", "this machine does not have the declared profile"),
    "SSOTokenLoadError": ("missing", "nobody is signed in here"),
    "LoginTokenLoadError": ("missing", "nobody is signed in here"),
    "UnauthorizedSSOTokenError": ("expired", "the sign-in has expired"),
    "LoginRefreshRequired": ("expired", "the sign-in has expired"),
    "TokenRetrievalError": ("expired", "the sign-in could not be renewed"),
    "CredentialRetrievalError": ("missing", "the profile's program gave none"),
    "ConnectTimeoutError": ("not visible", _TOO_SLOW[0]),
    "ReadTimeoutError": ("not visible", _TOO_SLOW[1]),
    "HTTPClientError": ("not visible", _NOT_REACHED),
    "ConnectionError": ("not visible", _NOT_REACHED),
    "_CodeWantedError": ("not visible", _CODE_WANTED),
}


def ask_accounts(resources: Iterable[Resource], *, today: dt.date) -> AccountEvidence:
    """Return, for each resource with a declared account, whose the credentials are.

    AWS is asked with the credentials that a program on this machine would have, or
    those of the declared profile. The question needs no permission and changes nothing.
    It is asked once, within a few seconds. Resources without an account are left out.
    """
    return AccountEvidence(
        format=1,
        kind="accounts",
        readybook=__version__,
        measured_on=today,
        accounts=tuple(
            _see(resource.id, resource.account)
            for resource in resources
            if resource.account is not None
        ),
    )


def _see(resource: str, account: Account) -> AccountSeen:
    if account.provider != "aws":
        why = "declared, not measured: only AWS accounts can be asked"
        return _unseen(resource, "not visible", why, how="not asked")
    try:
        boto3 = importlib.import_module("boto3")
    except ImportError:
        why = f"boto3 is not installed; {installs('aws')}"
        return _unseen(resource, "not visible", why, how="not asked")
    [seen] = in_time([partial(_ask, boto3, resource, account)], _SECONDS)
    why = f"no credentials were had within {_SECONDS} s; sign in first"
    return seen or _unseen(resource, "not visible", why)


def _unseen(resource: str, state: State, why: str, *, how: str = _HOW) -> AccountSeen:
    told = f"{why}{_DO.get(state, '')}"
    return AccountSeen(resource=resource, state=state, how=how, why=told)


def _ask(boto3: Any, resource: str, account: Account) -> AccountSeen:  # noqa: ANN401 - untyped
    how = _HOW
    try:
        config = importlib.import_module("botocore.config").Config
        limits = config(
            connect_timeout=_SECONDS_TO_CONNECT,
            read_timeout=_SECONDS_TO_ANSWER,
            retries={"total_max_attempts": 1},
        )
        sessions = importlib.import_module("botocore.session")
        core = sessions.Session(profile=account.profile)
        # The default also holds for the calls by which a profile takes on a role.
        core.set_default_client_config(limits)
        session = boto3.Session(botocore_session=core)
        _refuse_codes(core)
        region = session.region_name or "us-east-1"  # STS needs one, whichever
        client = session.client("sts", region_name=region)
        usual = config(ignore_configured_endpoint_urls=True)
        own = session.client("sts", region_name=region, config=usual)
        if client.meta.endpoint_url != own.meta.endpoint_url:
            how = f"{_HOW}, at an endpoint that this machine's settings name"
        number = str(client.get_caller_identity().get("Account", ""))
    except Exception as error:  # noqa: BLE001 - a traceback could show a secret
        return _unseen(resource, *_reason(error), how=how)
    if not _NUMBER.fullmatch(number):
        why = "the answer holds no account number"
        return _unseen(resource, "not visible", why, how=how)
    declared = re.sub(r"[ -]", "", account.id)
    return AccountSeen(
        resource=resource,
        state="read",
        seen=f"…{number[-_LAST:]}",
        is_declared=hmac.compare_digest(number.encode(), declared.encode()),
        how=how,
    )


class _CodeWantedError(Exception):
    """A profile wants a one-time code, for which somebody would have to be asked."""


def _refuse_codes(core: Any) -> None:  # noqa: ANN401 - untyped
    """Refuse profiles that would stop and ask at the terminal for a one-time code."""
    profiles = core.full_config.get("profiles", {})
    name, passed = core.get_config_variable("profile") or "default", set[str]()
    while name in profiles and name not in passed:
        if "mfa_serial" in profiles[name]:
            raise _CodeWantedError
        passed.add(name)
        name = profiles[name].get("source_profile", "")


def _reason(error: Exception) -> tuple[State, str]:
    """Return what an error means; of its text nothing is kept."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        told = response.get("Error", {})
        # STS says so of a request whose date is off, however good its credentials.
        if re.match(r"Signature (expired|not yet current)", told.get("Message", "")):
            return _CODES["RequestExpired"]
        refused = "AWS refused to answer; ask who manages the account"
        return _CODES.get(told.get("Code", ""), ("not visible", refused))
    names = (kind.__name__ for kind in type(error).__mro__)
    failed = f"AWS could not be asked ({type(error).__name__})"
    unknown: tuple[State, str] = "not visible", failed
    return next((_KINDS[name] for name in names if name in _KINDS), unknown)
