// sessionhubd: the hub as a program.
#include <glog/logging.h>
#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "hub/config.h"
#include "hub/fail_point.h"
#include "hub/hub.h"
#include "hub/hub_clock.h"
#include "hub/process_limits.h"
#include "hub/store/fail_point_env.h"
#include "hub/store/formats.h"
#include "hub/store/rocks_store.h"

namespace {

using sessionhub::HistoryId;
using sessionhub::hub::Config;
using sessionhub::hub::Hub;
using sessionhub::hub::RocksStore;
using sessionhub::hub::RocksStoreOptions;

constexpr int kWrongUsage = 2;

// The file appears whole or not at all, so that whoever waits for it can read it at once.
bool WritePortFile(const std::string& path, int port) {
  const std::string unfinished = path + ".tmp";
  std::ofstream file(unfinished);
  file << port << "\n";
  file.close();
  std::error_code error;
  if (!file) return false;
  std::filesystem::rename(unfinished, path, error);
  return !error;
}

// Signals are taken by sigwait alone; every thread inherits the mask.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

HistoryId RandomHistoryId() {
  std::random_device device;
  HistoryId id;
  for (uint8_t& byte : id) byte = static_cast<uint8_t>(device());
  return id;
}

absl::StatusOr<std::shared_ptr<RocksStore>> OpenDataFolder(const Config& config) {
  // Before anything is made on the disk.
  if (absl::Status status = sessionhub::hub::CheckConfig(config); !status.ok()) return status;
  RocksStoreOptions options;
  options.data_dir = config.data_dir;
  options.block_cache_bytes = config.block_cache_bytes;
  const auto formats = sessionhub::hub::FormatsOfThisProgram();
  if (!formats.ok()) return formats.status();
  options.formats = *formats;
  options.env = sessionhub::hub::FailPointEnv();
  options.fresh_history_id = RandomHistoryId();
  options.now_us = sessionhub::hub::WallTimeUs();
  return RocksStore::Open(options);
}

int StartFailed(const absl::Status& status) {
  LOG(ERROR) << "event=start_failed status=\"" << status.ToString() << "\"";
  return EXIT_FAILURE;
}

int Run(const Config& config) {
  const sigset_t signals = BlockStopSignals();
  if (absl::Status status = sessionhub::hub::TakeFailPointFromEnvironment(); !status.ok()) {
    return StartFailed(status);
  }
  // A port file of an earlier life would say "ready" too soon, and after the end.
  std::error_code ignored;
  if (!config.port_file.empty()) std::filesystem::remove(config.port_file, ignored);
  sessionhub::hub::StopWithoutMemory();
  sessionhub::hub::ShareHeaps();
#ifdef NDEBUG
  // Debian's Abseil looks for cycles at each lock, gRPC's among them. Tests want that.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  const uint64_t open_files_max = sessionhub::hub::RaiseDescriptorsMax();
  if (absl::Status status = sessionhub::hub::CheckDescriptors(sessionhub::hub::kOwnDescriptors +
                                                              sessionhub::hub::kStoreDescriptors);
      !status.ok()) {
    return StartFailed(status);
  }
  auto store = OpenDataFolder(config);
  if (!store.ok()) return StartFailed(store.status());
  auto hub = Hub::Start(config, *store, sessionhub::hub::FreeSpaceOf(config.data_dir));
  if (!hub.ok()) return StartFailed(hub.status());
  if (!config.port_file.empty() && !WritePortFile(config.port_file, (*hub)->port())) {
    LOG(ERROR) << "event=start_failed status=\"cannot write --port-file " << config.port_file
               << "\"";
    return EXIT_FAILURE;
  }
  LOG(INFO) << "event=ready version=" << SESSIONHUB_VERSION << " port=" << (*hub)->port()
            << " listen=" << config.listen << " data_dir=" << config.data_dir
            << " open_files_max=" << open_files_max << " format=" << (*store)->format()
            << " newest_format=" << (*store)->newest_format()
            << " blocks_read=" << (*store)->statistics().blocks_read;
  int signal = 0;
  sigwait(&signals, &signal);
  LOG(INFO) << "event=draining signal=" << signal;
  (*hub)->Drain();
  if (!config.port_file.empty()) std::filesystem::remove(config.port_file, ignored);
  LOG(INFO) << "event=stopped";
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  CLI::App app("sessionhubd: forwards what changed in a session to the nodes that asked for it");
  app.set_version_flag("--version", SESSIONHUB_VERSION);
  app.set_config("--config", "", "file of options, one 'name=value' a line", false);
  Config config;
  sessionhub::hub::DeclareOptions(&app, &config);
  app.footer(
      "Exit codes:\n"
      "  0  stopped by SIGTERM or SIGINT, after the answers that were due\n"
      "  1  could not start or go on: the log says why and what to do\n"
      "  2  wrong usage");
  app.allow_config_extras(CLI::config_extras_mode::error);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : kWrongUsage;
  }
  return Run(config);
}
