#include "bench/compare/loopback_bed.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bench/compare/programs.h"
#include "bench/compare/socket_payloads.h"
#include "bench/compare/web_node.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr char kBackNetwork[] = "127.18.0.0/16";
// Of this process on the back network: no host's.
constexpr char kOwnBackIp[] = "127.18.255.254";

// As the bed of namespaces has them in 198.18.0.0/15.
constexpr char kLoopbackFront[] = "127.19.";

absl::StatusOr<std::vector<SocketPayload>> ListBackPayloads() {
  ASSIGN_OR_RETURN(const std::string ss, FindProgram("ss", "iproute2"));
  // Those in TIME-WAIT have sent all, and the kernel has forgotten how much.
  ASSIGN_OR_RETURN(const std::string listing,
                   ReadTool({ss, "--tcp", "--info", "--extended", "--numeric", "--no-header",
                             "--oneline", "state", "connected", "exclude", "time-wait", "src",
                             kBackNetwork, "or", "dst", kBackNetwork}));
  return ParseSocketPayloads(listing);
}

// A TCP socket of this process, on the back network.
class OwnBackSocket {
 public:
  OwnBackSocket() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    // Hosts cannot have it either while somebody else does at all addresses.
    address_.sin_port = htons(kWebPort);
    inet_pton(AF_INET, kOwnBackIp, &address_.sin_addr);
  }
  OwnBackSocket(const OwnBackSocket&) = delete;
  OwnBackSocket& operator=(const OwnBackSocket&) = delete;
  ~OwnBackSocket() { close(fd_); }

  bool Listen() const { return bind(fd_, address(), sizeof(address_)) == 0 && listen(fd_, 1) == 0; }
  bool Connect() const { return connect(fd_, address(), sizeof(address_)) == 0; }
  bool SendByte() const { return send(fd_, "x", 1, MSG_NOSIGNAL) == 1; }

 private:
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }

  const int fd_;
  sockaddr_in address_ = {};
};

// While something is connected to it.
absl::Status CheckPayloadsAreTold() {
  const OwnBackSocket sender;
  if (!sender.Connect() || !sender.SendByte()) {
    return absl::UnavailableError(std::string("cannot send a byte over the loopback interface: ") +
                                  strerror(errno));
  }
  ASSIGN_OR_RETURN(const std::vector<SocketPayload> told, ListBackPayloads());
  if (PayloadSum().Update(told) > 0) return absl::OkStatus();
  return absl::UnimplementedError(
      "`ss --info` does not tell what TCP sockets have sent: the kernel needs "
      "CONFIG_INET_TCP_DIAG, and to be no older than 4.19");
}

class LoopbackBed final : public TestBed {
 public:
  absl::Status Begin() const;

  std::string network() const override { return "socket payloads"; }
  bool has_networks() const override { return false; }
  absl::Status AddHost(size_t host) override;
  std::string FrontIp(size_t host) const override {
    return kLoopbackFront + ("0." + std::to_string(host));
  }
  std::string BackIp(size_t host) const override { return "127.18.0." + std::to_string(host); }
  std::string ClientIp(size_t client) const override { return ClientIpIn(kLoopbackFront, client); }
  absl::StatusOr<std::unique_ptr<ChildProcess>> StartOn(
      size_t host, const ChildProcess::Options& options) override;
  absl::Status DoOn(size_t host, const std::function<absl::Status()>& action) override;
  absl::StatusOr<BackCounters> Count() const override;
  absl::Status SetBackCable(size_t host, bool plugged) const override;
  absl::StatusOr<size_t> BreakBackConnections(size_t host) override;

 private:
  absl::Status CheckHost(size_t host) const;

  // Held for as long as the bed is there, so that no other one counts the same sockets.
  const OwnBackSocket place_;
  std::set<size_t> hosts_;
  // What was heard by earlier counts, of sockets that may be gone.
  mutable PayloadSum payloads_;
};

absl::Status LoopbackBed::Begin() const {
  RETURN_IF_ERROR(FindProgram("ss", "iproute2").status());
  if (!place_.Listen()) {
    return absl::FailedPreconditionError(
        std::string("cannot listen on ") + kOwnBackIp + ":" + std::to_string(kWebPort) + ": " +
        strerror(errno) +
        "; without network namespaces one comparison runs at a time, and nothing else may listen "
        "on port " +
        std::to_string(kWebPort) + " of all addresses");
  }
  return CheckPayloadsAreTold();
}

absl::Status LoopbackBed::AddHost(size_t host) {
  if (host == 0 || host > kHostMax) {
    return absl::InvalidArgumentError("hosts are 1 to " + std::to_string(kHostMax));
  }
  hosts_.insert(host);
  return absl::OkStatus();
}

absl::Status LoopbackBed::CheckHost(size_t host) const {
  if (hosts_.contains(host)) return absl::OkStatus();
  return absl::FailedPreconditionError("there is no host " + std::to_string(host) +
                                       " yet: AddHost makes it");
}

absl::StatusOr<std::unique_ptr<ChildProcess>> LoopbackBed::StartOn(
    size_t host, const ChildProcess::Options& options) {
  RETURN_IF_ERROR(CheckHost(host));
  return ChildProcess::Start(options);
}

absl::Status LoopbackBed::DoOn(size_t host, const std::function<absl::Status()>& action) {
  RETURN_IF_ERROR(CheckHost(host));
  return action();
}

absl::StatusOr<BackCounters> LoopbackBed::Count() const {
  ASSIGN_OR_RETURN(const std::vector<SocketPayload> listed, ListBackPayloads());
  return BackCounters{.bytes = payloads_.Update(listed)};
}

absl::Status LoopbackBed::SetBackCable(size_t /*host*/, bool /*plugged*/) const {
  return absl::UnimplementedError(
      "hosts on the loopback interface have no cable to pull: that takes network namespaces");
}

absl::StatusOr<size_t> LoopbackBed::BreakBackConnections(size_t /*host*/) {
  return absl::UnimplementedError(
      "connections on the loopback interface are not ended: that takes network namespaces");
}

}  // namespace

absl::StatusOr<std::unique_ptr<TestBed>> MakeLoopbackBed() {
  auto bed = std::make_unique<LoopbackBed>();
  RETURN_IF_ERROR(bed->Begin());
  return bed;
}

}  // namespace sessionhub::bench
