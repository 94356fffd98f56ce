// Any bytes as each stored key: no key of that kind, or the very key that is made of what it says.
// And keys made of any names and paths: the same names and paths again, in the order of the bytes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "hub/store/keys.h"
#include "proto/session/path.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/fuzz_input.h"

namespace sessionhub::hub {
namespace {

using testing::FuzzInput;

void CheckAsKey(std::string_view bytes) {
  if (const auto name = keys::ParseName(bytes)) FUZZ_CHECK(keys::OfName(*name) == bytes);
  if (const auto due = keys::ParseDue(bytes)) FUZZ_CHECK(keys::OfDue(*due) == bytes);
  if (const auto app = keys::ParseAppNumber(bytes)) FUZZ_CHECK(keys::OfAppNumber(*app) == bytes);
  if (const auto node = keys::ParseLastSeen(bytes)) FUZZ_CHECK(keys::OfLastSeen(*node) == bytes);
  if (const auto of = keys::ParseAppSessions(bytes)) FUZZ_CHECK(keys::OfAppSessions(*of) == bytes);
  if (const auto number = keys::DecodeNumber(bytes)) {
    FUZZ_CHECK(keys::EncodeNumber(*number) == bytes);
  }
  if (const auto path = keys::ParseFieldPath(bytes)) {
    const std::string made = keys::OfField(0, *path);
    FUZZ_CHECK(made.substr(keys::kSessionPrefixBytes) == bytes.substr(keys::kSessionPrefixBytes));
  }
}

void CheckAsName(FuzzInput input) {
  const auto slot = static_cast<Slot>(input.Byte());
  const AppNumber app = input.Byte();
  const std::string id = input.Bytes();
  if (id.empty()) return;
  const std::string key = keys::OfName({slot, app, id});
  const auto again = keys::ParseName(key);
  FUZZ_CHECK(again && again->slot == slot && again->app == app && again->id == id);
  const std::string prefix = keys::NamesOf(slot, app);
  FUZZ_CHECK(key.substr(0, prefix.size()) == prefix && key < keys::EndOf(prefix));
}

void CheckAsPath(std::string_view text) {
  const absl::StatusOr<Path> path = Path::FromText(text);
  if (!path.ok() || path->empty()) return;
  const std::string key = keys::OfField(7, *path);
  const auto again = keys::ParseFieldPath(key);
  FUZZ_CHECK(again && *again == *path);
}

}  // namespace
}  // namespace sessionhub::hub

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  sessionhub::hub::CheckAsKey(bytes);
  sessionhub::hub::CheckAsName({data, size});
  sessionhub::hub::CheckAsPath(bytes);
  return 0;
}
