#include "client/ctl/fields.h"

#include <utility>

#include "proto/session/status_macros.h"
#include "proto/session/wire.h"

namespace sessionhub::ctl {

absl::StatusOr<std::vector<Operation>> DecodeFields(const v1::GetSessionResponse& session) {
  std::vector<Operation> fields;
  for (const v1::Op& op : session.fields()) {
    ASSIGN_OR_RETURN(Operation field,
                     DecodeOp(op, [](uint32_t) -> const Path* { return nullptr; }));
    if (field.kind != Operation::Kind::kPut) {
      return absl::InternalError("the hub sent a field that is not a put");
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

}  // namespace sessionhub::ctl
