#include "hub/config.h"

#include <arpa/inet.h>

#include <charconv>

#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

constexpr uint64_t kMaxBytes = 1ull << 40;
// A client takes messages of up to 64 MiB.
constexpr uint64_t kMaxFrameBytes = 32 << 20;
constexpr uint64_t kMinFrameBytes = 64 << 10;
// What a frame holds besides the paths and values of a delta that fills it.
constexpr uint64_t kFrameSlackBytes = 32 << 10;

// One option with a range, told in the help, checked when parsed.
template <typename T>
void Declare(CLI::App* app, const std::string& name, T* value, T low, T high,
             const std::string& help) {
  app->add_option(name, *value, help)->check(CLI::Range(low, high))->capture_default_str();
}

void DeclareLimits(CLI::App* app, Limits* limits) {
  Declare<uint64_t>(app, "--path-bytes-max", &limits->path_bytes_max, 16, 1 << 16,
                    "bytes of a field path");
  Declare<uint64_t>(app, "--path-segments-max", &limits->path_segments_max, 1, 1024,
                    "segments of a field path");
  Declare<uint64_t>(app, "--value-bytes-max", &limits->value_bytes_max, 16, kMaxFrameBytes,
                    "bytes of one value");
  Declare<uint64_t>(app, "--delta-ops-max", &limits->delta_ops_max, 1, 1 << 20,
                    "operations and conditions of one delta");
  Declare<uint64_t>(app, "--delta-bytes-max", &limits->delta_bytes_max, 64, kMaxFrameBytes,
                    "bytes of paths and values of one delta");
  Declare<uint64_t>(app, "--session-bytes-max", &limits->session_bytes_max, 64, 1 << 30,
                    "bytes of paths and values of one session");
  Declare<uint64_t>(app, "--frame-bytes-max", &limits->frame_bytes_max, kMinFrameBytes,
                    kMaxFrameBytes, "bytes of one frame on the wire");
  Declare<uint64_t>(app, "--in-flight-deltas-max", &limits->in_flight_deltas_max, 1, 1 << 20,
                    "unanswered deltas of one node; past it the hub stops reading from that node");
  Declare<uint64_t>(app, "--path-definitions-max", &limits->path_definitions_max, 1, 1 << 20,
                    "paths that get a number on a stream, in each direction");
}

// InvalidArgument if `limit`, which `option` sets, is below what `what` comes to.
absl::Status CheckHolds(const char* option, uint64_t limit, const std::string& what,
                        uint64_t needed) {
  if (limit >= needed) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(option) + " = " + std::to_string(limit) +
                                    " is below " + what + " = " + std::to_string(needed) +
                                    ": raise it");
}

absl::Status CheckFit(const Limits& limits) {
  RETURN_IF_ERROR(CheckHolds("--delta-bytes-max", limits.delta_bytes_max,
                             "--value-bytes-max + --path-bytes-max",
                             limits.value_bytes_max + limits.path_bytes_max));
  RETURN_IF_ERROR(CheckHolds("--frame-bytes-max", limits.frame_bytes_max,
                             "--delta-bytes-max + " + std::to_string(kFrameSlackBytes),
                             limits.delta_bytes_max + kFrameSlackBytes));
  return CheckHolds("--session-bytes-max", limits.session_bytes_max, "--delta-bytes-max",
                    limits.delta_bytes_max);
}

}  // namespace

void DeclareOptions(CLI::App* app, Config* config) {
  app->add_option("--data-dir", config->data_dir,
                  "folder of the sessions; made if missing, in a folder that exists")
      ->required();
  app->add_option("--listen", config->listen, "address and port; port 0 takes a free one")
      ->capture_default_str();
  app->add_option("--port-file", config->port_file,
                  "file that gets the port, as text, once the hub is ready");
  app->add_flag(
      "--insecure-listen", config->insecure_listen,
      "allow plaintext on an address that is not loopback: anybody who reaches it can read "
      "and change every session");
  Declare<uint32_t>(app, "--shards", &config->shards, 1, 64, "writers, each of its own sessions");
  Declare<uint64_t>(app, "--lease-ms", &config->lease_ms, 100, 3'600'000,
                    "how long a node's interest outlives its connection");
  Declare<uint64_t>(app, "--heartbeat-ms", &config->heartbeat_ms, 100, 600'000,
                    "each side sends something at least this often");
  Declare<uint64_t>(app, "--drain-ms", &config->drain_ms, 0, 600'000,
                    "how long a stop waits for answers to be written");
  Declare<uint64_t>(app, "--outbox-bytes-max", &config->outbox_bytes_max, 64 << 10, kMaxBytes,
                    "bytes that wait for one node; past it its copies lapse");
  Declare<uint64_t>(app, "--mailbox-bytes-max", &config->mailbox_bytes_max, 64 << 10, kMaxBytes,
                    "bytes that wait for one shard; past it the hub stops reading");
  Declare<uint64_t>(app, "--block-cache-bytes", &config->block_cache_bytes, 1 << 20, kMaxBytes,
                    "RocksDB's block cache");
  Declare<uint64_t>(app, "--disk-free-bytes-min", &config->disk_free_bytes_min, 0, kMaxBytes,
                    "free space on the disk of --data-dir below which sessions do not grow, until "
                    "there is more; 0 never looks");
  Declare<uint64_t>(app, "--nodes-max", &config->nodes_max, 1, 1 << 20,
                    "nodes attached or in their lease");
  Declare<uint64_t>(app, "--turn-read-bytes-max", &config->turn_read_bytes_max, 0, 64 << 20,
                    "bytes of a session that is read for a catch-up within a turn; larger ones are "
                    "read beside the turns");
  Declare<uint64_t>(app, "--catch-up-reads-max", &config->catch_up_reads_max, 1, 1024,
                    "larger sessions that are read at a time, each from a snapshot; further ones "
                    "wait");
  Declare<uint64_t>(app, "--delivery-waits-max", &config->delivery_waits_max, 1, 1 << 24,
                    "of one shard, pairs of a delta and a node that is waited for until it has "
                    "applied it; past it commits at `delivered` are refused");
  Declare<uint64_t>(app, "--resend-horizon-ms", &config->resend_horizon_ms, 1'000,
                    30ull * 24 * 3600 * 1000,
                    "a node that was away for longer, while a hub served, may not resend");
  DeclareLimits(app, &config->limits);
}

absl::Status CheckConfig(const Config& config) {
  if (config.listen.rfind("unix:", 0) != 0) {
    const size_t colon = config.listen.rfind(':');
    const std::string port = colon == std::string::npos ? "" : config.listen.substr(colon + 1);
    uint16_t number = 0;
    const auto parsed = std::from_chars(port.data(), port.data() + port.size(), number);
    if (colon == 0 || port.empty() || parsed.ec != std::errc() ||
        parsed.ptr != port.data() + port.size()) {
      return absl::InvalidArgumentError("--listen " + config.listen +
                                        " is no address: give host:port, port 0 to 65535");
    }
  }
  if (!IsLoopback(config.listen) && !config.insecure_listen) {
    return absl::InvalidArgumentError(
        "--listen " + config.listen +
        " is not loopback and the connection is plaintext: listen on 127.0.0.1, or say "
        "--insecure-listen in so many words");
  }
  return CheckFit(config.limits);
}

bool IsLoopback(const std::string& listen) {
  const std::string host = listen.substr(0, listen.rfind(':'));
  // A host's name may begin like an address and lead anywhere.
  in_addr address = {};
  const bool is_address = inet_pton(AF_INET, host.c_str(), &address) == 1;
  return host == "localhost" || host == "[::1]" || listen.rfind("unix:", 0) == 0 ||
         (is_address && host.rfind("127.", 0) == 0);
}

}  // namespace sessionhub::hub
