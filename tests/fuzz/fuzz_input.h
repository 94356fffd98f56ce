// FuzzInput: the bytes that a fuzz target gets, as a stream of small choices. Past the end
// everything is zero or empty, so that every input is a whole one.
#ifndef TESTS_FUZZ_FUZZ_INPUT_H_
#define TESTS_FUZZ_FUZZ_INPUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace sessionhub::testing {

class FuzzInput {
 public:
  // The bytes are not owned.
  FuzzInput(const uint8_t* data, size_t size) : data_(data), left_(size) {}

  bool empty() const { return left_ == 0; }

  uint8_t Byte() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  // Less than `count`, which is 1 to 256.
  unsigned Below(unsigned count) { return Byte() % count; }

  // As many as the next byte says, or what is left.
  std::string Bytes() {
    const size_t size = std::min<size_t>(Byte(), left_);
    std::string bytes(reinterpret_cast<const char*>(data_), size);
    data_ += size;
    left_ -= size;
    return bytes;
  }

 private:
  const uint8_t* data_;
  size_t left_;
};

}  // namespace sessionhub::testing

#endif  // TESTS_FUZZ_FUZZ_INPUT_H_
