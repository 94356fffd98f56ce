#include "tests/support/packet_filter.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "proto/session/status_macros.h"

namespace sessionhub::testing {
namespace {

// For nft, one table that input packets pass.
const char kTable[] =
    "add table inet loss; "
    "add chain inet loss arriving { type filter hook input priority 0; policy accept; }; ";

absl::Status Failed(const std::string& doing) {
  return absl::UnavailableError(doing + ": " + std::strerror(errno));
}

// As root of a user namespace of its own, where root itself is not to be had.
absl::Status EnterAsAnyUser() {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return Failed("no network of its own");
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
  return absl::OkStatus();
}

absl::Status SetLoopbackUp() {
  const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) return Failed("no socket");
  ifreq loopback = {};
  std::strncpy(loopback.ifr_name, "lo", IFNAMSIZ - 1);
  loopback.ifr_flags = IFF_UP | IFF_RUNNING;
  const int result = ioctl(control, SIOCSIFFLAGS, &loopback);
  close(control);
  return result == 0 ? absl::OkStatus() : Failed("loopback does not come up");
}

absl::Status Nft(const std::string& commands) {
  const pid_t child = fork();
  if (child == 0) {
    // Debian keeps it where only root's PATH leads.
    execl("/usr/sbin/nft", "nft", commands.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return Failed("nft does not start");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  return absl::UnavailableError("nft has failed: is the package nftables there? It was told: " +
                                commands);
}

}  // namespace

absl::Status PacketFilter::EnterOwnNetwork() {
  if (unshare(CLONE_NEWNET) != 0) RETURN_IF_ERROR(EnterAsAnyUser());
  RETURN_IF_ERROR(SetLoopbackUp());
  return Nft(kTable);
}

absl::Status PacketFilter::DropTo(const std::string& address) {
  return Nft("add rule inet loss arriving ip daddr " + address + " drop");
}

absl::Status PacketFilter::DropFrom(const std::string& address) {
  return Nft("add rule inet loss arriving ip saddr " + address + " drop");
}

absl::Status PacketFilter::PassAll() {
  return Nft("flush chain inet loss arriving");
}

}  // namespace sessionhub::testing
