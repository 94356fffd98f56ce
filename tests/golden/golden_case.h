// A golden case: bytes that this code makes, what they are, and how they are read again. Each has
// its file data/<name>.hex. A file that is there stays: bytes of data folders and of older peers
// look so.
#ifndef TESTS_GOLDEN_GOLDEN_CASE_H_
#define TESTS_GOLDEN_GOLDEN_CASE_H_

#include <google/protobuf/util/message_differencer.h>

#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace sessionhub::testing {

struct GoldenCase {
  std::string name;     // of the file, and of the test
  std::string comment;  // the first line of the file
  std::string bytes;    // what this code writes
  // True if `bytes` are read as the object that the case is made of.
  std::function<bool(const std::string& bytes)> reads_back;

  friend void PrintTo(const GoldenCase& golden, std::ostream* os) { *os << golden.name; }
};

template <typename Message>
GoldenCase MessageCase(std::string name, std::string comment, const Message& message) {
  auto reads_back = [message](const std::string& bytes) {
    Message parsed;
    return parsed.ParseFromString(bytes) &&
           google::protobuf::util::MessageDifferencer::Equals(parsed, message);
  };
  return {std::move(name), std::move(comment), message.SerializeAsString(), std::move(reads_back)};
}

std::vector<GoldenCase> NodeFrameCases();
std::vector<GoldenCase> HubFrameCases();
std::vector<GoldenCase> StoredRecordCases();
std::vector<GoldenCase> EncodingCases();

}  // namespace sessionhub::testing

#endif  // TESTS_GOLDEN_GOLDEN_CASE_H_
