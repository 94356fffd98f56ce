#include "sessionhub/session_id.h"

#include <sys/random.h>

#include <cstdint>

namespace sessionhub {
namespace {

constexpr int kBytes = 16;
constexpr int kBitsPerCharacter = 6;
constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

absl::StatusOr<std::string> NewSessionId() {
  uint8_t bytes[kBytes];
  if (getrandom(bytes, sizeof(bytes), 0) != static_cast<ssize_t>(sizeof(bytes))) {
    return absl::UnavailableError("the operating system gives no random bits for a session id");
  }
  std::string id;
  uint32_t bits = 0;
  int count = 0;
  for (uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    for (count += 8; count >= kBitsPerCharacter; count -= kBitsPerCharacter) {
      id.push_back(kAlphabet[bits >> (count - kBitsPerCharacter) & 63]);
    }
  }
  id.push_back(kAlphabet[bits << (kBitsPerCharacter - count) & 63]);
  return id;
}

}  // namespace sessionhub
