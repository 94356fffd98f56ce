"""What a reader should not read into the figures."""

import units

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


def kills_note(risks):
    """How little so many sessions say of kills; empty if a kill was tried with no strategy."""
    if not any(risk.killed for risk in risks.values()):
        return ""
    return ("Each kill is tried with many sessions, and the sessions of one kill share its fate. A "
            "loss that is rarer than what was seen here may not show.")


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


def limits_of(run):
    """Always true of such a run first, then what holds for this one."""
    found = [
        f"One machine ({run.machine or 'not named'}): nodes, servers and the requests share its "
        "processors. Bytes hardly depend on that; waits, processor time and how often a race is "
        "lost do. Compare those within this page only.",
        "The network between nodes is the kernel's memory: it has no distance and loses nothing. "
        "On a real one each way adds a round trip for each answer it waits for.",
        "The requests do nothing but read or change fields. In an application, the rest of its "
        "work would hide much of the differences in processor time and latency.",
        "Fields are texts. A framework that keeps objects sends them serialised, which is larger, "
        "and an object as a whole if anything in it has changed.",
        "Servers run without replicas, and nothing is encrypted: a standby of the hub or of a "
        "store adds bytes of its own, and encryption adds some to each message.",
        "Each cell is one short run unless said otherwise: differences of a few per cent mean "
        "nothing.",
        "A node is killed, not its machine: what survives a power cut is said by how each way "
        "stores, and was not tried.",
    ]
    if run.network != "namespaces":
        found.insert(0, "Only payloads were counted, so that ways with many small messages look "
                        "leaner than they are.")
    if run.quick:
        found.insert(0, "This was a quick run: too few requests for p99, and too few trials for "
                        "rare losses.")
    if run.skipped:
        skipped = "; ".join(dict.fromkeys(run.title(one.strategy) for one in run.skipped))
        found.append(f"Left out, wholly or in part, and so no part of any finding where it was: "
                     f"{skipped}.")
    return found
