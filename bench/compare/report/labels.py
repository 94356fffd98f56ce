"""Where names beside lines go: near the ends of the lines, and never one upon another."""


def spread(wanted, gap, low, high):
    """Positions in the order of `wanted`, at least `gap` apart and within the bounds, as near to
    what is wanted as that allows. Where there is no room for the gap, they are spread evenly."""
    if not wanted:
        return []
    if len(wanted) > 1:
        gap = min(gap, (high - low) / (len(wanted) - 1))
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    blocks = []  # of neighbours that touch: [sum of the wanted first positions, how many]
    for rank, i in enumerate(order):
        blocks.append([wanted[i] - rank * gap, 1])
        while len(blocks) > 1 and mean(blocks[-2]) >= mean(blocks[-1]):
            total, many = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += many
    placed = [0.0] * len(wanted)
    last = high - gap * (len(wanted) - 1)
    rank = 0
    for block in blocks:
        first = min(max(mean(block), low), last)
        for _ in range(block[1]):
            placed[order[rank]] = first + rank * gap
            rank += 1
    return placed


def mean(block):
    return block[0] / block[1]
