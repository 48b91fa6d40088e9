"""Pictures of README and docs, and of which words each was taken.

`make pictures` takes them anew. Without it a picture whose page says other words than
it did then is stale, and the test that takes it fails; pixels differ from machine to
machine, words do not.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

IMAGES = Path(__file__).parent.parent / "docs" / "images"
RECORD = IMAGES / "pictures.json"  #: by file: hash of the words, hash of the file
WIDTH, HEIGHT = 1000, 780
#: What a day changes: dates, times, and in how many days.
_DATED = re.compile(
    r"\d{1,2} [A-Z][a-z]+ \d{4}|\d{4}-\d{2}-\d{2}|\d\d?:\d\d(:\d\d)?|\d+ days?"
)


def digest(raw: bytes) -> str:
    """Return a short hash."""
    return hashlib.sha256(raw).hexdigest()[:16]


def recorded() -> dict[str, list[str]]:
    """Return what is known of the pictures."""
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}


def words_of(shown) -> str:
    """Return the hash of what stands in elements, without days."""
    text = "\n".join(shown.all_inner_texts())
    return digest(" ".join(_DATED.sub("(day)", text).split()).encode())


def photograph(page, shown, name: str, into: Path, *, whole: bool = False) -> None:
    """Photograph the top of an element; fail where the picture in docs is of another.

    Args:
        page: of the browser.
        shown: the elements whose words the picture shows.
        name: of the file, without ending.
        into: folder for the picture where it is only tried.
        whole: whether the window is photographed, and not the first element alone.
    """
    wanted = os.environ.get("READYBOOK_PICTURES", "") not in {"", "0"}
    path = (IMAGES if wanted else into) / f"{name}.png"
    then = recorded().get(path.name, [""])[0]
    for _ in range(0 if wanted else 40):  # what a click leads to may be drawn later
        if words_of(shown) == then:
            break
        page.wait_for_timeout(250)
    if whole:
        page.screenshot(path=path)
    else:
        shown.evaluate("node => node.scrollIntoView({block: 'start'})")
        box = shown.bounding_box()
        height = min(box["height"], HEIGHT, 980 - box["y"])
        clip = {"x": box["x"], "y": box["y"], "height": height}
        page.screenshot(path=path, clip={**clip, "width": min(box["width"], WIDTH)})
    raw, words = path.read_bytes(), words_of(shown)
    assert raw.startswith(b"\x89PNG")
    assert len(raw) > 10_000
    if wanted:
        known = recorded() | {path.name: [words, digest(raw)]}
        text = json.dumps(dict(sorted(known.items())), indent=1) + "\n"
        RECORD.write_text(text, encoding="utf-8")
        then = words
    assert words == then, f"docs/images/{path.name} is of other words: make pictures"
