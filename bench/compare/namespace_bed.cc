#include "bench/compare/namespace_bed.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iomanip>
#include <map>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "bench/compare/programs.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr char kFrontNetwork[] = "198.19.";
// Of this process on the front network.
constexpr char kOwnFrontIp[] = "198.19.255.254";
constexpr char kOwnFrontLinkAddress[] = "02:00:00:00:00:01";

std::string ClientNetwork() {
  return kFrontNetwork + std::to_string(kClientsThird) + ".0/17";
}

bool WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.flush();
  return static_cast<bool>(file);
}

// Whoever may not make networks becomes root of a user namespace, where that is allowed: enough for
// networks, and for nothing outside it.
bool EnterUserNamespace() {
  const std::string user = std::to_string(geteuid());
  const std::string group = std::to_string(getegid());
  return unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 && WriteFile("/proc/self/setgroups", "deny") &&
         WriteFile("/proc/self/uid_map", "0 " + user + " 1") &&
         WriteFile("/proc/self/gid_map", "0 " + group + " 1");
}

// The thread's network is a new one when it returns 0; else what errno says.
int TakeNewNetwork() {
  if (unshare(CLONE_NEWNET) == 0 || EnterUserNamespace()) return 0;
  return errno != 0 ? errno : EPERM;
}

// Some systems let everybody make a user namespace, and take the rights away that there are in it.
// 0, or what errno says.
int UseNewNetwork() {
  if (const int error = TakeNewNetwork(); error != 0) return error;
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request = {.ifr_ifrn = {.ifrn_name = "lo"}, .ifr_ifru = {.ifru_flags = IFF_UP}};
  return ioctl(fd, SIOCSIFFLAGS, &request) == 0 ? 0 : errno;
}

absl::Status NetworkRefused(int error) {
  return absl::PermissionDeniedError(
      std::string("no network namespace, and no user namespace in which to make one: ") +
      strerror(error));
}

// There is no way back out of a user namespace that turns out to be of no use: so a process that
// ends at once tries first.
absl::Status CheckNewNetworkAllowed() {
  const pid_t pid = fork();
  if (pid == 0) _exit(UseNewNetwork());
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
    return absl::ResourceExhaustedError("cannot start a process that tries network namespaces");
  }
  const int error = WEXITSTATUS(status);
  return error == 0 ? absl::OkStatus() : NetworkRefused(error);
}

// Without IPv6, whose hosts would chatter.
absl::Status EnterNewNetwork() {
  if (const int error = TakeNewNetwork(); error != 0) return NetworkRefused(error);
  for (const char* which : {"all", "default"}) {
    // Where the kernel has no IPv6 there is nothing to switch off.
    WriteFile(std::string("/proc/sys/net/ipv6/conf/") + which + "/disable_ipv6", "1");
  }
  return absl::OkStatus();
}

int OpenOwnNetwork() {
  return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

absl::Status Enter(int network) {
  if (setns(network, CLONE_NEWNET) == 0) return absl::OkStatus();
  return absl::InternalError(std::string("cannot enter a network namespace: ") + strerror(errno));
}

// Frames no larger than those on the wire: nothing is cut or put together below TCP.
absl::Status SwitchOffloadsOff(const std::string& interface) {
  ASSIGN_OR_RETURN(const std::string ethtool, FindProgram("ethtool", "ethtool"));
  return RunTool({ethtool, "-K", interface, "tso", "off", "gso", "off", "gro", "off"});
}

std::string FrontIpOf(size_t host) {
  return kFrontNetwork + ("0." + std::to_string(host));
}
std::string BackIpOf(size_t host) {
  return "198.18.0." + std::to_string(host);
}

// Of Ethernet, by the host's number.
std::string FrontLinkAddress(size_t host) {
  return absl::StrFormat("02:00:c6:13:00:%02x", host);
}
std::string BackLinkAddress(size_t host) {
  return absl::StrFormat("02:00:c6:12:00:%02x", host);
}

std::string Neighbor(const std::string& ip, const std::string& link_address, const char* device) {
  return "neigh add " + ip + " lladdr " + link_address + " nud permanent dev " + device;
}

// Every host knows the link addresses of all from the start. Of those that they would have to ask
// for, the kernel remembers 1,024 in all namespaces of the machine together, which a mesh of 32
// hosts needs for itself: beyond that, connections and groups fail, here and in every other
// network.
absl::Status SetUpInside(size_t host) {
  std::vector<std::string> commands = {
      "link set lo up", "addr add " + FrontIpOf(host) + "/16 dev front0",
      "addr add " + BackIpOf(host) + "/16 dev back0", "link set front0 up", "link set back0 up",
      std::string("route add ") + ClientNetwork() + " via " + kOwnFrontIp,
      Neighbor(kOwnFrontIp, kOwnFrontLinkAddress, "front0"),
      // Groups of nodes, as Tomcat's, find each other by the back network.
      "route add 224.0.0.0/4 dev back0"};
  for (size_t other = 1; other <= kHostMax; ++other) {
    commands.push_back(Neighbor(FrontIpOf(other), FrontLinkAddress(other), "front0"));
    commands.push_back(Neighbor(BackIpOf(other), BackLinkAddress(other), "back0"));
  }
  RETURN_IF_ERROR(RunIp(commands));
  RETURN_IF_ERROR(SwitchOffloadsOff("front0"));
  return SwitchOffloadsOff("back0");
}

// An IPv4 address as the kernel's tables of connections have it.
std::string InHexadecimal(const std::string& ip) {
  in_addr address = {};
  inet_pton(AF_INET, ip.c_str(), &address);
  std::ostringstream text;
  text << std::hex << std::uppercase << std::setw(8) << std::setfill('0') << address.s_addr;
  return text.str();
}

// Of the calling thread's network, those that stand from this address; Java has all of its own
// among those of IPv6.
size_t CountConnectionsFrom(const std::string& ip) {
  const std::string wanted = InHexadecimal(ip) + ":";
  const std::string established = "01";
  size_t connections = 0;
  for (const char* const table : {"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"}) {
    std::ifstream file(table);
    for (std::string line; std::getline(file, line);) {
      std::string number, local, remote, state;
      std::istringstream(line) >> number >> local >> remote >> state;
      if (state == established && local.find(wanted) != std::string::npos) ++connections;
    }
  }
  return connections;
}

std::string FrontPort(size_t host) {
  return "front" + std::to_string(host);
}
std::string BackPort(size_t host) {
  return "back" + std::to_string(host);
}

// Takes the calling thread into a network of its own, which holds both bridges.
class NamespaceBed final : public TestBed {
 public:
  NamespaceBed() = default;
  ~NamespaceBed() override;
  absl::Status Begin();

  std::string network() const override { return "namespaces"; }
  bool has_networks() const override { return true; }
  absl::Status AddHost(size_t host) override;
  std::string FrontIp(size_t host) const override { return FrontIpOf(host); }
  std::string BackIp(size_t host) const override { return BackIpOf(host); }
  std::string ClientIp(size_t client) const override { return ClientIpIn(kFrontNetwork, client); }
  absl::StatusOr<std::unique_ptr<ChildProcess>> StartOn(
      size_t host, const ChildProcess::Options& options) override;
  absl::Status DoOn(size_t host, const std::function<absl::Status()>& action) override;
  absl::StatusOr<BackCounters> Count() const override;
  absl::Status SetBackCable(size_t host, bool plugged) const override;
  absl::StatusOr<size_t> BreakBackConnections(size_t host) override;

 private:
  absl::Status MakeBridges() const;
  absl::Status ConnectHost(size_t host);

  int own_namespace_ = -1;
  std::map<size_t, int> namespaces_;  // descriptors, by host
};

absl::Status NamespaceBed::Begin() {
  RETURN_IF_ERROR(CheckNewNetworkAllowed());
  RETURN_IF_ERROR(FindProgram("ip", "iproute2").status());
  RETURN_IF_ERROR(FindProgram("ethtool", "ethtool").status());
  RETURN_IF_ERROR(EnterNewNetwork());
  own_namespace_ = OpenOwnNetwork();
  return MakeBridges();
}

absl::Status NamespaceBed::MakeBridges() const {
  // An address of its own keeps the front bridge from taking another one when a host is added, of
  // which hosts that know it already would not hear.
  //
  // Without snooping a bridge sends a group's frames to all of its hosts, as a plain switch does.
  std::vector<std::string> commands = {"link set lo up",
                                       std::string("link add front address ") +
                                           kOwnFrontLinkAddress + " type bridge mcast_snooping 0",
                                       "link add back type bridge mcast_snooping 0",
                                       std::string("addr add ") + kOwnFrontIp + "/16 dev front",
                                       "link set front up",
                                       "link set back up",
                                       "route add local " + ClientNetwork() + " dev front"};
  for (size_t host = 1; host <= kHostMax; ++host) {
    commands.push_back(Neighbor(FrontIp(host), FrontLinkAddress(host), "front"));
  }
  return RunIp(commands);
}

NamespaceBed::~NamespaceBed() {
  for (const auto& [host, network] : namespaces_) close(network);
  if (own_namespace_ >= 0) close(own_namespace_);
}

absl::Status NamespaceBed::AddHost(size_t host) {
  if (host == 0 || host > kHostMax) {
    return absl::InvalidArgumentError("hosts are 1 to " + std::to_string(kHostMax));
  }
  if (namespaces_.contains(host)) return absl::OkStatus();
  const absl::Status entered = EnterNewNetwork();
  if (entered.ok()) namespaces_[host] = OpenOwnNetwork();
  RETURN_IF_ERROR(Enter(own_namespace_));
  RETURN_IF_ERROR(entered);
  return ConnectHost(host);
}

absl::Status NamespaceBed::ConnectHost(size_t host) {
  const std::string network =
      "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(namespaces_.at(host));
  const std::string front = FrontPort(host), back = BackPort(host);
  RETURN_IF_ERROR(
      RunIp({"link add " + front + " type veth peer name front0 address " + FrontLinkAddress(host) +
                 " netns " + network,
             "link add " + back + " type veth peer name back0 address " + BackLinkAddress(host) +
                 " netns " + network,
             "link set " + front + " master front up", "link set " + back + " master back up"}));
  RETURN_IF_ERROR(SwitchOffloadsOff(front));
  RETURN_IF_ERROR(SwitchOffloadsOff(back));
  return DoOn(host, [host] { return SetUpInside(host); });
}

absl::StatusOr<std::unique_ptr<ChildProcess>> NamespaceBed::StartOn(
    size_t host, const ChildProcess::Options& options) {
  std::unique_ptr<ChildProcess> process;
  RETURN_IF_ERROR(DoOn(host, [&] {
    ASSIGN_OR_RETURN(process, ChildProcess::Start(options));
    return absl::OkStatus();
  }));
  return process;
}

absl::Status NamespaceBed::DoOn(size_t host, const std::function<absl::Status()>& action) {
  const auto network = namespaces_.find(host);
  if (network == namespaces_.end()) {
    return absl::FailedPreconditionError("there is no host " + std::to_string(host) +
                                         " yet: AddHost makes it");
  }
  RETURN_IF_ERROR(Enter(network->second));
  const absl::Status status = action();
  RETURN_IF_ERROR(Enter(own_namespace_));
  return status;
}

absl::Status NamespaceBed::SetBackCable(size_t host, bool plugged) const {
  return RunIp({"link set " + BackPort(host) + (plugged ? " up" : " down")});
}

absl::StatusOr<size_t> NamespaceBed::BreakBackConnections(size_t host) {
  ASSIGN_OR_RETURN(const std::string ss, FindProgram("ss", "iproute2"));
  size_t before = 0, after = 0;
  RETURN_IF_ERROR(DoOn(host, [&] {
    before = CountConnectionsFrom(BackIp(host));
    const absl::Status ended = RunTool({ss, "--kill", "--tcp", "src", BackIp(host)});
    after = CountConnectionsFrom(BackIp(host));
    return ended;
  }));
  if (before > 0 && after >= before) {
    return absl::UnimplementedError(
        "`ss --kill` has ended no connection: the kernel needs CONFIG_INET_DIAG_DESTROY");
  }
  return before - after;
}

absl::StatusOr<BackCounters> NamespaceBed::Count() const {
  std::ifstream file("/proc/thread-self/net/dev");
  BackCounters sum;
  uint64_t frames = 0;
  size_t ports = 0;
  for (std::string line; std::getline(file, line);) {
    const size_t begin = line.find_first_not_of(' ');
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string_view name = std::string_view(line).substr(begin, colon - begin);
    if (!name.starts_with("back") || name == "back") continue;
    uint64_t bytes = 0, received = 0;  // by the bridge: what the host has sent
    if (!(std::istringstream(line.substr(colon + 1)) >> bytes >> received)) continue;
    sum.bytes += bytes;
    frames += received;
    ++ports;
  }
  sum.frames = frames;
  if (ports == namespaces_.size()) return sum;
  return absl::InternalError("/proc/thread-self/net/dev tells of " + std::to_string(ports) +
                             " of " + std::to_string(namespaces_.size()) + " hosts");
}

}  // namespace

absl::StatusOr<std::unique_ptr<TestBed>> MakeNamespaceBed() {
  auto bed = std::make_unique<NamespaceBed>();
  RETURN_IF_ERROR(bed->Begin());
  return bed;
}

}  // namespace sessionhub::bench
