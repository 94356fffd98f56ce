#include "bench/replay/traffic_model.h"

#include <algorithm>
#include <cstdio>

namespace sessionhub::bench {
namespace {

constexpr std::array<Routing, kRoutings> kAllRoutings = {Routing::kSticky, Routing::kRoundRobin};
// A node tells at most one use of a session in this part of its idle timeout.
constexpr int64_t kUsesPerIdleTimeout = 10;

// 32 characters, as long as the ids of most servers are.
std::string SessionId(uint64_t count) {
  char id[33];
  std::snprintf(id, sizeof(id), "%032llx", static_cast<unsigned long long>(count));
  return id;
}

Holder* FindHolder(size_t node, std::vector<Holder>* holders) {
  const auto found = std::find_if(holders->begin(), holders->end(),
                                  [node](const Holder& holder) { return holder.node == node; });
  return found == holders->end() ? nullptr : &*found;
}

}  // namespace

uint32_t Handles::Take() {
  if (free_.empty()) return ++last_;
  const uint32_t handle = free_.back();
  free_.pop_back();
  return handle;
}

TrafficModel::TrafficModel(const PathBook* book, size_t nodes, int64_t idle_gap_s)
    : book_(*book), nodes_(nodes), idle_gap_s_(idle_gap_s) {
  for (Side& side : sides_) {
    side.nodes.resize(nodes);
    side.strategies = MakeStrategies(book, nodes, static_cast<uint64_t>(idle_gap_s) * 1000);
    side.tallies.resize(side.strategies.size());
  }
}

size_t TrafficModel::NodeFor(Routing routing, const LogSession& session) const {
  return (routing == Routing::kSticky ? session.count : requests_) % nodes_;
}

Visit TrafficModel::MakeVisit(Routing routing, const LogSession& session) const {
  Visit visit;
  visit.id = SessionId(session.count);
  // As if the slots took turns.
  visit.number =
      MakeSessionNumber(static_cast<Slot>(session.count % kSlots), session.count / kSlots + 1);
  visit.nodes = nodes_;
  visit.image = &session.image;
  visit.holders = &session.places[static_cast<size_t>(routing)].holders;
  return visit;
}

TrafficModel::Arrived TrafficModel::Arrive(Routing routing, const std::vector<FieldChange>& changes,
                                           LogSession* session) {
  Side& side = sides_[static_cast<size_t>(routing)];
  SessionPlace& place = session->places[static_cast<size_t>(routing)];
  Arrived arrived;
  Visit& visit = arrived.visit = MakeVisit(routing, *session);
  visit.changes = &changes;
  visit.node = NodeFor(routing, *session);
  visit.creates = place.holders.empty();
  visit.moved = !visit.creates && place.last_node != visit.node;
  arrived.self = FindHolder(visit.node, &place.holders);
  visit.first_here = arrived.self == nullptr;
  if (visit.first_here) {
    arrived.self = &place.holders.emplace_back();
    arrived.self->node = visit.node;
    arrived.self->handle = side.nodes[visit.node].handles.Take();
    arrived.self->use_told_s = session->last_used_s;
  }
  visit.self = arrived.self;
  visit.tells_use = changes.empty() && session->last_used_s - arrived.self->use_told_s >=
                                           idle_gap_s_ / kUsesPerIdleTimeout;
  for (size_t i = 0; i < side.strategies.size(); ++i) {
    side.strategies[i]->Arrive(visit, &side.tallies[i]);
  }
  return arrived;
}

void TrafficModel::Leave(Routing routing, const Arrived& arrived, LogSession* session) {
  Side& side = sides_[static_cast<size_t>(routing)];
  const Visit& visit = arrived.visit;
  for (size_t i = 0; i < side.strategies.size(); ++i) {
    side.strategies[i]->Leave(visit, &side.tallies[i]);
  }
  Holder& self = *arrived.self;
  self.seen = session->image.version();
  self.found = visit.reads_only() ? self.seen : self.seen - 1;
  if (!visit.reads_only()) {
    self.changed = true;
    self.last_seq = ++side.nodes[visit.node].seq;
  }
  if (!visit.reads_only() || visit.tells_use) self.use_told_s = session->last_used_s;
  session->places[static_cast<size_t>(routing)].last_node = visit.node;
}

void TrafficModel::Serve(const std::vector<FieldChange>& changes, LogSession* session) {
  const Arrived sticky = Arrive(Routing::kSticky, changes, session);
  const Arrived in_turn = Arrive(Routing::kRoundRobin, changes, session);
  if (!changes.empty()) session->image.Apply(book_, changes);
  Leave(Routing::kSticky, sticky, session);
  Leave(Routing::kRoundRobin, in_turn, session);
  ++requests_;
}

void TrafficModel::End(const LogSession& session) {
  for (const Routing routing : kAllRoutings) {
    Side& side = sides_[static_cast<size_t>(routing)];
    const Visit visit = MakeVisit(routing, session);
    for (size_t i = 0; i < side.strategies.size(); ++i) {
      side.strategies[i]->End(visit, &side.tallies[i]);
    }
    for (const Holder& holder : *visit.holders) {
      side.nodes[holder.node].handles.Free(holder.handle);
    }
  }
}

std::vector<TrafficModel::Sums> TrafficModel::sums() const {
  std::vector<Sums> sums;
  for (size_t i = 0; i < sides_[0].strategies.size(); ++i) {
    Sums& one = sums.emplace_back();
    one.strategy = sides_[0].strategies[i].get();
    for (size_t side = 0; side < kRoutings; ++side) one.tallies[side] = sides_[side].tallies[i];
  }
  return sums;
}

}  // namespace sessionhub::bench
