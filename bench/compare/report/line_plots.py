"""Pictures with lines: a figure against nodes or the size of a session, both logarithmic."""

import canvas
import palette
import svg
import units
from labels import spread

HEIGHT_IN = 3.3
LABEL_GAP_IN = 0.165
LABELS_IN_MIN = 2.45
LETTER_IN = 0.059  # of a label, on average


def log_lines(title, lines, values, value_text, x_words, y_words):
    """A figure, and the names of the lines that have nothing above zero to show.

    `lines` is {name: (title, {value: figure})}.
    """
    drawn, left_out = {}, []
    for name, (label, points) in lines.items():
        shown = {value: figure for value, figure in points.items() if figure and figure > 0}
        if shown:
            drawn[name] = (label, shown)
        else:
            left_out.append(name)
    if not drawn:
        return None, left_out
    height_in = max(HEIGHT_IN, LABEL_GAP_IN * len(drawn) + 0.2)
    longest = max(len(label) for label, _ in drawn.values())
    figure, axes = canvas.sheet(height_in, title, left_in=0.95,
                                right_in=max(LABELS_IN_MIN, LETTER_IN * longest + 0.45))
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xlim(*padded(values, 0.03))
    axes.set_ylim(*canvas.log_bounds([one for _, points in drawn.values() for one in
                                      points.values()]))
    canvas.plain_log(axes.yaxis)
    axes.set_xticks(values, [value_text(value) for value in values])
    axes.minorticks_off()
    canvas.grid(axes, "y")
    canvas.name_axes(axes, x_words, y_words)
    for name, (_, points) in drawn.items():
        draw_line(axes, name, points)
    draw_labels(axes, {name: (label, points) for name, (label, points) in drawn.items()}, height_in)
    return figure, left_out


def draw_line(axes, name, points):
    look = palette.look_of(name)
    xs = sorted(points)
    axes.plot(xs, [points[x] for x in xs], color=look.colour, linestyle=look.dash,
              marker=look.marker, markersize=5.5 if look.is_hub else 4,
              linewidth=2.8 if look.is_hub else 1.3, zorder=4 if look.is_hub else 3,
              clip_on=False, solid_capstyle="round")


def draw_labels(axes, drawn, height_in):
    """Names at the right, each joined to the end of its line."""
    names = list(drawn)
    ends = [max(drawn[name][1]) for name in names]
    to_share = axes.transData + axes.transAxes.inverted()
    shares = [to_share.transform((x, drawn[name][1][x])) for name, x in zip(names, ends)]
    places = spread([share[1] for share in shares], LABEL_GAP_IN / height_in, 0.0, 1.0)
    for name, (x, y), place in zip(names, shares, places):
        look = palette.look_of(name)
        axes.plot([x + 0.012, 1.05, 1.075], [y, place, place], transform=axes.transAxes,
                  color=look.colour, linewidth=0.8, linestyle=(0, (1, 1.2)), clip_on=False,
                  zorder=2)
        axes.plot([1.09], [place], transform=axes.transAxes, color=look.colour,
                  marker=look.marker, markersize=4.5, clip_on=False)
        axes.text(1.11, place, drawn[name][0], transform=axes.transAxes, va="center",
                  color=svg.INK, fontsize=8, fontweight="bold" if look.is_hub else "normal")


def padded(values, share):
    """Bounds of a logarithmic axis with that share of its length left free at each end."""
    factor = (values[-1] / values[0]) ** (share / (1 - 2 * share))
    return values[0] / factor, values[-1] * factor


def note_ratio(axes, x, y, is_last, below):
    """A point's figure, below it unless it would stand upon the line at 1."""
    room = (axes.transData.transform((1, y))[1] - axes.transData.transform((1, 1.0))[1])
    below = below and not 0 <= room < 22
    axes.annotate(units.times(y), (x, y), textcoords="offset points", fontsize=8, color=svg.INK,
                  xytext=(4 if is_last else 0, -8 if below else 7),
                  ha="left" if is_last else "center", va="top" if below else "bottom")


def ratio_lines(title, lines, values, value_text, x_words):
    """How many times sessionhub's bytes the best and the worst peer take.

    `lines` is {words: {value: (ratio, peer's title)}}, the best first.
    """
    figure, axes = canvas.sheet(2.6, title, left_in=0.95, right_in=1.3)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xlim(*padded(values, 0.1))
    ratios = [ratio for points in lines.values() for ratio, _ in points.values()]
    low, high = canvas.log_bounds([*ratios, 1.0], room=2.4)
    axes.set_ylim(low, high)
    canvas.plain_log(axes.yaxis)
    axes.set_xticks(values, [value_text(value) for value in values])
    axes.minorticks_off()
    canvas.grid(axes, "y")
    canvas.name_axes(axes, x_words, "peer's bytes ÷ sessionhub's\n(below 1: sessionhub sends more)")
    axes.axhspan(low, 1.0, color=palette.COLOURS[1][1], alpha=0.09, linewidth=0)
    axes.axhline(1.0, color=svg.INK, linewidth=1.1)
    colour = palette.COLOURS[0][1]
    for (words, points), dash, below in zip(lines.items(), ((0, (5, 1.5)), "-"), (True, False)):
        xs = sorted(points)
        axes.plot(xs, [points[x][0] for x in xs], color=colour, linestyle=dash, marker="o",
                  linewidth=2.2)
        for x in xs:
            note_ratio(axes, x, points[x][0], x == xs[-1], below)
    to_share = axes.transData + axes.transAxes.inverted()
    ends = {words: points[max(points)][0] for words, points in lines.items()}
    wanted = [to_share.transform((1, y))[1] for y in [*ends.values(), 1.0]]
    for words, place in zip([*ends, "equal"], spread(wanted, LABEL_GAP_IN / 2.6, 0.0, 1.0)):
        axes.text(1.02, place, words, transform=axes.transAxes, va="center", color=svg.INK,
                  fontsize=8, fontweight="bold" if words in ends else "normal")
    return figure
