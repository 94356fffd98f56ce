// EventWriter: a node's commit log and its standard output, which gets the same lines.
#ifndef BENCH_DEMO_EVENT_WRITER_H_
#define BENCH_DEMO_EVENT_WRITER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/demo/commit_log.h"

namespace sessionhub::bench {

// Safe from any thread: a line is one write() to a file opened for appending, or to a pipe, and
// shorter than what the kernel keeps in one piece. Nothing is buffered in the process.
class EventWriter {
 public:
  // Makes the log file. Unavailable if it cannot.
  static absl::StatusOr<EventWriter> Open(const std::string& log_path);

  EventWriter(EventWriter&& other) noexcept;
  EventWriter& operator=(EventWriter&&) = delete;
  ~EventWriter();

  // Gives the event the time of now. First the log, then the output: what was told is also written.
  void Write(CommitEvent event) const;
  // "=<word> <answer>", to the output only.
  void Answer(const std::string& word, const std::string& answer) const;

 private:
  explicit EventWriter(int log) : log_(log) {}

  int log_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_EVENT_WRITER_H_
