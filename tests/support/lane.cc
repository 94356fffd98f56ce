#include "tests/support/lane.h"

#include <algorithm>
#include <string>

#include "tests/support/broken.h"

namespace sessionhub::testing {

void Lane::Attached(bool lease_held) {
  if (!lease_held) handles_.clear();
  for (auto& [handle, open] : handles_) open.position.reset();
  last_answered_seq_ = 0;
}

absl::Status Lane::NoGap(const v1::Item& item) {
  if (!item.has_changes()) return absl::OkStatus();
  auto open = handles_.find(item.handle());
  const std::string what = "forward of (" + std::to_string(item.from()) + ", +" +
                           std::to_string(std::max<uint64_t>(item.span(), 1)) + "] on handle " +
                           std::to_string(item.handle());
  if (open == handles_.end() || !open->second.position) {
    return Broken("NoGap", what + " comes before any catch-up");
  }
  if (*open->second.position != item.from()) {
    return Broken("NoGap", what + " reaches a copy at " + std::to_string(*open->second.position));
  }
  return absl::OkStatus();
}

absl::Status Lane::OnlyInterested(const v1::Item& item) {
  if (!item.has_changes()) return absl::OkStatus();
  auto open = handles_.find(item.handle());
  if (open == handles_.end()) {
    return Broken("OnlyInterested",
                  "a forward on handle " + std::to_string(item.handle()) + ", which is not open");
  }
  if (own_versions_.contains({open->second.session, item.from() + 1})) {
    return Broken("OnlyInterested", "version " + std::to_string(item.from() + 1) + " of session " +
                                        std::to_string(open->second.session) +
                                        " is echoed to its committer");
  }
  return absl::OkStatus();
}

void Lane::Receive(const v1::Item& item) {
  if (item.has_answer() || item.has_delivered()) return;
  if (item.has_opened()) {
    if (item.handle() != 0) handles_[item.handle()] = {item.opened().number(), std::nullopt};
    return;
  }
  if (item.has_ended()) {
    handles_.erase(item.handle());
    return;
  }
  if (item.handle() == 0) {
    const uint64_t seq = SeqOf(item);
    last_answered_seq_ = seq;
    if (item.has_refused() || item.already()) return;
    const SessionNumber session = sessions_by_seq_[seq];
    own_versions_.insert({session, item.from() + 1});
    for (auto& [handle, open] : handles_) {
      if (open.session == session && open.position == item.from()) ++*open.position;
    }
    return;
  }
  Open& open = handles_[item.handle()];
  if (item.has_changes()) {
    open.position = item.from() + std::max<uint64_t>(item.span(), 1);
  } else if (item.has_catch_up() && !item.catch_up().more()) {
    open.position = std::max(open.position.value_or(0), item.from() + item.span());
  }
}

}  // namespace sessionhub::testing
