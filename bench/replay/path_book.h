// PathBook: the paths of all sessions of a replay, each once, by a small number. Paths are few and
// sessions many. Pure; one thread.
#ifndef BENCH_REPLAY_PATH_BOOK_H_
#define BENCH_REPLAY_PATH_BOOK_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "proto/session/path.h"
#include "sessionhub/value.h"

namespace sessionhub::bench {

// What a request does to one field.
struct FieldChange {
  uint32_t path = 0;    // its number
  Value value;          // after the change
  bool counts = false;  // the change adds one: a node commits an increment
};

class PathBook {
 public:
  struct Entry {
    std::string text;
    Path path;
    uint32_t attribute = 0;  // number of the first segment: what a servlet would call an attribute
    bool whole = false;      // the attribute is this field and no other
  };

  // The number of a path, from 0. `text` is a legal text form.
  uint32_t Number(const std::string& text);

  const Entry& at(uint32_t path) const { return entries_[path]; }
  size_t size() const { return entries_.size(); }

 private:
  std::deque<Entry> entries_;
  absl::flat_hash_map<std::string, uint32_t> numbers_;
  absl::flat_hash_map<std::string, uint32_t> attributes_;
};

// As caches and broadcasts have a value: numbers as text.
std::string ValueText(const Value& value);

}  // namespace sessionhub::bench

#endif  // BENCH_REPLAY_PATH_BOOK_H_
