// What is inside keys: slots of ids, and the bytes of paths.
#include <string>
#include <utility>
#include <vector>

#include "proto/session/ids.h"
#include "proto/session/path.h"
#include "tests/golden/golden_case.h"
#include "tests/support/paths.h"

namespace sessionhub::testing {
namespace {

// The slot of each id, one byte each.
std::string SlotBytes(const std::vector<std::pair<std::string, std::string>>& ids) {
  std::string bytes;
  for (const auto& [app, id] : ids) bytes.push_back(static_cast<char>(SlotOf(app, id)));
  return bytes;
}

GoldenCase SlotCase(std::string name, std::string comment,
                    const std::vector<std::pair<std::string, std::string>>& ids) {
  const std::string bytes = SlotBytes(ids);
  return {std::move(name), std::move(comment), bytes,
          [bytes](const std::string& stored) { return stored == bytes; }};
}

std::vector<GoldenCase> SlotCases() {
  std::vector<std::pair<std::string, std::string>> numbered;
  for (int i = 0; i < 64; ++i) numbered.emplace_back("shop", "session-" + std::to_string(i));
  // XXH3 takes other ways for other lengths; each of them has its id here.
  std::vector<std::pair<std::string, std::string>> lengths;
  for (size_t bytes : {1, 2, 3, 4, 8, 11, 12, 16, 32, 64, 123, 124, 128, 200, 235, 236, 240, 256}) {
    lengths.emplace_back("shop", std::string(bytes, 'x'));
  }
  return {
      SlotCase("slots_numbered", "SlotOf(shop, session-0) to SlotOf(shop, session-63)", numbered),
      SlotCase("slots_lengths", "SlotOf(shop, x...) for ids of 1 to 256 bytes", lengths),
      SlotCase("slots_binary", "SlotOf(blog, ...) of ids with NUL and high bytes",
               {{"blog", std::string("\0", 1)},
                {"blog", std::string("a\0b", 3)},
                {"blog", "\xff\xfe"},
                {"b", "log"}})};
}

GoldenCase PathCase(std::string name, const std::string& text) {
  return {std::move(name), "the encoded path " + text, P(text).encoded(),
          [text](const std::string& bytes) {
            return Path::FromEncoded(bytes) == P(text) && Path::FromEncoded(bytes).ToText() == text;
          }};
}

}  // namespace

std::vector<GoldenCase> EncodingCases() {
  std::vector<GoldenCase> cases = SlotCases();
  cases.push_back(PathCase("path_plain", "cart/items/85123A/qty"));
  cases.push_back(PathCase("path_escapes", "a~1b/c~0d/~01"));
  cases.push_back(PathCase("path_empty_segments", "/a//"));
  cases.push_back(PathCase("path_utf8", "ä/€/😀"));
  return cases;
}

}  // namespace sessionhub::testing
