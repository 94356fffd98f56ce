// The lines in which sessions are handed to the checker: {"id": …, "version": …, "fields": {path:
// value}}.
#ifndef BENCH_DEMO_CARTS_WRITER_H_
#define BENCH_DEMO_CARTS_WRITER_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "sessionhub/v1/delta.pb.h"
#include "sessionhub/value.h"

namespace sessionhub::bench {

// Numbers, booleans, null and texts as themselves; bytes and JSON, which the demo never writes, as
// their length.
nlohmann::json ToJson(const Value& value);
// The value of a put; null for any other operation.
nlohmann::json ToJson(const v1::Op& put);

// With the line's end.
std::string FormatCart(const std::string& id, uint64_t version, nlohmann::json fields);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_CARTS_WRITER_H_
