#include "hub/config.h"

#include <arpa/inet.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "hub/host_port.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

// What a frame holds besides the paths and values of a delta that fills it.
constexpr uint64_t kFrameSlackBytes = 32 << 10;

// InvalidArgument if `limit`, which `option` sets, is below what `what` comes to.
absl::Status CheckHolds(const char* option, uint64_t limit, const std::string& what,
                        uint64_t needed) {
  if (limit >= needed) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(option) + " = " + std::to_string(limit) +
                                    " is below " + what + " = " + std::to_string(needed) +
                                    ": raise it");
}

// InvalidArgument unless `address`, which `option` gives, has a host and a port.
absl::Status CheckAddress(const char* option, const std::string& address) {
  if (ParseHostPort(address)) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(option) + " " + address +
                                    " is no address: give host:port, port 0 to 65535");
}

absl::Status CheckMetricsListen(const Config& config) {
  if (config.metrics_listen.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckAddress("--metrics-listen", config.metrics_listen));
  if (IsLoopback(config.metrics_listen) || config.insecure_metrics_listen) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "--metrics-listen " + config.metrics_listen +
      " is not loopback, and whoever reaches it can read what the hub counts: listen on 127.0.0.1, "
      "or say --insecure-metrics-listen in so many words");
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

absl::Status CheckTlsOptions(const Config& config) {
  if (config.tls_certificate.empty() != config.tls_key.empty()) {
    return absl::InvalidArgumentError(
        "--tls-certificate and --tls-key belong together: give both, or none");
  }
  if (!config.tls_client_ca.empty() && config.tls_certificate.empty()) {
    return absl::InvalidArgumentError(
        "--tls-client-ca needs TLS: give --tls-certificate and --tls-key");
  }
  return absl::OkStatus();
}

// Without links, `..` and slashes at the end. Need not exist.
std::filesystem::path PlainPath(const std::string& path) {
  std::error_code none;
  const auto plain = std::filesystem::weakly_canonical(std::filesystem::absolute(path, none), none);
  return plain.has_filename() ? plain : plain.parent_path();
}

// True if `path` is `folder` or lies below it.
bool IsWithin(const std::string& path, const std::string& folder) {
  const auto inner = PlainPath(path);
  const auto outer = PlainPath(folder);
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

absl::Status CheckBackupDir(const Config& config) {
  if (config.backup_dir.empty() || !IsWithin(config.backup_dir, config.data_dir)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("--backup-dir " + config.backup_dir + " is within --data-dir " +
                                    config.data_dir +
                                    ": choose a folder outside of it, best on another disk");
}

// The times of files are whole seconds, and a fourth of this one is compared with them.
absl::Status CheckDeletedData(const Config& config) {
  constexpr uint64_t kDeletedDataMsMin = 8'000;
  if (config.deleted_data_ms == 0 || config.deleted_data_ms >= kDeletedDataMsMin) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "--deleted-data-ms = " + std::to_string(config.deleted_data_ms) +
      " is shorter than can be kept: give 0 for no bound, or at least " +
      std::to_string(kDeletedDataMsMin));
}

}  // namespace

absl::Status CheckConfig(const Config& config) {
  if (config.listen.rfind("unix:", 0) != 0) {
    RETURN_IF_ERROR(CheckAddress("--listen", config.listen));
  }
  RETURN_IF_ERROR(CheckMetricsListen(config));
  RETURN_IF_ERROR(CheckTlsOptions(config));
  if (const std::string open = WhatIsOpen(config); !open.empty() && !config.insecure_listen) {
    return absl::InvalidArgumentError("--listen " + config.listen + " is not loopback and " + open +
                                      "; or listen on 127.0.0.1, or say --insecure-listen in so "
                                      "many words");
  }
  RETURN_IF_ERROR(CheckBackupDir(config));
  RETURN_IF_ERROR(CheckDeletedData(config));
  return CheckFit(config.limits);
}

std::string WhatIsOpen(const Config& config) {
  if (IsLoopback(config.listen)) return "";
  std::string open;
  if (config.tls_certificate.empty()) {
    open = "the connection is plaintext: give --tls-certificate and --tls-key";
  }
  if (config.tokens_file.empty() && config.tls_client_ca.empty()) {
    open += open.empty() ? "" : "; and ";
    open += "nobody is asked who they are: give --tokens-file or --tls-client-ca";
  }
  return open;
}

bool IsLoopback(const std::string& listen) {
  if (listen.rfind("unix:", 0) == 0) return true;
  const std::optional<HostPort> address = ParseHostPort(listen);
  if (!address) return false;
  // A host's name may begin like an address and lead anywhere.
  in_addr number = {};
  const bool is_number = inet_pton(AF_INET, address->host.c_str(), &number) == 1;
  return address->host == "localhost" || address->host == "::1" ||
         (is_number && address->host.rfind("127.", 0) == 0);
}

}  // namespace sessionhub::hub
