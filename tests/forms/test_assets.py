"""What the form ships: one script, one style sheet, nothing from a network."""

from __future__ import annotations

import re

from readybook.forms.cell import MODULES, script, style


def test_script_is_one_module_without_address_or_import():
    """It runs from one text; it fetches nothing."""
    text = re.sub(r"//.*|/\*\*.*?\*/", "", script(), flags=re.MULTILINE)

    assert not re.search(r"^import\b", text, flags=re.MULTILINE)
    assert text.count("export default") == 1
    assert not re.search(r"https?:|\bfetch\(|innerHTML", text)


def test_no_two_modules_use_one_name():
    """Joined, the modules share one scope."""
    names = re.findall(
        r"^(?:async )?(?:function|class|const|let) (\w+)", script(), flags=re.MULTILINE
    )

    assert len(names) == len(set(names))
    assert len(MODULES) > 5


def test_style_stays_inside_the_form():
    """Every rule is the form's own; light and dark have the report's colours."""
    text = style()

    assert "url(http" not in text
    assert "@import" not in text
    assert text.count("color-scheme:") == 2
