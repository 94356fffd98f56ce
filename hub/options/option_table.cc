#include "hub/options/option_table.h"

#include <string>
#include <utility>

namespace sessionhub::hub {
namespace {

constexpr uint64_t kMaxBytes = 1ull << 40;
// A client takes messages of up to 64 MiB.
constexpr uint64_t kMaxFrameBytes = 32 << 20;
constexpr uint64_t kMinFrameBytes = 64 << 10;

struct Section {
  std::string title;
  std::vector<Option> options;
};

Section Program() {
  return {
      "The program",
      {
          Required(Text("data-dir", &Config::data_dir,
                        "folder of the sessions; made if missing, in a folder that exists")),
          Text("listen", &Config::listen, "address and port; port 0 takes a free one"),
          Text("port-file", &Config::port_file,
               "file that gets the port, as text, once the hub is ready"),
          Reloadable(Choice("log-level", &Config::log_level, {"info", "warning", "error"},
                            "the least severe lines that are logged")),
      },
  };
}

Section Access() {
  return {
      "Who is let in",
      {
          Text("tls-certificate", &Config::tls_certificate,
               "PEM file of the hub's certificate and those between it and its root; without it "
               "connections are plaintext. It is read again when it changes"),
          Text("tls-key", &Config::tls_key, "PEM file of the certificate's private key"),
          Text("tls-client-ca", &Config::tls_client_ca,
               "PEM file of the roots of the certificates that clients must then show, beside "
               "their tokens"),
          Text("tokens-file", &Config::tokens_file,
               "file of the tokens that are let in, made by `sessionhubctl tokens`; without it "
               "nobody is asked for one. It is read again when it changes"),
          Flag("insecure-listen", &Config::insecure_listen,
               "allow plaintext, and callers who show neither a token nor a certificate, on an "
               "address that is not loopback: anybody who reaches it can read and change every "
               "session"),
          Text("audit-file", &Config::audit_file,
               "file that gets a line of JSON for each connection and each call of the Admin "
               "service"),
          Number("audit-bytes-max", &Config::audit_bytes_max, 64 << 10, kMaxBytes,
                 "bytes of --audit-file; past it the file is renamed to .1 and begun anew"),
      },
  };
}

Section Backups() {
  return {
      "Backups",
      {
          Text("backup-dir", &Config::backup_dir,
               "folder of the backups that sessionhubctl backup create makes; made if missing, in "
               "a folder that exists, outside of --data-dir"),
          Number("backup-bytes-per-s-max", &Config::backup_bytes_per_s_max, 1 << 20, 1 << 30,
                 "bytes that a backup writes in a second"),
      },
  };
}

Section Apps() {
  return {
      "What one app may take",
      {
          Number("app-streams-max", &Config::app_streams_max, 0, 1 << 20,
                 "streams of one app at a time; 0: no limit but --nodes-max"),
          Number("app-deltas-per-s-max", &Config::app_deltas_per_s_max, 0, 1 << 30,
                 "deltas that are read of one app's nodes in a second; 0: no limit"),
          Number("app-bytes-per-s-max", &Config::app_bytes_per_s_max, 0, kMaxBytes,
                 "bytes that are read of one app's nodes in a second; 0: no limit"),
          Reloadable(Number("app-sessions-max", &Config::app_sessions_max, 0, 1ull << 40,
                            "sessions of one app; no further one is created, and none is ended "
                            "when it is lowered; 0: no limit")),
      },
  };
}

Section Watching() {
  return {
      "Watching",
      {
          Text("metrics-listen", &Config::metrics_listen,
               "address and port of /metrics (for Prometheus), /livez and /readyz, over HTTP; "
               "port 0 takes a free one; without it there are none"),
          Flag("insecure-metrics-listen", &Config::insecure_metrics_listen,
               "allow --metrics-listen on an address that is not loopback: anybody who reaches it "
               "can read what the hub counts"),
          Text("metrics-port-file", &Config::metrics_port_file,
               "file that gets the port of --metrics-listen, before --port-file gets its own"),
          Number("slow-commit-ms", &Config::slow_commit_ms, 0, 600'000,
                 "a turn that takes as long is counted and logged with what each of its rows "
                 "took; 0 logs none"),
      },
  };
}

Section Nodes() {
  return {
      "Nodes",
      {
          Reloadable(Number("nodes-max", &Config::nodes_max, 1, 1 << 20,
                            "nodes attached or in their lease; one more is told BUSY, and nobody "
                            "is cut when it is lowered")),
          Number("lease-ms", &Config::lease_ms, 100, 3'600'000,
                 "how long a node's interest outlives its connection"),
          Number("heartbeat-ms", &Config::heartbeat_ms, 100, 600'000,
                 "each side sends something at least this often"),
          Number("resend-horizon-ms", &Config::resend_horizon_ms, 1'000, 30ull * 24 * 3600 * 1000,
                 "a node that was away for longer, while a hub served, may not resend"),
          Reloadable(Number("drain-ms", &Config::drain_ms, 0, 600'000,
                            "how long a stop waits for answers to be written")),
      },
  };
}

Section Machine() {
  return {
      "Memory, disk and processors",
      {
          Number("shards", &Config::shards, 1, 64, "writers, each of its own sessions"),
          Number("outbox-bytes-max", &Config::outbox_bytes_max, 64 << 10, kMaxBytes,
                 "bytes that wait for one node; past it its copies lapse"),
          Number("mailbox-bytes-max", &Config::mailbox_bytes_max, 64 << 10, kMaxBytes,
                 "bytes that wait for one shard; past it the hub stops reading"),
          Number("block-cache-bytes", &Config::block_cache_bytes, 1 << 20, kMaxBytes,
                 "RocksDB's block cache"),
          Reloadable(Number("disk-free-bytes-min", &Config::disk_free_bytes_min, 0, kMaxBytes,
                            "free space on the disk of --data-dir below which sessions do not "
                            "grow, until there is more; 0 never looks")),
          Number("deleted-data-ms", &Config::deleted_data_ms, 0, 365ull * 24 * 3600 * 1000,
                 "after which the bytes of what was deleted or replaced are in no file of "
                 "--data-dir any more; 0 or at least 8000; 0: no bound"),
          Number("turn-read-bytes-max", &Config::turn_read_bytes_max, 0, 64 << 20,
                 "bytes of a session that is read for a catch-up within a turn; larger ones are "
                 "read beside the turns"),
          Number("catch-up-reads-max", &Config::catch_up_reads_max, 1, 1024,
                 "larger sessions that are read at a time, each from a snapshot; further ones "
                 "wait"),
          Number("delivery-waits-max", &Config::delivery_waits_max, 1, 1 << 24,
                 "of one shard, pairs of a delta and a node that is waited for until it has "
                 "applied it; past it commits at `delivered` are refused"),
      },
  };
}

// A node is told these when it attaches, and keeps to them for as long as its stream lasts.
Section Accepted() {
  return {
      "What nodes may send",
      {
          Number("path-bytes-max", &Limits::path_bytes_max, 16, 1 << 16, "bytes of a field path"),
          Number("path-segments-max", &Limits::path_segments_max, 1, 1024,
                 "segments of a field path"),
          Number("value-bytes-max", &Limits::value_bytes_max, 16, kMaxFrameBytes,
                 "bytes of one value"),
          Number("delta-ops-max", &Limits::delta_ops_max, 1, 1 << 20,
                 "operations and conditions of one delta"),
          Number("delta-bytes-max", &Limits::delta_bytes_max, 64, kMaxFrameBytes,
                 "bytes of paths and values of one delta"),
          Number("session-bytes-max", &Limits::session_bytes_max, 64, 1 << 30,
                 "bytes of paths and values of one session"),
          Number("frame-bytes-max", &Limits::frame_bytes_max, kMinFrameBytes, kMaxFrameBytes,
                 "bytes of one frame on the wire"),
          Number("in-flight-deltas-max", &Limits::in_flight_deltas_max, 1, 1 << 20,
                 "unanswered deltas of one node; past it the hub stops reading from that node"),
          Number("path-definitions-max", &Limits::path_definitions_max, 1, 1 << 20,
                 "paths that get a number on a stream, in each direction"),
      },
  };
}

}  // namespace

std::vector<Option> OptionTable() {
  std::vector<Option> table;
  for (Section section :
       {Program(), Access(), Watching(), Nodes(), Apps(), Machine(), Backups(), Accepted()}) {
    for (Option& option : section.options) {
      option.section = section.title;
      table.push_back(std::move(option));
    }
  }
  return table;
}

}  // namespace sessionhub::hub
