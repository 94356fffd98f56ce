// sessionhubd: the hub as a program.
#include <glog/logging.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "hub/config.h"
#include "hub/fail_point.h"
#include "hub/gateway/grpc_log.h"
#include "hub/hub.h"
#include "hub/hub_clock.h"
#include "hub/options/command_line.h"
#include "hub/options/environment.h"
#include "hub/options/option_page.h"
#include "hub/options/option_table.h"
#include "hub/options/settings.h"
#include "hub/process_limits.h"
#include "hub/service_manager.h"
#include "hub/store/fail_point_env.h"
#include "hub/store/formats.h"
#include "hub/store/rocks_store.h"

namespace {

using sessionhub::HistoryId;
using sessionhub::hub::CommandLine;
using sessionhub::hub::Config;
using sessionhub::hub::Difference;
using sessionhub::hub::Hub;
using sessionhub::hub::Option;
using sessionhub::hub::RocksStore;
using sessionhub::hub::RocksStoreOptions;
using sessionhub::hub::Sources;

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

// Signals are taken by sigwait alone; every thread inherits the mask. What nohup ignores, sigwait
// would not get.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGHUP, SIG_DFL);
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
  options.backup_dir = config.backup_dir;
  options.backup_bytes_per_s_max = config.backup_bytes_per_s_max;
  options.deleted_data_ms = config.deleted_data_ms;
  return RocksStore::Open(options);
}

int StartFailed(const absl::Status& status) {
  LOG(ERROR) << "event=start_failed status=\"" << status.ToString() << "\"";
  return EXIT_FAILURE;
}

int LogLevelOf(const Config& config) {
  if (config.log_level == "error") return google::GLOG_ERROR;
  return config.log_level == "warning" ? google::GLOG_WARNING : google::GLOG_INFO;
}

// "a b"
std::string Joined(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : " ") + name;
  return joined;
}

// One line of the log, whatever it says.
std::string OneLine(const absl::Status& status) {
  std::string line;
  for (const char c : status.message()) line += c == '\n' ? std::string("; ") : std::string(1, c);
  return line;
}

// Takes over what the file says by now for the options that are reloadable; all of it, or nothing.
absl::Status TakeOver(const std::vector<Option>& options, const Sources& sources, Hub* hub,
                      Config* running) {
  const auto next = sessionhub::hub::ReadSettings(options, sources);
  if (!next.ok()) return next.status();
  if (absl::Status status = CheckSettings(options, *next); !status.ok()) return status;
  const Difference difference = Compare(options, *running, next->config);
  if (absl::Status status = hub->Reload(difference.config); !status.ok()) return status;
  *running = difference.config;
  // Said by the more talkative of the two levels.
  FLAGS_minloglevel = std::min(FLAGS_minloglevel, LogLevelOf(*running));
  LOG(INFO) << "event=reloaded changed=\"" << Joined(difference.changed) << "\" needs_restart=\""
            << Joined(difference.needs_restart) << "\"";
  FLAGS_minloglevel = LogLevelOf(*running);
  return absl::OkStatus();
}

// Until a signal says that the hub must stop, which is returned.
int ServeUntilStopped(const sigset_t& signals, const std::vector<Option>& options,
                      const Sources& sources, Hub* hub, Config running) {
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
    const absl::Status status = TakeOver(options, sources, hub, &running);
    if (status.ok()) continue;
    LOG(ERROR) << "event=reload_failed effect=\"everything is as before\" reason=\""
               << OneLine(status) << "\"";
  }
  return signal;
}

// A hub that cannot tell it serves all the same.
void TellManager(const char* state) {
  const absl::Status told = sessionhub::hub::TellServiceManager(state);
  if (told.ok()) return;
  LOG(WARNING) << "event=service_manager_unreachable state=" << state << " status=\""
               << told.ToString() << "\"";
}

void RemovePortFiles(const Config& config) {
  std::error_code ignored;
  for (const std::string& path : {config.port_file, config.metrics_port_file}) {
    if (!path.empty()) std::filesystem::remove(path, ignored);
  }
}

int Run(const std::vector<Option>& options, const Sources& sources, const Config& config) {
  const sigset_t signals = BlockSignals();
  FLAGS_minloglevel = LogLevelOf(config);
  sessionhub::hub::TakeGrpcLog();
  if (absl::Status status = sessionhub::hub::TakeFailPointFromEnvironment(); !status.ok()) {
    return StartFailed(status);
  }
  // A port file of an earlier life would say "ready" too soon, and after the end.
  RemovePortFiles(config);
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
  // sigwait below takes it, as one that comes from outside.
  const auto ask_to_stop = [] { kill(getpid(), SIGTERM); };
  auto hub =
      Hub::Start(config, *store, sessionhub::hub::FreeSpaceOf(config.data_dir), {}, ask_to_stop);
  if (!hub.ok()) return StartFailed(hub.status());
  if (!config.metrics_port_file.empty() &&
      !WritePortFile(config.metrics_port_file, (*hub)->metrics_port())) {
    return StartFailed(
        absl::InternalError("cannot write --metrics-port-file " + config.metrics_port_file));
  }
  if (!config.port_file.empty() && !WritePortFile(config.port_file, (*hub)->port())) {
    return StartFailed(absl::InternalError("cannot write --port-file " + config.port_file));
  }
  LOG(INFO) << "event=ready version=" << SESSIONHUB_VERSION << " port=" << (*hub)->port()
            << " listen=" << config.listen << " metrics_port=" << (*hub)->metrics_port()
            << " data_dir=" << config.data_dir << " open_files_max=" << open_files_max
            << " format=" << (*store)->format() << " newest_format=" << (*store)->newest_format()
            << " blocks_read=" << (*store)->statistics().blocks_read;
  TellManager("READY=1");
  const int signal = ServeUntilStopped(signals, options, sources, hub->get(), config);
  LOG(INFO) << "event=draining signal=" << signal;
  TellManager("STOPPING=1");
  (*hub)->Drain();
  RemovePortFiles(config);
  LOG(INFO) << "event=stopped";
  return EXIT_SUCCESS;
}

// A line each, so that what is wrong in a file begins with FILE:LINE.
int WrongOptions(const absl::Status& status, const CommandLine& line) {
  std::fputs((std::string(status.message()) + "\n").c_str(), stderr);
  if (!line.print_config && !line.check_config) {
    LOG(ERROR) << "event=start_failed status=\"options are wrong, as said above\"";
  }
  return kWrongUsage;
}

// What was asked for must not look like success if it could not be written whole.
int Answer(const std::string& text) {
  const size_t written = std::fwrite(text.data(), 1, text.size(), stdout);
  return written == text.size() && std::fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  const std::vector<Option> options = sessionhub::hub::OptionTable();
  Sources sources;
  const CommandLine line =
      sessionhub::hub::ReadCommandLine(argc, argv, options, SESSIONHUB_VERSION, &sources.problems);
  if (line.answer) return Answer(*line.answer);
  auto environment = sessionhub::hub::ReadEnvironment(environ, options, &sources.problems);
  sources.flags = line.given;
  sources.environment = std::move(environment.given);
  sources.config_file = line.config_file.empty() ? environment.config_file : line.config_file;
  const auto settings = sessionhub::hub::ReadSettings(options, sources);
  if (!settings.ok()) return WrongOptions(settings.status(), line);
  if (line.print_config) return Answer(ConfigPage(options, *settings));
  if (absl::Status status = CheckSettings(options, *settings); !status.ok()) {
    return WrongOptions(status, line);
  }
  if (line.check_config)
    return Answer("the options are right; files that they name were not opened\n");
  return Run(options, sources, settings->config);
}
