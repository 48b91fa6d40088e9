"""`readybook probe` as people and machines call it."""

import getpass
import json
import os
import platform
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from probing import PROBE, declare, run_probe
from readybook.cli.main import main
from readybook.model.findings import MachineEvidence
from readybook.model.words import number
from readybook.show.machines.probes import fact_label

SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIAPLANTEDEXAMPLE01",
    "AWS_SECRET_ACCESS_KEY": "planted/secret+of0the1account",
    "AWS_SESSION_TOKEN": "plantedsessiontoken2",
    "PIP_INDEX_URL": "https://reader:planted-pw-3@index.planted-host.invalid/simple",
    "PIP_EXTRA_INDEX_URL": "https://reader:planted-pw-4@127.0.0.1:9/simple",
    "HTTPS_PROXY": "http://proxyuser:planted-pw-5@127.0.0.1:9",
    "SOME_TOKEN": "ghp_plantedtoken6",
    "OPENBLAS_CORETYPE": "",
    "DOCKER_HOST": "tcp://planted-docker.invalid:2375",
}
PLANTED = re.compile(r"planted|AKIA|ghp_|proxyuser", re.IGNORECASE)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A probe that writes a file: its folder, what it printed and what it wrote."""
    home = tmp_path_factory.mktemp("plain")
    done = run_probe("--out", home / "evidence" / "node.json", cwd=home)
    assert done.returncode == 0, done.stderr
    return home, done, (home / "evidence" / "node.json").read_text("utf-8")


@pytest.fixture(scope="module")
def declared(tmp_path_factory):
    """A probe for a resource with an endpoint, among secrets of the environment."""
    home = tmp_path_factory.mktemp("declared")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        folder = declare(home / "churn", "127.0.0.1", port, index=True)
        words = ("--for", folder, "--resource", "training-node")
        done = run_probe(*words, "--out", home / "node.json", **SECRETS)
    assert done.returncode == 0, done.stderr
    return port, done, (home / "node.json").read_text("utf-8")


@pytest.mark.slow
def test_table_has_one_line_a_fact(plain):
    """What, how much and why, readable."""
    _, done, _ = plain
    lines = done.stdout.splitlines()

    assert any(re.match(r"Memory granted +[\d.,]+ GiB  ", line) for line in lines)
    assert any(line.startswith("Package index") and "not asked" in line
               for line in lines)  # fmt: skip
    assert "{" not in done.stdout


@pytest.mark.slow
def test_table_tells_each_fact_as_the_file_does(plain):
    """Its value, or why there is none; and behind a value why, or from where."""
    _, done, text = plain
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]

    for fact in MachineEvidence.model_validate_json(text).facts:
        is_read = fact.state == "read"
        value = number(fact.value, fact.unit) if is_read else fact.state
        told = f"{fact_label(fact.fact)} {value} {fact.why or fact.how}"
        assert " ".join(told.split()) in lines


@pytest.mark.slow
def test_out_writes_the_file_in_one_step(plain):
    """The file holds every fact and the packages; nothing else is left behind."""
    home, done, text = plain
    found = MachineEvidence.model_validate_json(text)

    assert len(found.facts) == len({fact.fact for fact in found.facts})
    assert {"memory-granted", "swap-granted", "cpus-granted"} <= {
        fact.fact for fact in found.facts
    }
    assert all(fact.value is not None or fact.why for fact in found.facts)
    assert "psutil" in found.packages
    assert f"{len(found.facts)} facts in " in done.stderr
    assert [*home.rglob("*")] == [home / "evidence", home / "evidence" / "node.json"]


@pytest.mark.slow
def test_without_out_no_file_is_written(tmp_path, monkeypatch, capsys):
    """The table is all, and the way to a file is told."""
    monkeypatch.chdir(tmp_path)

    assert main(["probe"]) == 0
    assert capsys.readouterr().err.endswith(
        "No file was written; for one, add --out FILE.\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_only_declared_endpoints_are_tried(plain, declared):
    """Without a folder nobody is asked; with it what its resource declares."""
    port, _, text = declared
    found = MachineEvidence.model_validate_json(text)
    alone = MachineEvidence.model_validate_json(plain[2])

    assert [(one.host, one.port, one.state) for one in found.endpoints] == [
        ("127.0.0.1", port, "reached")
    ]
    assert alone.fact("package-index").state == "not visible"
    assert alone.endpoints == ()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--resource", "training-node"], "do: add --for DIR"),
        (["--for", "{}", "--resource", "traning-node"], "mean 'training-node'?"),
    ],
)
def test_resource_that_nobody_declares_is_refused(tmp_path, capsys, words, told):
    """A slip is told before anything is probed."""
    folder = declare(tmp_path / "churn", "127.0.0.1", 9)
    code = main(["probe", *(word.format(folder) for word in words)])
    out, err = capsys.readouterr()

    assert (code, out) == (2, "")
    assert told in err


@pytest.mark.parametrize(
    "words",
    [
        ["measure", "{}"],
        ["account", "{}"],
        ["probe", "--for", "{}", "--out", "{}/evidence/node.json"],
    ],
    ids=lambda words: words[0],
)
def test_key_that_is_not_there_is_told_before_anything_is_measured(
    tmp_path, capsys, words
):
    """By every verb that signs; nothing is written."""
    folder = declare(tmp_path / "churn", "127.0.0.1", 9)
    before = sorted(tmp_path.rglob("*"))
    words = [word.format(folder) for word in words]

    assert main([*words, "--sign", str(tmp_path / "nope")]) == 3
    assert "expected an SSH key" in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.slow
def test_secrets_of_the_environment_appear_nowhere(declared):
    """Keys, passwords, tokens and addresses of the environment stay where they are."""
    _, done, text = declared

    assert json.loads(text)["kind"] == "machine"
    for shown in (text, done.stdout, done.stderr):
        assert PLANTED.findall(shown) == []


@pytest.mark.slow
def test_machine_and_person_stay_nameless(plain):
    """No host name, user name, address or path is in the file or the table."""
    home, done, text = plain
    names = {platform.node(), getpass.getuser(), str(Path.home()), str(home)}
    words = set(re.findall(r"[\w./-]+", text + done.stdout))
    address = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
    table = [line for line in done.stdout.splitlines() if not line.startswith("BLAS")]

    # "root" is a fact's name too, and a host may be called as an instruction set is.
    assert words & names <= {"root", platform.machine()}
    assert address.findall("\n".join(table)) == []


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_stopping_leaves_no_file(tmp_path):
    """Ctrl-C in the middle: no half file, no traceback, and the shell's own code."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        folder = declare(tmp_path / "churn", *silent.getsockname(), tls=True)
        before = sorted(tmp_path.rglob("*"))
        running = subprocess.Popen(
            [*PROBE, "--for", folder, "--out", tmp_path / "node.json"],
            cwd=tmp_path, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        waiting, _ = silent.accept()  # it is in the middle, as no handshake comes
        with waiting:
            running.send_signal(signal.SIGINT)
            _, err = running.communicate(timeout=60)

    assert running.returncode == 130
    assert "Traceback" not in err
    assert sorted(tmp_path.rglob("*")) == before
