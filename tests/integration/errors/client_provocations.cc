// What the client library says by itself.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/notification.h"
#include "tests/integration/errors/provocations.h"
#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/test_client.h"
#include "tests/support/wait_for.h"

namespace sessionhub::testing {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kShort{50};

// A hub, and a client that has opened "ada".
class ClientBed {
 public:
  explicit ClientBed(ClientOptions (*change)(ClientOptions) = nullptr) {
    if (!hub_.Start().ok()) return;
    ClientOptions options = QuickOptions(hub_.endpoint(), "web-1");
    if (change != nullptr) options = change(std::move(options));
    client_ = std::make_unique<Client>(*Client::Connect(std::move(options)));
    ada_ = std::make_unique<Session>(*OpenOrCreate(*client_, "ada"));
  }

  HubProcess& hub() { return hub_; }
  Client& client() { return *client_; }
  Session& ada() { return *ada_; }

  Edit Change() const {
    Edit edit = ada_->Begin();
    edit.Increment("n");
    return edit;
  }
  // What a read is told once it fails.
  Told FailedRead() const {
    WaitFor([&] { return !ada_->Read().ok(); });
    return ToldBy(ada_->Read().status());
  }

 private:
  HubProcess hub_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Session> ada_;
};

Told OpenWithoutAHub() {
  Client client = ConnectTo("127.0.0.1:1", "web-1");
  OpenOptions options;
  options.timeout = kShort;
  return ToldBy(client.Open("ada", options).status());
}

Told CommitOfAHubThatStandsStill() {
  ClientBed bed;
  bed.hub().Freeze();
  return ToldBy(bed.Change().Commit(Ack::kDurable, kShort).status);
}

Told LockOfAHubThatStandsStill() {
  ClientBed bed;
  bed.hub().Freeze();
  LockOptions options;
  options.timeout = kShort;
  return ToldBy(bed.ada().Lock(options).status());
}

Told ReadOfAHubThatStandsStill() {
  ClientBed bed([](ClientOptions options) {
    options.stale_max = milliseconds(200);
    return options;
  });
  bed.hub().Freeze();
  return bed.FailedRead();
}

Told ReadOfWhatWasChangedElsewhere() {
  ClientBed bed;
  OpenOptions options;
  options.create = Create::kIfMissing;
  options.interest = Interest::kInvalidate;
  const auto session = bed.client().Open("bob", options);
  if (!session.ok()) return ToldBy(session.status());
  Client other = ConnectTo(bed.hub().endpoint(), "web-2");
  const auto theirs = other.Open("bob");
  if (!theirs.ok()) return ToldBy(theirs.status());
  Edit edit = theirs->Begin();
  edit.Increment("n");
  Apply(std::move(edit));
  WaitFor([&] { return !session->Read().ok(); });
  return ToldBy(session->Read().status());
}

Told CommitToAnotherFolder() {
  absl::Notification done;
  Told told;
  ClientBed bed;
  bed.hub().Kill();
  bed.Change().Commit(Ack::kDurable, [&](const Committed& committed) {
    told = ToldBy(committed.status);
    done.Notify();
  });
  bed.hub().set_data_dir(bed.hub().data_dir() + "-other");
  if (!bed.hub().Start().ok()) return {};
  done.WaitForNotificationWithTimeout(absl::FromChrono(kPatience));
  return told;
}

Told OpenAfterClose() {
  ClientBed bed;
  bed.client().Close(milliseconds(0));
  return ToldBy(bed.client().Open("ada").status());
}

Told OpenOnceReplaced() {
  ClientBed bed;
  Client newer = ConnectTo(bed.hub().endpoint(), "web-1");
  const absl::Status opened = newer.Open("ada").status();
  if (!opened.ok()) return ToldBy(opened);
  return bed.FailedRead();
}

Told OpenInACallback() {
  absl::Notification done;
  Told told;
  ClientBed bed;
  bed.Change().Commit(Ack::kDurable, [&](const Committed&) {
    told = ToldBy(bed.client().Open("bob").status());
    done.Notify();
  });
  done.WaitForNotificationWithTimeout(absl::FromChrono(kPatience));
  return told;
}

Told OpenInAForkedChild() {
  ClientBed bed;
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    const absl::Status status = bed.client().Open("ada").status();
    const std::string line =
        std::to_string(static_cast<int>(status.code())) + " " + std::string(status.message());
    _exit(write(ends[1], line.data(), line.size()) == static_cast<ssize_t>(line.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::string line(4'096, ' ');
  line.resize(static_cast<size_t>(std::max<ssize_t>(0, read(ends[0], line.data(), line.size()))));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return {0, static_cast<absl::StatusCode>(std::atoi(line.c_str())), line};
}

Told EvictionOfNothing() {
  ClientBed bed;
  return ToldBy(bed.client().Evict("bob"));
}

Told SecondIdChange() {
  ClientBed bed;
  bed.hub().Freeze();
  bed.ada().ChangeId("eve", milliseconds(0), kShort).IgnoreError();
  return ToldBy(bed.ada().ChangeId("eva", milliseconds(0), kShort));
}

Told ProlongationAfterUnlock() {
  ClientBed bed;
  absl::StatusOr<SessionLock> lock = bed.ada().Lock();
  if (!lock.ok()) return ToldBy(lock.status());
  lock->Unlock();
  return ToldBy(lock->Prolong(std::chrono::seconds(1), kPatience));
}

Told CommitOfADestroyedObject() {
  ClientBed bed;
  Edit edit = bed.ada().Begin();
  edit.Track("cart", std::make_shared<std::string>("bread"),
             [](const std::string& text) { return Value(text); });
  return ToldBy(std::move(edit).Commit(Ack::kDurable, kPatience).status);
}

}  // namespace

std::vector<Provocation> ClientProvocations() {
  const auto row = [](ClientError error, const char* says, Told (*provoke)()) {
    return Provocation{ErrorFamily::kClient, static_cast<int>(error), says, provoke};
  };
  return {
      row(ClientError::kHubNotReached, "no hub was reached", OpenWithoutAHub),
      row(ClientError::kNoAnswer, "still sent", CommitOfAHubThatStandsStill),
      row(ClientError::kLockUnanswered, "given back", LockOfAHubThatStandsStill),
      row(ClientError::kHubSilent, "nothing was heard", ReadOfAHubThatStandsStill),
      row(ClientError::kCopyOld, "changed elsewhere", ReadOfWhatWasChangedElsewhere),
      row(ClientError::kOutcomeUnknown, "another data folder", CommitToAnotherFolder),
      row(ClientError::kClosed, "closed", OpenAfterClose),
      row(ClientError::kToldToStayAway, "stay away (REPLACED)", OpenOnceReplaced),
      row(ClientError::kInCallback, "inside a callback", OpenInACallback),
      row(ClientError::kForked, "fork first", OpenInAForkedChild),
      row(ClientError::kNotCached, "is cached", EvictionOfNothing),
      row(ClientError::kAnswerPending, "getting another id", SecondIdChange),
      row(ClientError::kLockGivenBack, "given back", ProlongationAfterUnlock),
      row(ClientError::kObjectDestroyed, "destroyed before Commit", CommitOfADestroyedObject),
  };
}

}  // namespace sessionhub::testing
