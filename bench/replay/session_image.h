// SessionImage: what a session of a replay weighs. It knows of each field how many bytes it takes
// in each encoding, which is found out by encoding it when it changes, and the sums; so that a
// request on a large session costs no more than one on a small one. It holds no values. Pure.
#ifndef BENCH_REPLAY_SESSION_IMAGE_H_
#define BENCH_REPLAY_SESSION_IMAGE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/replay/path_book.h"
#include "proto/session/ids.h"

namespace sessionhub::bench {

class SessionImage {
 public:
  struct Field {
    uint32_t path = 0;
    uint32_t entry_bytes = 0;  // as an entry of the demo's broadcast: lengths, path and value
    uint32_t reply_bytes = 0;  // in the reply to Redis' HGETALL
    uint32_t op_bytes = 0;     // as an operation of a catch-up, with its tag and length
    Version version = 0;       // that changed it last
  };

  // One version more, in which `changes` are made.
  void Apply(const PathBook& book, const std::vector<FieldChange>& changes);

  // 1 for a session that is new and empty.
  Version version() const { return version_; }
  const std::vector<Field>& fields() const { return fields_; }  // by number of the path
  size_t entry_bytes() const { return entry_bytes_; }
  size_t reply_bytes() const { return reply_bytes_; }

  // The entries of all fields of an attribute.
  size_t AttributeEntryBytes(const PathBook& book, uint32_t attribute) const;

 private:
  void Set(const PathBook& book, const FieldChange& change);

  Version version_ = 1;
  std::vector<Field> fields_;
  size_t entry_bytes_ = 0;
  size_t reply_bytes_ = 0;
};

}  // namespace sessionhub::bench

#endif  // BENCH_REPLAY_SESSION_IMAGE_H_
