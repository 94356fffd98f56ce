// A recorded stream: what nodes of one protocol version have said to a hub, as bytes, and what it
// has answered. A file below streams/, of these lines:
//
//   # a comment
//   hub OPTIONS                 what sessionhubd is started with
//   NODE attaches               a new stream, and the end of the one that NODE had
//   NODE > FRAME                a NodeFrame as text; its bytes follow in hexadecimal, indented
//   NODE < EVENT                the next thing that NODE hears: a HubFrame of one part, the same
//   way NODE hears a heartbeat      an empty frame, past whatever else comes NODE leaves ends its
//   side; the hub ends the other
//
// Bytes are what counts; the text says what they meant when they were written. A hub may put what
// it says into frames as it likes, so what is recorded of it are the parts, in their order: items,
// attached, goodbye. Numbers of paths are its own choice and are looked up; received_through may
// come with any frame.
#ifndef TESTS_GOLDEN_RECORDED_STREAM_H_
#define TESTS_GOLDEN_RECORDED_STREAM_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace sessionhub::testing {

struct StreamLine {
  enum class Kind { kOther, kHub, kAttaches, kSays, kHears, kHeartbeat, kLeaves };

  Kind kind = Kind::kOther;  // kOther: a comment or nothing
  std::string node;
  std::string text;  // of the frame; kHub: the options; kOther: the line
  std::string hex;   // empty for an empty frame, and for one that is not recorded yet
};

struct RecordedStream {
  std::vector<StreamLine> lines;
};

// InvalidArgument names the line.
absl::StatusOr<RecordedStream> ReadStream(const std::string& path);
absl::Status WriteStream(const RecordedStream& stream, const std::string& path);

// The bytes of hexadecimal digits, or InvalidArgument.
absl::StatusOr<std::string> FromHex(const std::string& digits);

}  // namespace sessionhub::testing

#endif  // TESTS_GOLDEN_RECORDED_STREAM_H_
