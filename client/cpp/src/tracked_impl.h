// TrackedImpl: what all copies of one Tracked handle share: how the object is encoded, and its
// image.
#ifndef CLIENT_CPP_SRC_TRACKED_IMPL_H_
#define CLIENT_CPP_SRC_TRACKED_IMPL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "client/cpp/src/tracked_image.h"
#include "proto/session/path.h"
#include "proto/session/state.h"
#include "sessionhub/edit.h"
#include "sessionhub/track.h"

namespace sessionhub::client {

class TrackedImpl {
 public:
  TrackedImpl(Path path, Encoder encoder) : path_(std::move(path)), encoder_(std::move(encoder)) {}

  const Path& path() const { return path_; }

  // The fields, at and below the path, of the object as it is now. Never throws: what the encoder
  // throws becomes InvalidArgument.
  absl::StatusOr<FieldMap> Encode();

  // The object is handed out; `held` is what the Edit that hands it out shows at and below the
  // path. An object that cannot be encoded is never sent.
  absl::Status HandOut(FieldMap held) ABSL_LOCKS_EXCLUDED(mutex_);

  // What a commit must say to make the session hold the object as it is now.
  struct Changes {
    Delta delta;
    FieldMap now;
  };
  absl::StatusOr<Changes> Collect() ABSL_LOCKS_EXCLUDED(mutex_);
  // These changes are on their way; Settle tells how that ended, on whatever thread.
  uint64_t Sent(FieldMap now) ABSL_LOCKS_EXCLUDED(mutex_);
  void Settle(uint64_t commit, Committed::Kind how) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const Path path_;
  const Encoder encoder_;
  absl::Mutex mutex_;  // a leaf: nothing is called with it held
  std::optional<TrackedImage> image_ ABSL_GUARDED_BY(mutex_);
  absl::Status handed_out_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_TRACKED_IMPL_H_
