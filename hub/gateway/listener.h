// Listener: accepts connections and hands them on, and never takes the descriptors that the store
// needs.
//
// gRPC's own listener takes connections until the process may open no more files, and then stops
// listening for good; a store that cannot open its next log stops the hub.
#ifndef HUB_GATEWAY_LISTENER_H_
#define HUB_GATEWAY_LISTENER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>

#include "hub/gateway/listening_sockets.h"

namespace sessionhub::hub {

class Listener {
 public:
  // Takes ownership of `connection`, a socket that does not block; `listening` stays the
  // listener's. Called on the listener's thread.
  using HandOver = std::function<void(int listening, int connection)>;

  // Starts to accept. A connection that would leave fewer than `kept` descriptors to the rest of
  // the process is closed at once, and added to `refused`, which is not owned; limits that change
  // meanwhile count. CHECK-fails if the system has no descriptor for it at the start.
  Listener(ListeningSockets sockets, uint64_t kept, HandOver hand_over,
           std::atomic<uint64_t>* refused);
  // Stops accepting. What was handed over lives on.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

 private:
  void Run();
  // False if nothing more is to be accepted now.
  bool AcceptOne(int listening);
  void Refuse(int connection, uint64_t descriptors_max);

  const ListeningSockets sockets_;
  const uint64_t kept_;
  const HandOver hand_over_;
  const int stop_;  // an eventfd
  std::atomic<uint64_t>* const refused_;
  std::thread thread_;
};

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_LISTENER_H_
