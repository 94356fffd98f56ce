// Router: which shard an input belongs to. Constant after construction; any thread may use it.
#ifndef HUB_SHARD_ROUTER_H_
#define HUB_SHARD_ROUTER_H_

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "hub/shard/input.h"
#include "hub/shard/mailbox.h"
#include "proto/session/ids.h"

namespace sessionhub::hub {

class Router {
 public:
  // The mailboxes of all shards, in their order; not owned.
  explicit Router(std::vector<Mailbox*> mailboxes) : mailboxes_(std::move(mailboxes)) {}

  // The shard of an input that concerns one session. Names go by their slot, numbers by the home
  // slot in them, handles by the shard that gave them.
  uint32_t ShardOf(const Input& input) const;

  // Puts the input into its shard's mailbox; see Mailbox::TryPush.
  bool TryPost(Input* input, const std::function<void()>& when_room) {
    if (std::holds_alternative<SeenInput>(*input)) return TryPostToAll(*input, when_room);
    if (MayGoOn(*input) && !AllHaveRoom(when_room)) return false;
    return mailboxes_[ShardOf(*input)]->TryPush(input, when_room);
  }
  // True if every mailbox has room; see Mailbox::HasRoom.
  bool AllHaveRoom(const std::function<void()>& when_room) {
    for (Mailbox* mailbox : mailboxes_) {
      if (!mailbox->HasRoom(when_room)) return false;
    }
    return true;
  }
  void Post(Input input) {
    if (std::holds_alternative<SeenInput>(input)) return PostToAll(input);
    Mailbox* mailbox = mailboxes_[ShardOf(input)];
    mailbox->Push(std::move(input));
  }

  // The same for an input of a stream that concerns all shards: the first mailbox holds it back.
  bool TryPostToAll(const Input& input, const std::function<void()>& when_room) {
    Input first = input;
    if (!mailboxes_[0]->TryPush(&first, when_room)) return false;
    for (size_t shard = 1; shard < mailboxes_.size(); ++shard) mailboxes_[shard]->Push(input);
    return true;
  }

  // For what concerns a whole node, or time.
  void PostToAll(const Input& input) {
    for (Mailbox* mailbox : mailboxes_) mailbox->Push(input);
  }

 private:
  // Names may lead to other shards, which take what is sent on in any case.
  static bool MayGoOn(const Input& input) {
    return std::holds_alternative<OpenInput>(input) || std::holds_alternative<RenameInput>(input);
  }

  uint32_t ShardOfSlot(Slot slot) const { return slot % mailboxes_.size(); }
  uint32_t ShardOfHandle(Handle handle) const {
    return handle == 0 ? 0 : (handle - 1) % mailboxes_.size();
  }

  std::vector<Mailbox*> mailboxes_;
};

}  // namespace sessionhub::hub

#endif  // HUB_SHARD_ROUTER_H_
