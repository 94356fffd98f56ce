#include "proto/session/ids.h"

#include <xxhash.h>

#include <algorithm>

namespace sessionhub {

Slot SlotOf(std::string_view app, std::string_view id) {
  std::string input;
  input.reserve(app.size() + 1 + id.size());
  input.append(app).push_back('\0');
  input.append(id);
  return static_cast<Slot>(XXH3_64bits(input.data(), input.size()) & 0xff);
}

std::array<uint8_t, 16> BytesToId128(std::string_view bytes) {
  std::array<uint8_t, 16> id{};
  if (bytes.size() == id.size()) std::copy(bytes.begin(), bytes.end(), id.begin());
  return id;
}

std::string Id128ToBytes(const std::array<uint8_t, 16>& id) {
  return std::string(id.begin(), id.end());
}

std::string ToHex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (unsigned char byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

}  // namespace sessionhub
