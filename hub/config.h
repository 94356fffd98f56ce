// Config: every option of sessionhubd, each declared once (name, default, range, help) in
// config.cc.
#ifndef HUB_CONFIG_H_
#define HUB_CONFIG_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "proto/session/limits.h"

namespace sessionhub::hub {

struct Config {
  std::string data_dir;
  std::string listen = "127.0.0.1:7070";
  std::string port_file;  // empty: none
  uint32_t shards = 1;
  uint64_t lease_ms = 30'000;
  uint64_t heartbeat_ms = 5'000;
  uint64_t drain_ms = 10'000;
  uint64_t outbox_bytes_max = 8 << 20;
  uint64_t mailbox_bytes_max = 16 << 20;
  uint64_t block_cache_bytes = 256ull << 20;
  uint64_t disk_free_bytes_min = 512ull << 20;
  uint64_t nodes_max = 10'000;
  uint64_t turn_read_bytes_max = 256 << 10;
  uint64_t catch_up_reads_max = 16;
  uint64_t delivery_waits_max = 100'000;
  uint64_t resend_horizon_ms = 24ull * 3600 * 1000;
  bool insecure_listen = false;
  Limits limits;
};

// Declares the options on `app`, which writes into `config` when it parses. Both must outlive the
// parse.
void DeclareOptions(CLI::App* app, Config* config);

// What the declarations cannot see: an address that is none, limits that contradict each other.
// InvalidArgument names the options and what to do.
absl::Status CheckConfig(const Config& config);

// True if `listen` ("host:port") is reached from this machine only.
bool IsLoopback(const std::string& listen);

}  // namespace sessionhub::hub

#endif  // HUB_CONFIG_H_
