#include "client/cpp/src/pending_writes.h"

#include <algorithm>
#include <iterator>
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

size_t WriteBytes(const Delta& delta, const Splices& splices) {
  size_t bytes = delta.SizeBytes() + kPendingWriteBytes;
  bytes += kPendingOperationBytes * delta.operations.size();
  for (const auto& [place, splice] : splices) bytes += splice.value.SizeBytes();
  return bytes;
}

PendingWrite* PendingWrites::Add(Token token, SessionNumber session, Delta delta, Ack ack,
                                 Splices splices) {
  PendingWrite& write = writes_[++last_seq_];
  write.seq = last_seq_;
  write.token = token;
  write.session = session;
  write.ack = ack;
  write.bytes = WriteBytes(delta, splices);
  write.delta = std::move(delta);
  write.splices = std::move(splices);
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

std::vector<PendingWrite*> PendingWrites::TakeReceived(uint64_t seq) {
  std::vector<PendingWrite*> received;
  for (auto it = writes_.upper_bound(received_through_); it != writes_.end() && it->first <= seq;
       ++it) {
    received.push_back(&it->second);
  }
  received_through_ = std::max(received_through_, seq);
  return received;
}

PendingWrite* PendingWrites::NextToSend(size_t in_flight_max) {
  if (in_flight_ >= in_flight_max) return nullptr;
  auto it = writes_.upper_bound(sent_through_);
  while (it != writes_.end() && (it->second.answered || it->second.waiting)) ++it;
  if (it == writes_.end()) return nullptr;
  return waiting_ > 0 && !it->second.sent_ever ? nullptr : &it->second;
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
  if (write->waiting) --waiting_;
  write->waiting = false;
  if (write->previous_refused != 0) held_.erase(held_.find(write->previous_refused));
  MoveAnsweredThrough();
}

void PendingWrites::MoveAnsweredThrough() {
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

void PendingWrites::MarkWaiting(PendingWrite* write) {
  if (write->sent) --in_flight_;
  write->sent = false;
  write->waiting = true;
  write->included = false;
  ++waiting_;
}

// Numbers that no stream has seen are free to change.
void PendingWrites::Requeue(SessionNumber session) {
  auto tail = writes_.end();
  while (tail != writes_.begin() && !std::prev(tail)->second.sent_ever) --tail;
  uint64_t seq = tail == writes_.end() ? last_seq_ + 1 : tail->first;
  std::vector<std::map<uint64_t, PendingWrite>::node_type> moved;
  std::vector<PendingWrite*>& of_session = by_session_[session];
  for (PendingWrite* write : of_session) {
    if (!write->waiting) continue;
    --waiting_;
    write->waiting = write->sent_ever = write->spliced = false;
    write->splices.clear();
    moved.push_back(writes_.extract(write->seq));
  }
  while (tail != writes_.end()) moved.push_back(writes_.extract(tail++));
  for (auto& node : moved) {
    node.key() = node.mapped().seq = seq++;
    writes_.insert(std::move(node));
  }
  last_seq_ = seq - 1;
  std::sort(of_session.begin(), of_session.end(),
            [](const PendingWrite* a, const PendingWrite* b) { return a->seq < b->seq; });
  MoveAnsweredThrough();
}

void PendingWrites::HoldSeen(PendingWrite* write, uint64_t seq) {
  if (write->previous_refused != 0) return;
  write->previous_refused = seq;
  held_.insert(seq);
}

void PendingWrites::Rewind() {
  for (auto& [seq, write] : writes_) write.sent = false;
  sent_through_ = 0;
  in_flight_ = 0;
}

std::vector<PendingWrite> PendingWrites::Clear() {
  std::vector<PendingWrite> open;
  for (auto& [seq, write] : writes_) {
    if (!write.answered) open.push_back(std::move(write));
  }
  writes_.clear();
  by_session_.clear();
  answered_through_ = last_seq_;
  in_flight_ = unanswered_ = bytes_ = waiting_ = 0;
  held_.clear();
  return open;
}

std::vector<PendingWrite> PendingWrites::Restart() {
  std::vector<PendingWrite> open = Clear();
  last_seq_ = sent_through_ = received_through_ = answered_through_ = 0;
  return open;
}

}  // namespace sessionhub::client
