"""Many cases that differ: the worked example varied by a seed, and a few of other kinds."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

TEMPLATES = Path(__file__).parent.parent / "templates"
USES = ("Late orders", "Churn", "Card fraud", "Spare parts", "Energy demand", "Claims")
UNITS = ("Network operations", "Retail", "Finance", "Plants", None)
HOSTILE = "=HYPERLINK(1) <script>alert(1)</script> & more"
_ANSWER = re.compile(r"(?m)^(    answer: )([0-4])$")
_FIGURE = re.compile(r"((?:low|likely|high): )(\d+)")


def make_cases(home: Path, number: int, seed: int = 16) -> list[Path]:
    """Make so many cases in a folder; of ten one is blank, the last has an odd title."""
    made = []
    for at in range(number):
        folder = home / f"case-{at:02}"
        dice = random.Random(seed * 1_000 + at)  # noqa: S311 - no secrets
        made.append(folder)
        if at % 10 == 9:
            shutil.copytree(TEMPLATES / "assessment", folder)
            edit(folder / "assessment.yaml", r"(?m)^as_of: today$", "as_of: 2026-11-30")
        else:
            vary(folder, dice)
        title = f"{dice.choice(USES)} {at}"
        title = HOSTILE if at == number - 1 else title
        edit(folder / "assessment.yaml", r"(?m)^title: .*$", f'title: "{title}"')
        edit(folder / "assessment.yaml", r"(?m)^unit: .*\n", "")
        if unit := dice.choice(UNITS):
            edit(folder / "assessment.yaml", r"(?m)^(team: .*)$", rf"\1\nunit: {unit}")
    return made


def vary(folder: Path, dice: random.Random) -> None:
    """Make a copy of the example with other answers, money, permissions and roles."""
    ignored = shutil.ignore_patterns("data", "README.md")
    shutil.copytree(TEMPLATES / "flight-delays", folder, ignore=ignored)
    for path in sorted(folder.glob("answers/*.yaml")):
        edit(path, _ANSWER, lambda one: one[1] + other(one[2], dice))
    factor = dice.uniform(0.5, 2)
    edit(folder / "assessment.yaml", _FIGURE,
         lambda one: f"{one[1]}{round(int(one[2]) * factor)}")  # fmt: skip
    for resource, chance in (
        ("2026-09-14", 0.6),
        ("2026-09-28", 0.4),
        ("2026-10-05", 0.3),
    ):
        if dice.random() < chance:
            edit(folder / "resources.yaml", rf"(?m)^(    asked_on: {resource})$",
                 r"\1\n    granted_on: 2026-11-16")  # fmt: skip
    if dice.random() < 0.4:
        edit(folder / "stakeholders.yaml",
             r"(role: security, held_by: )nobody-yet", r"\1[security-lead]")  # fmt: skip
    if dice.random() < 0.3:
        shutil.rmtree(folder / "milestones")
    if dice.random() < 0.2:
        edit(folder / "assessment.yaml", r"(?ms)^value:.*", "")


def other(level: str, dice: random.Random) -> str:
    """Return another level in three of ten times."""
    if dice.random() > 0.3:
        return level
    return str(dice.choice([one for one in "01234" if one != level]))


def edit(path: Path, pattern, by) -> None:
    """Change the text of a file."""
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(pattern, by, text), encoding="utf-8")
