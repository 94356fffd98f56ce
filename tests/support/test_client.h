// Clients of a real hub, as tests use them: quick to come back, and with their commits counted.
#ifndef TESTS_SUPPORT_TEST_CLIENT_H_
#define TESTS_SUPPORT_TEST_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "sessionhub/client.h"

namespace sessionhub::testing {

inline constexpr char kApp[] = "shop";

// Options of a node that retries within milliseconds.
ClientOptions QuickOptions(const std::string& endpoint, const std::string& node_name);
// Ends the process if the options are not legal.
Client ConnectTo(const std::string& endpoint, const std::string& node_name);
// Opens, creating it if missing.
absl::StatusOr<Session> OpenOrCreate(Client& client, const std::string& id);
// The integer at `path` in the node's own copy; 0 if there is none.
int64_t IntegerAt(const Session& session, const std::string& path);
// Commits and waits for the final answer.
Committed Apply(Edit edit);

// How many commits ended how. Thread-safe; shared with the callbacks, which may outlive the test's
// own use of it.
class Outcomes {
 public:
  // Adds one to an integer field, and counts how that ends.
  void Increment(const Session& session, const std::string& path);

  uint64_t submitted() const { return counts_->submitted; }
  uint64_t applied() const { return counts_->applied; }
  uint64_t failed() const { return counts_->failed; }  // refused or unknown
  uint64_t open() const { return submitted() - applied() - failed(); }
  // The newest version that an answer has named; 0 before the first.
  uint64_t version() const { return counts_->version; }

 private:
  struct Counts {
    std::atomic<uint64_t> submitted = 0;
    std::atomic<uint64_t> applied = 0;
    std::atomic<uint64_t> failed = 0;
    std::atomic<uint64_t> version = 0;
  };
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_TEST_CLIENT_H_
