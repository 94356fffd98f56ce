#include "bench/compare/fields_text.h"

#include "absl/status/status.h"

namespace sessionhub::bench {

std::string FormatFields(const SessionFields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) text.append(name).append("=").append(value).append("\n");
  return text;
}

absl::StatusOr<SessionFields> ParseFields(std::string_view text) {
  SessionFields fields;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const size_t equals = line.find('=');
    if (equals == 0 || equals == std::string_view::npos) {
      return absl::InvalidArgumentError("not a line NAME=VALUE: " + std::string(line));
    }
    fields[std::string(line.substr(0, equals))] = line.substr(equals + 1);
  }
  return fields;
}

std::string FindSessionId(std::string_view header) {
  while (!header.empty()) {
    std::string_view part = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(header.size(), part.size() + 1));
    part.remove_prefix(std::min(part.size(), part.find_first_not_of(' ')));
    const size_t equals = part.find('=');
    if (part.substr(0, equals) == kSessionCookie && equals != std::string_view::npos) {
      return std::string(part.substr(equals + 1));
    }
  }
  return "";
}

}  // namespace sessionhub::bench
