#!/usr/bin/env python3
"""docs/limits.md says what the code says: every limit, its default, its option and its range."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
KIB, MIB, GIB, TIB = (1 << shift for shift in (10, 20, 30, 40))


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def number_of(expression, names=()):
    """The value of a C++ constant expression: digits, separators, suffixes, shifts, names."""
    text = re.sub(r"(?<=[0-9])'(?=[0-9])", "", expression.strip())
    text = re.sub(r"\b([0-9]+)(?:ull|ul|u)\b", r"\1", text)
    for name, value in dict(names).items():
        text = re.sub(rf"\b{name}\b", str(value), text)
    if not re.fullmatch(r"[0-9 <*+-]+", text):
        raise AssertionError(f"not a constant: {expression!r}")
    return eval(text)  # only digits and operators, as checked above


def text_of(name, value):
    """A value as the page writes it."""
    if "bytes" in name:
        for size, unit in ((TIB, "TiB"), (GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
            if value >= size and value % size == 0:
                return f"{value // size} {unit}"
        return f"{value:,} bytes"
    if re.search(r"_ms$|stale_max|backoff|timeout|^lease$|^wait$", name):
        return f"{value:,} ms"
    return f"{value:,}"


def bound_of(name, path):
    """The one constant of this name in a source, as the page writes it; times as milliseconds."""
    (kind, assigned, braced), = re.findall(
        rf"\b([\w:]+) {name}(?: = ([^;]+)|{{([^}}]+)}});", read(path))
    value = number_of(assigned or braced)
    if "Us" in name:
        if value % 1000:
            raise AssertionError(f"{name} is no whole number of milliseconds: {value}")
        return f"{value // 1000:,} ms"
    if "Bytes" in name:
        return text_of("bytes", value)
    return f"{value:,}{' ms' if 'Ms' in name or kind == 'milliseconds' else ''}"


def fields_of(header, struct):
    """Numeric members of a struct and their defaults, in order."""
    body = re.search(rf"struct {struct} {{\n(.*?)\n}};", read(header), re.S).group(1)
    pattern = r"^  (?:uint\d+_t|size_t) (\w+) = ([^;]+);|milliseconds (\w+){([^}]+)};"
    return {a or c: number_of(b or d) for a, b, c, d in re.findall(pattern, body, re.M)}


def options():
    """Member -> (option, least, most) of every option of sessionhubd that is a number."""
    source = read("hub/options/option_table.cc")
    names = {}
    for name, value in re.findall(r"constexpr uint64_t (\w+) = ([^;]+);", source):
        names[name] = number_of(value, names)
    pattern = (r"Number\(\"([\w-]+)\",\s*&(?:Config|Limits)::(\w+),\s*"
               r"([^,]+),\s*([^,]+),")
    return {member: (f"--{option}", number_of(low, names), number_of(high, names))
            for option, member, low, high in re.findall(pattern, source)}


def rows_of(page, heading):
    """The cells of each row of the table below a heading."""
    part = page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in part.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def hub_row(member, default, of_options):
    option, low, high = of_options[member]
    return [f"`{member}`", text_of(member, default), f"`{option}`",
            f"{text_of(member, low)} to {text_of(member, high)}"]


class LimitsTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.page = read("docs/limits.md")

    def check(self, heading, expected):
        rows = [row[:len(expected[0])] for row in rows_of(self.page, heading)]
        self.assertEqual(rows, expected, f"docs/limits.md, {heading}")

    def test_what_a_hub_accepts(self):
        of_options = options()
        expected = []
        for member, default in fields_of("proto/session/limits.h", "Limits").items():
            if member in of_options:
                expected.append(hub_row(member, default, of_options))
            else:
                expected.append([f"`{member}`", text_of(member, default), "fixed", "-"])
        self.check("What a hub accepts", expected)

    def test_what_a_hub_takes(self):
        of_options = options()
        limits = fields_of("proto/session/limits.h", "Limits")
        config = fields_of("hub/config.h", "Config")
        self.assertEqual(sorted(of_options), sorted([*config, *(set(limits) & set(of_options))]))
        self.check("What a hub takes for itself",
                   [hub_row(member, default, of_options) for member, default in config.items()])

    def test_what_a_client_takes(self):
        options_h = "client/cpp/include/sessionhub/options.h"
        expected = [[f"`{struct}::{member}`", text_of(member, default)]
                    for struct in ("ClientOptions", "OpenOptions")
                    for member, default in fields_of(options_h, struct).items()
                    if member != "at_least_version"]
        lock_h = "client/cpp/include/sessionhub/lock.h"
        expected += [[f"`LockOptions::{member}`", text_of(member, default)]
                     for member, default in fields_of(lock_h, "LockOptions").items()]
        self.check("What a client takes for itself", expected)

    def test_fixed_bounds(self):
        files = {"kIdleTimeoutMsMin": "proto/session/settings.h",
                 "kAliasMsMax": "proto/session/settings.h",
                 "IdChanges::kPendingMax": "client/cpp/src/id_changes.h",
                 "kOpensMax": "client/cpp/src/client_impl.cc",
                 "kPageSizeDefault": "hub/gateway/admin_service.cc",
                 "kPageSizeMax": "hub/gateway/admin_service.cc",
                 "kLockLeaseUsMax": "hub/shard/locks.h",
                 "kLeaseMax": "client/cpp/src/client_machine_locks.cc",
                 "kLockWaitUsMax": "hub/shard/locks.h",
                 "kWaitMax": "client/cpp/src/client_machine_locks.cc",
                 "kFrameRequestsMax": "proto/session/limits.h",
                 "turn_load_bytes_max": "hub/shard/shard_machine_options.h",
                 "handles_per_node_max": "hub/shard/shard_machine_options.h",
                 "requests_max": "hub/shard/registrar.h",
                 "turn_inputs_max": "hub/shard/shard_thread.h",
                 "catch_ups_per_turn_max": "hub/shard/shard_machine_options.h",
                 "waiters_of_session_max": "hub/shard/shard_machine_options.h",
                 "waiters_max": "hub/shard/shard_machine_options.h",
                 "LockRequests::kPendingMax": "client/cpp/src/lock_requests.h",
                 "Callbacks::kWaitingMax": "client/cpp/src/callbacks.h",
                 "kDeliveriesMax": "client/cpp/src/sessions.h",
                 "kWritersMax": "hub/shard/dedupe.h",
                 "kRefusedRunsMax": "hub/shard/dedupe.h",
                 "apps_max": "hub/shard/roster.h",
                 "kDebtorsMax": "hub/gateway/app_limits.h",
                 "kPlacesMax": "hub/gateway/grpc_log.h",
                 "kStreamsOfConnectionMax": "hub/hub.cc",
                 "kWindowBytes": "proto/session/windows.h",
                 "kOperatorThreadsMax": "hub/hub.cc",
                 "kIdleConnectionMs": "hub/hub.cc",
                 "kHandshakeMs": "hub/hub.cc",
                 "kHttpThreads": "hub/metrics/http_server.h",
                 "kHttpWaitingMax": "hub/metrics/http_server.h",
                 "kHttpRequestMs": "hub/metrics/http_server.h",
                 "kMeasuredMax": "hub/metrics/broadcast_model.h",
                 "kMeasuredBytesMax": "hub/metrics/broadcast_model.h",
                 "kOtherStreamsMax": "hub/gateway/gateway_context.h",
                 "kOwnDescriptors": "hub/process_limits.h",
                 "kStoreDescriptors": "hub/process_limits.h",
                 "kConnectionsMin": "hub/process_limits.h",
                 "kNameCharactersMax": "proto/session/limits.cc",
                 "kJsonDepthMax": "proto/session/json_tree.h",
                 "kBackupsMax": "hub/store/backup.h",
                 "kRecordFindingsMax": "hub/offline/record_check.h"}
        expected = [[f"`{name}`", bound_of(name.split("::")[-1], path)]
                    for name, path in files.items()]
        self.check("Fixed bounds", expected)


if __name__ == "__main__":
    unittest.main()
