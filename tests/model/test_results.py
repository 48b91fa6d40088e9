"""What is sealed keeps its seal, in every version."""

from readybook.model.results import seal_of
from readybook.score.freeze import snapshot_of
from readybook.score.score import score
from samples import answer, assessment, bank, question, sheet

SEAL = "sha256:7efcbb679ce63f19b9e1592a1550f1440525d139a3127306463f3cfbb7547ff2"


def test_seal_is_that_of_every_version():
    """Compact JSON in the order of the keys, other letters as they are."""
    content = {"b": "Größe", "a": [1, {"c": None}], "fingerprint": "old"}

    assert seal_of(content) == SEAL
    assert seal_of({**content, "fingerprint": "new"}) == SEAL
    assert seal_of({**content, "seal": "s"}, "seal") != SEAL


def test_snapshot_tells_its_gates_by_how_they_stood():
    """Each gate is in one state, and a question without a gate in none."""
    small = bank(
        *(question(f"SCP-0{at}", gate=("pilot", 2)) for at in range(1, 5)),
        question("AVL-01"),
    )
    levels = {"SCP-01": 1, "SCP-02": 3, "SCP-04": 0, "AVL-01": 0}
    given = {name: answer(level, proof_age=5) for name, level in levels.items()}
    kept = snapshot_of(score(small, assessment({"ann": sheet("owner", given)})))

    assert kept.gates("failed") == ("SCP-01", "SCP-04")
    assert kept.gates("passed") == ("SCP-02",)
    assert kept.gates("undecided") == ("SCP-03",)
