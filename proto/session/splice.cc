#include "proto/session/splice.h"

#include <xxhash.h>

#include <utility>

#include "proto/session/path.h"
#include "proto/session/refusal.h"
#include "proto/session/status_macros.h"

namespace sessionhub {
namespace {

absl::Status BaseChanged(const std::string& found, const Splice& splice) {
  return RefusalStatus(v1::BASE_CHANGED, "splice of " + std::to_string(splice.base_bytes) +
                                             " bytes on " + found +
                                             ": put the whole value, or read it again");
}

}  // namespace

Splice SpliceOn(std::string_view base, uint64_t offset, uint64_t remove_bytes) {
  return {offset, remove_bytes, base.size(), XXH3_64bits(base.data(), base.size())};
}

const std::string* ContentOf(const Value& value) {
  return value.AsString() ? value.AsString() : value.AsBytes();
}

absl::Status CheckSplice(const Splice& splice) {
  if (splice.offset <= splice.base_bytes &&
      splice.remove_bytes <= splice.base_bytes - splice.offset) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("splice removes " + std::to_string(splice.remove_bytes) +
                                    " bytes at " + std::to_string(splice.offset) + " of " +
                                    std::to_string(splice.base_bytes));
}

absl::StatusOr<Value> ApplySplice(const Value* current, const Splice& splice,
                                  std::string_view insert) {
  RETURN_IF_ERROR(CheckSplice(splice));
  if (!current) return BaseChanged("an absent field", splice);
  const std::string* base = ContentOf(*current);
  if (!base)
    return BaseChanged(std::string("a value of type ") + TypeName(current->type()), splice);
  if (base->size() != splice.base_bytes ||
      XXH3_64bits(base->data(), base->size()) != splice.base_xxh3_64) {
    return BaseChanged("another value of " + std::to_string(base->size()) + " bytes", splice);
  }
  std::string result;
  result.reserve(base->size() - splice.remove_bytes + insert.size());
  result.append(*base, 0, splice.offset);
  result.append(insert);
  result.append(*base, splice.offset + splice.remove_bytes, std::string::npos);
  if (current->AsBytes()) return Value::Bytes(std::move(result));
  if (!IsUtf8(result)) {
    return absl::InvalidArgumentError("the spliced string is not UTF-8: cut between characters");
  }
  return Value(std::move(result));
}

}  // namespace sessionhub
