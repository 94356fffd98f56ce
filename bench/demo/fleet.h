// Fleet: the node processes of one step, and the lines that go to and come from them. It knows
// nothing of sessions; it starts, asks, freezes, kills and restarts.
//
// A node prints events of the commit log, as they happen, and answers commands: "stats" with a line
// "=stats ...".
#ifndef BENCH_DEMO_FLEET_H_
#define BENCH_DEMO_FLEET_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/demo/checker.h"
#include "bench/demo/commit_log.h"
#include "bench/demo/process.h"

namespace sessionhub::bench {

class Fleet {
 public:
  struct Options {
    std::vector<std::string> argv;  // of every node; --name and --log follow
    size_t nodes = 3;
    std::string folder;  // logs go here; exists
  };
  // Runs on the caller's thread, inside Pump, Drain and Ask.
  using OnEvent = std::function<void(size_t node, const CommitEvent& event)>;

  explicit Fleet(Options options);

  void set_on_event(OnEvent on_event) { on_event_ = std::move(on_event); }

  // Starts every node and waits until each is ready.
  absl::Status Start();
  // Starts a node again under its name, with a log file of its own; does not wait.
  absl::Status Restart(size_t node);

  absl::Status Send(size_t node, std::string_view line);
  // Waits at most `timeout` for lines and hands on their events. True if there were any.
  // Unavailable, naming its output, if a node has ended by itself.
  absl::StatusOr<bool> Pump(std::chrono::milliseconds timeout);
  // Sends `command` and waits for "=<command's first word> <answer>"; returns the answer.
  absl::StatusOr<std::string> Ask(size_t node, const std::string& command,
                                  std::chrono::milliseconds timeout = std::chrono::seconds(30));
  // The same of every node, in order.
  absl::StatusOr<std::vector<std::string>> AskAll(const std::string& command);

  // Stops a node in the middle of whatever it does and returns all that it has written in its life.
  absl::StatusOr<std::vector<CommitEvent>> Freeze(size_t node);
  void Thaw(size_t node) { nodes_[node].process->Thaw(); }
  // SIGKILL. Events that it had printed are handed on.
  absl::Status Kill(size_t node);

  // What each node's files say, over all processes that had its name.
  absl::StatusOr<std::vector<NodeLog>> ReadLogs() const;
  // Of the process that has the name now.
  absl::StatusOr<std::vector<CommitEvent>> ReadLog(size_t node) const;

  // Asks every node to end and waits; each must exit with 0.
  absl::Status Stop();

  size_t size() const { return nodes_.size(); }
  const std::string& name(size_t node) const { return nodes_[node].name; }

 private:
  struct Node {
    std::string name;
    std::vector<std::string> log_paths;  // the last is of the process that has the name now
    std::unique_ptr<ChildProcess> process;
    std::string received;              // a line that has not ended yet
    std::vector<std::string> answers;  // lines that begin with '='
  };

  // True if a line came. `ended` is set if the node has closed its output.
  absl::StatusOr<bool> Receive(size_t node, bool* ended);
  absl::Status TakeLine(size_t node, std::string_view line);
  std::string TakeAnswer(size_t node, const std::string& word);
  std::string OutputPath(const Node& node) const;

  const Options options_;
  OnEvent on_event_;
  std::vector<Node> nodes_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_FLEET_H_
