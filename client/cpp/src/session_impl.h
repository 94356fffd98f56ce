// SessionImpl: what all copies of one Session handle share. Holds its copy in the near cache.
#ifndef CLIENT_CPP_SRC_SESSION_IMPL_H_
#define CLIENT_CPP_SRC_SESSION_IMPL_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "client/cpp/src/client_impl.h"
#include "client/cpp/src/splices.h"
#include "client/cpp/src/tracked_impl.h"
#include "client/cpp/src/view.h"
#include "proto/session/delta.h"
#include "proto/session/path.h"

namespace sessionhub::client {

// Thread-safe.
class SessionImpl {
 public:
  // Takes over one pin of `ref`.
  SessionImpl(std::shared_ptr<ClientImpl> hub, std::string session_id, CopyRef copy)
      : client(std::move(hub)), ref(copy), opened_as_(std::move(session_id)) {}
  ~SessionImpl();
  SessionImpl(const SessionImpl&) = delete;
  SessionImpl& operator=(const SessionImpl&) = delete;

  const std::shared_ptr<ClientImpl> client;
  const CopyRef ref;

  // The id that the session has; after its end the last one told.
  std::string Id() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const std::string opened_as_;
  absl::Mutex mutex_;
  std::string last_told_ ABSL_GUARDED_BY(mutex_);
};

// Ends the subscription with its Subscription; holds the copy until then.
class SubscriptionImpl {
 public:
  SubscriptionImpl(std::shared_ptr<SessionImpl> session, std::shared_ptr<Subscriber> subscriber)
      : session_(std::move(session)), subscriber_(std::move(subscriber)) {}
  ~SubscriptionImpl() { session_->client->Unsubscribe(subscriber_); }
  SubscriptionImpl(const SubscriptionImpl&) = delete;
  SubscriptionImpl& operator=(const SubscriptionImpl&) = delete;

 private:
  const std::shared_ptr<SessionImpl> session_;
  const std::shared_ptr<Subscriber> subscriber_;
};

// Belongs to one thread at a time, like its Edit.
struct EditImpl {
  EditImpl() = default;
  // Tells of what was collected and never committed, if the client is to verify.
  ~EditImpl();
  EditImpl(const EditImpl&) = delete;
  EditImpl& operator=(const EditImpl&) = delete;

  std::shared_ptr<SessionImpl> session;
  std::shared_ptr<const ViewImpl> base;  // nullptr: the session had ended
  Delta delta;
  absl::Status status;  // the first path that is not legal
  // Answers of Get that this Edit's changes have a part in; emptied by each change.
  mutable std::map<Path, std::optional<Value>> seen;

  std::vector<std::shared_ptr<TrackedImpl>> tracked;  // each once
  bool committed = false;

  // The first error is what Commit tells.
  void Fail(const absl::Status& why) {
    if (status.ok()) status = why;
  }
  void Add(Operation::Kind kind, std::string_view path, Value value);
  void Append(std::string_view path, const Value& end);
  void AddCondition(std::string_view path, bool absent, Version unchanged_since);
  // The path, or the empty one after noting the first error.
  Path Parse(std::string_view path);
  const Value* Get(const Path& path) const;
  // The fields at and below `root` as this Edit would leave them.
  FieldMap FieldsBelow(const Path& root) const;
  absl::Status SetJson(std::string_view path, std::string_view document);
  // Which of its puts may go out as splices of the values it began with.
  Splices FindSplices() const {
    return base ? client::FindSplices(base->fields->map, delta) : Splices();
  }
};

// The images of tracked objects that one commit has sent; to be told how it ended.
class SentImages {
 public:
  // Adds to `edit` what its tracked objects have changed by; or nothing, and the edit has failed.
  explicit SentImages(EditImpl* edit);

  void Settle(const Committed& committed) const;

 private:
  struct Sent {
    std::shared_ptr<TrackedImpl> tracked;
    uint64_t commit = 0;
  };

  std::vector<Sent> sent_;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_SESSION_IMPL_H_
