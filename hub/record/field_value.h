// Conversion between a field's value in memory and in its stored record.
#ifndef HUB_RECORD_FIELD_VALUE_H_
#define HUB_RECORD_FIELD_VALUE_H_

#include "hub/record/stored.h"
#include "proto/session/ids.h"
#include "sessionhub/value.h"

namespace sessionhub::hub {

Value ValueOf(const stored::Field& field);
stored::Field FieldOf(const Value& value, Version version);

}  // namespace sessionhub::hub

#endif  // HUB_RECORD_FIELD_VALUE_H_
