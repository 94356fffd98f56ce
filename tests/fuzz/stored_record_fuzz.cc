// Any bytes as each stored record: not readable, or the same record after it is written again.
#include <google/protobuf/stubs/logging.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "sessionhub/stored/v1/records.pb.h"
#include "tests/fuzz/fuzz_check.h"

namespace {

namespace stored = sessionhub::stored::v1;

template <typename Record>
void Check(const uint8_t* data, size_t size) {
  Record record;
  if (!record.ParseFromArray(data, static_cast<int>(size))) return;
  const std::string bytes = record.SerializeAsString();
  Record again;
  FUZZ_CHECK(again.ParseFromString(bytes));
  FUZZ_CHECK(again.SerializeAsString() == bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  google::protobuf::SetLogHandler(nullptr);  // it would tell of every text that is not UTF-8
  Check<stored::Name>(data, size);
  Check<stored::Meta>(data, size);
  Check<stored::Identity>(data, size);
  Check<stored::Field>(data, size);
  Check<stored::Due>(data, size);
  Check<stored::Incarnation>(data, size);
  Check<stored::App>(data, size);
  Check<stored::Folder>(data, size);
  return 0;
}
