#include "hub/shard/delivery.h"

#include <algorithm>

namespace sessionhub::hub {
namespace {

Deliveries::Done DoneOf(Delivery delivery, bool unknown) {
  return {delivery.committer, delivery.seq, std::move(delivery.missing), unknown};
}

}  // namespace

void Deliveries::Add(SessionNumber session, Delivery delivery) {
  if (delivery.waiting.empty()) {
    done_.push_back(DoneOf(std::move(delivery), false));
    return;
  }
  waits_ += delivery.waiting.size();
  sessions_[session].push_back(std::move(delivery));
}

bool Deliveries::Waits(SessionNumber session, NodeNumber node) const {
  auto it = sessions_.find(session);
  if (it == sessions_.end()) return false;
  return std::any_of(it->second.begin(), it->second.end(), [node](const Delivery& delivery) {
    return std::find(delivery.waiting.begin(), delivery.waiting.end(), node) !=
           delivery.waiting.end();
  });
}

template <typename Fits, typename Missing>
void Deliveries::Strike(Sessions::iterator session, NodeNumber node, Fits fits, Missing missing) {
  std::vector<Delivery>& deliveries = session->second;
  for (Delivery& delivery : deliveries) {
    if (!fits(delivery)) continue;
    auto waiting = std::find(delivery.waiting.begin(), delivery.waiting.end(), node);
    if (waiting == delivery.waiting.end()) continue;
    delivery.waiting.erase(waiting);
    --waits_;
    if (const std::string* name = missing(delivery)) delivery.missing.push_back(*name);
    if (delivery.waiting.empty()) done_.push_back(DoneOf(delivery, false));
  }
  deliveries.erase(
      std::remove_if(deliveries.begin(), deliveries.end(),
                     [](const Delivery& delivery) { return delivery.waiting.empty(); }),
      deliveries.end());
}

void Deliveries::Applied(SessionNumber session, NodeNumber node, Version version) {
  auto it = sessions_.find(session);
  if (it == sessions_.end()) return;
  const auto reached = [version](const Delivery& delivery) {
    return !delivery.ends && delivery.version <= version;
  };
  Strike(it, node, reached, [](const Delivery&) -> const std::string* { return nullptr; });
  if (it->second.empty()) sessions_.erase(it);
}

void Deliveries::Told(SessionNumber session, NodeNumber node) {
  auto it = sessions_.find(session);
  if (it == sessions_.end()) return;
  Strike(
      it, node, [](const Delivery&) { return true; },
      [](const Delivery&) -> const std::string* { return nullptr; });
  if (it->second.empty()) sessions_.erase(it);
}

void Deliveries::Closed(SessionNumber session, NodeNumber node, const std::string& name) {
  auto it = sessions_.find(session);
  if (it == sessions_.end()) return;
  Strike(
      it, node, [](const Delivery&) { return true; },
      [&name](const Delivery& delivery) { return delivery.ends ? nullptr : &name; });
  if (it->second.empty()) sessions_.erase(it);
}

void Deliveries::LeaseEnded(NodeNumber node, const std::string& name) {
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    Strike(
        it, node, [](const Delivery&) { return true; }, [&name](const Delivery&) { return &name; });
    const auto present = it++;
    if (present->second.empty()) sessions_.erase(present);
  }
}

template <typename Ends>
void Deliveries::Drop(Ends ends, bool tell) {
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    std::vector<Delivery>& deliveries = it->second;
    const auto kept =
        std::stable_partition(deliveries.begin(), deliveries.end(),
                              [&ends](const Delivery& delivery) { return !ends(delivery); });
    for (auto dropped = kept; dropped != deliveries.end(); ++dropped) {
      waits_ -= dropped->waiting.size();
      if (tell) done_.push_back(DoneOf(std::move(*dropped), true));
    }
    deliveries.erase(kept, deliveries.end());
    const auto present = it++;
    if (present->second.empty()) sessions_.erase(present);
  }
}

void Deliveries::Forget(NodeNumber committer) {
  Drop([committer](const Delivery& delivery) { return delivery.committer.node == committer; },
       /*tell=*/false);
}

void Deliveries::GiveUp(uint64_t begun_before_us) {
  Drop([begun_before_us](const Delivery& delivery) { return delivery.begun_us < begun_before_us; },
       /*tell=*/true);
}

}  // namespace sessionhub::hub
