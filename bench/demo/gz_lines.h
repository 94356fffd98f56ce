// GzLines: the lines of a file, plain or compressed by gzip, without holding more than one of them.
#ifndef BENCH_DEMO_GZ_LINES_H_
#define BENCH_DEMO_GZ_LINES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"

namespace sessionhub::bench {

struct GzLine {
  uint64_t number = 0;    // from 1
  std::string text;       // without its end, which is "\n" or "\r\n"
  bool too_long = false;  // `text` is only its beginning
};

// Hands each line of the file to `take` until that answers false. The last line needs no end. Of a
// line that is longer, the first `line_bytes_max` bytes are kept. Errors: NotFound; DataLoss, after
// all lines that could be read, if the file is damaged or cut short.
absl::Status ForEachGzLine(const std::string& path, size_t line_bytes_max,
                           const std::function<bool(const GzLine&)>& take);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_GZ_LINES_H_
