// Config: what every option of sessionhubd is set to. The defaults are here; names, ranges and help
// are in options/option_table.cc.
#ifndef HUB_CONFIG_H_
#define HUB_CONFIG_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "proto/session/limits.h"

namespace sessionhub::hub {

struct Config {
  std::string data_dir;
  std::string listen = "127.0.0.1:7070";
  std::string port_file;          // empty: none
  std::string metrics_listen;     // empty: no metrics
  std::string metrics_port_file;  // empty: none
  std::string backup_dir;         // empty: no backups are made
  uint32_t shards = 1;
  uint64_t lease_ms = 30'000;
  uint64_t heartbeat_ms = 5'000;
  uint64_t drain_ms = 10'000;
  uint64_t outbox_bytes_max = 8 << 20;
  uint64_t mailbox_bytes_max = 16 << 20;
  uint64_t block_cache_bytes = 256ull << 20;
  uint64_t disk_free_bytes_min = 512ull << 20;
  uint64_t deleted_data_ms = 30ull * 24 * 3600 * 1000;  // 0: no bound
  uint64_t nodes_max = 10'000;
  uint64_t turn_read_bytes_max = 256 << 10;
  uint64_t catch_up_reads_max = 16;
  uint64_t delivery_waits_max = 100'000;
  uint64_t resend_horizon_ms = 24ull * 3600 * 1000;
  uint64_t slow_commit_ms = 0;
  uint64_t audit_bytes_max = 64ull << 20;
  uint64_t app_streams_max = 0;
  uint64_t app_deltas_per_s_max = 0;
  uint64_t app_bytes_per_s_max = 0;
  uint64_t app_sessions_max = 0;
  uint64_t backup_bytes_per_s_max = 64 << 20;
  bool insecure_listen = false;
  bool insecure_metrics_listen = false;
  std::string log_level = "info";  // or warning, error
  // Files; empty: none.
  std::string tokens_file;
  std::string audit_file;
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_client_ca;
  Limits limits;
};

// What the ranges cannot see: an address that is none, limits that contradict each other.
// InvalidArgument names the options and what to do.
absl::Status CheckConfig(const Config& config);

// What lets strangers in, for people, with what to do; empty if nothing does: the address is
// loopback, or there are TLS and tokens or client certificates.
std::string WhatIsOpen(const Config& config);

// True if `listen` ("host:port") is reached from this machine only.
bool IsLoopback(const std::string& listen);

}  // namespace sessionhub::hub

#endif  // HUB_CONFIG_H_
