#include "hub/gateway/listener.h"

#include <glog/logging.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "hub/process_limits.h"

namespace sessionhub::hub {
namespace {

// After a failure of the system, which goes on failing for a while.
constexpr int kPauseMs = 100;

}  // namespace

Listener::Listener(ListeningSockets sockets, uint64_t kept, HandOver hand_over,
                   std::atomic<uint64_t>* refused)
    : sockets_(std::move(sockets)),
      kept_(kept),
      hand_over_(std::move(hand_over)),
      stop_(eventfd(0, EFD_CLOEXEC)),
      refused_(refused) {
  CHECK_GE(stop_, 0) << std::strerror(errno);
  thread_ = std::thread([this] { Run(); });
}

Listener::~Listener() {
  const uint64_t one = 1;
  CHECK_EQ(write(stop_, &one, sizeof(one)), static_cast<ssize_t>(sizeof(one)));
  thread_.join();
  close(stop_);
}

void Listener::Run() {
  pthread_setname_np(pthread_self(), "listener");
  std::vector<pollfd> watched = {{stop_, POLLIN, 0}};
  for (const int descriptor : sockets_.descriptors()) watched.push_back({descriptor, POLLIN, 0});
  while (true) {
    if (poll(watched.data(), watched.size(), -1) < 0) continue;  // a signal
    if (watched[0].revents != 0) return;
    for (size_t i = 1; i < watched.size(); ++i) {
      if (watched[i].revents != 0 && !AcceptOne(watched[i].fd)) poll(watched.data(), 1, kPauseMs);
    }
  }
}

bool Listener::AcceptOne(int listening) {
  const int connection = accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (connection < 0) {
    // Whoever wanted to connect is gone again, or was taken by nobody's fault.
    if (errno == EINTR || errno == EAGAIN || errno == ECONNABORTED || errno == EPROTO) return true;
    LOG_EVERY_N(ERROR, 600) << "event=accept_failed status=\"" << std::strerror(errno)
                            << "\" effect=\"new connections wait\"";
    return false;
  }
  // The system gives the lowest number that is free: all below are in use.
  const uint64_t descriptors_max = DescriptorsMax();
  if (static_cast<uint64_t>(connection) + kept_ >= descriptors_max) {
    Refuse(connection, descriptors_max);
    return true;
  }
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  hand_over_(listening, connection);
  return true;
}

void Listener::Refuse(int connection, uint64_t descriptors_max) {
  close(connection);
  const uint64_t refused = ++*refused_;
  LOG_EVERY_N(WARNING, 1000)
      << "event=connection_refused connections_refused=" << refused << " open_files=" << connection
      << " open_files_max=" << descriptors_max << " kept_for_the_store=" << kept_
      << " remedy=\"raise the limit of open files (ulimit -n, or systemd's LimitNOFILE), or find "
         "out who opens so many connections\"";
}

}  // namespace sessionhub::hub
