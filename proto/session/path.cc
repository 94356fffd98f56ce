#include "proto/session/path.h"

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"

namespace sessionhub {
namespace {

// How many continuation bytes follow a lead byte, or -1 if it cannot lead.
int ContinuationCount(uint8_t lead) {
  if (lead < 0x80) return 0;
  if (lead >= 0xc2 && lead <= 0xdf) return 1;
  if (lead >= 0xe0 && lead <= 0xef) return 2;
  if (lead >= 0xf0 && lead <= 0xf4) return 3;
  return -1;
}

// The second byte has a narrower range after some leads: that excludes overlong forms and
// surrogates.
bool SecondByteAllowed(uint8_t lead, uint8_t second) {
  if (lead == 0xe0) return second >= 0xa0;
  if (lead == 0xed) return second <= 0x9f;
  if (lead == 0xf0) return second >= 0x90;
  if (lead == 0xf4) return second <= 0x8f;
  return true;
}

absl::Status CheckSegment(std::string_view segment) {
  if (segment.find('\0') != std::string_view::npos) {
    return absl::InvalidArgumentError("path segment holds a NUL byte: remove it");
  }
  if (!IsUtf8(segment)) {
    return absl::InvalidArgumentError("path segment is not UTF-8: encode it, or use a bytes value");
  }
  return absl::OkStatus();
}

// Of most paths: nothing is escaped, and every byte is a character by itself.
bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](uint8_t byte) { return byte > 0 && byte < 0x80 && byte != '~'; });
}

std::string EncodePlain(std::string_view text) {
  std::string encoded;
  encoded.reserve(text.size() + 1);
  encoded = text;
  std::replace(encoded.begin(), encoded.end(), '/', '\0');
  encoded.push_back('\0');
  return encoded;
}

absl::StatusOr<std::string> Unescape(std::string_view segment) {
  std::string out;
  out.reserve(segment.size());
  for (size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '~') {
      out.push_back(segment[i]);
      continue;
    }
    if (i + 1 == segment.size() || (segment[i + 1] != '0' && segment[i + 1] != '1')) {
      return absl::InvalidArgumentError("path has '~' without 0 or 1 after it: write '~0' for '~'");
    }
    out.push_back(segment[++i] == '0' ? '~' : '/');
  }
  return out;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<uint8_t>(text[i]);
    const int count = ContinuationCount(lead);
    if (count < 0 || i + count >= text.size()) return false;
    for (int k = 1; k <= count; ++k) {
      const auto next = static_cast<uint8_t>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      if (k == 1 && !SecondByteAllowed(lead, next)) return false;
    }
    i += count;
  }
  return true;
}

absl::StatusOr<Path> Path::FromText(std::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("path is empty: name at least one segment");
  if (IsPlain(text)) return Path(EncodePlain(text));
  std::string encoded;
  encoded.reserve(text.size() + 1);
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('/', begin), text.size());
    absl::StatusOr<std::string> segment = Unescape(text.substr(begin, end - begin));
    if (!segment.ok()) return segment.status();
    if (absl::Status status = CheckSegment(*segment); !status.ok()) return status;
    encoded.append(*segment).push_back('\0');
    begin = end + 1;
  }
  return Path(std::move(encoded));
}

absl::StatusOr<Path> Path::FromSegments(const std::vector<std::string>& segments) {
  if (segments.empty()) return absl::InvalidArgumentError("path has no segment: name at least one");
  if (segments.size() == 1 && segments[0].empty()) {
    return absl::InvalidArgumentError("path is one empty segment, which has no text form: name it");
  }
  std::string encoded;
  for (const std::string& segment : segments) {
    if (absl::Status status = CheckSegment(segment); !status.ok()) return status;
    encoded.append(segment).push_back('\0');
  }
  return Path(std::move(encoded));
}

std::string Path::ToText() const {
  std::string text;
  text.reserve(encoded_.size());
  for (size_t i = 0; i < encoded_.size(); ++i) {
    switch (encoded_[i]) {
      case '\0':
        if (i + 1 < encoded_.size()) text.push_back('/');
        break;
      case '~':
        text.append("~0");
        break;
      case '/':
        text.append("~1");
        break;
      default:
        text.push_back(encoded_[i]);
    }
  }
  return text;
}

std::vector<std::string> Path::Segments() const {
  std::vector<std::string> segments;
  for (size_t begin = 0; begin < encoded_.size();) {
    const size_t end = encoded_.find('\0', begin);
    segments.push_back(encoded_.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

size_t Path::SegmentCount() const {
  return std::count(encoded_.begin(), encoded_.end(), '\0');
}

}  // namespace sessionhub
