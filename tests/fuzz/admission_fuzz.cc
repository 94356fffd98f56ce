// Any frames on one stream, as a hub takes them: the stream ends with a reason, or each delta
// becomes one input that is legal or says why it is not, in its place; and on a full disk nothing
// is lost or put out of order.
#include <google/protobuf/stubs/logging.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <variant>

#include "hub/gateway/admission.h"
#include "hub/gateway/growth_hold.h"
#include "proto/session/limits.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/fuzz_input.h"

namespace sessionhub::hub {
namespace {

using testing::FuzzInput;

// Within reach of short inputs.
Limits SmallLimits() {
  Limits limits;
  limits.id_bytes_max = 16;
  limits.path_bytes_max = 12;
  limits.path_segments_max = 3;
  limits.value_bytes_max = 24;
  limits.delta_ops_max = 3;
  limits.delta_bytes_max = 40;
  limits.path_definitions_max = 3;
  return limits;
}

void CheckInputs(const v1::NodeFrame& frame, const Admitted& admitted) {
  uint64_t seq = frame.first_seq();
  for (const Input& input : admitted.inputs) {
    const auto* commit = std::get_if<CommitInput>(&input);
    if (!commit) continue;
    FUZZ_CHECK(commit->seq == seq++);
    FUZZ_CHECK(!commit->admission.ok() || CheckDelta(commit->delta, SmallLimits()).ok());
    FUZZ_CHECK(commit->admission.ok() || !commit->admission.message().empty());
  }
  FUZZ_CHECK(admitted.deltas == static_cast<uint64_t>(frame.deltas_size()));
  FUZZ_CHECK(seq == frame.first_seq() + admitted.deltas);
}

// What passes and what waits is all that there was.
void CheckHold(std::deque<Input> inputs) {
  GrowthHold hold;
  size_t waiting = 0;
  const size_t all = inputs.size();
  std::deque<Input> passed;
  for (Input& input : inputs) {
    if (hold.Take(&input)) {
      ++waiting;
    } else {
      passed.push_back(std::move(input));
    }
  }
  uint64_t last_seq = 0;
  const std::deque<Input> held = hold.TakeAll();
  for (const Input& input : held) {
    if (const auto* commit = std::get_if<CommitInput>(&input)) {
      FUZZ_CHECK(commit->seq >= last_seq);
      last_seq = commit->seq;
    }
  }
  FUZZ_CHECK(held.size() == waiting && waiting + passed.size() == all);
}

void Run(FuzzInput input) {
  Admission admission(SmallLimits(), {1, 1}, "app", 1, kHubFeatures);
  while (!input.empty()) {
    v1::NodeFrame frame;
    if (!frame.ParseFromString(input.Bytes())) continue;
    Admitted admitted;
    const absl::Status status = admission.Admit(frame, &admitted);
    if (!status.ok()) {
      FUZZ_CHECK(!status.message().empty());
      return;
    }
    CheckInputs(frame, admitted);
    CheckHold(std::move(admitted.inputs));
  }
}

}  // namespace
}  // namespace sessionhub::hub

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  google::protobuf::SetLogHandler(nullptr);  // it would tell of every text that is not UTF-8
  sessionhub::hub::Run({data, size});
  return 0;
}
