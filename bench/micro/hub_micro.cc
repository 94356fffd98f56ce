// What a change passes through on its way in and out of a hub.
#include <benchmark/benchmark.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "hub/forward/body.h"
#include "hub/forward/outbox.h"
#include "hub/gateway/frames.h"
#include "hub/shard/input.h"
#include "hub/shard/mailbox.h"
#include "hub/store/keys.h"

namespace sessionhub::hub {
namespace {

constexpr size_t kBytesMax = 64 << 20;

std::vector<Operation> OneField() {
  return {
      {Operation::Kind::kPut, Path::FromText("cart/last").value(), Value(std::string(16, 'v'))}};
}

CommitInput OneCommit() {
  CommitInput commit;
  commit.origin = {1, 1};
  commit.seq = 1;
  commit.handle = 1;
  commit.delta.operations = OneField();
  return commit;
}

void BM_KeyOfField(benchmark::State& state) {
  const Path path = Path::FromText("cart/items/85123A/qty").value();
  for (auto _ : state) benchmark::DoNotOptimize(keys::OfField(77, path));
}
BENCHMARK(BM_KeyOfField);

void BM_EncodeChanges(benchmark::State& state) {
  PathTable table(1, 1, 4096);
  const std::vector<Operation> operations = OneField();
  for (auto _ : state) benchmark::DoNotOptimize(EncodeChanges(operations, &table));
}
BENCHMARK(BM_EncodeChanges);

// So many forwards of sixteen bytes in one frame; a time is that of the frame.
void BM_EncodeFrame(benchmark::State& state) {
  PathTable table(1, 1, 4096);
  const auto changes = EncodeChanges(OneField(), &table);
  std::vector<OutboxItem> items;
  for (int64_t i = 0; i < state.range(0); ++i)
    items.push_back(ForwardItem{1, 1, 2, changes, false});
  FrameEncoder encoder;
  for (auto _ : state) benchmark::DoNotOptimize(encoder.Encode(items));
}
BENCHMARK(BM_EncodeFrame)->Arg(1)->Arg(16);

void BM_OutboxPushAndTake(benchmark::State& state) {
  PathTable table(1, 1, 4096);
  const auto changes = EncodeChanges(OneField(), &table);
  OutboxOptions options;
  options.bytes_max = kBytesMax;
  Outbox outbox(options, [] {});
  for (auto _ : state) {
    for (int64_t i = 0; i < state.range(0); ++i)
      outbox.TryPush({ForwardItem{1, 1, 2, changes, false}});
    benchmark::DoNotOptimize(outbox.Take(kBytesMax));
  }
}
BENCHMARK(BM_OutboxPushAndTake)->Arg(1)->Arg(16);

void BM_MailboxPushAndDrain(benchmark::State& state) {
  Mailbox mailbox(kBytesMax);
  std::vector<Input> inputs;
  for (auto _ : state) {
    for (int64_t i = 0; i < state.range(0); ++i) {
      Input input = OneCommit();
      mailbox.TryPush(&input, [] {});
    }
    inputs.clear();
    mailbox.Drain(1024, absl::ZeroDuration(), &inputs);
  }
}
BENCHMARK(BM_MailboxPushAndDrain)->Arg(1)->Arg(16);

}  // namespace
}  // namespace sessionhub::hub
