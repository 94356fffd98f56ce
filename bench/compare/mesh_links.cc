#include "bench/compare/mesh_links.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/time/time.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr absl::Duration kConnectPause = absl::Milliseconds(20);
// A host that is cut off takes no connection; those who are not must be heard meanwhile.
constexpr timeval kConnectMax = {0, 300'000};
constexpr timeval kSendMax = {5, 0};
// Before all else a link says how many messages of tell_all follow.
constexpr size_t kCountBytes = 4;

sockaddr_in AddressOf(const std::string& ip) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(kMeshPort);
  inet_pton(AF_INET, ip.c_str(), &address.sin_addr);
  return address;
}

void SetOption(int fd, int level, int option) {
  const int on = 1;
  setsockopt(fd, level, option, &on, sizeof(on));
}

bool SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

}  // namespace

// To a peer.
struct MeshLinks::Sender {
  const std::string ip;
  absl::Mutex sending;   // taken before mutex_
  int fd = -1;           // changes under both
  std::string unsent{};  // under mutex_
};

// From a peer.
struct MeshLinks::Receiver {
  int fd = -1;
  Decoder decode{};
  std::string received{};
  bool counted = false;  // what it has was announced
  size_t whole_left = 0;
  bool heard_all() const { return counted && whole_left == 0; }
};

namespace {

template <typename Sender>
std::vector<std::unique_ptr<Sender>> MakeSenders(const std::vector<std::string>& peers) {
  std::vector<std::unique_ptr<Sender>> senders;
  for (const std::string& ip : peers) senders.emplace_back(new Sender{.ip = ip, .sending = {}});
  return senders;
}

}  // namespace

MeshLinks::MeshLinks(const std::vector<std::string>& peers, Callbacks callbacks)
    : callbacks_(std::move(callbacks)), senders_(MakeSenders<Sender>(peers)) {}

absl::StatusOr<std::unique_ptr<MeshLinks>> MeshLinks::Start(const std::string& ip,
                                                            const std::vector<std::string>& peers,
                                                            Callbacks callbacks) {
  std::unique_ptr<MeshLinks> links(new MeshLinks(peers, std::move(callbacks)));
  RETURN_IF_ERROR(links->Listen(ip));
  // Two threads: what a new link begins with may be more than its peer takes before that is read
  // itself, and both of a pair may begin one at once.
  links->reader_ = std::thread([links = links.get()] { links->RunReader(); });
  links->connector_ = std::thread([links = links.get()] { links->RunConnector(); });
  return links;
}

absl::Status MeshLinks::Listen(const std::string& ip) {
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  SetOption(listener_, SOL_SOCKET, SO_REUSEADDR);
  const sockaddr_in address = AddressOf(ip);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      listen(listener_, SOMAXCONN) == 0) {
    return absl::OkStatus();
  }
  return absl::UnavailableError("cannot listen on " + ip + ":" + std::to_string(kMeshPort) + ": " +
                                strerror(errno));
}

MeshLinks::~MeshLinks() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  Wake();
  if (reader_.joinable()) reader_.join();
  if (connector_.joinable()) connector_.join();
  for (const auto& sender : senders_) {
    if (sender->fd >= 0) close(sender->fd);
  }
  for (const auto& receiver : receivers_) close(receiver->fd);
  if (listener_ >= 0) close(listener_);
  if (wake_ >= 0) close(wake_);
}

bool MeshLinks::AllThere() const {
  return connected_ == senders_.size() && heard_all_ >= senders_.size();
}

bool MeshLinks::AwaitPeers(std::chrono::milliseconds patience) {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(this, &MeshLinks::AllThere),
                                 absl::FromChrono(patience));
}

void MeshLinks::Append(const std::string& message) {
  absl::MutexLock lock(&mutex_);
  for (const auto& sender : senders_) {
    if (sender->fd >= 0) sender->unsent += message;
  }
}

void MeshLinks::Flush() {
  for (const auto& sender : senders_) {
    absl::MutexLock sending(&sender->sending);
    std::string bytes;
    {
      absl::MutexLock lock(&mutex_);
      bytes.swap(sender->unsent);
    }
    if (sender->fd < 0 || SendAll(sender->fd, bytes)) continue;
    Drop(sender.get());
    Wake();
  }
}

// The caller holds `sending`.
void MeshLinks::Drop(Sender* sender) {
  absl::MutexLock lock(&mutex_);
  close(std::exchange(sender->fd, -1));
  sender->unsent.clear();
  --connected_;
}

void MeshLinks::Wake() const {
  eventfd_write(wake_, 1);
}

void MeshLinks::RunReader() {
  while (Turn()) {
  }
}

// Waits for whatever comes next. False once the links end.
bool MeshLinks::Turn() {
  std::vector<pollfd> polls = {{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
  {
    absl::MutexLock lock(&mutex_);
    // A peer sends nothing back by these; they tell when it ends. poll() skips a descriptor of -1.
    for (const auto& sender : senders_) polls.push_back({sender->fd, POLLIN, 0});
  }
  for (const auto& receiver : receivers_) polls.push_back({receiver->fd, POLLIN, 0});
  poll(polls.data(), polls.size(), -1);
  eventfd_t ignored = 0;
  eventfd_read(wake_, &ignored);
  const size_t senders = senders_.size();
  for (size_t i = 0; i < senders; ++i) {
    if (polls[2 + i].revents != 0) DropHungUp(senders_[i].get(), polls[2 + i].fd);
  }
  for (size_t i = receivers_.size(); i-- > 0;) {
    if (polls[2 + senders + i].revents == 0 || Read(receivers_[i].get())) continue;
    absl::MutexLock lock(&mutex_);
    if (receivers_[i]->heard_all()) --heard_all_;
    close(receivers_[i]->fd);
    receivers_.erase(receivers_.begin() + static_cast<ptrdiff_t>(i));
  }
  if (polls[1].revents != 0) Accept();
  return !stopped_;
}

void MeshLinks::DropHungUp(Sender* sender, int polled_fd) {
  absl::MutexLock sending(&sender->sending);
  // Flush may have let go of it meanwhile.
  if (sender->fd == polled_fd) Drop(sender);
}

bool MeshLinks::HasToConnect() const {
  return stopped_ || connected_ < senders_.size();
}

void MeshLinks::RunConnector() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &MeshLinks::HasToConnect));
    }
    if (stopped_) return;
    ConnectMissing();
    absl::MutexLock lock(&mutex_);
    const auto stopped = +[](std::atomic<bool>* flag) { return flag->load(); };
    mutex_.AwaitWithTimeout(absl::Condition(stopped, &stopped_), kConnectPause);
  }
}

void MeshLinks::ConnectMissing() {
  std::vector<Sender*> missing;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& sender : senders_) {
      if (sender->fd < 0) missing.push_back(sender.get());
    }
  }
  for (Sender* const sender : missing) {
    absl::MutexLock sending(&sender->sending);
    Connect(sender);
  }
}

// The caller holds `sending`.
void MeshLinks::Connect(Sender* sender) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = AddressOf(sender->ip);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kConnectMax, sizeof(kConnectMax));  // bounds connect too
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd);
    return;
  }
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kSendMax, sizeof(kSendMax));
  std::string all;
  callbacks_.tell_all([&](size_t count, const std::string& messages) {
    const uint32_t sent_count = htonl(static_cast<uint32_t>(count));
    all.assign(reinterpret_cast<const char*>(&sent_count), kCountBytes);
    all += messages;
    absl::MutexLock lock(&mutex_);
    sender->fd = fd;
    ++connected_;
  });
  Wake();  // the reader is to hear of its end
  if (!SendAll(fd, all)) Drop(sender);
}

void MeshLinks::Accept() {
  const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  receivers_.push_back(std::make_unique<Receiver>());
  receivers_.back()->fd = fd;
  receivers_.back()->decode = callbacks_.make_decoder();
}

// False once the peer has ended, or has sent what is no message.
bool MeshLinks::Read(Receiver* receiver) {
  std::array<char, 1 << 16> block;
  ssize_t bytes = 0;
  while ((bytes = recv(receiver->fd, block.data(), block.size(), 0)) > 0) {
    receiver->received.append(block.data(), static_cast<size_t>(bytes));
    if (const absl::Status status = TakeMessages(receiver); !status.ok()) {
      std::fprintf(stderr, "what a peer sends cannot be read, so its link ends: %s\n",
                   status.ToString().c_str());
      return false;
    }
  }
  return bytes < 0 && (errno == EAGAIN || errno == EINTR);
}

absl::Status MeshLinks::TakeMessages(Receiver* receiver) {
  const bool heard_all = receiver->heard_all();
  std::string_view rest = receiver->received;
  if (!receiver->counted) {
    if (rest.size() < kCountBytes) return absl::OkStatus();
    uint32_t count = 0;
    std::memcpy(&count, rest.data(), kCountBytes);
    receiver->whole_left = ntohl(count);
    receiver->counted = true;
    rest.remove_prefix(kCountBytes);
  }
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<MeshMessage> message, receiver->decode(&rest));
    if (!message) break;
    callbacks_.received(*message, receiver->whole_left > 0);
    if (receiver->whole_left > 0) --receiver->whole_left;
  }
  receiver->received.erase(0, receiver->received.size() - rest.size());
  if (!heard_all && receiver->heard_all()) {
    absl::MutexLock lock(&mutex_);
    ++heard_all_;
  }
  return absl::OkStatus();
}

}  // namespace sessionhub::bench
