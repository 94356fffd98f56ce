#include "client/ctl/printable.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <ctime>

#include "absl/status/status.h"

namespace sessionhub::ctl {
namespace {

constexpr size_t kShownIdCharacters = 6;
constexpr char kHexDigits[] = "0123456789abcdef";

void AppendHexEscape(unsigned char byte, std::string* text) {
  *text += "\\x";
  *text += kHexDigits[byte >> 4];
  *text += kHexDigits[byte & 0xf];
}

bool IsHexDigit(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

// The second byte of a C1 control in UTF-8, whose first byte is 0xc2.
bool IsC1Tail(unsigned char byte) {
  return byte >= 0x80 && byte <= 0x9f;
}

}  // namespace

std::string EscapeId(std::string_view id) {
  std::string text;
  for (char c : id) {
    if (c == '\\') {
      text += "\\\\";
    } else if (c > ' ' && c <= '~') {
      text += c;
    } else {
      AppendHexEscape(static_cast<unsigned char>(c), &text);
    }
  }
  return text;
}

absl::StatusOr<std::string> UnescapeId(std::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("a session id has at least one byte");
  std::string id;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      id += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      id += '\\';
      ++i;
    } else if (i + 3 < text.size() && text[i + 1] == 'x' && IsHexDigit(text[i + 2]) &&
               IsHexDigit(text[i + 3])) {
      id += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
      i += 3;
    } else {
      return absl::InvalidArgumentError(
          "a backslash in a session id is written \\\\ and a byte \\xNN");
    }
  }
  return id;
}

std::string ShownId(std::string_view id, bool full) {
  if (full) return EscapeId(id);
  return EscapeId(id.substr(0, kShownIdCharacters)) + "…";
}

std::string EscapeControls(std::string_view text) {
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) {
      AppendHexEscape(byte, &escaped);
    } else if (byte == 0xc2 && i + 1 < text.size() &&
               IsC1Tail(static_cast<unsigned char>(text[i + 1]))) {
      AppendHexEscape(byte, &escaped);
      AppendHexEscape(static_cast<unsigned char>(text[++i]), &escaped);
    } else {
      escaped += text[i];
    }
  }
  return escaped;
}

std::string DurationText(uint64_t duration_ms) {
  struct Unit {
    const char* name;
    uint64_t seconds;
  };
  constexpr Unit kUnits[] = {{"d", 86'400}, {"h", 3'600}, {"min", 60}, {"s", 1}};
  uint64_t seconds = duration_ms / 1000;
  const Unit* unit = std::find_if(std::begin(kUnits), std::end(kUnits) - 1,
                                  [&](const Unit& u) { return seconds >= u.seconds; });
  std::string text = std::to_string(seconds / unit->seconds) + " " + unit->name;
  if (unit->seconds == 1) return text;
  uint64_t rest = seconds % unit->seconds;
  ++unit;
  return text + " " + std::to_string(rest / unit->seconds) + " " + unit->name;
}

const char* EventName(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::kChanged:
      return "changed";
    case Event::Kind::kCaughtUp:
      return "caught_up";
    case Event::Kind::kRenamed:
      return "renamed";
    case Event::Kind::kDeleted:
      return "deleted";
    case Event::Kind::kExpired:
      return "expired";
    case Event::Kind::kLost:
      return "lost";
  }
  return "unknown";
}

std::string TimeText(uint64_t unix_ms) {
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm utc{};
  char text[64];
  if (gmtime_r(&seconds, &utc) == nullptr) return std::to_string(unix_ms) + " ms";
  return std::string(text, std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &utc));
}

}  // namespace sessionhub::ctl
