// Any bytes as a path's text: refused, or a path that comes back from its text and its segments.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/session/limits.h"
#include "proto/session/path.h"
#include "tests/fuzz/fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using sessionhub::Path;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<Path> path = Path::FromText(text);
  if (!path.ok()) return 0;
  FUZZ_CHECK(path->ToText() == text);
  FUZZ_CHECK(sessionhub::IsUtf8(text));
  FUZZ_CHECK(path->Segments().size() == path->SegmentCount());
  FUZZ_CHECK(*Path::FromSegments(path->Segments()) == *path);
  FUZZ_CHECK(path->Covers(*path) && Path().Covers(*path));
  if (sessionhub::CheckPath(*path, sessionhub::Limits()).ok()) {
    FUZZ_CHECK(path->encoded().size() <= sessionhub::Limits().path_bytes_max);
  }
  return 0;
}
