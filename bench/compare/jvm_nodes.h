// JvmNodes: the web nodes of a cluster that are JVMs, one on each of the hosts 1, 2, … of a test
// bed.
//
// Belongs to the orchestrator's one thread.
#ifndef BENCH_COMPARE_JVM_NODES_H_
#define BENCH_COMPARE_JVM_NODES_H_

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "bench/compare/test_bed.h"
#include "bench/demo/process.h"

namespace sessionhub::bench {

class JvmNodes {
 public:
  // None runs yet. Logs go to `folder`; the bed outlives it.
  JvmNodes(TestBed* bed, size_t nodes, std::string folder);

  // Finds Java and makes the hosts. NotFound, naming the package, if there is no Java.
  absl::Status Prepare();
  // Compiles the only class of a program, against these jars, into `classes`, which it makes.
  // Internal, naming the compiler's log, if it does not compile.
  absl::Status Compile(std::string_view class_name, std::string_view source,
                       const std::string& class_path, const std::string& classes) const;

  size_t size() const { return nodes_.size(); }
  std::vector<size_t> Running() const;
  std::string FrontAddress(size_t node) const;
  std::vector<pid_t> Pids(size_t node) const;  // empty if it does not run

  // Starts a JVM with these arguments besides those that all nodes have. FailedPrecondition if one
  // runs there already.
  absl::Status Launch(size_t node, const std::vector<std::string>& arguments);
  // Waits until it answers 200 to a GET of `target`; DeadlineExceeded after 100 s. Unavailable if
  // it ends.
  absl::Status AwaitReady(size_t node, const std::string& target);
  absl::Status Kill(size_t node);  // SIGKILL; FailedPrecondition if it does not run
  // All, in good order. DeadlineExceeded after 30 s, when those that still run are killed.
  absl::Status Stop();

  // Where a node is, and the addresses that it has there.
  static size_t Host(size_t node) { return node + 1; }
  std::string Folder(size_t node) const;  // a node's own; nobody has made it

 private:
  std::string Log(size_t node) const { return Folder(node) + ".log"; }

  TestBed& bed_;
  const std::string folder_;
  std::string java_;
  std::string javac_;
  std::vector<std::unique_ptr<ChildProcess>> nodes_;  // nullptr: does not run
};

// Writes a file, and makes its folder if that is not there. Unavailable if it cannot.
absl::Status WriteTextFile(const std::string& path, std::string_view text);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_JVM_NODES_H_
