// Hub frames: what a node and the hub say to each other, as the product's own messages. A unit test
// holds them against the frames that the client stub and the hub's encoder make. Pure.
#ifndef BENCH_REPLAY_HUB_FRAMES_H_
#define BENCH_REPLAY_HUB_FRAMES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/replay/path_book.h"
#include "bench/replay/session_image.h"
#include "proto/session/ids.h"
#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::bench {

// Of a field in a catch-up: the operation that puts it, with its tag and length.
size_t CatchUpOpBytes(const PathBook& book, const FieldChange& field);

// The changes of another node, as the hub forwards them: increments as the puts of their results.
void FillChanges(const PathBook& book, const std::vector<FieldChange>& changes,
                 v1::Changes* forwarded);

// Which paths one direction of a stream has defined.
class DefinedPaths {
 public:
  // Adds the definition of a path to the frame that is the first to use it.
  void Define(const PathBook& book, uint32_t path,
              google::protobuf::RepeatedPtrField<v1::PathDefinition>* definitions);

 private:
  std::vector<bool> defined_;
};

// The frames of one node's stream, in the order in which they are asked for.
class HubStream {
 public:
  HubStream(const PathBook* book, uint64_t idle_timeout_ms)
      : book_(*book), idle_timeout_ms_(idle_timeout_ms) {}

  // ---- from the node ----

  v1::NodeFrame Open(const std::string& id, bool creates, bool invalidates);
  v1::NodeFrame Commit(uint32_t handle, const std::vector<FieldChange>& changes);
  // Once more, of a copy at `version` of which the hub has said that it is old.
  v1::NodeFrame Reopen(const std::string& id, SessionNumber number, Version version);
  v1::NodeFrame Close(uint32_t handle);
  // Of a session that was read `ago_ms` before. It travels with what is sent anyway.
  static v1::Touch Touch(uint32_t handle, uint64_t ago_ms);

  // ---- from the hub ----

  // The answers to the Open and Commit that were asked for last.
  v1::Item Opened(uint32_t handle, SessionNumber number, bool created) const;
  v1::HubFrame Applied(Version from);
  v1::HubFrame Forward(uint32_t handle, Version from, const std::vector<FieldChange>& changes);
  static v1::HubFrame Invalidated(uint32_t handle, Version from);
  static v1::HubFrame Ended(uint32_t handle);

  // The size of a frame with `opened` and a catch-up from `since` (0: of the whole session) to what
  // `image` is. `included_seq` is the node's last delta on the session, 0 if there was none.
  size_t CatchUpFrameBytes(uint32_t handle, const SessionImage& image, Version since,
                           uint64_t included_seq, const v1::Item& opened);

  // Of the node's last delta.
  uint64_t seq() const { return seq_; }

 private:
  void TellSeen(v1::NodeFrame* frame);

  const PathBook& book_;
  const uint64_t idle_timeout_ms_;
  DefinedPaths by_node_, by_hub_;
  uint32_t request_ = 0;
  uint64_t seq_ = 0;
  uint64_t answered_seq_ = 0;
  uint64_t told_seen_seq_ = 0;
};

}  // namespace sessionhub::bench

#endif  // BENCH_REPLAY_HUB_FRAMES_H_
