"""Whose the credentials are, asked of real servers on loopback with real boto3."""

import datetime as dt
import os
import shlex
import socket
import stat
import sys
from pathlib import Path

import boto3
import pytest

import amazon
from readybook.cli.main import main
from readybook.measure.machine import account as module
from readybook.measure.machine.account import ask_accounts
from readybook.model.case import Account, Resource
from readybook.model.findings import AccountEvidence
from readybook.text.documents import evidence_text
from readybook.text.extras import installs

TODAY = dt.date(2026, 11, 23)
OURS = "123456789012"  # whose moto's server says that any credentials are
KEY, SECRET, TOKEN = "AKIAPLANTEDPLANTED12", "planted/secret", "planted/token"
PLANTED = (KEY, SECRET, TOKEN, OURS, "arn:", "jane.doe", "111122223333")
SIGN_IN = "sign in, or set the profile's credentials up"


@pytest.fixture(scope="module")
def aws():
    with amazon.moto() as address:
        yield address


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A machine without any credentials, and without a way to the real AWS."""
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return tmp_path


@pytest.fixture
def keys(monkeypatch):
    """Credentials in the environment, as a job would have them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)


def resource(number=OURS, **fields):
    declared = Account(**{"provider": "aws", "id": number} | fields)
    return Resource(id="cloud", what="w", kind="account", account=declared)


def ask(number=OURS, **fields):
    """Return what is seen; nothing of what was planted is in it, ever."""
    evidence = ask_accounts([resource(number, **fields)], today=TODAY)
    text = evidence_text(evidence)
    assert not [word for word in PLANTED if word in text]
    (seen,) = evidence.accounts
    return seen


def at(monkeypatch, address):
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", address)


def configure(home, text):
    (home / "config").write_text(text, encoding="utf-8")


# --- read ----------------------------------------------------------------------------


@pytest.mark.parametrize("number", [OURS, "1234-5678-9012", "1234 5678 9012"])
@pytest.mark.usefixtures("keys")
def test_credentials_of_the_declared_account_are_told_masked(aws, monkeypatch, number):
    """Four digits are enough to see that it is the declared one."""
    at(monkeypatch, aws)
    seen = ask(number)

    assert (seen.state, seen.seen, seen.is_declared) == ("read", "…9012", True)
    assert seen.why is None


@pytest.mark.parametrize("number", ["999999999999", "999999999012"])
@pytest.mark.usefixtures("keys")
def test_credentials_of_another_account_are_told(aws, monkeypatch, number):
    """The whole number is compared, though its end alone is shown."""
    at(monkeypatch, aws)
    seen = ask(number)

    assert (seen.state, seen.seen, seen.is_declared) == ("read", "…9012", False)


@pytest.mark.usefixtures("keys")
def test_answer_of_an_endpoint_that_settings_name_is_told_as_such(aws, monkeypatch):
    """Who reads the evidence sees that it was not AWS's own address that answered."""
    at(monkeypatch, aws)

    assert ask().how == (
        "AWS STS GetCallerIdentity, at an endpoint that this machine's settings name"
    )


@pytest.mark.usefixtures("keys")
def test_declared_profile_is_asked_rather_than_the_environment(aws, monkeypatch, home):
    """A profile that takes on a role of another account shows that account."""
    at(monkeypatch, aws)
    configure(
        home,
        "[profile base]\n"
        f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
        "[profile training]\nsource_profile = base\n"
        "role_arn = arn:aws:iam::111122223333:role/jane.doe\n",
    )

    assert ask("111122223333", profile="training").is_declared
    assert ask("111122223333").is_declared is False


# --- missing, invalid, expired -------------------------------------------------------


def test_machine_without_credentials_says_missing():
    """Nobody signed in is another answer than a wrong account."""
    seen = ask()

    assert (seen.state, seen.seen, seen.is_declared) == ("missing", None, None)
    assert seen.why == f"no credentials were found; {SIGN_IN}"


def test_half_of_the_credentials_says_missing(monkeypatch):
    """A key without its secret is a slip of whoever set them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    seen = ask()

    assert seen.state == "missing"
    assert seen.why == f"a part of the credentials is missing; {SIGN_IN}"


@pytest.mark.usefixtures("keys")
def test_profile_that_this_machine_does_not_have_says_missing():
    """The credentials in the environment are not taken in its place."""
    seen = ask(profile="training")

    assert seen.state == "missing"
    assert seen.why == f"this machine does not have the declared profile; {SIGN_IN}"


def test_profile_of_a_sign_in_that_nobody_made_says_missing(home):
    """Single sign-on leaves a token behind once somebody has signed in."""
    configure(
        home,
        "[profile training]\nsso_session = corp\nsso_role_name = x\n"
        "sso_account_id = 111122223333\n[sso-session corp]\nsso_region = us-east-1\n"
        "sso_start_url = http://127.0.0.1:9/\n",
    )
    seen = ask(profile="training")

    assert seen.state == "missing"
    assert seen.why == f"nobody is signed in here; {SIGN_IN}"


def test_profile_whose_program_fails_says_missing_without_its_words(home):
    """What such a program prints may be a secret."""
    configure(
        home,
        "[profile training]\ncredential_process = "
        f"""{shlex.quote(sys.executable)} -c "raise SystemExit('{SECRET}')"\n""",
    )
    seen = ask(profile="training")

    assert seen.state == "missing"
    assert seen.why == f"the profile's program gave none; {SIGN_IN}"


@pytest.mark.usefixtures("keys")
def test_key_that_the_server_does_not_know_says_invalid(aws, monkeypatch):
    """moto's server looks the key up, as AWS does."""
    at(monkeypatch, aws)
    amazon.ask_for_keys(aws, after=0)
    try:
        seen = ask()
    finally:
        amazon.ask_for_keys(aws, after=float("inf"))

    assert seen.state == "invalid"
    assert seen.why == (
        "AWS does not know the access key; set the profile's credentials up again"
    )


def test_secret_that_does_not_fit_the_key_says_invalid(aws, monkeypatch):
    """moto's server checks the signature, as AWS does."""
    at(monkeypatch, aws)
    iam = boto3.client(
        "iam",
        endpoint_url=aws,
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
    )
    iam.create_user(UserName="jane.doe")
    made = iam.create_access_key(UserName="jane.doe")["AccessKey"]["AccessKeyId"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", made)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    amazon.ask_for_keys(aws, after=0)
    try:
        seen = ask()
    finally:
        amazon.ask_for_keys(aws, after=float("inf"))

    assert seen.state == "invalid"
    assert made not in seen.model_dump_json()


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        (
            "ExpiredToken",
            "The security token included in the request is expired",
            ("expired", "the credentials have expired; sign in again"),
        ),
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20260901T080000Z is now earlier than 20261123T080000Z",
            ("not visible", "the clock of this machine is wrong; set it"),
        ),
        (
            "Throttling",
            "Rate exceeded",
            ("not visible", "AWS refused to answer; ask who manages the account"),
        ),
        (
            "AccessDenied",
            f"User: arn:aws:sts::{OURS}:assumed-role/x/jane.doe may not",
            (
                "invalid",
                (
                    "AWS does not accept the credentials; set the profile's credentials up "
                    "again"
                ),
            ),
        ),
    ],
)
@pytest.mark.usefixtures("keys")
def test_refusal_is_told_in_our_words(monkeypatch, code, message, expected):
    """AWS's own texts name keys, numbers and people; of those nothing is kept."""
    told = f"{message} ({KEY}, {OURS}, jane.doe)"
    with amazon.refusing(code, told) as address:
        at(monkeypatch, address)
        seen = ask()

    assert (seen.state, seen.why) == expected


# --- not visible ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.usefixtures("keys")
def test_server_that_nobody_runs_is_not_visible():
    """A refused connection says nothing of the credentials."""
    seen = ask()

    assert seen.state == "not visible"
    assert seen.why == (
        "AWS was not reached from here; run 'readybook account' where AWS can be "
        "reached"
    )


@pytest.mark.slow
@pytest.mark.usefixtures("keys")
def test_server_that_does_not_answer_is_given_up(monkeypatch):
    """A silent firewall does not make the command hang."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        at(monkeypatch, f"http://127.0.0.1:{silent.getsockname()[1]}")
        seen = ask()

    assert seen.state == "not visible"
    assert seen.why.startswith("AWS did not answer within 3 s; ")


@pytest.mark.slow
@pytest.mark.usefixtures("keys")
def test_server_that_fails_is_asked_once(monkeypatch):
    """A repeated question would make a slow failure slower."""
    asked = []
    with amazon.refusing("InternalFailure", "x", 500, asked) as address:
        at(monkeypatch, address)
        assert ask().state == "not visible"

    assert asked == ["/"]


@pytest.mark.usefixtures("keys")
def test_answer_that_is_none_of_sts_is_not_visible(monkeypatch):
    """A proxy's page of welcome is no identity."""
    with amazon.refusing("x", "x", status=200) as address:
        at(monkeypatch, address)
        seen = ask()

    assert (seen.state, seen.seen) == ("not visible", None)


def test_profile_whose_program_does_not_end_is_given_up(home, monkeypatch):
    """It may wait for a browser or a code that nobody sees."""
    configure(
        home,
        "[profile training]\ncredential_process = "
        f"""{shlex.quote(sys.executable)} -c "import time; time.sleep(5)"\n""",
    )
    monkeypatch.setattr(module, "_SECONDS", 1)
    seen = ask(profile="training")

    assert seen.state == "not visible"
    assert seen.why == "no credentials were had within 1 s; sign in first"


def test_profile_that_wants_a_code_is_not_visible(home):
    """Nobody is asked at the terminal for the code of a device."""
    configure(
        home,
        f"[profile base]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
        "[profile training]\nsource_profile = base\nmfa_serial = arn:aws:iam::1:mfa/x\n"
        "role_arn = arn:aws:iam::111122223333:role/jane.doe\n",
    )
    seen = ask(profile="training")

    assert seen.state == "not visible"
    assert seen.why.startswith("the profile wants a one-time code, which is not asked")


@pytest.mark.usefixtures("keys")
def test_settings_that_cannot_be_read_are_not_visible(home):
    """A damaged file is named by its kind of error, without what it holds."""
    configure(home, f"[profile {SECRET}\n{KEY}")
    seen = ask()

    assert seen.state == "not visible"
    assert seen.why == "AWS could not be asked (ConfigParseError)"


@pytest.mark.usefixtures("keys")
def test_machine_without_boto3_is_told_how_to_get_it(monkeypatch):
    """The extra is optional; that nothing was asked is said, not hidden."""
    monkeypatch.setitem(sys.modules, "boto3", None)
    seen = ask()

    assert seen.state == "not visible"
    assert seen.why == f"boto3 is not installed; {installs('aws')}"


@pytest.mark.parametrize("provider", ["azure", "google", "other"])
@pytest.mark.usefixtures("keys")
def test_other_cloud_is_declared_and_not_measured(provider):
    """Nothing is said of an account that nobody asked about."""
    seen = ask(provider=provider)

    assert (seen.state, seen.how) == ("not visible", "not asked")
    assert seen.why == "declared, not measured: only AWS accounts can be asked"


def test_credentials_that_a_cloud_machine_hands_out_are_asked_for(monkeypatch):
    """A program on such a machine would have them, unless its settings forbid it."""
    asked = []
    with amazon.listening(asked) as address:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", address)
        assert ask().state == "missing"
        silent = list(asked)
        monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
        assert ask().state == "missing"

    assert (silent, bool(asked)) == ([], True)


# --- readybook account ---------------------------------------------------------------

DECLARED = """\
format: 1
resources:
  - {{id: cloud, what: Cloud account, kind: account, account: {account}}}
  - {{id: node, what: Machine, kind: compute}}
"""


@pytest.fixture
def case(tmp_path, capsys):
    """A started assessment that declares moto's account."""
    folder = tmp_path / "churn"
    assert main(["new", str(folder)]) == 0
    text = DECLARED.format(account=f'{{provider: aws, id: "{OURS}"}}')
    (folder / "resources.yaml").write_text(text, encoding="utf-8")
    capsys.readouterr()
    return folder


@pytest.mark.usefixtures("keys")
def test_account_prints_and_writes_what_it_saw(case, aws, monkeypatch, capsys):
    """The file is complete, readable by others, and without a full number."""
    at(monkeypatch, aws)
    code = main(["account", str(case)])
    out, err = capsys.readouterr()
    path = case / "evidence" / "accounts.json"
    written = AccountEvidence.model_validate_json(path.read_bytes())

    assert (code, out) == (0, "        read  cloud  …9012, the declared account\n")
    assert err == f"{case}: 1 account in {path}\n"
    assert [one.is_declared for one in written.accounts] == [True]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    written = sorted(file.name for file in path.parent.iterdir())
    assert written == ["accounts.json", "failures.json"]
    shown = out + err + path.read_text("utf-8")
    assert not [word for word in PLANTED if word in shown]
    assert main(["check", str(case)]) == 0


def test_account_without_credentials_says_what_to_do(case, capsys):
    """It is no failure of the command: the report then says "not measured"."""
    code = main(["account", str(case)])

    assert code == 0
    assert capsys.readouterr().out == (
        f"     missing  cloud  no credentials were found; {SIGN_IN}\n"
    )


@pytest.mark.usefixtures("keys")
def test_folder_without_an_account_asks_nobody(case, capsys):
    """No file is written where there is nothing to say."""
    (case / "resources.yaml").write_text("format: 1\nresources: []\n", "utf-8")
    code = main(["account", str(case)])
    out, err = capsys.readouterr()

    assert (code, out) == (0, "")
    assert err == f"{case}: resources.yaml declares no account; nobody to ask\n"
    assert not (case / "evidence" / "accounts.json").exists()


@pytest.mark.usefixtures("keys")
def test_bad_folder_among_several_asks_nobody(case, tmp_path, capsys):
    """All folders are read before the first question."""
    code = main(["account", str(case), str(tmp_path / "nothing")])

    assert code == 1
    assert "1 problem; nothing was written." in capsys.readouterr().err
    assert not (case / "evidence" / "accounts.json").exists()


def test_no_module_but_this_one_knows_boto3():
    """Without the extra, everything else works."""
    source = Path(module.__file__).parent.parent
    named = [
        path.name
        for path in source.rglob("*.py")
        if '"boto3"' in path.read_text("utf-8")
    ]

    assert named == ["account.py"]
