"""What a reader should not read into the figures."""

import palette
import units

# Of those in a smaller cluster, fewer frames than so many are told.
FEWER_FRAMES = 0.9
PAYLOADS = "socket payloads"

NETWORKS = {
    "namespaces": "Each node and server has a network namespace of its own; what it sends is "
                  "counted by the kernel at its interface, in frames of an Ethernet with an MTU of "
                  "1,500 bytes: headers, acknowledgements, heartbeats and membership are in it",
    PAYLOADS: "Network namespaces were not allowed here, so only the payloads of sockets were "
              "counted: no headers, no acknowledgements, and no frames. These figures are smaller "
              "than those of a run with namespaces, and must not be put beside them",
}


def network_words(network):
    return NETWORKS.get(network, network or units.NONE)


def where_words(run):
    """After a number of bytes: where they were counted."""
    return "of payload" if run.network == PAYLOADS else "on the wire"


def bytes_noun(run):
    """What is counted, in a title."""
    return "payload bytes" if run.network == PAYLOADS else "bytes"


def why_no_frames(run):
    """Why there are no frames in the whole run; empty if they may be there."""
    return "frames are not counted in a run of payloads" if run.network == PAYLOADS else ""


# Ways that stand for applications that load a session, change it and store it whole.
WHOLE_WITHOUT_LOCK = ("memcached", "redis_whole", "postgres")


def whole_notes(run, risks):
    """Why ways that store whole sessions lose one of two changes at once, if any did."""
    titles = [units.quoted(run.title(name)) for name in WHOLE_WITHOUT_LOCK
              if name in risks and risks[name].concurrent and risks[name].concurrent.hit]
    return [f"Of two changes at once the one that is stored last is kept with "
            f"{units.listed(titles)}: sessions are loaded and stored whole without a lock or a "
            "compare-and-set, as by the applications that are meant here"] if titles else []


def way_notes(run):
    """What a reader could take for granted of a way, and must not."""
    return [f"{units.quoted(one.title)} sets a session only when a request has changed it: one "
            "that only reads sends nothing" for one in run.strategies
            if one.name == "memcached_sticky"]


def crowd_notes(sweeps, routing):
    """Who sends fewer frames in the largest cluster than in the one before it, if that is beyond
    those that everything is compared in; nobody would if nodes had processors of their own."""
    sweep = sweeps.by["nodes"]
    values = sweep.values(routing)
    if len(values) < 2 or values[-1] <= sweeps.nodes:
        return []
    before, last = values[-2:]
    cells, fewer = sweep.cells(routing, before), []
    for name, cell in sweep.cells(routing, last).items():
        frames = [one.frames_per_change for one in (cell, cells.get(name)) if one]
        if None not in frames and frames[1:] and frames[0] < frames[1] * FEWER_FRAMES:
            fewer.append(f"{units.quoted(sweeps.run.title(name))} "
                         f"({units.number(frames[0])} against {units.number(frames[1])})")
    return [f"With {last:,} nodes there are fewer frames a change than with {before:,} with "
            f"{units.listed(fewer)}: all nodes wait for the processors of one machine, so that "
            "messages share frames. On machines of their own they could take more bytes."] if (
                fewer) else []


def trials_note(risks):
    """With how many nodes risks were tried, and how little so many sessions say of kills; empty if
    nothing was tried."""
    counts = sorted({risk.nodes for risk in risks.values() if risk.nodes})
    if not counts:
        return ""
    text = f"Tried with {units.listed(units.count(one, 'node') for one in counts)}"
    bursts = sorted({risk.burst_nodes for risk in risks.values() if risk.burst_nodes} - set(counts))
    if bursts:
        text += f", bursts with {units.listed(units.count(one, 'node') for one in bursts)}"
    if not any(risk.killed for risk in risks.values()):
        return text + "."
    return (f"{text}. Each kill is tried with many sessions, and the sessions of one kill share "
            "its fate. A loss that is rarer than what was seen here may not show.")


def bytes_words(run):
    """What all bytes of the run are."""
    if run.network == PAYLOADS:
        return ("payloads of sockets between nodes and servers, with neither headers nor "
                "acknowledgements")
    return "those on the wire between nodes and servers, headers and acknowledgements included"


def idle_notes(run):
    """What is said of idle traffic, which is not in the bytes of a change."""
    if not run.idle:
        return ["Idle traffic was not measured in this run."]
    return ["This is what is sent when no request comes: heartbeats, membership. It is subtracted "
            "from the bytes of a change, and is to be added to them for a cluster with little to "
            "do."]


def limits_of(run, has_noise):
    """Always true of such a run first, then what holds for this one."""
    found = [
        f"One machine ({run.machine or 'not named'}): nodes, servers and the requests share its "
        "processors, and so does whatever else runs there. Bytes depend on that a little, as far "
        "as messages share frames; waits, processor time and how often a race is lost depend on it "
        "much. Compare those within this page only.",
        "The network between nodes is the kernel's memory: it has no distance and loses nothing. "
        "On a real one each way adds a round trip for each answer it waits for.",
        "The requests do nothing but read or change fields. In an application, the rest of its "
        "work would hide much of the differences in processor time and latency.",
        "Fields are texts. A framework that keeps objects sends them serialised, which is larger, "
        "and an object as a whole if anything in it has changed.",
        "There is the same number of users at each node, so that with more nodes more requests run "
        "at once: more messages share a frame, and users wait for each other's turn on these "
        "processors.",
        "Processor time holds what the idle cluster takes meanwhile.",
        "Servers run without replicas, and nothing is encrypted: a standby of the hub or of a "
        "store adds bytes of its own, and encryption adds some to each message.",
        "Each cell is one short run unless said otherwise: what differs by less than "
        f"{'the noise that is named above' if has_noise else 'a tenth'} may be chance.",
        "A node's memory is mostly its program's, as there are few sessions. Each further one adds "
        "about its size at every node that keeps a copy.",
        "A node is killed, not its machine: what survives a power cut is said by how each way "
        "stores, and was not tried.",
    ]
    if run.network != "namespaces":
        found.insert(0, "Only payloads were counted, so that ways with many small messages look "
                        "leaner than they are.")
    if any(one.name == palette.SHARES_NOTHING for one in run.strategies):
        title = units.quoted(run.title(palette.SHARES_NOTHING))
        found.append(f"{title} is asked through its balancer, the others at their nodes: its waits "
                     "hold that hop, and its processor time is without the balancer's.")
    if run.quick:
        found.insert(0, "This was a quick run: too few requests for p99, and too few trials for "
                        "rare losses.")
    if run.skipped:
        skipped = "; ".join(dict.fromkeys(run.title(one.strategy) for one in run.skipped))
        found.append(f"Left out, wholly or in part, and so no part of any finding where it was: "
                     f"{skipped}.")
    return found
