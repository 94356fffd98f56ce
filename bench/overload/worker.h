// Worker: a process that holds many nodes, as the overload measures see it: it is told what to do
// in lines of JSON, one after the other, and answers each with one.
//
// Belongs to the orchestrator's one thread.
#ifndef BENCH_OVERLOAD_WORKER_H_
#define BENCH_OVERLOAD_WORKER_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/demo/process.h"

namespace sessionhub::bench {

// What a worker is started with.
struct WorkerSpec {
  std::string program;  // sessionhub-bench
  std::string folder;   // where what it prints goes
  std::string endpoint;
  std::string app;
  std::string prefix;  // of its nodes' names, and its own
  size_t nodes = 0;    // 0: the prefix is the one node's name
  std::string command = "load-nodes";
  std::vector<std::string> options = {};  // further ones of its command line
};

class Worker {
 public:
  static absl::StatusOr<std::unique_ptr<Worker>> Start(const WorkerSpec& spec);

  // Gives it a command: {"do": …}. The answer must be awaited before the next.
  absl::Status Send(const nlohmann::json& command);
  // Errors: DeadlineExceeded; Unavailable if it has ended; Internal with what the worker says is
  // wrong.
  absl::StatusOr<nlohmann::json> Await(std::chrono::milliseconds timeout);
  absl::StatusOr<nlohmann::json> Ask(const nlohmann::json& command,
                                     std::chrono::milliseconds timeout);

  pid_t pid() const { return process_->pid(); }
  absl::Status Freeze() { return process_->Freeze(); }
  void Thaw() { process_->Thaw(); }
  // No command will come any more: it closes its nodes in good order and ends.
  void Leave() { process_->CloseIn(); }
  // Leaves, and waits for its end. Internal if it does not exit with 0.
  absl::Status Stop();

 private:
  Worker(std::string name, std::string output_path, std::unique_ptr<ChildProcess> process)
      : name_(std::move(name)),
        output_path_(std::move(output_path)),
        process_(std::move(process)) {}

  const std::string name_;
  const std::string output_path_;
  const std::unique_ptr<ChildProcess> process_;
  std::string received_;
  std::string asked_;
};

using Workers = std::vector<std::unique_ptr<Worker>>;

// The same command to all at once, and their answers.
absl::StatusOr<std::vector<nlohmann::json>> AskAll(const Workers& workers,
                                                   const nlohmann::json& command,
                                                   std::chrono::milliseconds timeout);

absl::Status StopAll(Workers* workers);

}  // namespace sessionhub::bench

#endif  // BENCH_OVERLOAD_WORKER_H_
