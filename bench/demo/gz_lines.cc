#include "bench/demo/gz_lines.h"

#include <zlib.h>

#include <array>
#include <memory>

namespace sessionhub::bench {
namespace {

struct GzClose {
  void operator()(gzFile file) const { gzclose(file); }
};
using GzFile = std::unique_ptr<gzFile_s, GzClose>;

// Puts lines together from blocks.
class LineCutter {
 public:
  LineCutter(size_t line_bytes_max, const std::function<bool(const GzLine&)>& take)
      : line_bytes_max_(line_bytes_max), take_(take) {}

  // False once no more is wanted.
  bool Add(char c) {
    if (c == '\n') return End();
    begun_ = true;
    if (line_.text.size() < line_bytes_max_) {
      line_.text += c;
    } else {
      line_.too_long = true;
    }
    return true;
  }

  bool End() {
    ++line_.number;
    if (!line_.text.empty() && line_.text.back() == '\r' && !line_.too_long) line_.text.pop_back();
    const bool go_on = take_(line_);
    line_.text.clear();
    line_.too_long = false;
    begun_ = false;
    return go_on;
  }

  bool begun() const { return begun_; }
  uint64_t lines() const { return line_.number; }

 private:
  const size_t line_bytes_max_;
  const std::function<bool(const GzLine&)>& take_;
  GzLine line_;
  bool begun_ = false;
};

}  // namespace

absl::Status ForEachGzLine(const std::string& path, size_t line_bytes_max,
                           const std::function<bool(const GzLine&)>& take) {
  const GzFile file(gzopen(path.c_str(), "rb"));  // zlib reads plain files as they are
  if (file == nullptr) return absl::NotFoundError("cannot read " + path);
  LineCutter lines(line_bytes_max, take);
  std::array<char, 1 << 16> block;
  int bytes = 0;
  while ((bytes = gzread(file.get(), block.data(), block.size())) > 0) {
    for (int i = 0; i < bytes; ++i) {
      if (!lines.Add(block[i])) return absl::OkStatus();
    }
  }
  int error = Z_OK;  // a file that ends too early reads as one that ends, but for this
  gzerror(file.get(), &error);
  if (bytes < 0 || error != Z_OK) {
    return absl::DataLossError(path + " is damaged or cut short after line " +
                               std::to_string(lines.lines()));
  }
  if (lines.begun()) lines.End();
  return absl::OkStatus();
}

}  // namespace sessionhub::bench
