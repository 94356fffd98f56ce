// LargeReads: the catch-ups of one shard that a reader makes outside of turns, and what has changed
// in their sessions since each began; and who waits for a reader. Pure. Belongs to one shard;
// whoever starts reads bounds their number, and it is small.
#ifndef HUB_SHARD_LARGE_READS_H_
#define HUB_SHARD_LARGE_READS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "hub/shard/effect.h"
#include "proto/session/delta.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

class LargeReads {
 public:
  // What is kept of the changes since a read began, in bytes of paths and values.
  explicit LargeReads(size_t changes_bytes_max) : changes_bytes_max_(changes_bytes_max) {}

  void Add(LargeRead read) { reads_.push_back(std::move(read)); }
  // nullptr if there is none. Good until the next Add or Take.
  LargeRead* Find(SessionNumber session, interest::NodeNumber node);

  std::optional<LargeRead> Take(SessionNumber session, interest::NodeNumber node);
  std::vector<LargeRead> TakeSession(SessionNumber session);
  std::vector<LargeRead> TakeNode(interest::NodeNumber node);

  // The session has changed by one version. A read that it is too much for is overrun.
  void Note(SessionNumber session, const std::vector<Operation>& operations);

  size_t size() const { return reads_.size(); }

 private:
  std::vector<LargeRead> TakeIf(const std::function<bool(const LargeRead&)>& wanted);

  size_t changes_bytes_max_;
  std::vector<LargeRead> reads_;
};

// Pairs that are behind and wait for a read to end: first come, first read, each once.
class ReadQueue {
 public:
  using Pair = std::tuple<interest::NodeNumber, uint32_t, SessionNumber>;  // node, attach, session

  void Add(const Pair& pair) {
    if (known_.insert(pair).second) pairs_.push_back(pair);
  }
  std::deque<Pair> TakeAll() {
    known_.clear();
    return std::exchange(pairs_, {});
  }

 private:
  std::deque<Pair> pairs_;
  absl::btree_set<Pair> known_;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_LARGE_READS_H_
