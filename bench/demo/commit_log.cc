#include "bench/demo/commit_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <fstream>
#include <unordered_set>

namespace sessionhub::bench {
namespace {

constexpr size_t kFields = 8;
constexpr size_t kNoteBytesMax = 200;

std::string Plain(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

template <typename T>
bool ParseNumber(std::string_view text, T* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

bool IsKind(std::string_view text) {
  return text.size() == 1 && std::string_view("SARUNO").find(text[0]) != std::string_view::npos;
}

}  // namespace

std::string FormatCommitEvent(const CommitEvent& event) {
  std::string line(1, static_cast<char>(event.kind));
  line += '\t' + std::to_string(event.request);
  line += '\t' + Plain(event.session);
  line += '\t' + Plain(event.code);
  line += '\t' + std::to_string(event.version);
  line += '\t' + std::to_string(event.at_least);
  line += '\t' + std::to_string(event.time_us);
  line += '\t' + Plain(event.note.substr(0, kNoteBytesMax));
  line += '\n';
  return line;
}

std::optional<CommitEvent> ParseCommitEvent(std::string_view line) {
  std::array<std::string_view, kFields> fields;
  for (size_t i = 0; i < kFields; ++i) {
    const size_t tab = line.find('\t');
    if ((tab == std::string_view::npos) != (i + 1 == kFields)) return std::nullopt;
    fields[i] = line.substr(0, tab);
    if (tab != std::string_view::npos) line.remove_prefix(tab + 1);
  }
  CommitEvent event;
  if (!IsKind(fields[0]) || !ParseNumber(fields[1], &event.request) ||
      !ParseNumber(fields[4], &event.version) || !ParseNumber(fields[5], &event.at_least) ||
      !ParseNumber(fields[6], &event.time_us)) {
    return std::nullopt;
  }
  event.kind = static_cast<CommitEvent::Kind>(fields[0][0]);
  event.session = fields[2];
  event.code = fields[3];
  event.note = fields[7];
  return event;
}

std::optional<std::vector<CommitEvent>> ReadCommitLog(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::vector<CommitEvent> events;
  std::string line;
  while (std::getline(file, line)) {
    if (file.eof()) break;  // a last line without its end is torn: it was never written whole
    std::optional<CommitEvent> event = ParseCommitEvent(line);
    if (!event) return std::nullopt;
    events.push_back(*std::move(event));
  }
  return events;
}

size_t CountUnanswered(const std::vector<CommitEvent>& events) {
  std::unordered_set<uint64_t> open;
  for (const CommitEvent& event : events) {
    if (event.kind == CommitEvent::Kind::kSubmitted) {
      open.insert(event.request);
    } else {
      open.erase(event.request);
    }
  }
  return open.size();
}

int64_t MonotonicMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace sessionhub::bench
