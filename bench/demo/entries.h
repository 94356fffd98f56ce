// Entries: names and values as one run of bytes, each with its length before it: 2 bytes of length,
// name, 4 bytes of length, value. Numbers are big-endian.
//
// Pure; std only.
#ifndef BENCH_DEMO_ENTRIES_H_
#define BENCH_DEMO_ENTRIES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sessionhub::bench {

void AppendNumber(size_t number, size_t width_bytes, std::string* bytes);
void AppendEntry(std::string_view name, std::string_view value, std::string* bytes);

// The number at the front, or nothing if there are too few bytes.
std::optional<size_t> TakeNumber(size_t width_bytes, std::string_view* bytes);
// A text after its length. False if there are too few bytes.
bool TakeText(size_t width_bytes, std::string_view* bytes, std::string* text);
// All that there are. False if they do not end with an entry's end.
bool TakeEntries(std::string_view bytes, std::vector<std::pair<std::string, std::string>>* entries);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_ENTRIES_H_
