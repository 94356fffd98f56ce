#include "client/ctl/session_writer.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "proto/session/status_macros.h"

namespace sessionhub::ctl {
namespace {

using std::chrono::milliseconds;

// Of one delta, below what a hub takes by default. One that takes less refuses it, and gets halves.
constexpr size_t kOperationsMax = 512;
constexpr uint64_t kBytesMax = 1 << 20;

uint64_t BytesOf(const Operation& operation) {
  return operation.path.encoded().size() + operation.value.SizeBytes();
}

// Puts and erases.
void Add(const Operation& operation, Edit* edit) {
  const std::string path = operation.path.ToText();
  if (operation.kind == Operation::Kind::kErase) {
    edit->Erase(path);
  } else {
    edit->Set(path, operation.value);
  }
}

// As many of the first operations as one delta should hold, at least one.
size_t CountAtOnce(absl::Span<const Operation> operations) {
  size_t count = 0;
  uint64_t bytes = 0;
  while (count < operations.size() && count < kOperationsMax) {
    bytes += BytesOf(operations[count]);
    if (count > 0 && bytes > kBytesMax) break;
    ++count;
  }
  return count;
}

absl::Status CommitAll(const Session& session, absl::Span<const Operation> operations,
                       milliseconds timeout) {
  size_t at_once = operations.size();
  while (!operations.empty()) {
    const absl::Span<const Operation> part =
        operations.subspan(0, std::min(at_once, CountAtOnce(operations)));
    Edit edit = session.Begin();
    for (const Operation& operation : part) Add(operation, &edit);
    const Committed done = std::move(edit).Commit(Ack::kDurable, timeout);
    if (done.reason == Committed::Reason::kLimitExceeded && part.size() > 1) {
      at_once = part.size() / 2;
      continue;
    }
    RETURN_IF_ERROR(done.status);
    operations.remove_prefix(part.size());
  }
  return absl::OkStatus();
}

absl::Status SetLife(const Session& session, const SessionLine& line, milliseconds life,
                     milliseconds timeout) {
  Edit edit = session.Begin();
  edit.SetIdleTimeout(milliseconds(line.idle_timeout_ms));
  edit.SetAbsoluteTimeout(life);
  edit.SetOwner(line.owner);
  return std::move(edit).Commit(Ack::kDurable, timeout).status;
}

// The puts of the line, after the erases of what else the session has.
absl::StatusOr<std::vector<Operation>> ChangesTo(const SessionLine& line, const Session& session) {
  ReadOptions any;
  any.allow_stale = true;
  ASSIGN_OR_RETURN(const View view, session.Read(any));
  std::set<std::string> kept;
  for (const Operation& put : line.fields) kept.insert(put.path.ToText());
  std::vector<Operation> changes;
  absl::Status failed;
  view.ForEach("", [&](const std::string& text, const Value&) {
    if (kept.contains(text)) return;
    absl::StatusOr<Path> path = Path::FromText(text);
    failed.Update(path.status());
    if (path.ok()) changes.push_back({Operation::Kind::kErase, *std::move(path), Value()});
  });
  RETURN_IF_ERROR(failed);
  changes.insert(changes.end(), line.fields.begin(), line.fields.end());
  return changes;
}

}  // namespace

milliseconds SessionWriter::LifeLeft(const SessionLine& line) const {
  if (line.absolute_deadline_ms == 0) return milliseconds(0);
  const auto passed =
      std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began_);
  const uint64_t now_ms = hub_now_ms_ + static_cast<uint64_t>(passed.count());
  return milliseconds(line.absolute_deadline_ms - std::min(line.absolute_deadline_ms, now_ms));
}

absl::StatusOr<Written> SessionWriter::Create(const SessionLine& line, milliseconds life) {
  OpenOptions open;
  open.create = Create::kExclusive;
  open.timeout = timeout_;
  open.idle_timeout = milliseconds(line.idle_timeout_ms);
  open.absolute_timeout = life;
  open.owner = line.owner;
  absl::StatusOr<Session> session = hub_->Open(line.id, open);
  if (absl::IsAlreadyExists(session.status())) return Written::kSkipped;
  RETURN_IF_ERROR(session.status());
  absl::Status written = CommitAll(*session, line.fields, timeout_);
  if (written.ok()) return Written::kCreated;
  // A part of a session must not look like one; the error is told in any case.
  session->Delete(timeout_);
  return written;
}

absl::Status SessionWriter::Replace(const SessionLine& line, milliseconds life) {
  OpenOptions open;
  open.timeout = timeout_;
  ASSIGN_OR_RETURN(const Session session, hub_->Open(line.id, open));
  ASSIGN_OR_RETURN(const std::vector<Operation> changes, ChangesTo(line, session));
  RETURN_IF_ERROR(CommitAll(session, changes, timeout_));
  return SetLife(session, line, life, timeout_);
}

absl::StatusOr<Written> SessionWriter::Write(const SessionLine& line) {
  // Durations of the client count in signed milliseconds.
  if (std::max(line.idle_timeout_ms, line.absolute_deadline_ms) > INT64_MAX) {
    return absl::InvalidArgumentError("a time is over " + std::to_string(INT64_MAX) + " ms");
  }
  const milliseconds life = LifeLeft(line);
  if (line.absolute_deadline_ms != 0 && life.count() == 0) return Written::kEnded;
  absl::StatusOr<Written> written = Create(line, life);
  if (written.ok() && *written == Written::kSkipped && replace_) {
    written = Written::kReplaced;
    if (const absl::Status replaced = Replace(line, life); !replaced.ok()) written = replaced;
  }
  // Its copy is not read again, and its interest would stay. There is none where nothing was
  // opened.
  hub_->Evict(line.id).IgnoreError();
  return written;
}

}  // namespace sessionhub::ctl
