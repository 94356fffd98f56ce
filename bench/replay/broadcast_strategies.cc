// Full meshes: every change goes to every other node, over a TCP connection between each two.
#include "bench/replay/hub_frames.h"
#include "bench/replay/strategy.h"

namespace sessionhub::bench {
namespace {

// As bench/demo/mesh_codec.h has it: u32 length, u16 length and id, then entries.
constexpr size_t kMeshLengthBytes = 4;
constexpr size_t kMeshIdLengthBytes = 2;

class SessionBroadcast final : public Strategy {
 public:
  const char* name() const override { return "broadcast_sessions"; }
  const char* title() const override { return "broadcast of whole sessions"; }

  void Leave(const Visit& visit, Tally* tally) override {
    if (visit.reads_only()) return;
    const uint64_t others = visit.nodes - 1;
    tally->forwards += others;
    tally->wire += others * OneWay(kMeshLengthBytes + kMeshIdLengthBytes + visit.id.size() +
                                   visit.image->entry_bytes());
  }
};

// The same mesh with the encoding of the hub's forwards: paths by number after their first use,
// sessions by a number of the sender's after its first message on them.
class DeltaBroadcast final : public Strategy {
 public:
  DeltaBroadcast(const PathBook* book, size_t nodes) : book_(*book), defined_(nodes) {}

  const char* name() const override { return "broadcast_fields"; }
  const char* title() const override { return "broadcast of field deltas"; }

  void Leave(const Visit& visit, Tally* tally) override {
    if (visit.reads_only()) return;
    const uint64_t others = visit.nodes - 1;
    tally->forwards += others;
    tally->wire += others * OneWay(kMeshLengthBytes + MessageBytes(visit));
  }

 private:
  size_t MessageBytes(const Visit& visit) {
    v1::HubFrame frame;
    for (const FieldChange& change : *visit.changes) {
      defined_[visit.node].Define(book_, change.path, frame.mutable_paths());
    }
    v1::Item* item = frame.add_items();
    item->set_handle(visit.self->handle);
    item->set_from(visit.image->version() - 1);
    FillChanges(book_, *visit.changes, item->mutable_changes());
    if (visit.self->changed) return frame.ByteSizeLong();
    v1::NodeFrame naming;
    v1::Open* open = naming.add_opens();
    open->set_request(visit.self->handle);
    open->set_id(visit.id);
    return naming.ByteSizeLong() + frame.ByteSizeLong();
  }

  const PathBook& book_;
  std::vector<DefinedPaths> defined_;  // by the sender; all others hear the same
};

}  // namespace

void AddBroadcasts(const PathBook* book, size_t nodes, Strategies* strategies) {
  strategies->push_back(std::make_unique<SessionBroadcast>());
  strategies->push_back(std::make_unique<DeltaBroadcast>(book, nodes));
}

}  // namespace sessionhub::bench
