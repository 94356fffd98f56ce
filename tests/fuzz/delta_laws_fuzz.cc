// The laws of deltas on states and deltas that the input chooses: an Apply is whole or nothing,
// merging is applying both, a difference leads from the one state to the other, and so does the
// splice between two strings.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "proto/session/delta.h"
#include "proto/session/diff.h"
#include "proto/session/path.h"
#include "proto/session/splice.h"
#include "proto/session/state.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/fuzz_input.h"

namespace sessionhub {
namespace {

using testing::FuzzInput;

// Few and short, so that operations meet.
Path ChoosePath(FuzzInput* input) {
  static const char* const kTexts[] = {"a", "b", "a/b", "a/b/c", "a/c", "c", "a~1", "b/a"};
  return *Path::FromText(kTexts[input->Below(8)]);
}

Value ChooseValue(FuzzInput* input) {
  switch (input->Below(6)) {
    case 0:
      return Value();
    case 1:
      return Value(input->Below(2) == 0);
    case 2:
      return Value(static_cast<int64_t>(input->Byte()) << input->Below(57));
    case 3:
      return Value(static_cast<double>(input->Byte()) / 4);
    case 4:
      return Value::Bytes(input->Bytes());
    default:
      return Value(std::string(input->Below(16), 'x'));
  }
}

Operation ChooseOperation(FuzzInput* input, const FieldMap& fields) {
  Operation operation;
  operation.kind = static_cast<Operation::Kind>(input->Below(5));
  operation.path = ChoosePath(input);
  if (operation.kind == Operation::Kind::kPut) operation.value = ChooseValue(input);
  if (operation.kind == Operation::Kind::kIncrement) {
    operation.value = input->Below(2) == 0 ? Value(static_cast<int64_t>(input->Byte()) - 128)
                                           : Value(static_cast<double>(input->Byte()));
  }
  if (operation.kind == Operation::Kind::kSplice) {
    const auto field = fields.find(operation.path);
    const std::string* base = field == fields.end() ? nullptr : ContentOf(field->second);
    const std::string none;
    const std::string& from = base ? *base : none;
    const size_t offset = from.empty() ? 0 : input->Byte() % (from.size() + 1);
    const size_t left = from.size() - offset;
    operation = MakeSplice(operation.path, from, offset, left == 0 ? 0 : input->Byte() % (left + 1),
                           input->Bytes());
  }
  return operation;
}

Delta ChooseDelta(FuzzInput* input, const FieldMap& fields) {
  Delta delta;
  for (unsigned count = 1 + input->Below(4); count > 0; --count) {
    delta.operations.push_back(ChooseOperation(input, fields));
  }
  return delta;
}

// `fields` after the delta; unchanged if it cannot be applied.
bool ApplyWhole(const Delta& delta, FieldMap* fields) {
  const FieldMap before = *fields;
  if (Apply(delta, fields).ok()) return true;
  FUZZ_CHECK(*fields == before);
  return false;
}

void CheckDifference(const FieldMap& from, const FieldMap& to) {
  FieldMap fields = from;
  const Delta difference = Diff(from, to);
  FUZZ_CHECK(Apply(difference, &fields).ok());
  FUZZ_CHECK(fields == to);
  FUZZ_CHECK(difference.operations.empty() == (from == to));
}

void CheckMerge(const FieldMap& from, const Delta& first, const Delta& second, const FieldMap& to) {
  FieldMap fields = from;
  FUZZ_CHECK(Apply(Merge(first, second), &fields).ok());
  FUZZ_CHECK(fields == to);
}

void CheckSpliceBetween(const std::string& from, const std::string& to) {
  const Operation splice = DiffBytes(*Path::FromText("a"), from, to);
  FUZZ_CHECK(splice.splice.offset + splice.splice.remove_bytes <= from.size());
  const Value base = Value::Bytes(from);
  const absl::StatusOr<Value> made = ApplySplice(&base, splice.splice, *ContentOf(splice.value));
  FUZZ_CHECK(made.ok() && *ContentOf(*made) == to);
}

void Run(FuzzInput input) {
  FieldMap fields;
  while (!input.empty()) {
    const FieldMap from = fields;
    const Delta first = ChooseDelta(&input, fields);
    if (!ApplyWhole(first, &fields)) continue;
    const FieldMap between = fields;
    const Delta second = ChooseDelta(&input, fields);
    if (ApplyWhole(second, &fields)) CheckMerge(from, first, second, fields);
    CheckDifference(from, fields);
    CheckDifference(fields, between);
    CheckSpliceBetween(input.Bytes(), input.Bytes());
  }
}

}  // namespace
}  // namespace sessionhub

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sessionhub::Run({data, size});
  return 0;
}
