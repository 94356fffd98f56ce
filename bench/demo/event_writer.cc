#include "bench/demo/event_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace sessionhub::bench {
namespace {

// A node that cannot tell what it does is of no use to the demo, so it ends, and the demo with it.
void WriteLine(int fd, std::string_view line) {
  ssize_t bytes = -1;
  do {
    bytes = write(fd, line.data(), line.size());
  } while (bytes < 0 && errno == EINTR);
  if (bytes != static_cast<ssize_t>(line.size())) _exit(3);
}

}  // namespace

absl::StatusOr<EventWriter> EventWriter::Open(const std::string& log_path) {
  const int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return absl::UnavailableError("cannot write the log " + log_path);
  return EventWriter(log);
}

EventWriter::EventWriter(EventWriter&& other) noexcept : log_(std::exchange(other.log_, -1)) {}

EventWriter::~EventWriter() {
  if (log_ >= 0) close(log_);
}

void EventWriter::Write(CommitEvent event) const {
  event.time_us = MonotonicMicros();
  const std::string line = FormatCommitEvent(event);
  WriteLine(log_, line);
  WriteLine(STDOUT_FILENO, line);
}

void EventWriter::Answer(const std::string& word, const std::string& answer) const {
  WriteLine(STDOUT_FILENO, "=" + word + " " + answer + "\n");
}

}  // namespace sessionhub::bench
