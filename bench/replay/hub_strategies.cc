// A session hub: a node opens a session at its first request on it, commits what a request changes,
// and hears of what others change until the session ends.
#include "bench/replay/hub_frames.h"
#include "bench/replay/strategy.h"

namespace sessionhub::bench {
namespace {

class Sessionhub final : public Strategy {
 public:
  Sessionhub(const PathBook* book, size_t nodes, uint64_t idle_timeout_ms, bool invalidates)
      : invalidates_(invalidates), streams_(nodes, HubStream(book, idle_timeout_ms)) {}

  const char* name() const override {
    return invalidates_ ? "sessionhub_invalidate" : kSessionhubPush;
  }
  const char* title() const override {
    return invalidates_ ? "sessionhub, invalidate" : "sessionhub, push";
  }

  void Arrive(const Visit& visit, Tally* tally) override {
    HubStream& stream = streams_[visit.node];
    if (visit.first_here) {
      tally->wire += GrpcMessage(stream.Open(visit.id, visit.creates, invalidates_).ByteSizeLong());
      CatchUp(visit, /*since=*/0, tally);
    } else if (invalidates_ && visit.self->seen < visit.image->version()) {
      const Version held = visit.self->seen;
      tally->wire += GrpcMessage(stream.Reopen(visit.id, visit.number, held).ByteSizeLong());
      CatchUp(visit, held, tally);
    }
  }

  void Leave(const Visit& visit, Tally* tally) override {
    if (visit.tells_use) {  // in a frame that goes out anyway, within half a heartbeat
      v1::NodeFrame frame;
      *frame.add_touches() = HubStream::Touch(visit.self->handle, kTouchAgoMs);
      tally->wire.bytes += frame.ByteSizeLong();
    }
    if (visit.reads_only()) return;
    HubStream& stream = streams_[visit.node];
    const Version from = visit.image->version() - 1;
    tally->wire += GrpcMessage(stream.Commit(visit.self->handle, *visit.changes).ByteSizeLong());
    tally->wire += GrpcMessage(stream.Applied(from).ByteSizeLong());
    for (const Holder& other : *visit.holders) {
      if (other.node != visit.node) Tell(other, from, *visit.changes, tally);
    }
  }

  void End(const Visit& visit, Tally* tally) override {
    for (const Holder& holder : *visit.holders) {
      tally->wire += GrpcMessage(HubStream::Ended(holder.handle).ByteSizeLong());
      tally->wire += GrpcMessage(streams_[holder.node].Close(holder.handle).ByteSizeLong());
    }
  }

 private:
  static constexpr uint64_t kTouchAgoMs = 1'000;

  void CatchUp(const Visit& visit, Version since, Tally* tally) {
    HubStream& stream = streams_[visit.node];
    const Holder& self = *visit.self;
    const v1::Item opened = stream.Opened(self.handle, visit.number, visit.creates);
    tally->wire += GrpcMessage(
        stream.CatchUpFrameBytes(self.handle, *visit.image, since, self.last_seq, opened));
  }

  void Tell(const Holder& other, Version from, const std::vector<FieldChange>& changes,
            Tally* tally) {
    if (invalidates_ && other.seen != from) return;  // was told, and has not asked since
    ++tally->forwards;
    tally->wire += GrpcMessage(
        invalidates_ ? HubStream::Invalidated(other.handle, from).ByteSizeLong()
                     : streams_[other.node].Forward(other.handle, from, changes).ByteSizeLong());
  }

  const bool invalidates_;
  std::vector<HubStream> streams_;  // by node
};

}  // namespace

void AddHubs(const PathBook* book, size_t nodes, uint64_t idle_timeout_ms, Strategies* strategies) {
  for (const bool invalidates : {false, true}) {
    strategies->push_back(std::make_unique<Sessionhub>(book, nodes, idle_timeout_ms, invalidates));
  }
}

}  // namespace sessionhub::bench
