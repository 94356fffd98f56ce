// How sessions come into a hub.
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <istream>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "client/ctl/json_report.h"
#include "client/ctl/node_name.h"
#include "client/ctl/printable.h"
#include "client/ctl/session_line.h"
#include "client/ctl/session_writer.h"
#include "client/ctl/transfer.h"
#include "proto/session/status_macros.h"
#include "sessionhub/client.h"

namespace sessionhub::ctl {
namespace {

// Sessions that are written at a time: each waits for the hub's disk, and they share a sync.
constexpr int kWritersMax = 16;
// More than the largest session of a hub, in hexadecimal.
constexpr size_t kLineBytesMax = 3ull << 30;

// Room for the largest value that any hub takes, of each writer.
constexpr size_t kPendingBytesMax = kWritersMax * (size_t{64} << 20);

struct Line {
  uint64_t number = 0;  // from 1
  std::string text;
  bool too_long = false;  // `text` is its beginning
};

// False at the end. What is beyond kLineBytesMax is left out.
bool ReadLine(std::istream& in, Line* line) {
  line->text.clear();
  line->too_long = false;
  std::streambuf* const bytes = in.rdbuf();
  constexpr int kEnd = std::char_traits<char>::eof();
  int byte = bytes->sbumpc();
  if (byte == kEnd) return false;
  for (; byte != kEnd && byte != '\n'; byte = bytes->sbumpc()) {
    if (line->text.size() < kLineBytesMax) {
      line->text.push_back(static_cast<char>(byte));
    } else {
      line->too_long = true;
    }
  }
  ++line->number;
  return true;
}

// True for what every further line would meet as well.
bool EndsAll(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status) ||
         absl::IsFailedPrecondition(status);
}

struct Imported {
  uint64_t created = 0;
  uint64_t replaced = 0;
  uint64_t skipped = 0;
  uint64_t ended = 0;
  uint64_t failed = 0;
  absl::Status end;  // why no further line was read; OK: there is none
};

// Lines that several writers take and answer for. Safe from any thread.
class Import {
 public:
  Import(std::istream& in, std::ostream& err, bool strict) : in_(in), err_(err), strict_(strict) {}

  // Nothing at the end, or once it is to be ended.
  std::optional<Line> Take() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    do {
      if (!imported_.end.ok() || !ReadLine(in_, &line_)) return std::nullopt;
    } while (line_.text.empty());
    return line_;
  }

  void Note(const Line& line, const absl::StatusOr<Written>& written) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (written.ok()) {
      ++*CountOf(*written);
      return;
    }
    ++imported_.failed;
    err_ << "line " << line.number << ": "
         << EscapeControls(std::string(written.status().message())) << '\n';
    if (strict_ || EndsAll(written.status())) imported_.end.Update(written.status());
  }

  Imported imported() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return imported_;
  }

 private:
  uint64_t* CountOf(Written written) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    switch (written) {
      case Written::kCreated:
        return &imported_.created;
      case Written::kReplaced:
        return &imported_.replaced;
      case Written::kSkipped:
        return &imported_.skipped;
      case Written::kEnded:
        break;
    }
    return &imported_.ended;
  }

  mutable absl::Mutex mutex_;
  std::istream& in_ ABSL_GUARDED_BY(mutex_);
  std::ostream& err_ ABSL_GUARDED_BY(mutex_);
  const bool strict_;
  Line line_ ABSL_GUARDED_BY(mutex_);
  Imported imported_ ABSL_GUARDED_BY(mutex_);
};

absl::StatusOr<Written> ImportLine(const Line& line, SessionWriter* writer) {
  if (line.too_long) {
    return absl::InvalidArgumentError("it is over " + std::to_string(kLineBytesMax) + " bytes");
  }
  ASSIGN_OR_RETURN(const SessionLine session, ParseSessionLine(line.text));
  return writer->Write(session);
}

void RunWriters(SessionWriter* writer, Import* lines) {
  std::vector<std::thread> writers;
  writers.reserve(kWritersMax);
  for (int i = 0; i < kWritersMax; ++i) {
    writers.emplace_back([writer, lines] {
      while (const std::optional<Line> line = lines->Take()) {
        lines->Note(*line, ImportLine(*line, writer));
      }
    });
  }
  for (std::thread& thread : writers) thread.join();
}

bool AgreesToReplace(const CommandLine& line, Terminal& terminal) {
  if (!line.replace || line.yes) return true;
  terminal.err << "Replace the fields of sessions of app " << EscapeControls(line.app) << " at "
               << line.endpoint << " that exist by those of "
               << (line.file.empty() ? "the input" : EscapeControls(line.file)) << "? [y/N] "
               << std::flush;
  return IsYes(terminal);
}

void Tell(const CommandLine& line, const Imported& imported, Terminal& terminal) {
  if (line.output == Output::kJson) {
    return PrintJson({{"created", imported.created},
                      {"replaced", imported.replaced},
                      {"skipped", imported.skipped},
                      {"ended", imported.ended},
                      {"failed", imported.failed}},
                     terminal.out);
  }
  terminal.out << "Created " << imported.created << " sessions, replaced " << imported.replaced
               << ", skipped " << imported.skipped << " that exist and " << imported.ended
               << " whose time is over; " << imported.failed << " lines failed.\n";
}

absl::Status ImportFrom(std::istream& in, const CommandLine& line, AdminClient& hub,
                        Terminal& terminal) {
  ASSIGN_OR_RETURN(const v1::GetStatusResponse status, hub.GetStatus());
  ClientOptions options = HubOf(line);
  options.app = line.app;
  options.node_name = NodeName();
  options.pending_bytes_max = kPendingBytesMax;
  ASSIGN_OR_RETURN(Client client, Client::Connect(std::move(options)));
  SessionWriter writer(&client, status.hub_time_ms(), line.replace, line.timeout);
  Import lines(in, terminal.err, line.strict);
  RunWriters(&writer, &lines);
  client.Close(line.timeout);
  const Imported imported = lines.imported();
  Tell(line, imported, terminal);
  RETURN_IF_ERROR(imported.end);
  if (imported.failed == 0) return absl::OkStatus();
  return absl::DataLossError(std::to_string(imported.failed) + " lines were not imported");
}

}  // namespace

absl::Status ImportSessions(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  std::ifstream file;
  if (!line.file.empty()) {
    file.open(line.file);
    if (!file) return absl::ErrnoToStatus(errno, "cannot read " + line.file);
  }
  if (!AgreesToReplace(line, terminal)) return absl::CancelledError("nothing was imported");
  return ImportFrom(line.file.empty() ? terminal.in : file, line, hub, terminal);
}

}  // namespace sessionhub::ctl
