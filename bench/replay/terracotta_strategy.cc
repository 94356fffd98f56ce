// An Ehcache on a Terracotta server, by what was measured of it (terracotta_figures.h).
#include <algorithm>

#include "bench/replay/strategy.h"
#include "bench/replay/terracotta_figures.h"

namespace sessionhub::bench {
namespace {

// A session has this version after its first change, and one that is older is empty.
constexpr Version kFirstPut = 2;

// A node keeps what it has read until anybody puts the session, itself among them.
class Terracotta final : public Strategy {
 public:
  const char* name() const override { return "terracotta"; }
  const char* title() const override { return "Terracotta server, Ehcache"; }

  void Arrive(const Visit& visit, Tally* tally) override {
    if (visit.creates || Has(*visit.self, *visit.image)) return;
    const size_t session_bytes = visit.image->entry_bytes();
    if (visit.image->version() <= kFirstPut || AnyHas(visit)) {
      tally->wire += Exchange(terracotta::kGetBytes, terracotta::kGetAnswerBytes + session_bytes);
      return;
    }
    tally->wire += Exchange(terracotta::kGetBytes,
                            terracotta::kGetAnswerBytes + terracotta::kSessionsGot * session_bytes);
    tally->wire +=
        Exchange(terracotta::kReplaceBytes + terracotta::kSessionsReplaced * session_bytes,
                 terracotta::kReplaceAnswerBytes);
  }

  void Leave(const Visit& visit, Tally* tally) override {
    if (visit.reads_only()) return;
    const uint64_t others = visit.nodes - 1;
    tally->forwards += others;
    tally->wire +=
        Exchange(terracotta::kPutBytes + visit.image->entry_bytes(), terracotta::kPutAnswerBytes);
    tally->wire += others * Exchange(terracotta::kDropBytes, terracotta::kDroppedBytes);
    tally->wire += OneWay(terracotta::kPutDoneBytes);
  }

 private:
  // The node's last request has come after the last put: one that has put the session itself found
  // an older version.
  static bool Has(const Holder& holder, const SessionImage& image) {
    return holder.found == image.version();
  }
  static bool AnyHas(const Visit& visit) {
    return std::any_of(visit.holders->begin(), visit.holders->end(),
                       [&](const Holder& holder) { return Has(holder, *visit.image); });
  }
};

}  // namespace

void AddTerracotta(Strategies* strategies) {
  strategies->push_back(std::make_unique<Terracotta>());
}

}  // namespace sessionhub::bench
