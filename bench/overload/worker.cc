#include "bench/overload/worker.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Thousands of nodes take leave one after the other.
constexpr milliseconds kWorkerStopMax{120'000};
constexpr milliseconds kLookMax{1'000};

}  // namespace

absl::StatusOr<std::unique_ptr<Worker>> Worker::Start(const WorkerSpec& spec) {
  ChildProcess::Options options;
  options.argv = {spec.program, spec.command, "--endpoint", spec.endpoint,
                  "--app",      spec.app,     "--prefix",   spec.prefix};
  if (spec.nodes > 0) {
    options.argv.insert(options.argv.end(), {"--nodes", std::to_string(spec.nodes)});
  }
  options.argv.insert(options.argv.end(), spec.options.begin(), spec.options.end());
  options.pipes = true;
  options.output_path = spec.folder + "/" + spec.prefix + ".out";
  ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> process, ChildProcess::Start(options));
  return std::unique_ptr<Worker>(new Worker(spec.prefix, options.output_path, std::move(process)));
}

absl::Status Worker::Send(const json& command) {
  asked_ = command.value("do", "");
  const std::string text = command.dump() + "\n";
  for (std::string_view line = text; !line.empty();) {
    const ssize_t bytes = write(process_->in(), line.data(), line.size());
    if (bytes < 0 && errno != EINTR) {
      return absl::UnavailableError(name_ + " takes no commands any more; see " + output_path_);
    }
    if (bytes > 0) line.remove_prefix(static_cast<size_t>(bytes));
  }
  return absl::OkStatus();
}

absl::StatusOr<json> Worker::Await(milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  std::array<char, 1 << 16> block;
  size_t end = std::string::npos;
  while ((end = received_.find('\n')) == std::string::npos) {
    if (steady_clock::now() >= deadline) {
      return absl::DeadlineExceededError(name_ + " did not answer '" + asked_ + "' in " +
                                         std::to_string(timeout.count()) + " ms");
    }
    pollfd poll_it = {process_->out(), POLLIN, 0};
    poll(&poll_it, 1, static_cast<int>(kLookMax.count()));
    const ssize_t bytes = read(process_->out(), block.data(), block.size());
    if (bytes > 0) received_.append(block.data(), static_cast<size_t>(bytes));
    if (bytes == 0) {
      return absl::UnavailableError(name_ + " has ended by itself; see " + output_path_);
    }
  }
  json answer = json::parse(received_.substr(0, end), nullptr, /*allow_exceptions=*/false);
  received_.erase(0, end + 1);
  if (!answer.is_object()) return absl::InternalError(name_ + " answered what is no object");
  if (!answer.contains("error")) return answer;
  return absl::InternalError(name_ + ", " + asked_ + ": " + answer["error"].get<std::string>());
}

absl::StatusOr<json> Worker::Ask(const json& command, milliseconds timeout) {
  RETURN_IF_ERROR(Send(command));
  return Await(timeout);
}

absl::Status Worker::Stop() {
  Leave();
  ASSIGN_OR_RETURN(const int code, process_->Wait(kWorkerStopMax));
  if (code == 0) return absl::OkStatus();
  return absl::InternalError(name_ + " ended with " + std::to_string(code) + "; see " +
                             output_path_);
}

absl::StatusOr<std::vector<json>> AskAll(const Workers& workers, const json& command,
                                         milliseconds timeout) {
  for (const auto& worker : workers) RETURN_IF_ERROR(worker->Send(command));
  std::vector<json> answers;
  for (const auto& worker : workers) {
    ASSIGN_OR_RETURN(json answer, worker->Await(timeout));
    answers.push_back(std::move(answer));
  }
  return answers;
}

absl::Status StopAll(Workers* workers) {
  for (const auto& worker : *workers) worker->Leave();
  for (const auto& worker : *workers) RETURN_IF_ERROR(worker->Stop());
  workers->clear();
  return absl::OkStatus();
}

}  // namespace sessionhub::bench
