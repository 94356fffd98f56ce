#include "bench/replay/strategy.h"

namespace sessionhub::bench {
namespace {

class StickyOnly final : public Strategy {
 public:
  const char* name() const override { return "sticky_only"; }
  const char* title() const override { return "sticky only, nothing shared"; }
  const char* sticky_only() const override { return "no other node has the session"; }
};

}  // namespace

Strategies MakeStrategies(const PathBook* book, size_t nodes, uint64_t idle_timeout_ms) {
  Strategies strategies;
  strategies.push_back(std::make_unique<StickyOnly>());
  AddBroadcasts(book, nodes, &strategies);
  AddTomcats(book, &strategies);
  AddTerracotta(&strategies);
  AddStores(book, &strategies);
  AddHubs(book, nodes, idle_timeout_ms, &strategies);
  return strategies;
}

}  // namespace sessionhub::bench
