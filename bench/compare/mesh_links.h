// MeshLinks: the connections of a full mesh: one to each peer, by which this node tells what it
// changes, and one from each, by which it hears of theirs. A link that breaks is made again, and
// begins with all that this node has, so that a peer which has started again has it too.
//
// Nothing is acknowledged, as in the replication that it stands for: what was on its way when a
// node dies is lost.
#ifndef BENCH_COMPARE_MESH_LINKS_H_
#define BENCH_COMPARE_MESH_LINKS_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "bench/demo/mesh_codec.h"

namespace sessionhub::bench {

// Of every node's address on the back network, where its peers connect.
inline constexpr int kMeshPort = 4000;

// Append and Flush are for any thread.
class MeshLinks {
 public:
  // All that a node has, as so many messages.
  using TakeAll = std::function<void(size_t count, const std::string& messages)>;
  // Takes one message off the front of what a link has brought; nothing if it has not all arrived.
  using Decoder =
      std::function<absl::StatusOr<std::optional<MeshMessage>>(std::string_view* bytes)>;
  // Each runs on one thread of the links' own.
  struct Callbacks {
    // For a link from a peer that begins. After an error of its decoder the link ends, and the peer
    // makes another one.
    std::function<Decoder()> make_decoder;
    // Calls `take` where no change can come between what it is given and what is appended later.
    std::function<void(const TakeAll& take)> tell_all;
    // `whole`: it is of what a peer's tell_all gave.
    std::function<void(const MeshMessage& message, bool whole)> received;
  };

  // Listens at `ip`, and begins to connect to `peers`. Unavailable if it cannot listen.
  static absl::StatusOr<std::unique_ptr<MeshLinks>> Start(const std::string& ip,
                                                          const std::vector<std::string>& peers,
                                                          Callbacks callbacks);
  MeshLinks(const MeshLinks&) = delete;
  MeshLinks& operator=(const MeshLinks&) = delete;
  ~MeshLinks();

  // Until each peer is connected both ways and has told all that it has. False after `patience`.
  bool AwaitPeers(std::chrono::milliseconds patience);

  // Puts a message on the way to all peers that are connected, after those that were appended
  // before. Does not block.
  void Append(const std::string& message);
  // Gives the kernel what was appended. Waits while a peer takes nothing, and after 5 s lets go of
  // it.
  void Flush();

 private:
  struct Sender;
  struct Receiver;

  MeshLinks(const std::vector<std::string>& peers, Callbacks callbacks);
  absl::Status Listen(const std::string& ip);
  void RunReader();
  bool Turn();
  void RunConnector();
  bool HasToConnect() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ConnectMissing();
  void Connect(Sender* sender);
  void Drop(Sender* sender);
  void DropHungUp(Sender* sender, int polled_fd);
  void Accept();
  bool Read(Receiver* receiver);
  absl::Status TakeMessages(Receiver* receiver);
  void Wake() const;
  bool AllThere() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Callbacks callbacks_;
  int listener_ = -1;
  int wake_ = -1;
  const std::vector<std::unique_ptr<Sender>> senders_;
  std::vector<std::unique_ptr<Receiver>> receivers_;  // of the reader
  std::atomic<bool> stopped_ = false;
  mutable absl::Mutex mutex_;  // also of what senders have to send
  size_t connected_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t heard_all_ ABSL_GUARDED_BY(mutex_) = 0;  // peers that have told all that they have
  std::thread reader_;
  std::thread connector_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_MESH_LINKS_H_
