#include "hub/gateway/audit_log.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

using AuditJson = nlohmann::ordered_json;

constexpr mode_t kAuditFileMode = 0600;

absl::Status AuditError(const std::string& doing, const std::string& path) {
  return absl::ErrnoToStatus(errno, "cannot " + doing + " --audit-file " + path);
}

std::string LineOf(const AuditJson& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/true, AuditJson::error_handler_t::replace) + "\n";
}

std::string LineOf(const AuditEntry& entry, uint64_t time_us) {
  AuditJson json = {{"time_ms", time_us / 1000}, {"event", entry.event}};
  const std::pair<const char*, const std::string*> fields[] = {
      {"call", &entry.call},       {"token", &entry.token},       {"role", &entry.role},
      {"app", &entry.app},         {"node", &entry.node},         {"peer", &entry.peer},
      {"session", &entry.session}, {"hash", &entry.session_hash}, {"owner_hash", &entry.owner_hash},
  };
  for (const auto& [key, text] : fields) {
    if (!text->empty()) json[key] = *text;
  }
  if (entry.full_ids) json["full_ids"] = true;
  if (entry.keep) json["keep"] = *entry.keep;
  if (entry.backup > 0) json["backup"] = entry.backup;
  if (!entry.removed.empty()) json["removed"] = entry.removed;
  if (entry.unwritten > 0) json["unwritten"] = entry.unwritten;
  json["outcome"] = entry.outcome;
  return LineOf(json);
}

}  // namespace

AuditLog::AuditLog(std::string path, uint64_t bytes_max, uint64_t (*wall_us)())
    : path_(std::move(path)), bytes_max_(bytes_max), wall_us_(wall_us) {}

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Open(std::string path, uint64_t bytes_max,
                                                         uint64_t (*wall_us)()) {
  std::unique_ptr<AuditLog> log(new AuditLog(std::move(path), bytes_max, wall_us));
  RETURN_IF_ERROR(log->OpenFile());
  RETURN_IF_ERROR(log->CheckMode());
  log->thread_ = std::thread([raw = log.get()] { raw->Run(); });
  return log;
}

AuditLog::~AuditLog() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
  if (descriptor_ >= 0) close(descriptor_);
}

void AuditLog::Write(const AuditEntry& entry) {
  std::string line = LineOf(entry, wall_us_());
  absl::MutexLock lock(&mutex_);
  if (waiting_.size() >= kWaitingMax) {
    ++lost_;
    return;
  }
  if (lost_ > 0) {
    waiting_.push_back(LineOf(AuditJson{{"event", "lost"}, {"lines", std::exchange(lost_, 0)}}));
  }
  waiting_.push_back(std::move(line));
}

void AuditLog::Run() {
  pthread_setname_np(pthread_self(), "audit");
  for (;;) {
    std::deque<std::string> lines;
    bool stopping = false;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &AuditLog::HasWork));
      lines.swap(waiting_);
      stopping = stopping_;
    }
    for (const std::string& line : lines) {
      if (absl::Status status = Append(line); !status.ok()) {
        LOG_EVERY_N(ERROR, 1000) << "event=audit_failed status=\"" << status.ToString()
                                 << "\" effect=\"lines are lost; calls go on\"";
      }
    }
    if (stopping) return;
  }
}

absl::Status AuditLog::OpenFile() {
  descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, kAuditFileMode);
  if (descriptor_ < 0) return AuditError("open", path_);
  struct stat found {};
  if (fstat(descriptor_, &found) != 0) return AuditError("look at", path_);
  bytes_ = static_cast<uint64_t>(found.st_size);
  char last = '\n';
  if (bytes_ > 0 && pread(descriptor_, &last, 1, found.st_size - 1) < 0) {
    return AuditError("read", path_);
  }
  torn_ = last != '\n';
  return absl::OkStatus();
}

absl::Status AuditLog::CheckMode() const {
  struct stat found {};
  if (fstat(descriptor_, &found) != 0) return AuditError("look at", path_);
  if ((found.st_mode & 0777 & ~kAuditFileMode) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError("--audit-file " + path_ +
                                       " may be read by others than its owner: chmod 600 " + path_);
}

// A line is written by one call, so that a hub that dies leaves whole lines, but for a full disk.
// What a full disk has left of a line stays a line of its own.
absl::Status AuditLog::Append(const std::string& line) {
  if (bytes_ > 0 && bytes_ + line.size() > bytes_max_) RETURN_IF_ERROR(Rotate());
  if (descriptor_ < 0) RETURN_IF_ERROR(OpenFile());
  return WriteWhole(torn_ ? "\n" + line : line);
}

absl::Status AuditLog::WriteWhole(const std::string& text) {
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = write(descriptor_, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return AuditError("write", path_);
    written += static_cast<size_t>(count);
    bytes_ += static_cast<uint64_t>(count);
    torn_ = text[written - 1] != '\n';
  }
  return absl::OkStatus();
}

absl::Status AuditLog::Rotate() {
  if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
  if (rename(path_.c_str(), (path_ + ".1").c_str()) != 0 && errno != ENOENT) {
    return AuditError("rename", path_);
  }
  return OpenFile();
}

}  // namespace sessionhub::hub
