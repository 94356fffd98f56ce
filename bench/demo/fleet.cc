#include "bench/demo/fleet.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <utility>

#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kReadyMax{30'000};
constexpr milliseconds kStopMax{30'000};
constexpr milliseconds kTurn{100};

}  // namespace

Fleet::Fleet(Options options) : options_(std::move(options)) {
  for (size_t i = 0; i < options_.nodes; ++i) {
    nodes_.emplace_back();
    nodes_.back().name = "web-" + std::to_string(i + 1);
  }
}

std::string Fleet::OutputPath(const Node& node) const {
  return options_.folder + "/" + node.name + ".out";
}

absl::Status Fleet::Start() {
  for (size_t i = 0; i < nodes_.size(); ++i) RETURN_IF_ERROR(Restart(i));
  return AskAll("ready").status();
}

absl::Status Fleet::Restart(size_t node) {
  Node& it = nodes_[node];
  it.process.reset();
  it.received.clear();
  it.answers.clear();
  it.log_paths.push_back(options_.folder + "/" + it.name + "." +
                         std::to_string(it.log_paths.size() + 1) + ".log");
  // The log is there before the node: a node that is killed before it has written is no damage.
  if (!std::ofstream(it.log_paths.back())) {
    return absl::InternalError("cannot write the log " + it.log_paths.back());
  }
  std::vector<std::string> argv = options_.argv;
  argv.insert(argv.end(), {"--name", it.name, "--log", it.log_paths.back()});
  ASSIGN_OR_RETURN(
      it.process,
      ChildProcess::Start({.argv = std::move(argv), .pipes = true, .output_path = OutputPath(it)}));
  return absl::OkStatus();
}

absl::Status Fleet::Send(size_t node, std::string_view line) {
  while (!line.empty()) {
    const ssize_t bytes = write(nodes_[node].process->in(), line.data(), line.size());
    if (bytes < 0 && errno != EINTR) {
      return absl::UnavailableError(nodes_[node].name + " does not take requests any more; see " +
                                    OutputPath(nodes_[node]));
    }
    if (bytes > 0) line.remove_prefix(static_cast<size_t>(bytes));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Fleet::Pump(milliseconds timeout) {
  std::vector<pollfd> polls;
  for (const Node& node : nodes_) polls.push_back({node.process->out(), POLLIN, 0});
  poll(polls.data(), polls.size(), static_cast<int>(timeout.count()));
  bool any = false;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (polls[i].revents == 0) continue;
    bool ended = false;
    ASSIGN_OR_RETURN(const bool came, Receive(i, &ended));
    any = any || came;
    if (ended) {
      return absl::UnavailableError(nodes_[i].name + " has ended by itself; see " +
                                    OutputPath(nodes_[i]));
    }
  }
  return any;
}

absl::StatusOr<bool> Fleet::Receive(size_t node, bool* ended) {
  std::string& received = nodes_[node].received;
  std::array<char, 1 << 16> block;
  bool any = false;
  while (true) {
    const ssize_t bytes = read(nodes_[node].process->out(), block.data(), block.size());
    if (bytes <= 0) {
      *ended = bytes == 0;
      return any;
    }
    received.append(block.data(), static_cast<size_t>(bytes));
    size_t start = 0;
    for (size_t end = 0; (end = received.find('\n', start)) != std::string::npos; start = end + 1) {
      any = true;
      RETURN_IF_ERROR(TakeLine(node, std::string_view(received).substr(start, end - start)));
    }
    received.erase(0, start);
  }
}

absl::Status Fleet::TakeLine(size_t node, std::string_view line) {
  if (line.starts_with('=')) {
    nodes_[node].answers.emplace_back(line.substr(1));
    return absl::OkStatus();
  }
  const std::optional<CommitEvent> event = ParseCommitEvent(line);
  if (!event) {
    return absl::InternalError(nodes_[node].name +
                               " printed what is no event: " + std::string(line.substr(0, 100)));
  }
  if (on_event_) on_event_(node, *event);
  return absl::OkStatus();
}

std::string Fleet::TakeAnswer(size_t node, const std::string& word) {
  std::vector<std::string>& answers = nodes_[node].answers;
  for (auto it = answers.begin(); it != answers.end(); ++it) {
    if (!it->starts_with(word + " ")) continue;
    std::string answer = it->substr(word.size() + 1);
    answers.erase(it);
    return answer;
  }
  return "";
}

absl::StatusOr<std::string> Fleet::Ask(size_t node, const std::string& command,
                                       milliseconds timeout) {
  RETURN_IF_ERROR(Send(node, command + "\n"));
  const std::string word = command.substr(0, command.find('\t'));
  const auto deadline = steady_clock::now() + timeout;
  while (steady_clock::now() < deadline) {
    std::string answer = TakeAnswer(node, word);
    if (!answer.empty()) return answer;
    RETURN_IF_ERROR(Pump(kTurn).status());
  }
  return absl::DeadlineExceededError(nodes_[node].name + " did not answer '" + word + "' in " +
                                     std::to_string(timeout.count()) + " ms");
}

absl::StatusOr<std::vector<std::string>> Fleet::AskAll(const std::string& command) {
  std::vector<std::string> answers;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    ASSIGN_OR_RETURN(std::string answer, Ask(i, command, kReadyMax));
    answers.push_back(std::move(answer));
  }
  return answers;
}

absl::StatusOr<std::vector<CommitEvent>> Fleet::Freeze(size_t node) {
  RETURN_IF_ERROR(nodes_[node].process->Freeze());
  return ReadLog(node);
}

absl::Status Fleet::Kill(size_t node) {
  nodes_[node].process->Kill();
  bool ended = false;
  return Receive(node, &ended).status();
}

absl::StatusOr<std::vector<CommitEvent>> Fleet::ReadLog(size_t node) const {
  const std::string& path = nodes_[node].log_paths.back();
  std::optional<std::vector<CommitEvent>> events = ReadCommitLog(path);
  if (!events) return absl::DataLossError("the log " + path + " cannot be read");
  return *std::move(events);
}

absl::StatusOr<std::vector<NodeLog>> Fleet::ReadLogs() const {
  std::vector<NodeLog> logs;
  for (const Node& node : nodes_) {
    logs.push_back({node.name, {}});
    for (const std::string& path : node.log_paths) {
      const std::optional<std::vector<CommitEvent>> events = ReadCommitLog(path);
      if (!events) return absl::DataLossError("the log " + path + " cannot be read");
      logs.back().events.insert(logs.back().events.end(), events->begin(), events->end());
    }
  }
  return logs;
}

absl::Status Fleet::Stop() {
  // A node that has ended already cannot be told; its exit code says whether that was right.
  for (size_t i = 0; i < nodes_.size(); ++i) Send(i, "quit\n").IgnoreError();
  for (Node& node : nodes_) {
    ASSIGN_OR_RETURN(const int code, node.process->Wait(kStopMax));
    if (code == 0) continue;
    return absl::InternalError(node.name + " ended with " + std::to_string(code) + "; see " +
                               OutputPath(node));
  }
  return absl::OkStatus();
}

}  // namespace sessionhub::bench
