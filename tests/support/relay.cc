#include "tests/support/relay.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "tests/support/loopback.h"

namespace sessionhub::testing {
namespace {

constexpr size_t kChunkBytes = 16 << 10;

bool SendAll(int socket, const char* bytes, size_t count) {
  while (count > 0) {
    const ssize_t sent = send(socket, bytes, count, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    count -= static_cast<size_t>(sent);
  }
  return true;
}

void End(int socket, Relay::How how) {
  if (how == Relay::How::kReset) {
    const linger reset = {1, 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  } else {
    shutdown(socket, SHUT_WR);
  }
  close(socket);
}

}  // namespace

Relay::Relay(int hub_port) : hub_port_(hub_port) {
  listener_ = ListenOnLoopback(&port_);
  waker_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (listener_ < 0 || waker_ < 0) std::abort();
  thread_ = std::thread([this] { Run(); });
}

Relay::~Relay() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  Wake();
  thread_.join();
  close(listener_);
  close(waker_);
}

void Relay::Hold(Direction direction) {
  absl::MutexLock lock(&mutex_);
  held_[direction] = true;
  Wake();
}

void Relay::Release(Direction direction) {
  absl::MutexLock lock(&mutex_);
  held_[direction] = false;
  Wake();
}

void Relay::Cut(How how) {
  absl::MutexLock lock(&mutex_);
  CutAll(how);
  Wake();
}

void Relay::CutAfter(Direction direction, uint64_t bytes, How how) {
  absl::MutexLock lock(&mutex_);
  planned_ = Planned{direction, bytes, how};
}

void Relay::Refuse(bool refused) {
  absl::MutexLock lock(&mutex_);
  refused_ = refused;
}

uint64_t Relay::cuts() const {
  absl::MutexLock lock(&mutex_);
  return cuts_;
}

uint64_t Relay::bytes(Direction direction) const {
  absl::MutexLock lock(&mutex_);
  return bytes_[direction];
}

void Relay::Wake() const {
  eventfd_write(waker_, 1);
}

void Relay::CutAll(How how) {
  ++cuts_;
  for (const Pair& pair : pairs_) {
    for (const int socket : pair.sockets) End(socket, how);
  }
  pairs_.clear();
}

void Relay::Accept() {
  const int node = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (node < 0) return;
  const int hub = refused_ ? -1 : ConnectToLoopback(hub_port_);
  if (hub < 0) return End(node, How::kReset);
  const int on = 1;
  setsockopt(node, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  pairs_.push_back({{hub, node}});
}

bool Relay::Carry(const Pair& pair, Direction direction) {
  char chunk[kChunkBytes];
  const ssize_t count = recv(pair.sockets[1 - direction], chunk, sizeof(chunk), MSG_DONTWAIT);
  if (count <= 0) return false;
  auto through = static_cast<uint64_t>(count);
  const bool cut = planned_ && planned_->direction == direction && through >= planned_->bytes;
  if (cut) through = planned_->bytes;
  if (planned_ && planned_->direction == direction) planned_->bytes -= through;
  bytes_[direction] += through;
  const bool sent = SendAll(pair.sockets[direction], chunk, through);
  if (cut) {
    const How how = planned_->how;
    planned_.reset();
    CutAll(how);
    return true;
  }
  return sent;
}

// The listener, the waker, then for each pair what goes to the hub and what goes to the node. A
// held direction is not watched, not even for its end.
std::vector<pollfd> Relay::Watched() const {
  std::vector<pollfd> watched = {{listener_, POLLIN, 0}, {waker_, POLLIN, 0}};
  for (const Pair& pair : pairs_) {
    for (const Direction direction : {kToHub, kToNode}) {
      watched.push_back({held_[direction] ? -1 : pair.sockets[1 - direction], POLLIN, 0});
    }
  }
  return watched;
}

void Relay::Run() {
  std::vector<pollfd> watched;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return CutAll(How::kReset);
      watched = Watched();
    }
    poll(watched.data(), watched.size(), -1);
    absl::MutexLock lock(&mutex_);
    eventfd_t wakes = 0;
    // Whatever woke it may have changed what is to be watched.
    if (eventfd_read(waker_, &wakes) == 0) continue;
    size_t at = 2;
    for (auto pair = pairs_.begin(); pair != pairs_.end(); at += 2) {
      bool alive = true;
      const uint64_t cuts_before = cuts_;
      for (const Direction direction : {kToHub, kToNode}) {
        if (alive && watched[at + direction].revents != 0) alive = Carry(*pair, direction);
        if (cuts_ != cuts_before) break;
      }
      if (cuts_ != cuts_before) break;
      if (!alive) {
        for (const int socket : pair->sockets) End(socket, How::kReset);
        pair = pairs_.erase(pair);
      } else {
        ++pair;
      }
    }
    if (watched[0].revents != 0) Accept();
  }
}

}  // namespace sessionhub::testing
