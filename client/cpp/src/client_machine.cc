#include "client/cpp/src/client_machine.h"

#include <utility>

#include "client/cpp/src/frame_room.h"
#include "proto/session/error_codes.h"
#include "proto/session/wire.h"

namespace sessionhub::client {

ClientMachine::ClientMachine(Options options)
    : options_(std::move(options)),
      sessions_(options_.near_cache_bytes_max, options_.pending_bytes_max) {}

bool ClientMachine::Fresh(const Copy& copy, Time now) const {
  return copy.version >= copy.version_called && !copy.closed &&
         now - sessions_.FreshAt(copy) <= stale_max();
}

Token ClientMachine::Open(const std::string& id, Create create, Version at_least_version, Time now,
                          Interest interest, const Settings& settings) {
  const Token token = ++last_token_;
  absl::Status status = standing_.ok() ? CheckId(id, limits_) : standing_;
  if (status.ok()) status = CheckSettingsHere(settings);
  if (!status.ok()) {
    sessions_.Finish(OpenDone{token, std::move(status)});
    return token;
  }
  Copy* copy = sessions_.cache().FindById(id);
  if (copy && create != Create::kExclusive && copy->interest >= interest) {
    if (copy->version > 0 && copy->version >= at_least_version && Fresh(*copy, now)) {
      sessions_.FinishOpen(token, copy);
      touches_.Used(copy, now, heartbeat_);
      return token;
    }
    if (copy->state == Copy::State::kAwaiting && at_least_version == 0) {
      sessions_.Wait(copy, token);
      return token;
    }
  }
  // An answer on its way may be older than the version that this caller has seen.
  OpenRequest* request = opens_.FindShareable(id, create, at_least_version > 0, interest, settings);
  if (!request) {
    const bool held = copy && create != Create::kExclusive;
    request = opens_.Add(id, create, held ? copy->ref.number : 0, interest, settings);
  }
  request->waiters.push_back(token);
  return token;
}

void ClientMachine::ForgetOpen(Token token) {
  opens_.Forget(token);
  sessions_.ForgetWaiter(token);
}

absl::Status ClientMachine::CheckSettingsHere(const Settings& settings) const {
  if (!settings.empty() && attached() && !agreed(v1::FEATURE_LIFE)) {
    return ErrorStatus(v1::UNSUPPORTED,
                       "this hub offers neither timeouts nor owners: leave them out");
  }
  return CheckSettings(settings, limits_);
}

// A delta that fits no frame could never be sent, and would hold up everything behind it.
absl::Status ClientMachine::CheckWireSize(const Delta& delta) const {
  const size_t frame_bytes_max = limits_.frame_bytes_max;
  if (2 * delta.SizeBytes() + 32 * (delta.operations.size() + delta.conditions.size()) +
          kFrameSlackBytes <=
      frame_bytes_max) {
    return absl::OkStatus();
  }
  v1::Delta wire;
  EncodeDelta(
      delta, [](const Path&) { return 0u; }, &wire);
  if (wire.ByteSizeLong() + kFrameSlackBytes <= frame_bytes_max) return absl::OkStatus();
  return absl::ResourceExhaustedError("commit takes " + std::to_string(wire.ByteSizeLong()) +
                                      " bytes on the wire, over the hub's " + "frame_bytes_max = " +
                                      std::to_string(frame_bytes_max) + ": split it");
}

absl::StatusOr<Token> ClientMachine::Commit(const CopyRef& ref, Delta delta, Ack ack,
                                            Splices splices) {
  if (!standing_.ok()) return standing_;
  absl::Status status = CheckDelta(delta, limits_);
  if (status.ok()) status = CheckSettingsHere(delta.settings);
  if (status.ok()) status = CheckWireSize(delta);
  const Token token = ++last_token_;
  if (status.ok()) {
    status = sessions_.Commit(token, ref, std::move(delta), ack, std::move(splices));
  }
  if (status.ok()) return token;
  NoteRefused(ref);
  return status;
}

absl::StatusOr<std::shared_ptr<const ViewImpl>> ClientMachine::Read(const CopyRef& ref, Time now,
                                                                    bool allow_stale) {
  if (!standing_.ok()) return standing_;
  Copy* copy = sessions_.cache().Find(ref);
  if (!copy) return ErrorStatus(v1::GONE, "the session has ended: open its id again");
  if (!allow_stale && !Fresh(*copy, now)) return WhyOld(*copy);
  sessions_.cache().Touch(copy);
  touches_.Used(copy, now, heartbeat_);
  return sessions_.ViewOf(copy);
}

absl::Status ClientMachine::WhyOld(const Copy& copy) const {
  const std::string stale =
      std::to_string(stale_max().count()) + " ms, the shorter of stale_max and the hub's lease";
  if (copy.version < copy.version_called) {
    return ErrorStatus(ClientError::kCopyOld, "the session was changed elsewhere: open it again");
  }
  if (copy.closed) {
    return ErrorStatus(ClientError::kCopyOld,
                       "the session is being opened anew after a break: open it again");
  }
  switch (copy.state) {
    case Copy::State::kFetched:
      return ErrorStatus(ClientError::kCopyOld, "the copy was fetched more than " + stale +
                                                    ", ago, without interest: open it again");
    default:
      return ErrorStatus(ClientError::kHubSilent,
                         "nothing was heard from the hub for " + stale + ": the copy may be old");
  }
}

absl::Status ClientMachine::Watch(const CopyRef& ref) {
  if (!standing_.ok()) return standing_;
  if (sessions_.Watch(ref, true)) return absl::OkStatus();
  return ErrorStatus(v1::GONE, "the session has ended: open its id again");
}

Interest ClientMachine::InterestOf(const CopyRef& ref) const {
  const Copy* copy = sessions_.cache().Find(ref);
  return copy ? copy->interest : Interest::kNone;
}

absl::Status ClientMachine::Evict(const std::string& id) {
  if (!standing_.ok()) return standing_;
  Copy* copy = sessions_.cache().FindById(id);
  if (!copy) return ErrorStatus(ClientError::kNotCached, "no session with this id is cached");
  if (opens_.Concerns(id) || sessions_.IsAwaited(*copy)) {
    return ErrorStatus(ClientError::kAnswerPending,
                       "the session is being opened: evict it afterwards");
  }
  sessions_.EndInterest(copy);
  return absl::OkStatus();
}

std::shared_ptr<const ViewImpl> ClientMachine::ReadAnyAge(const CopyRef& ref) {
  Copy* copy = sessions_.cache().Find(ref);
  return copy ? sessions_.ViewOf(copy) : nullptr;
}

void ClientMachine::Unpin(const CopyRef& ref) {
  sessions_.Unpin(ref);
  sessions_.Evict([this](const std::string& id) { return opens_.Concerns(id); });
}

bool ClientMachine::Leave() {
  leaving_ = true;
  return attached() && (sessions_.writes().answered_through() > told_seen_through_ ||
                        (agreed(v1::FEATURE_LOCKS) && locks_.HasReturns()));
}

void ClientMachine::Close(const absl::Status& why, bool lost) {
  standing_ = why;
  FailOpens(opens_.Clear(), why);
  EndIdChanges(id_changes_.Clear(), why);
  EndLocks(why);
  sessions_.DropCopies(why, lost);
  EndWrites(why, /*restart=*/false);
}

void ClientMachine::EndWrites(const absl::Status& why, bool restart) {
  counts_.commits_unknown += sessions_.EndWrites(why, restart);
}

void ClientMachine::FailOpens(const std::vector<Token>& tokens, const absl::Status& why) {
  for (Token token : tokens) sessions_.Finish(OpenDone{token, why});
}

Outputs ClientMachine::TakeOutputs() {
  return {sessions_.TakeOpenDone(),       sessions_.TakeCommitDone(),
          sessions_.TakeEvents(),         std::exchange(id_changes_done_, {}),
          std::exchange(locks_done_, {}), std::exchange(log_, {})};
}

void ClientMachine::Log(LogSeverity severity, std::string line) {
  log_.emplace_back(severity, std::move(line));
}

ClientStats ClientMachine::stats() const {
  ClientStats stats = counts_;
  stats.resyncs = sessions_.resyncs();
  stats.pending = sessions_.writes().unanswered();
  stats.pending_bytes = sessions_.writes().bytes();
  stats.cached_sessions = sessions_.cache().size();
  return stats;
}

}  // namespace sessionhub::client
