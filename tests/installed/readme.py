"""The blocks of code that the README, or another page, shows."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def block(language, word, page="README.md"):
    """The one block of `language` that has `word` in it."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    fitting = [body for body in blocks if word in body]
    if len(fitting) != 1:
        raise AssertionError(f"{page}: {len(fitting)} blocks of {language} have {word!r}, want 1")
    return fitting[0]
