"""Who may include whom. A folder is a step of the delta's walk; includes go one way only."""
# The shard's machine: decides, and does nothing else.
MACHINE = tuple("hub/shard/" + name for name in (
    "dedupe", "delta_step", "effect", "input", "life", "plan", "shard_machine", "turn_state"))

# Folder or file prefix -> the prefixes of this tree that it may include, besides itself. The
# longest prefix that fits a file counts.
MAY_INCLUDE = {
    "proto/": (),
    "interest/": ("proto/",),
    "hub/record/": ("proto/",),
    "hub/store/": ("proto/", "hub/record/"),
    "hub/journal/": ("proto/", "hub/record/"),
    # What it is told (effects) and where catch-ups are read from.
    "hub/forward/": ("proto/", "interest/", "hub/record/", "hub/store/store.h",
                     "hub/shard/dedupe.h", "hub/shard/effect.h", "hub/shard/input.h"),
    "hub/shard/": ("proto/", "interest/", "hub/"),
    "hub/gateway/": ("proto/", "interest/", "hub/"),
    "hub/": ("proto/", "interest/"),
    "client/": ("proto/", "interest/"),
    "client/cpp/testing/": ("proto/", "interest/", "client/", "hub/"),
    "bench/": ("proto/", "interest/", "client/", "hub/"),
    "bench/demo/checker": ("bench/",),
    "tests/": ("proto/", "interest/", "client/", "hub/", "bench/"),
}

MAY_INCLUDE |= {prefix: ("proto/", "interest/", "hub/record/") + MACHINE for prefix in MACHINE}

# A library's includes -> the only prefixes that may use it.
LIBRARIES = {
    "rocksdb/": ("hub/store/", "bench/", "tests/"),
    "grpcpp/": ("hub/gateway/", "hub/main", "hub/hub", "client/cpp/src/stream", "client/ctl/",
                "bench/", "tests/"),
    "glog/": ("hub/", "tests/", "bench/"),
}
LIBRARIES["grpc/"] = LIBRARIES["grpcpp/"]
LIBRARIES["grpc++/"] = LIBRARIES["grpcpp/"]

# No include of these from there, whatever the table above says: (who, what, why).
BANS = (
    ("hub/shard/", "hub/gateway/", "the shard does not know streams"),
    ("bench/demo/checker", "bench/load/", "the checker trusts nobody"),
)

# The pure core has no thread, clock, I/O or randomness.
PURE = MACHINE + ("proto/", "interest/", "hub/record/", "client/cpp/src/near_cache",
                  "client/cpp/src/pending_writes", "client/cpp/src/client_machine")
IMPURE = ("thread", "mutex", "shared_mutex", "condition_variable", "future", "random",
          "fstream", "iostream", "filesystem", "unistd.h")
IMPURE_FOLDERS = ("absl/synchronization/", "absl/time/clock", "absl/random/")

TOP_FOLDERS = ("proto/", "interest/", "hub/", "client/", "bench/", "tests/", "deploy/")
GENERATED_ROOT = "proto/"


def place_of(included):
    """The path in this tree of what is included, or None for a system's or a library's header."""
    if included.startswith(TOP_FOLDERS):
        return included
    if included.startswith("sessionhub/"):
        public = included.endswith(("client.h", "options.h", "session.h"))
        return ("client/cpp/include/" if public else GENERATED_ROOT) + included
    return None


def longest(prefixes, path):
    fitting = [prefix for prefix in prefixes if path.startswith(prefix)]
    return max(fitting, key=len) if fitting else None


def violations(path, included):
    """The reasons, usually none, why `path` may not include `included`."""
    yield from library_violations(path, included)
    place = place_of(included)
    if place is None:
        return
    layer = longest(MAY_INCLUDE, path)
    own = layer is not None and place.startswith(layer)
    if layer is not None and not own and not place.startswith(MAY_INCLUDE[layer]):
        yield f"{layer} may include {', '.join(MAY_INCLUDE[layer]) or 'nothing else of this tree'}"
    for who, what, why in BANS:
        if path.startswith(who) and place.startswith(what):
            yield why


def library_violations(path, included):
    name = included + ("" if "/" in included else "/")
    for library, users in LIBRARIES.items():
        generated = library == "grpcpp/" and included.endswith(".grpc.pb.h")
        if (name.startswith(library) or generated) and not path.startswith(users):
            yield f"only {', '.join(users)} use {library.rstrip('/')}"
    if included.startswith("glog/") and path.endswith(".h"):
        yield "glog only in .cc files"
    if path.startswith(PURE) and (included in IMPURE or included.startswith(IMPURE_FOLDERS)):
        yield "the pure core has no thread, clock, I/O or randomness"
