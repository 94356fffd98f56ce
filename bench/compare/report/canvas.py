"""What all pictures share: paper, axes, titles."""

import textwrap

from matplotlib import ticker
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import svg

WIDTH_IN = 7.0
TITLE_COLUMNS = 78
TITLE_LINE_IN = 0.19


def sheet(height_in, title, left_in, right_in, bottom_in=0.5):
    """Axes with so much paper on each side, below a title of as many lines as it needs."""
    lines = textwrap.wrap(title, TITLE_COLUMNS)
    top_in = 0.16 + TITLE_LINE_IN * len(lines)
    height_in += top_in + bottom_in
    figure = Figure(figsize=(WIDTH_IN, height_in))
    axes = figure.add_axes((left_in / WIDTH_IN, bottom_in / height_in,
                            (WIDTH_IN - left_in - right_in) / WIDTH_IN,
                            (height_in - top_in - bottom_in) / height_in))
    figure.text(0.08 / WIDTH_IN, 1 - 0.06 / height_in, "\n".join(lines), color=svg.INK, va="top",
                fontsize=10, fontweight="bold", linespacing=1.25)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_edgecolor(svg.INK)
        spine.set_linewidth(0.8)
    axes.tick_params(which="both", color=svg.INK, labelcolor=svg.INK, labelsize=8.5, length=3)
    axes.tick_params(which="minor", length=0)
    axes.set_axisbelow(True)
    return figure, axes


def grid(axes, axis):
    axes.grid(True, axis=axis, color=svg.INK, alpha=0.14, linewidth=0.7)


def name_axes(axes, x, y=""):
    axes.set_xlabel(x, color=svg.INK, fontsize=9)
    axes.set_ylabel(y, color=svg.INK, fontsize=9)


def plain_log(axis):
    """A logarithmic axis with numbers as people write them, more of them if it is short."""
    low, high = axis.get_view_interval()
    subs = (1.0,) if high / low > 300 else (1.0, 3.0) if high / low > 30 else (1.0, 2.0, 5.0)
    axis.set_major_locator(ticker.LogLocator(base=10, subs=subs, numticks=20))
    axis.set_minor_locator(ticker.NullLocator())
    axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.10g}"))


def log_bounds(values, base=10, room=1.25):
    """Bounds of a logarithmic axis that holds the values, and at least one whole power apart."""
    low, high = min(values) / room, max(values) * room
    while high / low < base * 1.2:
        low, high = low / 1.2, high * 1.2
    return low, high


def swatch(figure, x, y, hatch):
    """A small box of paper's coordinates that shows a way of filling."""
    width_in, height_in = figure.get_size_inches()
    return Rectangle((x, y), 0.17 / width_in, 0.12 / height_in, transform=figure.transFigure,
                     facecolor="none" if hatch else svg.INK, edgecolor=svg.INK, hatch=hatch,
                     linewidth=0.8, clip_on=False)
