#include "bench/demo/mesh_node.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <unordered_map>
#include <vector>

#include "bench/demo/event_writer.h"
#include "bench/demo/request.h"
#include "bench/demo/tcp_counters.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

struct Peer {
  int fd = -1;
  bool made_here = false;
  std::string received;
  std::string unsent;
};

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::string Incremented(const std::string& number) {
  int64_t value = 0;
  std::from_chars(number.data(), number.data() + number.size(), value);
  return std::to_string(value + 1);
}

class MeshNode {
 public:
  MeshNode(Broadcast broadcast, EventWriter* events) : broadcast_(broadcast), events_(*events) {}
  ~MeshNode();

  absl::Status Listen();
  absl::Status Run();

 private:
  absl::Status Turn();
  absl::Status ReadPeer(Peer* peer);
  absl::Status FlushPeer(Peer* peer);
  void Accept();
  void ReadInput();
  void TakeLine(const std::string& line);
  void HandleRequest(const Request& request);
  std::string Answer(const std::string& word, const std::string& rest);
  std::string Connect(const std::string& port);
  void AddPeer(int fd, bool made_here);
  std::string DescribeStats() const;

  const Broadcast broadcast_;
  const EventWriter& events_;
  int listener_ = -1;
  std::vector<Peer> peers_;
  std::unordered_map<std::string, MeshFields> sessions_;
  std::string input_;
  std::vector<CommitEvent> done_;  // told once their changes are on their way
  bool quit_ = false;
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
};

MeshNode::~MeshNode() {
  for (const Peer& peer : peers_) close(peer.fd);
  if (listener_ >= 0) close(listener_);
}

absl::Status MeshNode::Listen() {
  const sockaddr_in address = Loopback(0);
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener_, SOMAXCONN) != 0) {
    return absl::UnavailableError("cannot listen on a loopback port");
  }
  return absl::OkStatus();
}

absl::Status MeshNode::Run() {
  while (!quit_) RETURN_IF_ERROR(Turn());
  return absl::OkStatus();
}

absl::Status MeshNode::Turn() {
  std::vector<pollfd> polls = {{STDIN_FILENO, POLLIN, 0}, {listener_, POLLIN, 0}};
  for (const Peer& peer : peers_) {
    polls.push_back(
        {peer.fd, static_cast<short>(peer.unsent.empty() ? POLLIN : POLLIN | POLLOUT), 0});
  }
  poll(polls.data(), polls.size(), -1);
  // What others have changed comes before what the next request changes.
  for (size_t i = 2; i < polls.size(); ++i) {
    if (polls[i].revents != 0) RETURN_IF_ERROR(ReadPeer(&peers_[i - 2]));
  }
  if (polls[1].revents != 0) Accept();
  if (polls[0].revents != 0) ReadInput();
  for (Peer& peer : peers_) RETURN_IF_ERROR(FlushPeer(&peer));
  for (CommitEvent& event : done_) events_.Write(std::move(event));
  done_.clear();
  return absl::OkStatus();
}

absl::Status MeshNode::ReadPeer(Peer* peer) {
  std::array<char, 1 << 16> block;
  ssize_t bytes = 0;
  while ((bytes = recv(peer->fd, block.data(), block.size(), 0)) > 0) {
    peer->received.append(block.data(), static_cast<size_t>(bytes));
  }
  if (bytes == 0) {  // the other node has ended, which it does when the run is over
    quit_ = true;
    return absl::OkStatus();
  }
  std::string_view rest = peer->received;
  MeshMessage message;
  Parsed parsed = Parsed::kMessage;
  while ((parsed = TakeMessage(&rest, &message)) == Parsed::kMessage) {
    if (!ApplyMessage(broadcast_, message, &sessions_[message.session])) parsed = Parsed::kDamaged;
    if (parsed == Parsed::kDamaged) break;
    ++received_;
  }
  if (parsed == Parsed::kDamaged) return absl::DataLossError("a node sent a damaged message");
  peer->received.erase(0, peer->received.size() - rest.size());
  return absl::OkStatus();
}

absl::Status MeshNode::FlushPeer(Peer* peer) {
  while (!peer->unsent.empty()) {
    const ssize_t bytes = send(peer->fd, peer->unsent.data(), peer->unsent.size(), MSG_NOSIGNAL);
    if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return absl::OkStatus();
    if (bytes < 0) return absl::UnavailableError("a node does not take changes any more");
    peer->unsent.erase(0, static_cast<size_t>(bytes));
  }
  return absl::OkStatus();
}

void MeshNode::AddPeer(int fd, bool made_here) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  peers_.push_back({.fd = fd, .made_here = made_here, .received = "", .unsent = ""});
}

void MeshNode::Accept() {
  const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd >= 0) AddPeer(fd, false);
}

std::string MeshNode::Connect(const std::string& port) {
  uint16_t number = 0;
  std::from_chars(port.data(), port.data() + port.size(), number);
  const sockaddr_in address = Loopback(number);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd);
    return "cannot connect";
  }
  AddPeer(fd, true);
  return "OK";
}

void MeshNode::ReadInput() {
  std::array<char, 1 << 16> block;
  const ssize_t bytes = read(STDIN_FILENO, block.data(), block.size());
  if (bytes <= 0) {
    quit_ = true;
    return;
  }
  input_.append(block.data(), static_cast<size_t>(bytes));
  size_t start = 0;
  for (size_t end = 0; (end = input_.find('\n', start)) != std::string::npos; start = end + 1) {
    TakeLine(input_.substr(start, end - start));
  }
  input_.erase(0, start);
}

void MeshNode::TakeLine(const std::string& line) {
  if (const std::optional<Request> request = ParseRequest(line)) return HandleRequest(*request);
  const size_t tab = line.find('\t');
  const std::string word = line.substr(0, tab);
  if (word == "quit") {
    quit_ = true;
    return;
  }
  events_.Answer(word, Answer(word, tab == std::string::npos ? "" : line.substr(tab + 1)));
}

std::string MeshNode::Answer(const std::string& word, const std::string& rest) {
  if (word == "ready") {
    sockaddr_in address = {};
    socklen_t bytes = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &bytes);
    return std::to_string(ntohs(address.sin_port));
  }
  if (word == "connect") return Connect(rest);
  if (word == "links") return std::to_string(peers_.size());
  if (word == "stats") return DescribeStats();
  if (word == "tcp") {
    TcpCounters counters;
    for (const Peer& peer : peers_) {
      if (peer.made_here) AddTcpCounters(peer.fd, &counters);
    }
    return FormatTcpCounters(counters);
  }
  return "unknown command";
}

std::string MeshNode::DescribeStats() const {
  uint64_t changes = 0;
  for (const auto& [id, fields] : sessions_) {
    const auto requests = fields.find("visit/requests");
    if (requests != fields.end()) changes += std::stoull(requests->second);
  }
  return std::to_string(sent_) + " " + std::to_string(received_) + " " + std::to_string(changes);
}

void MeshNode::HandleRequest(const Request& request) {
  MeshFields& fields = sessions_[request.session];
  const std::vector<std::string> changed = {QuantityPath(request.code), "cart/count", "cart/last",
                                            "visit/requests"};
  for (const std::string& path : changed) {
    fields[path] = path == "cart/last" ? request.code : Incremented(fields[path]);
  }
  std::string message;
  AppendMessage(broadcast_, request.session, fields, changed, &message);
  for (Peer& peer : peers_) peer.unsent += message;
  sent_ += peers_.size();
  CommitEvent event;
  event.kind = CommitEvent::Kind::kAcked;
  event.request = request.number;
  event.session = request.session;
  event.code = request.code;
  done_.push_back(std::move(event));
}

}  // namespace

absl::Status RunMeshNode(const MeshNodeOptions& options) {
  ASSIGN_OR_RETURN(EventWriter events, EventWriter::Open(options.log_path));
  MeshNode node(options.broadcast, &events);
  RETURN_IF_ERROR(node.Listen());
  return node.Run();
}

}  // namespace sessionhub::bench
