#include "bench/overload/load_node.h"

#include "bench/demo/commit_log.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr std::chrono::milliseconds kCloseMax{10'000};
constexpr size_t kOpensAtOnce = 5'000;

std::string FieldOf(size_t operation) {
  return "f/" + std::to_string(operation);
}

}  // namespace

absl::StatusOr<std::unique_ptr<LoadNode>> LoadNode::Connect(ClientOptions options) {
  const std::string name = options.node_name;
  ASSIGN_OR_RETURN(Client client, Client::Connect(std::move(options)));
  return std::unique_ptr<LoadNode>(new LoadNode(name, std::move(client)));
}

LoadNode::~LoadNode() {
  End();
  subscriptions_.clear();
  client_.Close(kCloseMax);
}

absl::Status LoadNode::Open(const std::vector<std::string>& ids, Create create,
                            std::chrono::milliseconds timeout) {
  OpenOptions options;
  options.create = create;
  options.timeout = timeout;
  for (size_t begin = 0; begin < ids.size(); begin += kOpensAtOnce) {
    const size_t end = std::min(ids.size(), begin + kOpensAtOnce);
    const std::vector<std::string> some(ids.begin() + static_cast<ptrdiff_t>(begin),
                                        ids.begin() + static_cast<ptrdiff_t>(end));
    for (absl::StatusOr<Session>& session : client_.OpenAll(some, options)) {
      RETURN_IF_ERROR(session.status());
      sessions_.push_back(*std::move(session));
    }
  }
  ids_.insert(ids_.end(), ids.begin(), ids.end());
  absl::MutexLock lock(&mutex_);
  acked_.resize(ids_.size());
  heard_.resize(ids_.size());
  return absl::OkStatus();
}

absl::Status LoadNode::Watch() {
  for (size_t index = 0; index < sessions_.size(); ++index) {
    ASSIGN_OR_RETURN(Subscription subscription,
                     sessions_[index].Subscribe([this, index](const Event& event) {
                       absl::MutexLock lock(&mutex_);
                       if (event.to > 0) heard_[index].changed.push_back({event.from, event.to});
                     }));
    subscriptions_.push_back(std::move(subscription));
  }
  absl::MutexLock lock(&mutex_);
  watches_ = true;
  return absl::OkStatus();
}

void LoadNode::Begin(const WriteOrder& order) {
  {
    absl::MutexLock lock(&mutex_);
    order_ = order;
    begun_us_ = MonotonicMicros();
    stopped_ = ids_.empty();
    submitted_ = 0;
    counts_ = {};
  }
  for (size_t i = 0; i < order.in_flight; ++i) Submit();
}

void LoadNode::End() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
}

bool LoadNode::Quiet() const {
  absl::MutexLock lock(&mutex_);
  const bool through = order_.commits_max > 0 && submitted_ >= order_.commits_max;
  return unanswered_ == 0 && (stopped_ || through);
}

bool LoadNode::TakeTurn(size_t* index) {
  absl::MutexLock lock(&mutex_);
  if (stopped_ || (order_.commits_max > 0 && submitted_ >= order_.commits_max)) return false;
  ++submitted_;
  ++unanswered_;
  *index = next_;
  next_ = (next_ + 1) % ids_.size();
  return true;
}

void LoadNode::Submit() {
  size_t index = 0;
  if (!TakeTurn(&index)) return;
  WriteOrder order;
  {
    absl::MutexLock lock(&mutex_);
    order = order_;
  }
  Edit edit = sessions_[index].Begin();
  edit.Increment("all").Increment("n/" + name_);
  if (order.value_bytes > 0) edit.Set("v", std::string(order.value_bytes, 'v'));
  for (size_t i = 0; i < order.operations; ++i) edit.Increment(FieldOf(i));
  const int64_t begun_us = MonotonicMicros();
  std::move(edit).Commit(Ack::kDurable, [this, index, begun_us](const Committed& committed) {
    OnCommitted(index, begun_us, committed);
  });
}

void LoadNode::OnCommitted(size_t index, int64_t begun_us, const Committed& committed) {
  const int64_t now_us = MonotonicMicros();
  {
    absl::MutexLock lock(&mutex_);
    --unanswered_;
    if (committed.applied()) {
      ++counts_.acked;
      ++acked_[index];
      counts_.latency_ms.push_back(static_cast<double>(now_us - begun_us) / 1000.0);
      const auto second = static_cast<size_t>((now_us - begun_us_) / 1'000'000);
      if (counts_.per_second.size() <= second) counts_.per_second.resize(second + 1);
      ++counts_.per_second[second];
      if (watches_) heard_[index].acked.push_back(committed.version);
    } else {
      if (counts_.not_applied++ == 0) counts_.first_error = committed.status.ToString();
      stopped_ = true;  // one is enough to fail the run: no storm of them
    }
  }
  Submit();
}

WriteCounts LoadNode::TakeCounts() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(counts_, {});
}

std::vector<uint64_t> LoadNode::Acked() const {
  absl::MutexLock lock(&mutex_);
  return acked_;
}

Heard LoadNode::HeardOf(size_t index) const {
  absl::MutexLock lock(&mutex_);
  return heard_[index];
}

}  // namespace sessionhub::bench
