#include "client/cpp/src/pending_writes.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sessionhub::client {

absl::Status PendingWrites::CheckRoom(size_t bytes) const {
  if (bytes <= bytes_max_ && bytes_ <= bytes_max_ - bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      "commit of " + std::to_string(bytes) + " bytes with " + std::to_string(bytes_) +
      " bytes pending is over pending_bytes_max = " + std::to_string(bytes_max_) +
      ": wait for earlier commits, or raise it");
}

PendingWrite* PendingWrites::Add(Token token, SessionNumber session, Delta delta) {
  PendingWrite& write = writes_[++last_seq_];
  write.seq = last_seq_;
  write.token = token;
  write.session = session;
  write.bytes = delta.SizeBytes();
  write.delta = std::move(delta);
  by_session_[session].push_back(&write);
  bytes_ += write.bytes;
  ++unanswered_;
  return &write;
}

PendingWrite* PendingWrites::Find(uint64_t seq) {
  auto it = writes_.find(seq);
  return it == writes_.end() ? nullptr : &it->second;
}

const std::vector<PendingWrite*>& PendingWrites::Of(SessionNumber session) const {
  static const auto* const kNone = new std::vector<PendingWrite*>();
  auto it = by_session_.find(session);
  return it == by_session_.end() ? *kNone : it->second;
}

PendingWrite* PendingWrites::NextToSend(size_t in_flight_max) {
  if (in_flight_ >= in_flight_max) return nullptr;
  auto it = writes_.upper_bound(sent_through_);
  while (it != writes_.end() && it->second.answered) ++it;
  return it == writes_.end() ? nullptr : &it->second;
}

void PendingWrites::MarkSent(PendingWrite* write) {
  write->sent = true;
  write->sent_ever = true;
  sent_through_ = write->seq;
  ++in_flight_;
}

void PendingWrites::MarkAnswered(PendingWrite* write) {
  if (write->answered) return;
  write->answered = true;
  --unanswered_;
  if (write->sent) --in_flight_;
  auto it = writes_.upper_bound(answered_through_);
  while (it != writes_.end() && it->second.answered) ++it;
  answered_through_ = it == writes_.end() ? last_seq_ : it->first - 1;
}

void PendingWrites::Remove(PendingWrite* write) {
  MarkAnswered(write);
  bytes_ -= write->bytes;
  auto session = by_session_.find(write->session);
  std::vector<PendingWrite*>& writes = session->second;
  writes.erase(std::find(writes.begin(), writes.end(), write));
  if (writes.empty()) by_session_.erase(session);
  writes_.erase(write->seq);
}

void PendingWrites::Rewind() {
  for (auto& [seq, write] : writes_) write.sent = false;
  sent_through_ = 0;
  in_flight_ = 0;
}

std::vector<Token> PendingWrites::Clear() {
  std::vector<Token> tokens;
  for (const auto& [seq, write] : writes_) {
    if (!write.answered) tokens.push_back(write.token);
  }
  writes_.clear();
  by_session_.clear();
  answered_through_ = last_seq_;
  in_flight_ = unanswered_ = bytes_ = 0;
  return tokens;
}

std::vector<Token> PendingWrites::Restart() {
  std::vector<Token> tokens = Clear();
  last_seq_ = sent_through_ = answered_through_ = 0;
  return tokens;
}

}  // namespace sessionhub::client
