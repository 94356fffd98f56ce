// SimulatedNode: one life of a node: the client's real state machine, and a small application that
// opens, changes, deletes and drops sessions at random and remembers what it was told.
#ifndef TESTS_SIMULATION_SIMULATED_NODE_H_
#define TESTS_SIMULATION_SIMULATED_NODE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/cpp/src/client_machine.h"
#include "tests/support/guarantees.h"
#include "tests/support/seed.h"

namespace sessionhub::simulation {

struct NodeOptions {
  std::string name;
  std::string life;  // a name for this life, unlike any other
  std::vector<std::string> ids;
  size_t near_cache_bytes_max = 1 << 20;
  bool deletes = true;
};

class SimulatedNode {
 public:
  // `random` and `ledger` are shared by the whole simulation and not owned.
  SimulatedNode(const NodeOptions& options, testing::Random* random, testing::Ledger* ledger);
  // What is not answered stays unknown for ever.
  ~SimulatedNode();

  // The application does something.
  void Act(client::Time now);
  // Opens what it does not hold, so that at the end every node has a copy of every session.
  void OpenAll(client::Time now);

  void StreamUp(client::Time now);
  void StreamDown();
  // Checks what reaches this node, then takes it in.
  absl::Status Receive(const std::string& bytes, client::Time now);
  std::optional<std::string> TakeFrame(client::Time now);
  void Tick(client::Time now) { machine_.Tick(now); }

  // Compares the copies that show nothing pending with what others saw at the same versions.
  absl::Status CheckCopies(testing::Converged* converged);

  bool wants_reconnect() const { return machine_.wants_reconnect(); }
  bool quiet() const { return machine_.attached() && machine_.unanswered() == 0 && opens_.empty(); }
  // Told by the hub to stay away.
  bool banished() const { return !machine_.standing().ok(); }
  const std::string& name() const { return options_.name; }

  struct Copy {
    SessionNumber number = 0;
    SessionState state;
  };
  // The copy of a session under this id, if there is one.
  std::optional<Copy> CopyOf(const std::string& id);

 private:
  void Open(const std::string& id, Create create, client::Time now);
  void Commit(const client::CopyRef& ref);
  void Delete(const client::CopyRef& ref);
  void TakeOutputs();
  void Told(const client::CommitDone& done);

  const NodeOptions options_;
  testing::Random* const random_;
  testing::Ledger* const ledger_;
  client::ClientMachine machine_;
  testing::Lane lane_;
  std::map<std::string, client::CopyRef> held_;     // pinned, by id
  std::map<client::Token, std::string> opens_;      // ids that are being opened
  std::map<client::Token, size_t> commits_;         // places in the ledger
  std::map<SessionNumber, Version> told_versions_;  // the newest version told for an own delta
  std::map<SessionNumber, size_t> unanswered_;
  uint64_t last_index_ = 0;
  uint64_t last_seq_ = 0;
};

}  // namespace sessionhub::simulation

#endif  // TESTS_SIMULATION_SIMULATED_NODE_H_
