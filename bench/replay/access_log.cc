#include "bench/replay/access_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr size_t kMethodBytesMax = 32;

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsLetters(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  });
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Takes one escape off the front of `text`, whose first character is a backslash. What is no
// escape stays as it is.
std::string TakeEscape(std::string_view* text) {
  if (text->size() >= 4 && (*text)[1] == 'x') {
    const int high = HexDigit((*text)[2]), low = HexDigit((*text)[3]);
    if (high >= 0 && low >= 0) {
      text->remove_prefix(4);
      return std::string(1, static_cast<char>(high * 16 + low));
    }
  }
  if (text->size() >= 2 && ((*text)[1] == '"' || (*text)[1] == '\\')) {
    const char escaped = (*text)[1];
    text->remove_prefix(2);
    return std::string(1, escaped);
  }
  text->remove_prefix(1);
  return "\\";
}

// Takes a quoted text, whose first character is the quote, and the spaces behind it.
std::optional<std::string> TakeQuoted(std::string_view* text) {
  std::string quoted;
  text->remove_prefix(1);
  while (!text->empty() && text->front() != '"') {
    if (text->front() == '\\') {
      quoted += TakeEscape(text);
    } else {
      quoted += text->front();
      text->remove_prefix(1);
    }
  }
  if (text->empty()) return std::nullopt;
  text->remove_prefix(1);
  text->remove_prefix(std::min(text->find_first_not_of(' '), text->size()));
  return quoted;
}

// Takes what stands before the next space, and the spaces behind it.
std::string_view TakeWord(std::string_view* text) {
  const std::string_view word = text->substr(0, text->find(' '));
  text->remove_prefix(word.size());
  text->remove_prefix(std::min(text->find_first_not_of(' '), text->size()));
  return word;
}

std::optional<int> NumberAt(std::string_view text, size_t at, size_t digits) {
  const std::string_view part = text.substr(at, digits);
  int number = 0;
  if (part.size() != digits || !IsDigits(part)) return std::nullopt;
  std::from_chars(part.data(), part.data() + part.size(), number);
  return number;
}

// "+0100" in seconds.
std::optional<int64_t> ParseZone(std::string_view zone) {
  const std::optional<int> hours = NumberAt(zone, 1, 2), minutes = NumberAt(zone, 3, 2);
  if (zone.size() != 5 || (zone[0] != '+' && zone[0] != '-') || !hours || !minutes || *hours > 14 ||
      *minutes > 59) {
    return std::nullopt;
  }
  return (zone[0] == '-' ? -1 : 1) * (*hours * 3600 + *minutes * 60);
}

// "29/Nov/2026:10:05:03 +0100"
std::optional<int64_t> ParseLogTime(std::string_view text) {
  constexpr std::string_view kShape = "00/Mon/0000:00:00:00 +0000";
  if (text.size() != kShape.size()) return std::nullopt;
  for (const size_t at : {2, 6, 11, 14, 17, 20}) {
    if (text[at] != kShape[at]) return std::nullopt;
  }
  const auto* month = std::find(kMonths.begin(), kMonths.end(), text.substr(3, 3));
  const std::optional<int> day = NumberAt(text, 0, 2), year = NumberAt(text, 7, 4),
                           hour = NumberAt(text, 12, 2), minute = NumberAt(text, 15, 2),
                           second = NumberAt(text, 18, 2);
  const std::optional<int64_t> zone_s = ParseZone(text.substr(21));
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second || !zone_s) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(
      std::chrono::year(*year),
      std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(*day)));
  // A leap second is written as 60.
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * 86'400 + *hour * 3600 + *minute * 60 + *second - *zone_s;
}

absl::Status Bad(const char* what) {
  return absl::InvalidArgumentError(what);
}

// "GET /cart?x=1 HTTP/1.1", where the version may be missing (HTTP/0.9).
absl::Status ParseRequestLine(std::string_view request, LogEntry* entry) {
  if (request.empty() || request == "-") return Bad("there is no request in it");
  const std::string_view method = TakeWord(&request);
  if (!IsLetters(method) || method.size() > kMethodBytesMax)
    return Bad("the request has no method");
  entry->method = method;
  const std::string_view target = TakeWord(&request);
  if (target.empty()) return Bad("the request has no target");
  entry->path = target.substr(0, target.find_first_of("?#"));
  return absl::OkStatus();
}

bool IsOfHostName(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_';
}

// "shop.example:443", with which Debian's Apache begins the lines of other_vhosts_access.log, if as
// many words as always follow: `rest` is the line behind it. No address of a client has just one
// colon.
bool IsVirtualHost(std::string_view word, std::string_view rest) {
  const size_t colon = word.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const std::string_view host = word.substr(0, colon), port = word.substr(colon + 1);
  if (!IsDigits(port) || !std::all_of(host.begin(), host.end(), IsOfHostName)) {
    return false;
  }
  std::string_view before_time = rest.substr(0, rest.find('['));
  int words = 0;
  while (!TakeWord(&before_time).empty()) ++words;
  return words > 2;
}

// Client, two names that do not matter, and the time. A user's name may hold spaces.
absl::Status TakeClientAndTime(std::string_view* rest, LogEntry* entry) {
  std::string_view client = TakeWord(rest);
  if (IsVirtualHost(client, *rest)) client = TakeWord(rest);
  entry->client = client;
  if (entry->client.empty()) return Bad("there is no client");
  const size_t open = rest->find('['), close = rest->find(']', std::min(open, rest->size()));
  if (close == std::string_view::npos) return Bad("there is no [time]");
  const std::optional<int64_t> time_s = ParseLogTime(rest->substr(open + 1, close - open - 1));
  if (!time_s) return Bad("the time is not day/month/year:hour:minute:second zone");
  entry->time_s = *time_s;
  rest->remove_prefix(close + 1);
  rest->remove_prefix(std::min(rest->find_first_not_of(' '), rest->size()));
  return absl::OkStatus();
}

// Two quoted fields behind the size are referrer and agent; all others are further ones.
absl::Status TakeFurther(std::string_view rest, LogEntry* entry) {
  size_t quoted = 0;
  while (!rest.empty()) {
    if (rest.front() == '"') {
      std::optional<std::string> text = TakeQuoted(&rest);
      if (!text) return Bad("a quoted field does not end");
      quoted += entry->further.size() == quoted ? 1 : 0;
      entry->further.push_back(*std::move(text));
    } else {
      entry->further.emplace_back(TakeWord(&rest));
    }
  }
  if (quoted < 2) return absl::OkStatus();
  if (entry->further[1] != "-") entry->agent = std::move(entry->further[1]);
  entry->further.erase(entry->further.begin(), entry->further.begin() + 2);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LogEntry> ParseLogLine(std::string_view line) {
  LogEntry entry;
  if (line.size() > kLogLineBytesMax) return Bad("it is longer than 64 KiB");
  if (line.find('\0') != std::string_view::npos) return Bad("there is a NUL in it: not a text");
  RETURN_IF_ERROR(TakeClientAndTime(&line, &entry));
  if (line.empty() || line.front() != '"') return Bad("there is no \"request\"");
  const std::optional<std::string> request = TakeQuoted(&line);
  if (!request) return Bad("the request does not end");
  RETURN_IF_ERROR(ParseRequestLine(*request, &entry));
  const std::string_view status = TakeWord(&line), size = TakeWord(&line);
  if (status != "-" && (!IsDigits(status) || status.size() != 3)) {
    return Bad("the status is not three digits");
  }
  if (size != "-" && !IsDigits(size)) return Bad("the size is no number");
  RETURN_IF_ERROR(TakeFurther(line, &entry));
  return entry;
}

std::string CookieIn(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    std::string_view cookie = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(cookie.size() + 1, header.size()));
    cookie.remove_prefix(std::min(cookie.find_first_not_of(' '), cookie.size()));
    if (cookie.substr(0, name.size()) == name && cookie.size() > name.size() &&
        cookie[name.size()] == '=') {
      return std::string(cookie.substr(name.size() + 1));
    }
  }
  return "";
}

}  // namespace sessionhub::bench
