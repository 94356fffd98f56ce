#include "bench/demo/entries.h"

#include <cstdint>

namespace sessionhub::bench {

void AppendNumber(size_t number, size_t width_bytes, std::string* bytes) {
  for (size_t i = width_bytes; i-- > 0;) *bytes += static_cast<char>(number >> (8 * i) & 0xff);
}

void AppendEntry(std::string_view name, std::string_view value, std::string* bytes) {
  AppendNumber(name.size(), 2, bytes);
  *bytes += name;
  AppendNumber(value.size(), 4, bytes);
  *bytes += value;
}

std::optional<size_t> TakeNumber(size_t width_bytes, std::string_view* bytes) {
  if (bytes->size() < width_bytes) return std::nullopt;
  size_t number = 0;
  for (size_t i = 0; i < width_bytes; ++i) number = number << 8 | static_cast<uint8_t>((*bytes)[i]);
  bytes->remove_prefix(width_bytes);
  return number;
}

bool TakeText(size_t width_bytes, std::string_view* bytes, std::string* text) {
  const std::optional<size_t> size = TakeNumber(width_bytes, bytes);
  if (!size || *size > bytes->size()) return false;
  *text = bytes->substr(0, *size);
  bytes->remove_prefix(*size);
  return true;
}

bool TakeEntries(std::string_view bytes,
                 std::vector<std::pair<std::string, std::string>>* entries) {
  while (!bytes.empty()) {
    auto& [name, value] = entries->emplace_back();
    if (!TakeText(2, &bytes, &name) || !TakeText(4, &bytes, &value)) return false;
  }
  return true;
}

}  // namespace sessionhub::bench
