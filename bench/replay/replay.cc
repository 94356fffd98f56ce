#include "bench/replay/replay.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/status/status.h"
#include "bench/replay/access_log.h"
#include "bench/replay/replay_report.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

// Whose session it is of; empty if the line does not say.
std::string SessionKey(const ReplayOptions& options, const LogEntry& entry) {
  std::string key;
  if (options.session_field > 0) {
    if (entry.further.size() >= options.session_field)
      key = entry.further[options.session_field - 1];
  } else if (!options.session_cookie.empty()) {
    if (!entry.further.empty()) key = CookieIn(entry.further.back(), options.session_cookie);
  } else {
    key = entry.client + ' ' + entry.agent;
  }
  return key == "-" ? "" : key;
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// What would come to light only when all is replayed. Leaves the file as it was, or away.
absl::Status CheckCanBeWritten(const std::string& path) {
  std::error_code none;
  const bool was_there = std::filesystem::exists(std::filesystem::symlink_status(path, none));
  if (!std::ofstream(path, std::ios::app)) {
    return absl::UnavailableError("cannot write the figures to " + path +
                                  ": give --json a file in a folder that is there");
  }
  if (!was_there) std::filesystem::remove(path, none);
  return absl::OkStatus();
}

}  // namespace

Replay::Replay(const ReplayOptions& options)
    : options_(options),
      shape_(options, &book_),
      model_(&book_, options.nodes, options.idle_minutes * 60),
      sessions_(options.idle_minutes * 60, options.open_sessions_max,
                [this](const LogSession& session) { OnEnd(session); }) {}

absl::Status Replay::Run() {
  RETURN_IF_ERROR(options_.baskets_path.empty() ? ReadLogs() : ReadBasketFile());
  sessions_.EndAll();
  input_.sessions = sessions_.made();
  input_.out_of_order = sessions_.out_of_order();
  input_.ended_early = sessions_.ended_early();
  if (input_.requests > 0) return absl::OkStatus();
  std::string why = "there is no request to replay in " + std::to_string(input_.lines) + " lines: ";
  if (options_.baskets_path.empty()) {
    why += std::to_string(input_.bad_lines) + " are not of an access log, " +
           std::to_string(input_.static_requests) + " are for static files (--static-suffixes), " +
           std::to_string(input_.without_session) +
           " have no session (--session-cookie, --session-field)";
  } else {
    why += std::to_string(input_.bad_lines) + " hold no basket";
  }
  for (const std::string& line : input_.shown_bad_lines) why += "\n  " + line;
  for (const std::string& warning : input_.warnings) why += "\n  " + warning;
  return absl::InvalidArgumentError(why);
}

absl::Status Replay::ReadBasketFile() {
  const std::string& path = options_.baskets_path;
  return NoteDamage(ForEachBasket(
      path, options_.limit, [this](const Basket& basket) { TakeBasket(basket); },
      [this, &path](uint64_t number, const std::string& why) {
        ++input_.lines;
        NoteBadLine(path, number, why);
      }));
}

void Replay::TakeBasket(const Basket& basket) {
  ++input_.lines;
  Shopper shopper(&book_);
  for (const std::string& code : basket) {
    LogSession& session = sessions_.Use("", 0);
    ++(session.image.fields().empty() ? input_.creating : input_.changing);
    ++input_.requests;
    ++session.requests;
    model_.Serve(shopper.Add(code), &session);
  }
  sessions_.EndAll();
}

absl::Status Replay::ReadLogs() {
  for (const std::string& path : options_.log_paths) RETURN_IF_ERROR(ReadLog(path));
  return absl::OkStatus();
}

absl::Status Replay::ReadLog(const std::string& path) {
  return NoteDamage(ForEachGzLine(path, kLogLineBytesMax, [&](const GzLine& line) {
    if (options_.limit != 0 && input_.lines >= options_.limit) return false;
    TakeLine(path, line);
    return true;
  }));
}

absl::Status Replay::NoteDamage(absl::Status read) {
  if (!absl::IsDataLoss(read)) return read;
  input_.warnings.emplace_back(read.message());
  return absl::OkStatus();
}

void Replay::TakeLine(const std::string& path, const GzLine& line) {
  ++input_.lines;
  if (line.too_long) {
    return NoteBadLine(path, line.number,
                       "it is longer than " + std::to_string(kLogLineBytesMax) + " bytes");
  }
  const absl::StatusOr<LogEntry> entry = ParseLogLine(line.text);
  if (!entry.ok()) {
    return NoteBadLine(path, line.number, std::string(entry.status().message()));
  }
  if (IsStatic(entry->path)) {
    ++input_.static_requests;
    return;
  }
  const std::string key = SessionKey(options_, *entry);
  if (key.empty()) {
    ++input_.without_session;
    return;
  }
  LogSession& session = sessions_.Use(key, entry->time_s);
  NoteTime(entry->time_s);
  ++input_.requests;
  ++session.requests;
  static const std::vector<FieldChange> kNone;
  if (session.image.fields().empty()) {
    ++input_.creating;
    model_.Serve(shape_.all(), &session);
  } else if (Changes(entry->method) && !shape_.changed().empty()) {
    ++input_.changing;
    model_.Serve(shape_.changed(), &session);
  } else {
    ++input_.read_only;
    model_.Serve(kNone, &session);
  }
}

void Replay::NoteBadLine(const std::string& path, uint64_t number, const std::string& why) {
  ++input_.bad_lines;
  if (input_.shown_bad_lines.size() == ReplayInput::kShownMax) return;
  input_.shown_bad_lines.push_back(path + ":" + std::to_string(number) + ": " + why);
}

void Replay::NoteTime(int64_t time_s) {
  if (input_.requests == 0 || time_s < input_.first_s) input_.first_s = time_s;
  if (input_.requests == 0 || time_s > input_.last_s) input_.last_s = time_s;
}

bool Replay::IsStatic(const std::string& path) const {
  return std::any_of(
      options_.static_suffixes.begin(), options_.static_suffixes.end(),
      [&path](const std::string& suffix) { return !suffix.empty() && EndsWith(path, suffix); });
}

bool Replay::Changes(const std::string& method) const {
  const auto& changing = options_.changing_methods;
  return std::find(changing.begin(), changing.end(), method) != changing.end();
}

void Replay::OnEnd(const LogSession& session) {
  input_.session_bytes.Record(static_cast<int64_t>(session.image.entry_bytes()));
  input_.requests_of_session.Record(static_cast<int64_t>(session.requests));
  model_.End(session);
}

absl::StatusOr<bool> RunReplay(const ReplayOptions& options) {
  RETURN_IF_ERROR(CheckReplayOptions(options));
  if (!options.json_path.empty()) RETURN_IF_ERROR(CheckCanBeWritten(options.json_path));
  Replay replay(options);
  RETURN_IF_ERROR(replay.Run());
  const std::vector<TrafficModel::Sums> sums = replay.sums();
  std::printf("%s\n%s", DescribeInput(options, replay.input()).c_str(),
              StrategyTables(replay.input().requests, sums).c_str());
  if (options.json_path.empty()) return true;
  std::ofstream file(options.json_path);
  file << ReplayJson(options, replay.input(), sums).dump(2) << "\n";
  if (!file.flush()) {
    return absl::UnavailableError("cannot write the figures to " + options.json_path);
  }
  return true;
}

}  // namespace sessionhub::bench
