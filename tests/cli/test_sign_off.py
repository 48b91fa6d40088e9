"""`readybook sign-off`: an entry in stakeholders.yaml, and beside it what it covers."""

from __future__ import annotations

import json
import shutil

import pytest

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.checks.sign_offs import SignOffs
from readybook.cli.main import main
from readybook.model.errors import InvalidInputError

REGISTER = """\
# Who owns what. Typed by hand.
format: 1
roles:
  # on leave until May
  - { role: data-owner, held_by: [data-owner], team: Sales } # sales
  - role: security
    held_by: nobody-yet
assets: [] # none yet
"""
CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: sales
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - name: status
        logicalType: string
        enum:
          - value: new
          - value: paid
      - name: amount
        logicalType: number
"""
SCOPE = """\
format: 1
title: Late payments
team: Sales
phase: pilot
as_of: 2026-11-30
"""


@pytest.fixture
def folder(tmp_path):
    """An assessment with a register and a data model."""
    home = tmp_path / "sales"
    home.mkdir()
    (home / "assessment.yaml").write_text(SCOPE, encoding="utf-8")
    (home / "stakeholders.yaml").write_text(REGISTER, encoding="utf-8")
    (home / "data.odcs.yaml").write_text(CONTRACT, encoding="utf-8")
    return home


def sign(folder, role="data-owner", covers="orders.status", on="2026-11-20"):
    return main(
        ["sign-off", str(folder), "--role", role, "--covers", covers, "--on", on]
    )


def opened(folder):
    return open_assessment(folder, bank=load_bank_for(folder))


def states(folder):
    return {one.entry.covers: one.state for one in SignOffs(opened(folder)).signed}


def register(folder):
    return (folder / "stakeholders.yaml").read_text(encoding="utf-8")


def test_sign_off_is_recorded_with_what_it_covers(folder, capsys):
    """The entry names the file, whose name begins the fingerprint."""
    assert sign(folder) == 0

    (stored,) = (folder / "agreements").iterdir()
    (entry,) = opened(folder).stakeholders.sign_offs
    assert entry.fingerprint.startswith(f"sha256:{stored.stem}")
    assert len(stored.stem) == 16
    assert json.loads(stored.read_text(encoding="utf-8"))["covers"] == "orders.status"
    assert states(folder) == {"orders.status": "agreed"}
    assert capsys.readouterr().out == (
        "Data owner agreed to the categories of orders.status on 20 November 2026.\n"
    )


def test_everything_else_in_the_register_stays(folder):
    """Comments, order and form of what was typed are kept."""
    sign(folder)

    assert register(folder).startswith(REGISTER)


def test_same_agreement_twice_is_one_entry(folder):
    """Agreeing again moves the date; what was agreed is stored once."""
    sign(folder)
    sign(folder, on="2026-11-25")

    (entry,) = opened(folder).stakeholders.sign_offs
    assert str(entry.on) == "2026-11-25"
    assert len(list((folder / "agreements").iterdir())) == 1


def test_changed_category_makes_a_sign_off_stale_until_it_is_given_again(folder):
    """What was agreed before stays in agreements/."""
    sign(folder)
    sign(folder, covers="orders")
    changed = CONTRACT.replace(
        "- value: paid", "- value: paid\n          - value: void"
    )
    (folder / "data.odcs.yaml").write_text(changed, encoding="utf-8")

    assert states(folder) == {"orders.status": "out of date", "orders": "out of date"}

    sign(folder)

    assert states(folder) == {"orders.status": "agreed", "orders": "out of date"}
    assert len(list((folder / "agreements").iterdir())) == 3


def test_register_is_made_where_there_is_none(folder):
    """The new file has the manual of the format."""
    (folder / "stakeholders.yaml").unlink()

    assert sign(folder, covers="model") == 0
    assert "#   sign_offs       optional" in register(folder)
    assert states(folder) == {"model": "agreed"}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"covers": "orders.statis"}, "do: did you mean 'orders.status'?"),
        ({"covers": "order"}, "do: did you mean 'orders'?"),
        ({"covers": "orders.amount"}, "'orders.amount', which declares no categories"),
        ({"role": "data-ownr"}, "do: did you mean 'data-owner'?"),
        ({"role": "security"}, "the role 'security', which nobody holds yet"),
    ],
    ids=["field", "table", "no categories", "role", "nobody holds it"],
)
def test_what_cannot_be_signed_is_refused_and_nothing_is_written(
    folder, capsys, keys, said
):
    """The message names the nearest thing that can be."""
    assert sign(folder, **keys) == 1

    assert said in capsys.readouterr().err
    assert register(folder) == REGISTER
    assert not (folder / "agreements").exists()


def test_without_a_data_model_nothing_can_be_signed(folder, capsys):
    """The message says what has to be declared first."""
    (folder / "data.odcs.yaml").unlink()

    assert sign(folder) == 1
    assert "data.odcs.yaml: found no data model" in capsys.readouterr().err


def test_register_that_cannot_be_changed_leaves_no_agreement(folder, tmp_path, capsys):
    """A register that lies elsewhere is not written, and nothing is left behind."""
    (folder / "stakeholders.yaml").rename(tmp_path / "register.yaml")
    (folder / "stakeholders.yaml").symlink_to(tmp_path / "register.yaml")

    assert sign(folder) == 1
    assert "nothing was written" in capsys.readouterr().err
    assert not (folder / "agreements").exists()


def test_agreements_that_lead_outside_are_refused_for_writing(folder, tmp_path, capsys):
    """A link in place of the folder takes nothing out of the assessment."""
    (tmp_path / "outside").mkdir()
    (folder / "agreements").symlink_to(tmp_path / "outside")

    assert sign(folder) == 1
    assert "leaves the assessment's folder" in capsys.readouterr().err
    assert list((tmp_path / "outside").iterdir()) == []


def test_agreements_that_lead_outside_are_refused_for_reading(folder, tmp_path):
    """What lies elsewhere is not read."""
    sign(folder)
    (stored,) = (folder / "agreements").iterdir()
    outside = tmp_path / stored.name
    shutil.move(stored, outside)
    stored.symlink_to(outside)

    with pytest.raises(InvalidInputError) as refused:
        opened(folder)
    assert str(refused.value) == (
        "agreements/c6038e510377aa56.json: found a link that leaves the "
        "assessment's folder, expected a file inside the folder, do: put the file "
        "or folder in place of the link"
    )


def test_agreement_that_was_edited_is_refused(folder):
    """Content that is not what its name says was agreed by nobody."""
    sign(folder)
    (stored,) = (folder / "agreements").iterdir()
    text = stored.read_text(encoding="utf-8").replace("paid", "free")
    stored.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidInputError) as refused:
        opened(folder)
    assert str(refused.value) == (
        "agreements/c6038e510377aa56.json: found other content than was agreed to, "
        "expected content whose fingerprint begins with the name, do: put back the "
        "file as `readybook sign-off` wrote it, or sign off again"
    )


def test_agreement_with_other_line_ends_is_the_same(folder):
    """A checkout that turns line ends changes nothing that was agreed."""
    sign(folder)
    (stored,) = (folder / "agreements").iterdir()
    stored.write_bytes(stored.read_bytes().replace(b"\n", b"\r\n"))

    assert states(folder) == {"orders.status": "agreed"}


def test_damaged_agreement_is_refused_with_what_to_do(folder):
    """Half a file is no agreement."""
    sign(folder)
    (stored,) = (folder / "agreements").iterdir()
    stored.write_text("{", encoding="utf-8")

    with pytest.raises(InvalidInputError) as refused:
        opened(folder)
    assert str(refused.value) == (
        "agreements/c6038e510377aa56.json: found a damaged file, expected JSON in "
        "UTF-8, do: put back the file as `readybook sign-off` wrote it, or sign off"
        " again"
    )


def test_stored_agreement_counts_as_an_input(folder):
    """It is part of the fingerprint of everything that was read."""
    before = opened(folder).fingerprint
    (folder / "agreements").mkdir()
    assert opened(folder).fingerprint == before

    sign(folder)
    with_entry = opened(folder).fingerprint
    shutil.rmtree(folder / "agreements")

    assert len({before, with_entry, opened(folder).fingerprint}) == 3


def test_check_tells_of_an_agreement_that_is_not_stored(folder, capsys):
    """It is a note: the folder is fine all the same."""
    sign(folder)
    shutil.rmtree(folder / "agreements")
    capsys.readouterr()

    assert main(["check", str(folder)]) == 0
    assert "whose file is not in agreements/" in capsys.readouterr().out
