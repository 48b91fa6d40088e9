"""Evidence that somebody signed: with a real key, by a real ssh-keygen."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from readybook.bank.read import read_bank
from readybook.case import open as opening
from readybook.case.open import open_assessment
from readybook.cli.main import main
from readybook.model.errors import InvalidInputError
from readybook.score.freeze import freeze
from readybook.score.score import score
from readybook.workbook import open_workbook
from shown import words_of

pytestmark = pytest.mark.slow

BANK = read_bank().bank
SIGN = ("ssh-keygen", "-q", "-Y", "sign", "-n")
HEAD = "format: 1\nsigners:\n"


@pytest.fixture(autouse=True)
def ssh_keygen():
    """Skip where there is none."""
    if not shutil.which("ssh-keygen"):
        pytest.skip("no ssh-keygen; install Debian's openssh-client")


@pytest.fixture
def key(tmp_path):
    """A new key; its public half lies beside it."""
    return new_key(tmp_path / "key")


def new_key(path):
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ann@desk", "-f"]
    subprocess.run([*words, path], check=True)
    return path


@pytest.fixture
def folder(tmp_path, capsys):
    """An assessment with one table that can be measured."""
    data = tmp_path / "orders.csv"
    data.write_text("id,state\n1,new\n2,sent\n", encoding="utf-8")
    assert main(["new", str(tmp_path / "case"), "--data", str(data)]) == 0
    capsys.readouterr()
    return tmp_path / "case"


def signer(key, role="platform-lead", team="Platform"):
    public = key.with_suffix(".pub").read_text("utf-8").strip()
    return f'  - {{role: {role}, key: "{public}"{f", team: {team}" if team else ""}}}\n'


def register(folder, *signers):
    text = HEAD + "".join(signers) if signers else "format: 1\n"
    (folder / "stakeholders.yaml").write_text(text, encoding="utf-8")


def opened(folder):
    return open_assessment(folder, bank=BANK)


def shown(folder):
    workbook = open_workbook(str(folder))
    return words_of(workbook.show("verdict")), words_of(workbook.show("method"))


def refusal(folder):
    with pytest.raises(InvalidInputError) as refused:
        opened(folder)
    return str(refused.value)


def test_measurement_that_is_not_signed_is_the_teams_own(folder):
    """Nobody else vouches for it, and the first page says so."""
    assert main(["measure", str(folder)]) == 0
    band, method = shown(folder)

    assert "were made, measured by the team itself" in band
    assert "signed" not in method
    assert not list((folder / "evidence").glob("*.sig"))


def test_signed_evidence_names_who_vouches_for_it(folder, key):
    """Each file by another team: the first page names it, the list the role."""
    register(folder, signer(key))
    words = ["--sign", str(key)]
    node = folder / "evidence" / "node.json"
    assert main(["measure", str(folder), *words]) == 0
    assert main(["probe", "--for", str(folder), "--out", str(node), *words]) == 0
    band, method = shown(folder)

    assert "measurements signed by Platform" in band
    assert method.count("; signed by Platform lead (Platform)") == 2
    node.with_suffix(".json.sig").unlink()
    assert "by the team itself (1 of 2 files signed by another)" in shown(folder)[0]


@pytest.mark.parametrize("team", ["", "Name of the team"])
def test_own_signature_or_one_without_a_team_is_the_teams_word(folder, key, team):
    """Only a signer whose team is another than that of assessment.yaml counts."""
    own = open_assessment(folder, bank=BANK).scope.team if team else ""
    register(folder, signer(key, team=own))
    assert main(["measure", str(folder), "--sign", str(key)]) == 0
    band, method = shown(folder)

    assert "measured by the team itself" in band
    assert "signed by Platform lead" in method


def test_measuring_again_without_a_key_takes_the_old_signature_away(folder, key):
    """It fits no other content, and would be told as a problem."""
    register(folder, signer(key))
    assert main(["measure", str(folder), "--sign", str(key)]) == 0
    assert opened(folder).vouched_for == ("data",)
    assert main(["measure", str(folder)]) == 0

    assert opened(folder).signatures == {}


def test_signature_by_a_key_that_is_not_known_is_a_problem(folder, key, tmp_path):
    """Whoever can sign is not whoever may vouch."""
    register(folder, signer(new_key(tmp_path / "other")))
    assert main(["measure", str(folder), "--sign", str(key)]) == 0

    assert refusal(folder) == (
        "evidence/data.json.sig: found a signature of other content, or by a key that "
        "is not known, expected one by a key under signers in stakeholders.yaml, do: "
        "measure and sign again with --sign, add the key, or delete the signature"
    )
    register(folder)
    assert "evidence/data.json.sig: found a signature of other" in refusal(folder)


def test_signature_of_another_file_or_for_another_purpose_is_a_problem(folder, key):
    """A key that signs commits or mail has not vouched for evidence."""
    register(folder, signer(key))
    assert main(["measure", str(folder), "--sign", str(key)]) == 0
    file = folder / "evidence" / "data.json"
    made = file.with_suffix(".json.sig")
    for name, namespace in ((file, "git"), (folder / "assessment.yaml", "readybook")):
        made.unlink()
        subprocess.run([*SIGN, namespace, "-f", key, name], check=True)
        shutil.move(f"{name}.sig", made)

        assert "a signature of other content" in refusal(folder)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 100, b"-----BEGIN SSH SIGNATURE-----\nAAAA\n", b"\n-f\n/etc/passwd"],
)
def test_nonsense_in_the_place_of_a_signature_is_a_problem(folder, key, content):
    """What is no signature verifies nothing, and harms nothing."""
    register(folder, signer(key))
    assert main(["measure", str(folder)]) == 0
    (folder / "evidence" / "data.json.sig").write_bytes(content)

    assert "evidence/data.json.sig: found a signature of other" in refusal(folder)


def test_signature_that_is_huge_or_elsewhere_is_not_read(folder, key, tmp_path):
    """A signature is small, and lies in the folder."""
    register(folder, signer(key))
    assert main(["measure", str(folder)]) == 0
    made = folder / "evidence" / "data.json.sig"
    made.write_bytes(b"x" * 16_385)
    assert "found 16,385 bytes, expected a file of at most 16,384" in refusal(folder)

    made.unlink()
    made.symlink_to(tmp_path / "orders.csv")
    assert "a link that leaves the assessment's folder" in refusal(folder)
    made.unlink()
    made.mkdir()
    assert "found a file that cannot be read (is a directory)" in refusal(folder)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("platform-lead", "hacker", "signers[0].role: found 'hacker'"),
        ("ssh-ed25519 ", "cert-authority ssh-ed25519 ", "signers[0].key: found "),
        (" ann@desk", "\\n* ssh-ed25519 AAAA", "signers[0].key: found "),
        ("ssh-ed25519 ", "ssh-ed25519 " + "A" * 4000, "signers[0].key: found "),
    ],
)
def test_signer_of_no_role_or_with_no_key_is_refused(folder, key, old, new, told):
    """One key on one line, without options, by a role of the bank."""
    register(folder, signer(key).replace(old, new))

    assert told in refusal(folder)


def test_one_key_stands_for_one_role(folder, key):
    """Else nobody could say who signed."""
    register(
        folder, signer(key), signer(key, role="security").replace("@desk", "@home")
    )

    assert "signers[1].key" in refusal(folder)


def test_without_ssh_keygen_a_signature_is_told_as_not_verified(
    folder, key, monkeypatch, capsys
):
    """The folder still opens; nobody's word is taken for another's."""
    register(folder, signer(key))
    assert main(["measure", str(folder), "--sign", str(key)]) == 0
    monkeypatch.setenv("PATH", os.devnull)
    band, method = shown(folder)

    assert "measured by the team itself" in band
    assert "signature not verified: ssh-keygen is not installed" in method
    capsys.readouterr()
    assert main(["measure", str(folder), "--sign", str(key)]) == 3
    assert "found no ssh-keygen, expected OpenSSH" in capsys.readouterr().err


def test_signatures_beyond_the_most_are_told_as_not_verified(folder, key, monkeypatch):
    """A folder of thousands would start a program or two for each."""
    register(folder, signer(key))
    assert main(["measure", str(folder), "--sign", str(key)]) == 0
    monkeypatch.setattr(opening, "_MOST_SIGNED", 0)

    assert "only 0 signatures are verified" in shown(folder)[1]


def test_key_that_is_missing_or_none_is_told_before_or_after_measuring(
    folder, tmp_path, capsys
):
    """A slip in the path costs no measurement; what is no key signs nothing."""
    assert main(["measure", str(folder), "--sign", str(tmp_path / "nope")]) == 3
    assert "expected an SSH key" in capsys.readouterr().err
    assert not (folder / "evidence" / "data.json").exists()

    no_key = tmp_path / "orders.csv"
    assert main(["measure", str(folder), "--sign", str(no_key)]) == 3
    assert "data.json was not signed: " in capsys.readouterr().err
    assert opened(folder).signatures == {}


def test_probe_signs_a_file_only(key, capsys):
    """A table on the screen cannot be signed."""
    assert main(["probe", "--sign", str(key)]) == 2
    assert "do: add --out FILE" in capsys.readouterr().err


def test_verdict_and_milestone_do_not_depend_on_a_signature(folder, key):
    """It tells who measured; a milestone keeps no key."""
    assert main(["measure", str(folder)]) == 0
    before = score(BANK, opened(folder))
    register(folder, signer(key))
    assert main(["measure", str(folder), "--sign", str(key)]) == 0
    case = opened(folder)

    assert score(BANK, case) == before
    public = Path(key.with_suffix(".pub")).read_text("utf-8").split()[1]
    kept = freeze(before, case, BANK, version="1").model_dump_json()
    assert public not in kept
    assert "ann@desk" not in case.model_dump_json()
