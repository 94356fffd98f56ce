// TrackedImage: what a node knows the session to hold of an object that it tracks. Pure.
//
// It knows one image for certain: what the last applied commit left, or what was handed out.
// Commits that are on their way, or whose end is unknown, put fields in doubt: the session may hold
// them as before or as the commit says. A later commit says every field in doubt again, so that
// none of the object's changes is ever lost. The hub decides a node's commits in their order, so
// one that is applied ends the doubt of all before it.
#ifndef CLIENT_CPP_SRC_TRACKED_IMAGE_H_
#define CLIENT_CPP_SRC_TRACKED_IMAGE_H_

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "proto/session/delta.h"
#include "proto/session/path.h"
#include "proto/session/state.h"

namespace sessionhub::client {

class TrackedImage {
 public:
  // The fields at and below `root` of the object as it was handed out; or, for an object of which
  // the session has nothing of this form, what it has there.
  TrackedImage(Path root, FieldMap handed_out)
      : root_(std::move(root)), known_(std::move(handed_out)) {}

  // What makes the session hold `now`, whatever is in doubt. Empty if it is known to.
  Delta Changes(const FieldMap& now) const;

  // A commit that does so is on its way. Returns its number, for exactly one of the calls below.
  uint64_t Sent(FieldMap now);
  void Applied(uint64_t commit);
  void Refused(uint64_t commit);
  void Unknown(uint64_t commit);

 private:
  struct Commit {
    FieldMap image;
    std::set<Path> doubtful;  // fields that this commit, or an earlier one, may have changed
  };

  std::set<Path> Doubtful() const;

  const Path root_;
  FieldMap known_;
  std::map<uint64_t, Commit> on_their_way_;  // bounded by the client's pending commits
  uint64_t last_commit_ = 0;
  std::set<Path> unknown_;  // doubtful because of commits that ended unknown
  uint64_t last_unknown_ = 0;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_TRACKED_IMAGE_H_
