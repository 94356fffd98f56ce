// RiskSite: a cluster as its users see it while something goes wrong: which node a user's requests
// come to, what each session was told to hold, and what each node says of it.
//
// Belongs to the orchestrator's one thread; connections that it has made belong to whoever uses
// them.
#ifndef BENCH_COMPARE_RISK_SITE_H_
#define BENCH_COMPARE_RISK_SITE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/compare/cluster.h"
#include "bench/compare/http_connection.h"
#include "bench/compare/node_sessions.h"
#include "bench/compare/risk_judge.h"
#include "bench/compare/test_bed.h"

namespace sessionhub::bench {

// The two fields of each session that trials change; their values are of CounterText.
inline constexpr char kFirstHot[] = "f00";
inline constexpr char kSecondHot[] = "f01";

struct RiskSession {
  std::string id;
  size_t home = 0;             // the node that has created it
  SessionFields acknowledged;  // what it holds by the answers that were 200
};

// What a node has said of a session.
struct Copy {
  const RiskSession* session = nullptr;
  size_t node = 0;
  std::string id;  // a server may give the session another one
  bool asked = false;
  CopyState first = CopyState::kNoAnswer;
  CopyState last = CopyState::kNoAnswer;
  int64_t fresh_after_us = -1;  // since the watch began; -1: it was fresh at first, or never
};

// Of these nodes.
std::vector<Copy> CopiesAt(const std::vector<RiskSession>& sessions,
                           const std::vector<size_t>& nodes);
CopyTally TallyFirst(const std::vector<Copy>& copies);
CopyTally TallyLast(const std::vector<Copy>& copies);
// Of those that became fresh after the first answer.
int64_t MedianCatchUpUs(const std::vector<Copy>& copies);

// Asks once, by a connection to the copy's node; `begin_us` is when its watch began.
void Ask(HttpConnection* connection, int64_t begin_us, Copy* copy);
// Asks again and again until the copy is fresh, for no longer than this.
void AskUntilFresh(HttpConnection* connection, std::chrono::milliseconds patience, Copy* copy);

// By one request with all its fields. Unavailable if the answer is not 200.
absl::Status Create(HttpConnection* connection, RiskSession* session);
// Sets one field, and notes that if the answer is 200. The answer's status; 0 if there is none.
int Change(HttpConnection* connection, const std::string& field, const std::string& value,
           RiskSession* session);

class RiskSite {
 public:
  // The cluster has started. Bed and cluster outlive the site. With a balancer it finds out which
  // users it sends to which node; Unavailable if it sends none to one of them.
  static absl::StatusOr<std::unique_ptr<RiskSite>> Make(const TestBed* bed, Cluster* cluster,
                                                        const ClusterOptions& options);

  Cluster& cluster() { return cluster_; }
  size_t nodes() const { return options_.nodes; }
  bool round_robin() const { return options_.round_robin; }
  // Every node but this one.
  std::vector<size_t> OthersThan(size_t node) const;

  // A connection of a user whose requests come to `home`, to where requests for `node` go.
  HttpConnection ConnectUser(size_t home, size_t node) const;
  HttpConnection Connect(size_t node) const { return ConnectUser(node, node); }

  // The next session of about 4 KiB, which is still to be created.
  RiskSession Draft(size_t home);
  // So many, created, of which every node has heard as far as the strategy lets it: where requests
  // come to all nodes in turn, each is asked for all of them, and a session that a node does not
  // have as it was created is sent once more. `unshared` gets how many are still not had by all.
  absl::StatusOr<std::vector<RiskSession>> CreateShared(size_t home, size_t count,
                                                        size_t* unshared);
  // Asks for all copies that are not fresh, until all are or the time is over; each once at least.
  absl::Status Watch(std::chrono::milliseconds patience, std::vector<Copy>* copies) const;
  // Waits until hosts have little to say to each other, for some seconds at most.
  absl::Status AwaitQuiet() const;
  // After StartNode: waits until the balancer, if there is one, sends the node's users there again.
  absl::Status AwaitUsersOf(size_t node);

 private:
  RiskSite(const TestBed* bed, Cluster* cluster, const ClusterOptions& options)
      : bed_(*bed), cluster_(*cluster), options_(options), clients_(options.nodes) {}

  bool HasBalancer() const;
  absl::Status FindClients();
  absl::StatusOr<size_t> NodeOfClient(const std::string& ip);
  // Returns how many sessions are still not fresh everywhere.
  absl::StatusOr<size_t> Share(size_t home, std::vector<RiskSession>* sessions) const;

  const TestBed& bed_;
  Cluster& cluster_;
  const ClusterOptions options_;
  std::vector<std::string> clients_;  // by node, the address of one whose requests come there
  uint64_t drafts_ = 0;
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_RISK_SITE_H_
