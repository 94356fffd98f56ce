// Relay: a TCP relay on loopback between nodes and a hub that breaks their connections where a test
// wants it: between two bytes, in one direction, orderly or not.
//
// Thread-safety: any thread may call anything; a thread of its own carries the bytes.
#ifndef TESTS_SUPPORT_RELAY_H_
#define TESTS_SUPPORT_RELAY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

struct pollfd;

namespace sessionhub::testing {

class Relay {
 public:
  enum Direction { kToHub = 0, kToNode = 1 };
  enum class How { kFin, kReset };

  explicit Relay(int hub_port);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }

  // Lets no byte through in this direction; they wait, unread.
  void Hold(Direction direction) ABSL_LOCKS_EXCLUDED(mutex_);
  void Release(Direction direction) ABSL_LOCKS_EXCLUDED(mutex_);

  // Cuts every connection, now.
  void Cut(How how) ABSL_LOCKS_EXCLUDED(mutex_);
  // Cuts every connection once `bytes` more have gone in this direction, and lets none of those
  // after them through. Once; the connections that come later are whole.
  void CutAfter(Direction direction, uint64_t bytes, How how) ABSL_LOCKS_EXCLUDED(mutex_);

  // While refused, new connections are closed at once.
  void Refuse(bool refused) ABSL_LOCKS_EXCLUDED(mutex_);

  // How often connections were cut, and what was carried so far.
  uint64_t cuts() const ABSL_LOCKS_EXCLUDED(mutex_);
  uint64_t bytes(Direction direction) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Pair {
    std::array<int, 2> sockets;  // by the direction of what is written to it
  };
  struct Planned {
    Direction direction;
    uint64_t bytes;
    How how;
  };

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<pollfd> Watched() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Accept() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Carries what there is from one side to the other. False once the connection is over.
  bool Carry(const Pair& pair, Direction direction) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CutAll(How how) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Wake() const;

  const int hub_port_;
  int port_ = 0;
  int listener_ = -1;
  int waker_ = -1;

  mutable absl::Mutex mutex_;
  std::list<Pair> pairs_ ABSL_GUARDED_BY(mutex_);
  std::array<bool, 2> held_ ABSL_GUARDED_BY(mutex_) = {};
  std::array<uint64_t, 2> bytes_ ABSL_GUARDED_BY(mutex_) = {};
  std::optional<Planned> planned_ ABSL_GUARDED_BY(mutex_);
  bool refused_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t cuts_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_RELAY_H_
