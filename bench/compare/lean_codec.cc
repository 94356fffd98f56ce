#include "bench/compare/lean_codec.h"

#include <cstddef>
#include <unordered_set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

// Stands before a name, and for the number of a name that has none.
constexpr uint32_t kNoNumber = 0;
// A varint has seven bits of the number in each byte, so 32 bits take five.
constexpr int kVarintBits = 7;
constexpr int kLastVarintShift = 28;
constexpr uint8_t kMoreFollows = 0x80;
constexpr uint32_t kLastVarintByteMax = 0xf;

void AppendVarint(size_t number, std::string* bytes) {
  for (; number >= kMoreFollows; number >>= kVarintBits) {
    *bytes += static_cast<char>(number | kMoreFollows);
  }
  *bytes += static_cast<char>(number);
}

void AppendLengthAndText(std::string_view text, std::string* bytes) {
  AppendVarint(text.size(), bytes);
  *bytes += text;
}

void AppendToldName(uint32_t number, std::string_view name, std::string* bytes) {
  AppendVarint(kNoNumber, bytes);
  AppendVarint(number, bytes);
  AppendLengthAndText(name, bytes);
}

// Nothing if `bytes` end before the varint does.
absl::StatusOr<std::optional<uint32_t>> TakeVarint(std::string_view* bytes) {
  uint32_t number = 0;
  size_t taken = 0;
  for (int shift = 0; taken < bytes->size(); shift += kVarintBits) {
    const auto byte = static_cast<uint8_t>((*bytes)[taken++]);
    if (shift == kLastVarintShift && byte > kLastVarintByteMax) {
      return absl::InvalidArgumentError("a number has more than 32 bits");
    }
    number |= static_cast<uint32_t>(byte & ~kMoreFollows) << shift;
    if ((byte & kMoreFollows) != 0) continue;
    bytes->remove_prefix(taken);
    return number;
  }
  return std::nullopt;
}

absl::Status EndsEarly() {
  return absl::InvalidArgumentError("a message ends within a number, a name or a value");
}

// Of a message that has all arrived.
absl::StatusOr<uint32_t> TakeBodyNumber(std::string_view* body) {
  ASSIGN_OR_RETURN(const std::optional<uint32_t> number, TakeVarint(body));
  if (!number) return EndsEarly();
  return *number;
}

absl::StatusOr<std::string> TakeBodyText(std::string_view* body) {
  ASSIGN_OR_RETURN(const uint32_t length, TakeBodyNumber(body));
  if (length > body->size()) return EndsEarly();
  std::string text(body->substr(0, length));
  body->remove_prefix(length);
  return text;
}

}  // namespace

// By its number, which is given and told here if it has none.
void LeanEncoder::AppendName(const std::string& name, Numbers* numbers, std::string* bytes) {
  const auto next = static_cast<uint32_t>(numbers->size() + 1);
  const auto [told, is_new] = numbers->emplace(name, next);
  if (is_new) {
    AppendToldName(next, name, bytes);
  } else {
    AppendVarint(told->second, bytes);
  }
}

void LeanEncoder::AppendChange(const std::string& session, const SessionFields& changes,
                               std::string* bytes) {
  std::string body;
  AppendName(session, &sessions_, &body);
  for (const auto& [name, value] : changes) {
    AppendName(name, &fields_, &body);
    AppendLengthAndText(value, &body);
  }
  AppendLengthAndText(body, bytes);
}

void LeanEncoder::AppendAll(const Sessions& sessions, std::string* bytes) const {
  const auto number_of = [](const Numbers& numbers, const std::string& name) {
    const auto found = numbers.find(name);
    return found == numbers.end() ? kNoNumber : found->second;
  };
  std::unordered_set<uint32_t> told_fields;
  for (const auto& [session, fields] : sessions) {
    std::string body;
    AppendToldName(number_of(sessions_, session), session, &body);
    for (const auto& [name, value] : fields) {
      const uint32_t number = number_of(fields_, name);
      if (number == kNoNumber || told_fields.insert(number).second) {
        AppendToldName(number, name, &body);
      } else {
        AppendVarint(number, &body);
      }
      AppendLengthAndText(value, &body);
    }
    AppendLengthAndText(body, bytes);
  }
}

// `kind`, "session" or "field", is for messages.
absl::StatusOr<std::string> LeanDecoder::TakeName(const char* kind, Names* names,
                                                  std::string_view* body) {
  ASSIGN_OR_RETURN(const uint32_t number, TakeBodyNumber(body));
  if (number != kNoNumber) {
    const auto found = names->find(number);
    if (found != names->end()) return found->second;
    return absl::InvalidArgumentError(absl::StrCat(
        kind, " number ", number, " is used before this link has told which ", kind, " it is"));
  }
  ASSIGN_OR_RETURN(const uint32_t told, TakeBodyNumber(body));
  ASSIGN_OR_RETURN(std::string name, TakeBodyText(body));
  if (told != kNoNumber && !names->emplace(told, name).second) {
    return absl::InvalidArgumentError(
        absl::StrCat(kind, " number ", told, " is told twice on this link"));
  }
  return name;
}

absl::StatusOr<std::optional<MeshMessage>> LeanDecoder::Take(std::string_view* bytes) {
  std::string_view rest = *bytes;
  ASSIGN_OR_RETURN(const std::optional<uint32_t> length, TakeVarint(&rest));
  if (!length) return std::nullopt;
  if (*length > kMeshMessageBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("a message of ", *length, " bytes: at most ",
                                                   kMeshMessageBytesMax, " are legal"));
  }
  if (*length > rest.size()) return std::nullopt;
  std::string_view body = rest.substr(0, *length);
  MeshMessage message;
  ASSIGN_OR_RETURN(message.session, TakeName("session", &sessions_, &body));
  while (!body.empty()) {
    auto& [name, value] = message.entries.emplace_back();
    ASSIGN_OR_RETURN(name, TakeName("field", &fields_, &body));
    ASSIGN_OR_RETURN(value, TakeBodyText(&body));
  }
  *bytes = rest.substr(*length);
  return message;
}

}  // namespace sessionhub::bench
