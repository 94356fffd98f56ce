#include "bench/limits/redis_server.h"

#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

#include "bench/limits/programs.h"
#include "bench/limits/redis_link.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRedisStartMax{20'000};
constexpr milliseconds kRedisStopMax{20'000};
constexpr milliseconds kRedisStartPause{5};
// A port that was free may be taken by somebody else before the server has it.
constexpr int kPortsTried = 5;

// True if what listens there is this process with this setting.
bool IsOurRedis(RedisLink* link, pid_t pid, const std::string& appendfsync) {
  const absl::StatusOr<RedisReply> info = link->Ask({"INFO", "server"});
  if (!info.ok() || (*info)->type != REDIS_REPLY_STRING) return false;
  const std::string text((*info)->str, (*info)->len);
  if (text.find("process_id:" + std::to_string(pid) + "\r\n") == std::string::npos) return false;
  const absl::StatusOr<RedisReply> setting = link->Ask({"CONFIG", "GET", "appendfsync"});
  return setting.ok() && (*setting)->type == REDIS_REPLY_ARRAY && (*setting)->elements == 2 &&
         (*setting)->element[1]->str == appendfsync;
}

absl::Status AwaitRedis(ChildProcess* process, int port, const std::string& appendfsync,
                        const std::string& log_path) {
  const auto deadline = std::chrono::steady_clock::now() + kRedisStartMax;
  while (std::chrono::steady_clock::now() < deadline) {
    if (!process->Running()) {
      return absl::UnavailableError("redis-server has ended by itself; see " + log_path);
    }
    absl::StatusOr<RedisLink> link = RedisLink::Connect(kLoopback, port);
    if (link.ok() && IsOurRedis(&*link, process->pid(), appendfsync)) return absl::OkStatus();
    std::this_thread::sleep_for(kRedisStartPause);
  }
  return absl::DeadlineExceededError("redis-server was not ready after 20 s; see " + log_path);
}

}  // namespace

ChildProcess::Options RedisProcess(const std::string& program, const RedisSettings& settings) {
  ChildProcess::Options options;
  options.argv = {program, "--bind", settings.address, "--port", std::to_string(settings.port),
                  // It is reached by its address alone, without a password.
                  "--protected-mode", "no", "--dir", settings.folder, "--appendonly", "yes",
                  "--appendfsync", settings.appendfsync, "--save", "", "--daemonize", "no"};
  if (!settings.rewrites) {
    options.argv.insert(options.argv.end(), {"--auto-aof-rewrite-percentage", "0"});
  }
  options.output_path = settings.folder + "/redis-server.out";
  return options;
}

absl::StatusOr<RedisServer> RedisServer::Start(const std::string& folder,
                                               const std::string& appendfsync) {
  const char* const path = std::getenv("PATH");
  const std::string program = FindProgramIn("redis-server", path == nullptr ? "" : path);
  if (program.empty()) {
    return absl::NotFoundError(
        "redis-server is not installed; to measure it: deploy/install-packages bench");
  }
  absl::Status status = absl::UnavailableError("there is no free port");
  for (int i = 0; i < kPortsTried; ++i) {
    const int port = FindFreePort();
    if (port == 0) continue;
    const ChildProcess::Options options = RedisProcess(
        program, {.port = port, .folder = folder, .appendfsync = appendfsync, .rewrites = false});
    ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> process, ChildProcess::Start(options));
    status = AwaitRedis(process.get(), port, appendfsync, options.output_path);
    if (status.ok()) return RedisServer(std::move(process), port);
    if (!absl::IsUnavailable(status)) break;
  }
  return status;
}

absl::Status RedisServer::Stop() {
  process_->Terminate();
  ASSIGN_OR_RETURN(const int code, process_->Wait(kRedisStopMax));
  if (code == 0) return absl::OkStatus();
  return absl::InternalError("redis-server ended with " + std::to_string(code) + " after SIGTERM");
}

}  // namespace sessionhub::bench
