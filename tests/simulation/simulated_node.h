// SimulatedNode: one life of a node: the client's real state machine, and a small application that
// opens, changes, deletes and drops sessions at random and remembers what it was told.
#ifndef TESTS_SIMULATION_SIMULATED_NODE_H_
#define TESTS_SIMULATION_SIMULATED_NODE_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/cpp/src/client_machine.h"
#include "tests/simulation/node_options.h"
#include "tests/support/guarantees.h"
#include "tests/support/seed.h"

namespace sessionhub::simulation {

class SimulatedNode {
 public:
  using Write = testing::Write;

  // The rest is shared by the whole simulation and not owned.
  SimulatedNode(const NodeOptions& options, testing::Random* random, testing::Ledger* ledger,
                testing::Witnesses* witnesses);
  // What is not answered stays unknown for ever.
  ~SimulatedNode();

  // The application does something.
  void Act(client::Time now);
  // Opens what it does not hold, so that at the end every node has a copy of every session.
  void OpenAll(client::Time now);
  // Reads the session from its copy, which is all that it does.
  absl::Status Use(const std::string& id, client::Time now);

  void StreamUp(client::Time now);
  void StreamDown();
  // Checks what reaches this node, then takes it in.
  absl::Status Receive(const std::string& bytes, client::Time now);
  std::optional<std::string> TakeFrame(client::Time now);
  void Tick(client::Time now) { machine_.Tick(now); }

  // True for each promise that no single event has to do with.
  absl::Status CheckEnd() const;
  // Compares the copies that show nothing pending with what others saw at the same versions.
  absl::Status CheckCopies(testing::Converged* converged);

  bool wants_reconnect() const { return machine_.wants_reconnect(); }
  bool quiet() const {
    const bool told = !options_.model || (commits_.empty() && id_changes_.empty());
    return machine_.attached() && machine_.unanswered() == 0 && opens_.empty() && told;
  }
  // Told by the hub to stay away.
  bool banished() const { return !machine_.standing().ok(); }
  const std::string& name() const { return options_.name; }
  // Of the hub that it attached to last; all zero: to none yet.
  const HistoryId& history() const { return history_; }
  // Its process was stopped, and goes on: the application reads before anything else happens.
  absl::Status GoOn(client::Time now);
  // Asks for the lock of the session with this id. True once this node has it.
  bool GetsLock(const std::string& id, client::Time now);

  // The copy of a session under this id, if there is one.
  std::optional<Copy> CopyOf(const std::string& id);

  // ---- with a model; semantics_node.cc ----
  // What it is given now was said by the hub then.
  void NoteSaid(client::Time said_at, client::Time now) {
    if (options_.model) said_.push_back({now, said_at});
  }
  std::vector<DeliveredCommit> TakeDelivered() { return std::exchange(delivered_, {}); }
  // The version that the application is shown as new; nothing if it is not, or asked for no
  // interest, or if what it heard was so long on its way that nobody can tell that it is old.
  std::optional<Version> Shows(SessionNumber session, client::Time now);
  // kNone: or nothing held.
  Interest InterestIn(const std::string& id) const;
  bool CommitsTo(const std::string& id);
  // Asks for another id for one of the sessions that it holds.
  void ChangeSomeId();
  // What came of each session since this was last called.
  std::map<SessionNumber, HeardOf> TakeHeard() { return std::exchange(heard_, {}); }
  uint64_t attaches() const { return machine_.stats().attaches; }

 private:
  void ActOnAnyKind(client::Time now);
  void OpenAnyhow(const std::string& id, client::Time now);
  void ChangeId(const client::CopyRef& ref);
  void Evict(const std::string& id);
  // Makes the delta one of any kind.
  Ack Qualify(const client::CopyRef& ref, Delta* delta, Write* write);
  void AddConditions(const client::ViewImpl& view, Delta* delta) const;
  void NoteAttempt(const client::CopyRef& ref, const Write& write, const absl::Status& status);
  void ToldOfAnyKind(const client::CommitDone& done, const Write& write);
  void FollowIds(const client::Outputs& outputs);
  absl::Status CheckAnyItem(const v1::Item& item);
  void CheckAnySent(const v1::NodeFrame& frame);
  // True if the copy is asked for at once after a cut.
  bool ComesBack(const client::CopyRef& ref) const;
  bool WaitsForReceived(SessionNumber session, Version shown) const;
  // True if the copy under this id must be opened again to be of use.
  bool Lacks(const std::string& id, client::Time now);

  void Open(const std::string& id, Create create, client::Time now);
  Settings RandomTimeout();
  // Asks for the newest version that anybody was told of a session.
  void OpenNewest(const std::string& id, SessionNumber number, client::Time now);
  void Read(const client::CopyRef& ref, client::Time now);
  void CheckOpened(const client::OpenDone& done);
  void CheckSent(const v1::NodeFrame& frame);
  absl::Status CheckFrame(const v1::HubFrame& frame,
                          std::map<std::string, client::CopyRef>* forgotten);
  absl::Status CheckItem(const v1::Item& item);
  void Commit(const client::CopyRef& ref);
  // Changes a little of a text that all nodes change, so that it goes out as a splice.
  void SetText(const client::CopyRef& ref);
  void Delete(const client::CopyRef& ref);
  void TakeOutputs();
  void Break(const absl::Status& status) { broken_.Update(status); }
  void Told(const client::CommitDone& done);

  // ---- restored_node.cc ----
  // True if the hub has another history than this node knows of.
  bool InPast() const { return history_ != HistoryId{} && history_ != *options_.history; }
  void ForgetPast();
  // Attached. True if it was in another history before, of which nothing counts any more.
  bool EnterHistory(const HistoryId& history);
  void CheckForgotten(const std::map<std::string, client::CopyRef>& before);
  void CheckNumbers(const v1::NodeFrame& frame);
  // ---- locks_node.cc ----
  void UseLock(const client::CopyRef& ref, client::Time now);
  void AskForLock(const client::CopyRef& ref, const client::LockWish& wish, client::Time now);
  void TakeLocks(const std::vector<client::LockDone>& done);
  absl::Status CheckLockAnswer(const v1::Answer& answer);
  uint64_t LockOf(SessionNumber session) const;

  const NodeOptions options_;
  testing::Random* const random_;
  testing::Ledger* const ledger_;
  testing::Witnesses* const witnesses_;
  client::ClientMachine machine_;
  testing::Lane lane_;
  testing::Resumable resumable_;
  absl::Status broken_;  // the first promise that was broken by what this node did
  client::Time heard_at_;
  uint64_t in_flight_ = 0;  // deltas sent on this stream and not answered
  struct Asked {
    SessionNumber number = 0;
    Version version = 0;
  };
  std::map<client::Token, Asked> asked_;
  std::map<std::string, client::CopyRef> held_;     // pinned, by id
  std::map<client::Token, std::string> opens_;      // ids that are being opened
  std::map<client::Token, size_t> commits_;         // places in the ledger
  std::map<client::Token, SessionNumber> texts_;    // commits of SetText, which are in no ledger
  std::map<SessionNumber, Version> told_versions_;  // the newest version told for an own delta
  std::map<SessionNumber, size_t> unanswered_;
  uint64_t last_index_ = 0;
  HistoryId history_{};
  std::set<SessionNumber> numbers_;  // that it was told in this history
  std::map<client::Token, SessionNumber> lock_requests_;
  std::map<uint32_t, SessionNumber> locks_asked_;  // by request, as sent
  std::map<SessionNumber, uint64_t> locks_held_;   // tokens, whether or not they have ended
  Incarnation incarnation_{};

  // With a model.
  struct Question {
    v1::Open open;
    uint64_t sent_at_us = 0;
  };
  std::map<uint32_t, Question> questions_;
  struct Renaming {
    SessionNumber session = 0;
    std::string id;
    uint64_t asked_at_us = 0;
  };
  std::map<client::Token, Renaming> id_changes_;
  std::map<client::Token, Interest> interests_;  // of opens
  std::map<std::string, client::Time> renamed_;  // ids that led to nothing, and when
  struct Attempt {
    bool refused_here = false;
    Path mark;  // empty: it had none
  };
  std::map<uint64_t, Attempt> attempts_;                 // the newest commit on a copy, by stamp
  std::set<client::Token> delivering_;                   // commits at Ack::kDelivered
  std::map<SessionNumber, std::vector<Path>> received_;  // marks
  std::map<SessionNumber, Version> called_old_;
  std::map<SessionNumber, HeardOf> heard_;
  std::vector<DeliveredCommit> delivered_;
  std::deque<std::pair<client::Time, client::Time>> said_;  // when it was heard, and when said
};

}  // namespace sessionhub::simulation

#endif  // TESTS_SIMULATION_SIMULATED_NODE_H_
