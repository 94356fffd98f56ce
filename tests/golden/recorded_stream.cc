#include "tests/golden/recorded_stream.h"

#include <fstream>
#include <string_view>

#include "proto/session/status_macros.h"

namespace sessionhub::testing {
namespace {

using Kind = StreamLine::Kind;

constexpr size_t kDigitsPerLine = 96;
constexpr char kIndent[] = "    ";

struct Verb {
  Kind kind;
  std::string_view words;  // behind the node's name
  bool has_frame;
};

constexpr Verb kVerbs[] = {{Kind::kAttaches, " attaches", false},
                           {Kind::kLeaves, " leaves", false},
                           {Kind::kHeartbeat, " hears a heartbeat", false},
                           {Kind::kSays, " >", true},
                           {Kind::kHears, " <", true}};

absl::StatusOr<StreamLine> ParseLine(const std::string& line) {
  if (line.empty() || line[0] == '#') return StreamLine{Kind::kOther, "", line, ""};
  const size_t space = line.find(' ');
  const std::string node = line.substr(0, space);
  const std::string rest = space == std::string::npos ? "" : line.substr(space);
  if (node == "hub") return StreamLine{Kind::kHub, "", rest.empty() ? "" : rest.substr(1), ""};
  for (const Verb& verb : kVerbs) {
    if (rest == verb.words) return StreamLine{verb.kind, node, "", ""};
    const std::string begin = std::string(verb.words) + " ";
    if (!verb.has_frame || rest.compare(0, begin.size(), begin) != 0) continue;
    return StreamLine{verb.kind, node, rest.substr(begin.size()), ""};
  }
  return absl::InvalidArgumentError("no such line: " + line);
}

std::string_view WordsOf(Kind kind) {
  for (const Verb& verb : kVerbs) {
    if (verb.kind == kind) return verb.words;
  }
  return "";
}

}  // namespace

absl::StatusOr<RecordedStream> ReadStream(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::InvalidArgumentError(path + " cannot be read");
  RecordedStream stream;
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, sizeof(kIndent) - 1, kIndent) == 0) {
      if (stream.lines.empty()) return absl::InvalidArgumentError(path + " begins with bytes");
      stream.lines.back().hex += line.substr(sizeof(kIndent) - 1);
      continue;
    }
    ASSIGN_OR_RETURN(StreamLine parsed, ParseLine(line));
    stream.lines.push_back(std::move(parsed));
  }
  return stream;
}

absl::Status WriteStream(const RecordedStream& stream, const std::string& path) {
  std::ofstream file(path);
  for (const StreamLine& line : stream.lines) {
    if (line.kind == Kind::kHub) {
      file << "hub " << line.text << "\n";
    } else {
      file << line.node << WordsOf(line.kind)
           << (line.text.empty() || line.kind == Kind::kOther ? "" : " ") << line.text << "\n";
    }
    for (size_t at = 0; at < line.hex.size(); at += kDigitsPerLine) {
      file << kIndent << line.hex.substr(at, kDigitsPerLine) << "\n";
    }
  }
  file.close();
  return file ? absl::OkStatus() : absl::InternalError(path + " cannot be written");
}

absl::StatusOr<std::string> FromHex(const std::string& digits) {
  if (digits.size() % 2 != 0 || digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return absl::InvalidArgumentError("not hexadecimal: " + digits);
  }
  std::string bytes;
  for (size_t i = 0; i < digits.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

}  // namespace sessionhub::testing
