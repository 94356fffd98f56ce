"""Who may include whom. A folder is a step of the delta's walk; includes go one way only."""
# The shard's machine: decides, and does nothing else.
MACHINE = tuple("hub/shard/" + name for name in (
    "agenda", "app_ledger", "dedupe", "delivery", "delta_step", "effect", "expiry", "input",
    "large_reads", "life", "lock_input", "locks", "node_state", "origin", "plan", "renames",
    "served_time", "session_counts", "shard_counters", "shard_machine", "turn_out", "turn_state"))

# Folder or file prefix -> the prefixes of this tree that it may include, besides itself. The
# longest prefix that fits a file counts.
MAY_INCLUDE = {
    "proto/": (),
    "interest/": ("proto/",),
    "hub/record/": ("proto/",),
    "hub/store/": ("proto/", "hub/record/", "hub/fail_point.h"),
    "hub/journal/": ("proto/", "hub/record/"),
    # What it is told (effects) and where catch-ups are read from.
    "hub/forward/": ("proto/", "interest/", "hub/record/", "hub/store/store.h",
                     "hub/fail_point.h", "hub/walk_times.h",
                     "hub/shard/dedupe.h", "hub/shard/effect.h", "hub/shard/input.h"),
    "hub/shard/": ("proto/", "interest/", "hub/"),
    "hub/gateway/": ("proto/", "interest/", "hub/"),
    # What the hub is told knows nothing of the hub but Config.
    "hub/options/": ("proto/", "hub/config.h"),
    # Looks at folders that no hub serves.
    "hub/offline/": ("proto/", "hub/record/", "hub/store/", "hub/shard/renames.h", "hub/config.h",
                     "hub/options/", "hub/space_watch.h"),
    "hub/": ("proto/", "interest/"),
    "client/": ("proto/", "interest/"),
    "client/cpp/testing/": ("proto/", "interest/", "client/", "hub/"),
    "bench/": ("proto/", "interest/", "client/", "hub/"),
    # What judges the hub trusts nobody.
    "bench/demo/checker": ("bench/demo/checker", "bench/demo/commit_log"),
    "bench/demo/commit_log": ("bench/demo/commit_log",),
    "tests/": ("proto/", "interest/", "client/", "hub/", "bench/"),
}

MAY_INCLUDE |= {prefix: ("proto/", "interest/", "hub/record/") + MACHINE for prefix in MACHINE}

# A library's includes -> the only prefixes that may use it.
LIBRARIES = {
    "rocksdb/": ("hub/store/", "bench/", "tests/"),
    "grpcpp/": ("hub/gateway/", "hub/main", "hub/hub", "client/cpp/src/stream",
                "client/cpp/src/unary_calls", "client/cpp/src/channel", "client/ctl/", "bench/",
                "tests/"),
    "CLI/": ("hub/options/command_line", "hub/offline/", "client/ctl/", "bench/", "tests/"),
    "nlohmann/": ("proto/session/json_tree", "proto/access/token_list", "hub/gateway/audit_log",
                  "hub/offline/", "client/ctl/", "bench/", "tests/"),
    "openssl/": ("proto/access/token.cc", "hub/gateway/", "tests/"),
    "prometheus/": ("hub/metrics/",),
    "civetweb.h/": ("hub/metrics/http_server",),
    "glog/": ("hub/", "client/cpp/testing/", "tests/", "bench/"),
}
LIBRARIES["grpc/"] = LIBRARIES["grpcpp/"]
LIBRARIES["grpc++/"] = LIBRARIES["grpcpp/"]

# No include of these from there, whatever the table above says: (who, what, why).
BANS = (
    ("client/cpp/src/", "proto/access/", "the client shows the token it is given, as it is"),
    ("hub/shard/", "hub/gateway/", "the shard does not know streams"),
    ("hub/shard/", "hub/metrics/", "who counts does not know who asks"),
    ("hub/gateway/", "hub/metrics/", "who counts does not know who asks"),
)

# The pure core has no thread, clock, I/O or randomness.
PURE = MACHINE + ("proto/", "interest/", "hub/record/", "client/cpp/src/near_cache",
                  "client/cpp/src/event_queue", "client/cpp/src/pending_writes",
                  "client/cpp/src/client_machine", "client/cpp/src/lock_requests",
                  "client/cpp/src/touches", "client/cpp/src/tracked_image")
IMPURE = ("thread", "mutex", "shared_mutex", "condition_variable", "future", "random",
          "fstream", "iostream", "filesystem", "unistd.h")
IMPURE_FOLDERS = ("absl/synchronization/", "absl/time/clock", "absl/random/")

TOP_FOLDERS = ("proto/", "interest/", "hub/", "client/", "bench/", "tests/", "deploy/")
GENERATED_ROOT = "proto/"
# Public headers that both sides share; the others are the client's.
OF_THE_CONTRACT = ("sessionhub/export.h", "sessionhub/value.h")


def place_of(included):
    """The path in this tree of what is included, or None for a system's or a library's header."""
    if included.startswith(TOP_FOLDERS):
        return included
    if included.startswith("sessionhub/"):
        # Generated files lie in folders of their own below sessionhub/.
        public = included.count("/") == 1 and included not in OF_THE_CONTRACT
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
