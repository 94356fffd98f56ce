#include "bench/compare/test_bed.h"

#include "bench/compare/loopback_bed.h"
#include "bench/compare/namespace_bed.h"

namespace sessionhub::bench {

BackCounters operator-(const BackCounters& after, const BackCounters& before) {
  BackCounters sent = {.bytes = after.bytes - before.bytes};
  if (after.frames.has_value() && before.frames.has_value()) {
    sent.frames = *after.frames - *before.frames;
  }
  return sent;
}

// Clients differ in the third number first, by which nginx's ip_hash tells them.
std::string ClientIpIn(const std::string& front_network, size_t client) {
  constexpr size_t kThirds = 100;
  return front_network + std::to_string(kClientsThird + client % kThirds) + "." +
         std::to_string(1 + client / kThirds);
}

absl::StatusOr<std::unique_ptr<TestBed>> TestBed::Make(const Teller& tell) {
  absl::StatusOr<std::unique_ptr<TestBed>> bed = MakeNamespaceBed();
  if (!absl::IsPermissionDenied(bed.status())) return bed;
  tell("Network namespaces are not allowed (" + std::string(bed.status().message()) +
       "): hosts share the loopback interface, and only the payloads of their sockets are counted, "
       "without headers and frames. Root with CAP_SYS_ADMIN is allowed namespaces.");
  return MakeLoopbackBed();
}

}  // namespace sessionhub::bench
