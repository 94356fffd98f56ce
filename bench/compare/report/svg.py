"""Makes what matplotlib draws fit to stand in a page: no ids twice, and ink of the reader's colour.

Lines and letters of INK take the colour of the text around them, so that a picture is readable on
a light and on a dark page; as a file of its own it brings that colour with it.
"""

import io
import re

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({
    "svg.fonttype": "none",  # letters stay letters: to be searched, copied and read aloud
    "svg.hashsalt": "sessionhub",  # the same run gives the same bytes
    "font.family": "sans-serif",
    "font.size": 8.5,
})

INK = "#010203"
# Pictures are drawn in this font, which is wider than most: where another one is shown, labels are
# shorter than the room made for them.
FONTS = "'DejaVu Sans', Verdana, Arial, sans-serif"

STYLE = ("<style>.plot{color:#1f2328}.plot *{stroke-linejoin:round;stroke-linecap:butt}"
         "@media (prefers-color-scheme:dark){.plot{color:#e6edf3}}</style>")


def drawn(figure):
    """The figure as matplotlib writes it."""
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return file.getvalue()


def inline(text, name, title):
    """An <svg> element to put into a page; `name` makes its ids its own."""
    body = text[text.index("<svg"):]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.S)
    body = re.sub(r"<!--.*?-->\s*", "", body, flags=re.S)
    body = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", body, count=1, flags=re.S)
    body = re.sub(r"'DejaVu Sans',[^;\"]*sans-serif", FONTS, body)
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = re.sub(r'(xlink:href="|href="|url\()#', rf"\1#{name}-", body)
    body = body.replace(INK, "currentColor")
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', body)
    head = (f'<svg class="plot" xmlns="http://www.w3.org/2000/svg" '
            f'xmlns:xlink="http://www.w3.org/1999/xlink" role="img" aria-label="{escaped(title)}" '
            f'viewBox="{size[0][9:-1]}" width="{size[1]}" height="{size[2]}">')
    return re.sub(r"<svg[^>]*>", lambda _: head + f"\n<title>{escaped(title)}</title>\n{STYLE}",
                  body, count=1, flags=re.S)


def standalone(element):
    """The same as a file."""
    return '<?xml version="1.0" encoding="utf-8"?>\n' + element


def escaped(text):
    for plain, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(plain, safe)
    return text
