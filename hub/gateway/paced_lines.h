// PacedLines: how much is written down of what strangers can cause again and again. Pure; time is
// an argument.
#ifndef HUB_GATEWAY_PACED_LINES_H_
#define HUB_GATEWAY_PACED_LINES_H_

#include <cstdint>
#include <optional>

namespace sessionhub::hub {

// Lets so many lines a second through and counts the others: strangers who are refused must not
// push out of the audit, or of the log, what others did. Not thread-safe.
class PacedLines {
 public:
  static constexpr uint64_t kPerSecond = 10;

  // Nothing if this one is to have no line; else how many before it had none.
  std::optional<uint64_t> Take(uint64_t now_us);

 private:
  uint64_t second_ = 0;
  uint64_t written_ = 0;  // in that second
  uint64_t unwritten_ = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_PACED_LINES_H_
