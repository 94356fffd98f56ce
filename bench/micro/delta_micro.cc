// What a delta costs where it is applied, and what finding one costs.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "proto/session/delta.h"
#include "proto/session/diff.h"
#include "proto/session/state.h"

namespace sessionhub {
namespace {

Path FieldAt(int64_t field) {
  return Path::FromText("f/" + std::to_string(field)).value();
}

FieldMap FieldsOf(int64_t count) {
  FieldMap fields;
  for (int64_t field = 0; field < count; ++field)
    fields[FieldAt(field)] = Value(std::string(16, 'v'));
  return fields;
}

void BM_ApplyOnePut(benchmark::State& state) {
  FieldMap fields = FieldsOf(state.range(0));
  Delta delta;
  delta.operations.push_back({Operation::Kind::kPut, FieldAt(3), Value(std::string(16, 'w'))});
  for (auto _ : state) {
    if (!Apply(delta, &fields).ok()) std::abort();
  }
}
BENCHMARK(BM_ApplyOnePut)->Arg(20)->Arg(1000);

void BM_ApplyOneIncrement(benchmark::State& state) {
  FieldMap fields = FieldsOf(state.range(0));
  fields[FieldAt(3)] = Value(int64_t{0});
  Delta delta;
  delta.operations.push_back({Operation::Kind::kIncrement, FieldAt(3), Value(int64_t{1})});
  for (auto _ : state) {
    if (!Apply(delta, &fields).ok()) std::abort();
  }
}
BENCHMARK(BM_ApplyOneIncrement)->Arg(20);

void BM_DiffOneOf(benchmark::State& state) {
  const FieldMap from = FieldsOf(state.range(0));
  FieldMap to = from;
  to[FieldAt(3)] = Value(std::string(16, 'w'));
  for (auto _ : state) benchmark::DoNotOptimize(Diff(from, to));
}
BENCHMARK(BM_DiffOneOf)->Arg(20)->Arg(1000);

// Sixteen bytes in the middle of a text.
void BM_DiffBytes(benchmark::State& state) {
  const auto bytes = static_cast<size_t>(state.range(0));
  const std::string from(bytes, 'v');
  std::string to = from;
  to.replace(bytes / 2, 16, std::string(16, 'w'));
  for (auto _ : state) benchmark::DoNotOptimize(DiffBytes(FieldAt(3), from, to));
}
BENCHMARK(BM_DiffBytes)->Arg(4 << 10)->Arg(64 << 10);

}  // namespace
}  // namespace sessionhub
