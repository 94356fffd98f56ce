// How a stream begins, is watched and ends, and what becomes of copies and calls with it.
#include <algorithm>
#include <utility>

#include "client/cpp/src/client_machine.h"
#include "client/cpp/src/features.h"
#include "proto/session/error_codes.h"
#include "proto/session/wire.h"

namespace sessionhub::client {
namespace {

constexpr int kSilentHeartbeats = 3;

// Nothing is asked for such a copy until it is opened again. One that was called old and has its
// handle yet is to hear of the session's end, and is waited for by who deletes the session.
bool Rests(const Copy& copy) {
  if (copy.state == Copy::State::kFetched) return true;
  const bool waits = copy.watchers > 0 && copy.interest != Interest::kNone;
  return copy.state == Copy::State::kOld && copy.handle == 0 && !waits;
}

std::chrono::milliseconds Within(uint64_t ms, std::chrono::milliseconds most) {
  return std::chrono::milliseconds(std::min(ms, static_cast<uint64_t>(most.count())));
}

bool ComesBack(v1::Goodbye::Why why) {
  const ErrorRow* const row = FindError(ErrorFamily::kGoodbye, why);
  return row != nullptr && row->retryable;
}

}  // namespace

void ClientMachine::StreamUp(const Incarnation& fresh, Time now) {
  if (!has_incarnation_) {
    incarnation_ = fresh;
    has_incarnation_ = true;
    known_before_ = false;
  }
  phase_ = Phase::kAttaching;
  hello_sent_ = false;
  wants_reconnect_ = false;
  last_answered_seq_ = 0;
  told_seen_through_ = 0;
  resumes_.clear();
  resumes_sent_ = 0;
  receipts_.clear();
  sent_at_ = ticked_at_ = now;
  silent_ = std::chrono::nanoseconds(0);
}

void ClientMachine::StreamDown() {
  if (phase_ == Phase::kAttached) Log(LogSeverity::kWarning, "the stream to the hub is cut");
  phase_ = Phase::kDown;
  wants_reconnect_ = false;
  growth_waits_.clear();
  sessions_.Cut();
  id_changes_.Cut();
  locks_.Cut(ticked_at_);
  handles_unknown_ |= opens_.Cut();
}

// A hub that says nothing for this long is taken to be gone.
std::chrono::nanoseconds ClientMachine::SilentMax() const {
  return kSilentHeartbeats * 2 * heartbeat_;
}

void ClientMachine::Tick(Time now) {
  const auto passed = now - ticked_at_;
  ticked_at_ = now;
  if (phase_ == Phase::kDown) return;
  silent_ += std::min<std::chrono::nanoseconds>(passed, heartbeat_);
  const std::chrono::nanoseconds silent_max = attached() ? SilentMax() : kAttachWaitMax;
  if (silent_ > silent_max && !wants_reconnect_) {
    Log(LogSeverity::kWarning, "the hub is silent: connecting anew");
    wants_reconnect_ = true;
  }
}

void ClientMachine::Receive(const v1::HubFrame& frame, Time now) {
  if (phase_ == Phase::kDown || wants_reconnect_ || !standing_.ok()) return;
  if (attached() &&
      now - sessions_.heard_at() > std::max<std::chrono::nanoseconds>(lease_, SilentMax())) {
    // This process stood still: ticks would have noticed such a silence. The hub may have ended the
    // lease, and what is read now may have waited here since before that.
    Log(LogSeverity::kWarning, "nothing was read for longer than the lease: connecting anew");
    wants_reconnect_ = true;
    return;
  }
  silent_ = std::chrono::nanoseconds(0);
  if (phase_ == Phase::kAttaching && frame.has_attached()) OnAttached(frame.attached());
  if (attached() && !wants_reconnect_) {
    sessions_.Heard(now);
    paths_.Define(frame.paths());
    for (const v1::Item& item : frame.items()) OnItem(item, now);
    TellLocks(now);
    if (frame.received_through() > 0) sessions_.Received(frame.received_through());
    if (frame.has_growth_waits()) OnGrowthWaits(frame.growth_waits());
    sessions_.Evict([this](const std::string& id) { return opens_.Concerns(id); });
  }
  if (frame.has_goodbye()) OnGoodbye(frame.goodbye());
}

void ClientMachine::OnGrowthWaits(const std::string& why) {
  growth_waits_ = why;
  if (why.empty()) return Log(LogSeverity::kInfo, "what waited at the hub goes on");
  Log(LogSeverity::kWarning, "changes that let sessions grow wait at the hub: " + why);
}

void ClientMachine::OnAttached(const v1::Attached& attached) {
  if (attached.has_limits()) limits_ = DecodeLimits(attached.limits());
  features_ = attached.features() & kClientFeatures;
  if (attached.heartbeat_ms() > 0) {
    heartbeat_ = Within(std::max<uint64_t>(1, attached.heartbeat_ms() / 2), kHubTimeMax);
  }
  if (attached.lease_ms() > 0) {
    lease_ = Within(attached.lease_ms(), kHubTimeMax);
  }
  if (!history_id_.empty() && history_id_ != attached.history_id()) {
    const absl::Status why = ErrorStatus(
        ClientError::kOutcomeUnknown,
        "the hub has another data folder, and cannot tell what became of this: open sessions "
        "again");
    Log(LogSeverity::kError, "the hub has another history: copies are dropped");
    sessions_.DropCopies(why, /*lost=*/true);
    EndWrites(why, /*restart=*/false);
    EndIdChanges(id_changes_.Clear(), why);
    EndLocks(why);
  }
  history_id_ = attached.history_id();
  handles_unknown_ = false;
  if (attached.incarnation_ended()) {
    EndWrites(ErrorStatus(ClientError::kOutcomeUnknown, "the hub's resend horizon has passed"),
              /*restart=*/true);
    FailOpens(opens_.TakeExclusiveSent(),
              ErrorStatus(ClientError::kOutcomeUnknown,
                          "the hub's resend horizon has passed while it was asked to "
                          "create this session: it may exist now"));
    EndIdChanges(id_changes_.Clear(),
                 ErrorStatus(ClientError::kOutcomeUnknown,
                             "the hub's resend horizon has passed while it was asked to "
                             "change the id: it may have changed"));
    has_incarnation_ = false;
    wants_reconnect_ = true;
    return;
  }
  phase_ = Phase::kAttached;
  known_before_ = true;
  if (absl::Status offered = CheckChangesIds(); !offered.ok()) {
    EndIdChanges(id_changes_.Clear(), offered);
  }
  if (absl::Status offered = CheckLocks(); !offered.ok()) EndLocks(offered);
  ++counts_.attaches;
  paths_.Reset(limits_.path_definitions_max);
  Log(LogSeverity::kInfo, "attached to the hub");
  attached.lease_held() ? CloseAgain() : ForgetCloses();
  attached.lease_held() ? ResumeCopies() : ReopenCopies();
}

// Closes go before all Opens of this stream, so none of these handles has been given anew. To close
// one that is not held is no error.
void ClientMachine::CloseAgain() {
  TakeWishes();
  for (const auto& [handle, frame] : closed_) closes_.push_back(handle);
  closed_.clear();
}

void ClientMachine::ForgetCloses() {
  closes_.clear();
  closed_.clear();
}

void ClientMachine::ResumeCopies() {
  sessions_.cache().ForEach([this](Copy* copy) {
    if (Rests(*copy)) return;
    copy->state = Copy::State::kAwaiting;
    if (copy->handle != 0) {
      resumes_.push_back(copy->ref.number);
    } else if (!id_changes_.Concerns(copy->ref.number) &&
               !opens_.FindByNumber(copy->id, copy->ref.number)) {
      opens_.Add(copy->id, Create::kNever, copy->ref.number, copy->interest);
    }
  });
}

void ClientMachine::ReopenCopies() {
  sessions_.VoidHandles();
  sessions_.cache().ForEach([this](Copy* copy) {
    if (Rests(*copy)) return;
    copy->state = Copy::State::kAwaiting;
    // Which id it has is told with the answer to a change that is asked for.
    if (id_changes_.Concerns(copy->ref.number)) return;
    if (!opens_.FindByNumber(copy->id, copy->ref.number)) {
      opens_.Add(copy->id, Create::kNever, copy->ref.number, copy->interest);
    }
  });
}

void ClientMachine::OnGoodbye(const v1::Goodbye& goodbye) {
  wants_reconnect_ = true;
  if (ComesBack(goodbye.why())) {
    Log(LogSeverity::kInfo, "the hub says goodbye (" + v1::Goodbye::Why_Name(goodbye.why()) + ")");
    return;
  }
  const std::string line = "the hub told this client to stay away (" +
                           v1::Goodbye::Why_Name(goodbye.why()) + "): " + goodbye.message();
  Log(LogSeverity::kError, line);
  Close(ErrorStatus(ClientError::kToldToStayAway, line), /*lost=*/true);
}

}  // namespace sessionhub::client
