// Who hears of a change: the interest index at the size of a busy hub.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include "interest/interest_index.h"

namespace sessionhub::interest {
namespace {

constexpr SessionNumber kSessions = 100'000;

// Each session has one node, and the first one as many as were asked for.
InterestIndex IndexWith(NodeNumber nodes_of_first) {
  InterestIndex index;
  for (SessionNumber session = 1; session <= kSessions; ++session) {
    index.Add(session, static_cast<NodeNumber>(session % 100 + 1), 1);
  }
  for (NodeNumber node = 101; node < 100 + nodes_of_first; ++node) index.Add(1, node, 1);
  return index;
}

void BM_PairsOfAnySession(benchmark::State& state) {
  const InterestIndex index = IndexWith(1);
  SessionNumber session = 0;
  for (auto _ : state) {
    session = session % kSessions + 1;
    benchmark::DoNotOptimize(index.PairsOf(session).size());
  }
}
BENCHMARK(BM_PairsOfAnySession);

void BM_PairsOfOneWithMany(benchmark::State& state) {
  const InterestIndex index = IndexWith(static_cast<NodeNumber>(state.range(0)));
  for (auto _ : state) {
    uint64_t sum = 0;
    for (const Pair& pair : index.PairsOf(1)) sum += pair.node;
    benchmark::DoNotOptimize(sum);
  }
}
BENCHMARK(BM_PairsOfOneWithMany)->Arg(1)->Arg(16)->Arg(1000);

// Of the heap, which the maps of such an index take in a few large pieces.
size_t HeapBytes() {
  const struct mallinfo2 heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

void BM_FillIndex(benchmark::State& state) {
  size_t bytes = 0;
  for (auto _ : state) {
    const size_t before = HeapBytes();
    const InterestIndex index = IndexWith(1);
    bytes = HeapBytes() - before;
  }
  state.counters["bytes_of_pair"] = static_cast<double>(bytes) / kSessions;
}
BENCHMARK(BM_FillIndex)->Unit(benchmark::kMillisecond);

void BM_OpenAndClose(benchmark::State& state) {
  InterestIndex index = IndexWith(1);
  for (auto _ : state) {
    const Handle handle = index.Add(kSessions + 1, 1, 1)->handle;
    index.Close(1, handle);
  }
}
BENCHMARK(BM_OpenAndClose);

}  // namespace
}  // namespace sessionhub::interest
