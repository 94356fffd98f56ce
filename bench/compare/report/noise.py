"""How far apart this run's own figures of the same work are: what differs by less says nothing."""

import collections

import findings
import units

# Two ways, the routing in which they do the same work (empty: any), and the measures in which they
# do. Sticky, no other node follows a session, so that sessionhub has nobody to push to or to tell;
# what Redis syncs to its disk is not on the wire.
SAME_WORK = (
    ("sessionhub_push", "sessionhub_invalidate", "sticky",
     (findings.BYTES, findings.P50, findings.CPU, findings.P99, findings.MEMORY)),
    ("redis_channels", "redis_channels_synced", "", (findings.BYTES,)),
    ("redis_tracking", "redis_tracking_synced", "", (findings.BYTES,)),
)


def places_of(cells):
    """[{strategy: cell}] of changes that were asked for alike."""
    places = collections.defaultdict(dict)
    for cell in cells:
        if cell.what == "change" and cell.is_sound:
            places[cell.routing, cell.nodes, cell.session_bytes, cell.fields, cell.fields_changed,
                   cell.read_percent, cell.connections][cell.strategy] = cell
    return list(places.values())


def spreads_of(cells):
    """(both ways, measure, how many times the lesser the larger is), wherever they do the same."""
    for place in places_of(cells):
        for one, other, routing, measures in SAME_WORK:
            if one in place and other in place and routing in ("", place[one].routing):
                for measure in measures:
                    values = [getattr(place[name], measure.key) for name in (one, other)]
                    if None not in values and findings.ratio(*values, measure):
                        yield (one, other), measure, max(values) / min(values)


class Noise:
    """The widest spread of each pair in each measure."""

    def __init__(self, cells):
        self.widest = collections.defaultdict(dict)  # measure -> {both ways: spread}
        for pair, measure, spread in spreads_of(cells):
            self.widest[measure][pair] = max(spread, self.widest[measure].get(pair, 0))

    def within(self, measure):
        """Figures that are at most so many times as much as each other count as equal."""
        return max(findings.EQUAL_WITHIN, *self.widest.get(measure, {}).values(), 0)

    def words(self, run):
        """Who of the same work differs by how much; empty if no pair does by more than counts as
        equal anyhow."""
        pairs = collections.defaultdict(list)
        for measure, spreads in self.widest.items():
            for pair, spread in spreads.items():
                if spread > findings.EQUAL_WITHIN:
                    pairs[pair].append(f"{spread * 100 - 100:.0f} % in {measure.words}")
        if not pairs:
            return ""
        told = [f"{' and '.join(units.quoted(run.title(name)) for name in pair)} by up to "
                f"{'; '.join(figures)}" for pair, figures in pairs.items()]
        return ("So does what differs by no more than this run's noise, which is the most by which "
                f"ways differ where they do the same work: {', and '.join(told)}.")
