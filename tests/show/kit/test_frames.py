"""Results as frames: what the report says, to sort and filter."""

from __future__ import annotations

from readybook.score.score import score
from readybook.show.kit.frames import findings_frame, standings_frame
from samples import answer, assessment, bank, finding, question, sheet


def test_standings_frame_orders_levels_not_words():
    """Levels compare as levels: "in place" is more than "improvised"."""
    small = bank(question("SCP-01"), question("AVL-01", gate=("pilot", 2)))
    answers = {"SCP-01": answer(3, proof_age=1), "AVL-01": answer(1)}
    frame = standings_frame(score(small, assessment({"ann": sheet(answers=answers)})))

    assert list(frame.index) == ["SCP-01", "AVL-01"]
    assert list(frame.index[frame["stands_from"] > "improvised"]) == ["SCP-01"]
    assert frame.loc["AVL-01", "gate"] == "failed"


def test_findings_frame_is_indexed_by_check_and_subject():
    """One finding can be looked up by what was measured of what."""
    frame = findings_frame([finding("source-opened", "supports")])

    assert frame.loc[("source-opened", "t"), "outcome"] == "supports"
    assert findings_frame([]).empty
