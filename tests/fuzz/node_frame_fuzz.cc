// Any bytes as a NodeFrame, all the way into a session: decode, check, apply, encode again.
#include <google/protobuf/stubs/logging.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "proto/session/delta.h"
#include "proto/session/limits.h"
#include "proto/session/wire.h"
#include "sessionhub/v1/frames.pb.h"
#include "tests/fuzz/fuzz_check.h"

namespace sessionhub {
namespace {

// The paths that a stream has defined, as the hub keeps them.
class Paths {
 public:
  explicit Paths(const v1::NodeFrame& frame) {
    for (const v1::PathDefinition& definition : frame.paths()) {
      absl::StatusOr<Path> path = Path::FromText(definition.path());
      if (path.ok()) paths_.try_emplace(definition.number(), *std::move(path));
    }
  }

  const Path* Find(uint32_t number) const {
    auto it = paths_.find(number);
    return it == paths_.end() ? nullptr : &it->second;
  }

 private:
  std::map<uint32_t, Path> paths_;
};

constexpr uint64_t kFeatures = ~uint64_t{0};  // all, so that all is decoded

void CheckComesBack(const Delta& delta) {
  v1::Delta wire;
  EncodeDelta(
      delta, [](const Path&) { return 0; }, &wire);
  const absl::StatusOr<Delta> again = DecodeDelta(
      wire, [](uint32_t) { return nullptr; }, kFeatures);
  FUZZ_CHECK(again.ok() && *again == delta);
}

void ApplyChecked(const Delta& delta, FieldMap* fields) {
  const FieldMap before = *fields;
  if (!Apply(delta, fields).ok()) {
    FUZZ_CHECK(*fields == before);
    return;
  }
  FieldMap merged = before;
  FUZZ_CHECK(Apply(Merge(delta, Delta()), &merged).ok());
  FUZZ_CHECK(merged == *fields);
}

void Run(const v1::NodeFrame& frame) {
  const Paths paths(frame);
  FieldMap fields;
  for (const v1::Delta& wire : frame.deltas()) {
    const absl::StatusOr<Delta> delta = DecodeDelta(
        wire, [&paths](uint32_t number) { return paths.Find(number); }, kFeatures);
    if (!delta.ok()) continue;
    CheckComesBack(*delta);
    if (CheckDelta(*delta, Limits()).ok()) ApplyChecked(*delta, &fields);
  }
}

}  // namespace
}  // namespace sessionhub

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  google::protobuf::SetLogHandler(nullptr);  // it would tell of every text that is not UTF-8
  sessionhub::v1::NodeFrame frame;
  if (frame.ParseFromArray(data, static_cast<int>(size))) sessionhub::Run(frame);
  return 0;
}
