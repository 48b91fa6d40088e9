"""What is sealed keeps its seal, in every version."""

from readybook.model.results import seal_of

SEAL = "sha256:7efcbb679ce63f19b9e1592a1550f1440525d139a3127306463f3cfbb7547ff2"


def test_seal_is_that_of_every_version():
    """Compact JSON in the order of the keys, other letters as they are."""
    content = {"b": "Größe", "a": [1, {"c": None}], "fingerprint": "old"}

    assert seal_of(content) == SEAL
    assert seal_of({**content, "fingerprint": "new"}) == SEAL
    assert seal_of({**content, "seal": "s"}, "seal") != SEAL
