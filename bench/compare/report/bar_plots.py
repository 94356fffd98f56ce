"""Pictures with a row for each strategy: stacked bars, pairs of points, single points."""

import canvas
import palette
import svg

ROW_IN = 0.235
NAMES_IN_MIN = 2.35
LETTER_IN = 0.064  # of a name, on average
FIGURES_IN = 1.0


def rows_sheet(title, labels, x_words):
    """Axes with a named row for each strategy, the first on top. `labels` is {name: title}."""
    names = list(labels)
    longest = max(map(len, labels.values()), default=0)
    figure, axes = canvas.sheet(ROW_IN * len(names) + 0.1, title, right_in=FIGURES_IN,
                                left_in=max(NAMES_IN_MIN, LETTER_IN * longest + 0.25))
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), [labels[name] for name in names])
    axes.tick_params(axis="y", length=0, pad=8)
    axes.spines["left"].set_visible(False)
    for name, tick in zip(names, axes.get_yticklabels()):
        tick.set_fontweight("bold" if palette.is_hub(name) else "normal")
    canvas.grid(axes, "x")
    canvas.name_axes(axes, x_words)
    return figure, axes


def shade_hub(axes, names):
    """A band behind sessionhub's rows."""
    for row, name in enumerate(names):
        if palette.is_hub(name):
            axes.axhspan(row - 0.5, row + 0.5, color=palette.look_of(name).colour, alpha=0.1,
                         linewidth=0, zorder=0)


def stacked_bars(title, labels, parts, x_words, part_words):
    """`parts` is {name: (first, second)}: the first is drawn full, the second hatched beside it."""
    figure, axes = rows_sheet(title, labels, x_words)
    shade_hub(axes, labels)
    for row, name in enumerate(labels):
        first, second = parts[name]
        colour = palette.look_of(name).colour
        axes.barh(row, first, height=0.66, color=colour, linewidth=0)
        axes.barh(row, second, left=first, height=0.66, facecolor="none", edgecolor=colour,
                  hatch="/////", linewidth=0.9)
        axes.annotate(f"{first + second:,.0f}", (first + second, row), textcoords="offset points",
                      xytext=(4, 0), va="center", color=svg.INK, fontsize=8)
    axes.set_xlim(0, max(sum(both) for both in parts.values()) * 1.02 or 1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    key_of_parts(axes, part_words)
    return figure


def key_of_parts(axes, part_words):
    """What is full and what is hatched, below the axis at its right end."""
    figure = axes.figure
    height_in = figure.get_size_inches()[1]
    y = 0.1 / height_in
    for x, hatch, words in ((0.03, "", part_words[0]), (0.16, "/////", part_words[1])):
        axes.add_patch(canvas.swatch(figure, x, y, hatch))
        figure.text(x + 0.032, y + 0.06 / height_in, words, color=svg.INK, fontsize=8, va="center")


def pairs(title, labels, points, x_words, point_words):
    """`points` is {name: (p50, p99)}, on a logarithmic axis, joined by a line."""
    figure, axes = rows_sheet(title, labels, x_words)
    axes.set_xscale("log")
    axes.set_xlim(*canvas.log_bounds([one for both in points.values() for one in both]))
    canvas.plain_log(axes.xaxis)
    shade_hub(axes, labels)
    for row, name in enumerate(labels):
        low, high = points[name]
        colour = palette.look_of(name).colour
        axes.plot([low, high], [row, row], color=colour, linewidth=2)
        axes.plot([low], [row], marker="o", color=colour, markersize=6)
        axes.plot([high], [row], marker="o", color=colour, markersize=6, markerfacecolor="none",
                  markeredgewidth=1.6)
        axes.text(1.02, row, f"{low:,.0f} / {high:,.0f}", color=svg.INK, fontsize=8, va="center",
                  transform=axes.get_yaxis_transform())
    figure.text(0.02, 0.1 / figure.get_size_inches()[1], f"● {point_words[0]}   ○ {point_words[1]}",
                color=svg.INK, fontsize=8, va="bottom")
    return figure


def single_points(title, labels, points, x_words):
    """`points` is {name: figure}, on a logarithmic axis; what is not above 0 stands at its left."""
    above = [figure for figure in points.values() if figure > 0]
    if not above:
        return None
    figure, axes = rows_sheet(title, labels, x_words)
    axes.set_xscale("log")
    low, high = canvas.log_bounds(above, room=1.6)
    axes.set_xlim(low, high)
    canvas.plain_log(axes.xaxis)
    shade_hub(axes, labels)
    for row, name in enumerate(labels):
        value = points[name]
        look = palette.look_of(name)
        axes.plot([low, max(value, low)], [row, row], color=look.colour, linewidth=1.6)
        axes.plot([max(value, low)], [row], marker="o", color=look.colour, markersize=6,
                  markerfacecolor=look.colour if value > 0 else "none", clip_on=False)
        axes.text(1.02, row, f"{value:,.0f}", color=svg.INK, fontsize=8, va="center",
                  transform=axes.get_yaxis_transform())
    return figure
