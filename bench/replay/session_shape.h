// Session shape: what requests of a log do to their sessions, as far as a log does not tell it; and
// what a basket does, which it tells. Pure.
#ifndef BENCH_REPLAY_SESSION_SHAPE_H_
#define BENCH_REPLAY_SESSION_SHAPE_H_

#include <map>
#include <string>
#include <vector>

#include "bench/replay/path_book.h"
#include "bench/replay/replay_options.h"

namespace sessionhub::bench {

// All sessions of a log are alike: the first request fills all fields, and a request that changes
// the session sets the first `fields_changed` of them to values of the same length.
class LogShape {
 public:
  // `options` are checked.
  LogShape(const ReplayOptions& options, PathBook* book);

  const std::vector<FieldChange>& all() const { return all_; }
  const std::vector<FieldChange>& changed() const { return changed_; }

 private:
  std::vector<FieldChange> all_;
  std::vector<FieldChange> changed_;
};

// A shopper of the demo: each code is one more of it in the cart.
class Shopper {
 public:
  explicit Shopper(PathBook* book) : book_(*book) {}

  std::vector<FieldChange> Add(const std::string& code);

 private:
  PathBook& book_;
  std::map<std::string, int64_t> quantities_;
  int64_t count_ = 0;
};

}  // namespace sessionhub::bench

#endif  // BENCH_REPLAY_SESSION_SHAPE_H_
