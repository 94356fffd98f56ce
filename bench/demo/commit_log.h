// Commit log: what a node of the demo writes down about each request, one line an event, and what
// the checker and the orchestrator read back. Uses std only, so that the checker depends on nothing
// it checks.
//
// A line is eight fields between tabs: kind, request, session, code, version, at_least, time_us,
// note. A node appends each with one write(), so a SIGKILL loses nothing that was written, and at
// most the last line of a file is torn.
#ifndef BENCH_DEMO_COMMIT_LOG_H_
#define BENCH_DEMO_COMMIT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sessionhub::bench {

struct CommitEvent {
  enum class Kind : char {
    kSubmitted = 'S',  // written before the commit is handed to the client stub
    kAcked = 'A',      // the hub said: applied
    kRefused = 'R',    // the hub or the stub said: refused
    kUnknown = 'U',    // the stub said: unknown
    kOpened = 'O',     // only opened, to be read; of no request
    kNotSent = 'N',    // the session could not be opened; nothing was submitted
  };

  Kind kind = Kind::kSubmitted;
  uint64_t request = 0;  // unique within a step of the demo
  std::string session;
  std::string code;  // the item that the request adds
  uint64_t version =
      0;  // kSubmitted: of the copy the request saw; kAcked: that includes the change
  uint64_t at_least = 0;  // kSubmitted: the version the request had to see; 0: any
  int64_t time_us = 0;    // monotonic clock of the machine, one for all processes
  std::string note;       // why, if it failed
};

// With the line's end. Tabs and line ends in texts become blanks; a note is cut at 200 bytes.
std::string FormatCommitEvent(const CommitEvent& event);
// Without the line's end; nothing if it is not such a line.
std::optional<CommitEvent> ParseCommitEvent(std::string_view line);

// The events of one file, in order. Nothing if it cannot be read or a line but the last is damaged.
std::optional<std::vector<CommitEvent>> ReadCommitLog(const std::string& path);

// Submitted and not answered yet.
size_t CountUnanswered(const std::vector<CommitEvent>& events);

int64_t MonotonicMicros();

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_COMMIT_LOG_H_
