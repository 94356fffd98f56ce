#include "hub/forward/node_registry.h"

#include <algorithm>
#include <tuple>

namespace sessionhub::hub {
namespace {

constexpr size_t kReplacedMax = 10'000;

}  // namespace

NodeRegistry::NodeRegistry(const NodeRegistryOptions& options,
                           std::function<void(const Input&)> post_to_all)
    : options_(options),
      post_to_all_(std::move(post_to_all)),
      leases_(options.lease_us),
      nodes_max_(options.nodes_max) {}

NodeNumber NodeRegistry::FindOrAdd(const NodeIdentity& identity) {
  auto [it, inserted] = by_incarnation_.try_emplace(identity.incarnation, last_number_ + 1);
  if (inserted) ++last_number_;
  return it->second;
}

StreamEnder NodeRegistry::Remove(NodeNumber number) {
  auto it = nodes_.find(number);
  if (it == nodes_.end()) return nullptr;
  Node& node = it->second;
  StreamEnder end_stream = std::move(node.end_stream);
  if (node.outbox) {
    node.outbox->Close();
    post_to_all_(DetachInput{{number, node.attach}});
  }
  post_to_all_(LeaseEndInput{number});
  by_incarnation_.erase(node.identity.incarnation);
  auto name = by_name_.find({node.identity.app_name, node.identity.name});
  if (name != by_name_.end() && name->second == number) by_name_.erase(name);
  leases_.Cancel(number);
  nodes_.erase(it);
  return end_stream;
}

StreamEnder NodeRegistry::ReplaceNamesake(const NodeIdentity& identity) {
  auto it = by_name_.find({identity.app_name, identity.name});
  if (it == by_name_.end()) return nullptr;
  const Incarnation older = nodes_[it->second].identity.incarnation;
  if (older == identity.incarnation) return nullptr;
  replaced_.push_back(older);
  if (replaced_.size() > kReplacedMax) replaced_.pop_front();
  return Remove(it->second);
}

StreamEnder NodeRegistry::EndOtherLease(const NodeIdentity& identity) {
  auto number = by_incarnation_.find(identity.incarnation);
  if (number == by_incarnation_.end()) return nullptr;
  const Node& node = nodes_[number->second];
  const bool same_node =
      node.identity.app_name == identity.app_name && node.identity.name == identity.name;
  const bool goes_on = node.confirmed && same_node && !identity.new_lease;
  return goes_on ? nullptr : Remove(number->second);
}

absl::StatusOr<Attachment> NodeRegistry::Attach(const NodeIdentity& identity,
                                                StreamEnder end_stream, uint64_t now_us) {
  StreamEnder end_namesake;
  StreamEnder end_older_stream;
  Attachment attachment;
  {
    absl::MutexLock lock(&mutex_);
    if (std::find(replaced_.begin(), replaced_.end(), identity.incarnation) != replaced_.end()) {
      return absl::AbortedError("a newer process has attached with node name " + identity.name +
                                ": give each process a name of its own");
    }
    end_namesake = ReplaceNamesake(identity);
    if (nodes_.size() >= nodes_max_ && !by_incarnation_.contains(identity.incarnation)) {
      ++nodes_refused_;
      return absl::ResourceExhaustedError("hub has nodes_max = " + std::to_string(nodes_max_) +
                                          " nodes");
    }
    end_older_stream = EndOtherLease(identity);
    const NodeNumber number = FindOrAdd(identity);
    Node& node = nodes_[number];
    if (node.end_stream) end_older_stream = std::move(node.end_stream);
    node.end_stream = std::move(end_stream);
    if (node.outbox) node.outbox->Close();
    attachment.lease_held = node.attach != 0;
    leases_.Cancel(number);
    node.identity = identity;
    node.attached_at_us = now_us;
    attachment.origin = {number, ++node.attach};
    node.outbox = std::make_shared<Outbox>(
        OutboxOptions{options_.outbox_bytes_max, options_.chunk_bytes_max, options_.walk_times},
        [post = post_to_all_, origin = attachment.origin] { post(RoomInput{origin}); });
    attachment.outbox = node.outbox;
    by_name_[{identity.app_name, identity.name}] = number;
    post_to_all_(AttachInput{attachment.origin, identity.incarnation, identity.app, identity.name,
                             identity.features});
  }
  if (end_namesake) {
    end_namesake(v1::Goodbye::REPLACED, "a newer process has attached with node name " +
                                            identity.name +
                                            ": give each process a name of its own");
  }
  if (end_older_stream) {
    end_older_stream(v1::Goodbye::SILENT, "a newer stream of this node took the place of this one");
  }
  return attachment;
}

void NodeRegistry::Confirm(const Origin& origin) {
  absl::MutexLock lock(&mutex_);
  auto it = nodes_.find(origin.node);
  if (it != nodes_.end() && it->second.attach == origin.attach) it->second.confirmed = true;
}

void NodeRegistry::Detach(const Origin& origin, uint64_t now_us) {
  absl::MutexLock lock(&mutex_);
  auto it = nodes_.find(origin.node);
  if (it == nodes_.end() || it->second.attach != origin.attach || !it->second.outbox) return;
  it->second.outbox->Close();
  it->second.outbox = nullptr;
  it->second.end_stream = nullptr;
  leases_.Start(origin.node, now_us);
  post_to_all_(DetachInput{origin});
}

void NodeRegistry::Tick(uint64_t now_us) {
  absl::MutexLock lock(&mutex_);
  for (NodeNumber number : leases_.TakeEnded(now_us)) Remove(number);
}

std::shared_ptr<Outbox> NodeRegistry::FindOutbox(const Origin& origin) const {
  absl::MutexLock lock(&mutex_);
  auto it = nodes_.find(origin.node);
  if (it == nodes_.end() || it->second.attach != origin.attach) return nullptr;
  return it->second.outbox;
}

void NodeRegistry::SetNodesMax(size_t nodes_max) {
  absl::MutexLock lock(&mutex_);
  nodes_max_ = nodes_max;
}

bool NodeRegistry::Knows(const Incarnation& incarnation) const {
  absl::MutexLock lock(&mutex_);
  return by_incarnation_.contains(incarnation);
}

void NodeRegistry::CountForwards(const Origin& origin, uint64_t forwards) {
  absl::MutexLock lock(&mutex_);
  auto it = nodes_.find(origin.node);
  if (it != nodes_.end()) it->second.forwards += forwards;
}

void NodeRegistry::EndStream(const Origin& origin, v1::Goodbye::Why why,
                             const std::string& message) {
  StreamEnder end_stream;
  {
    absl::MutexLock lock(&mutex_);
    auto it = nodes_.find(origin.node);
    if (it != nodes_.end() && it->second.attach == origin.attach) {
      end_stream = it->second.end_stream;
    }
  }
  if (end_stream) end_stream(why, message);
}

std::vector<NodeListing> NodeRegistry::List() const {
  absl::MutexLock lock(&mutex_);
  std::vector<NodeListing> listing;
  for (const auto& [number, node] : nodes_) {
    listing.push_back({node.identity.app_name,
                       node.identity.name,
                       node.identity.incarnation,
                       node.outbox != nullptr,
                       {number, node.attach},
                       node.forwards,
                       node.outbox ? node.outbox->bytes() : 0,
                       node.attached_at_us,
                       node.identity.peer});
  }
  std::sort(listing.begin(), listing.end(), [](const NodeListing& a, const NodeListing& b) {
    return std::tie(a.app_name, a.name) < std::tie(b.app_name, b.name);
  });
  return listing;
}

OutboxFill NodeRegistry::fill() const {
  OutboxFill fill;
  std::vector<std::shared_ptr<Outbox>> outboxes;
  {
    absl::MutexLock lock(&mutex_);
    outboxes.reserve(nodes_.size());
    for (const auto& [number, node] : nodes_) {
      if (node.outbox) outboxes.push_back(node.outbox);
    }
    fill.nodes_in_lease = nodes_.size() - outboxes.size();
    fill.nodes_max = nodes_max_;
    fill.nodes_refused = nodes_refused_;
  }
  fill.nodes = outboxes.size();
  for (const auto& outbox : outboxes) {
    const size_t bytes = outbox->bytes();
    fill.bytes += bytes;
    fill.bytes_largest = std::max(fill.bytes_largest, bytes);
    fill.chunk_bytes += outbox->chunk_bytes();
  }
  return fill;
}

size_t NodeRegistry::chunk_bytes() const {
  absl::MutexLock lock(&mutex_);
  size_t bytes = 0;
  for (const auto& [number, node] : nodes_) {
    if (node.outbox) bytes += node.outbox->chunk_bytes();
  }
  return bytes;
}

size_t NodeRegistry::attached_count() const {
  absl::MutexLock lock(&mutex_);
  return std::count_if(nodes_.begin(), nodes_.end(),
                       [](const auto& entry) { return entry.second.outbox != nullptr; });
}

}  // namespace sessionhub::hub
