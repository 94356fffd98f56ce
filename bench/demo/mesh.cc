#include "bench/demo/mesh.h"

#include <chrono>
#include <filesystem>
#include <sstream>
#include <string>
#include <thread>

#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kSettleMax{30'000};
constexpr std::chrono::milliseconds kMeshPause{10};

// Asks every node until `good` says so of the answers.
template <typename Good>
absl::Status WaitUntil(Fleet* fleet, const std::string& command, const std::string& what,
                       Good good) {
  const auto deadline = steady_clock::now() + kSettleMax;
  while (steady_clock::now() < deadline) {
    ASSIGN_OR_RETURN(const std::vector<std::string> answers, fleet->AskAll(command));
    if (good(answers)) return absl::OkStatus();
    std::this_thread::sleep_for(kMeshPause);
  }
  return absl::InternalError("the mesh: " + what + " did not happen in 30 s");
}

absl::Status ConnectAll(Fleet* fleet) {
  ASSIGN_OR_RETURN(const std::vector<std::string> ports, fleet->AskAll("ready"));
  for (size_t from = 0; from < fleet->size(); ++from) {
    for (size_t to = 0; to < from; ++to) {
      ASSIGN_OR_RETURN(const std::string answer, fleet->Ask(from, "connect\t" + ports[to]));
      if (answer != "OK") return absl::UnavailableError("the mesh: " + answer);
    }
  }
  return WaitUntil(fleet, "links", "connecting all nodes", [&](const auto& links) {
    for (const std::string& count : links) {
      if (count != std::to_string(fleet->size() - 1)) return false;
    }
    return true;
  });
}

// Under sticky routing only one node writes a session, so every node must end with every change.
// Under round-robin a broadcast may overtake nothing but may still overwrite: there it must only
// have arrived.
absl::Status WaitForAllChanges(Fleet* fleet, Routing routing, uint64_t requests) {
  return WaitUntil(fleet, "stats", "the arrival of every change", [&](const auto& answers) {
    uint64_t sent_all = 0;
    uint64_t received_all = 0;
    bool complete = true;
    for (const std::string& answer : answers) {
      uint64_t sent = 0, received = 0, changes = 0;
      std::istringstream(answer) >> sent >> received >> changes;
      sent_all += sent;
      received_all += received;
      complete = complete && (routing == Routing::kRoundRobin || changes == requests);
    }
    return complete && sent_all == received_all && sent_all == requests * (fleet->size() - 1);
  });
}

}  // namespace

absl::StatusOr<Bytes> RunMesh(Stage* stage, Broadcast broadcast, Routing routing) {
  const std::string name = std::string("mesh-") + BroadcastName(broadcast) +
                           (routing == Routing::kSticky ? "-sticky" : "-round-robin");
  const std::string folder = stage->folder + "/" + name;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return absl::UnavailableError("cannot make the folder " + folder);
  Fleet fleet({.argv = {stage->program, "mesh-node", "--broadcast", BroadcastName(broadcast)},
               .nodes = 3,
               .folder = folder});
  RETURN_IF_ERROR(fleet.Start());
  RETURN_IF_ERROR(ConnectAll(&fleet));
  ASSIGN_OR_RETURN(const TcpCounters before, CountFleetBytes(&fleet));
  Traffic traffic(stage->baskets,
                  {.label = name,
                   .routing = routing,
                   .nodes_used = 3,
                   .users = stage->users,
                   .deadline_us = stage->deadline_us},
                  &fleet);
  const int64_t start_us = MonotonicMicros();
  RETURN_IF_ERROR(traffic.Run(nullptr));
  const double seconds = static_cast<double>(MonotonicMicros() - start_us) / 1e6;
  RETURN_IF_ERROR(WaitForAllChanges(&fleet, routing, traffic.total()));
  ASSIGN_OR_RETURN(const Bytes bytes,
                   MeasureBytes(*stage, &fleet, before, seconds, traffic.total()));
  RETURN_IF_ERROR(fleet.Stop());
  return bytes;
}

}  // namespace sessionhub::bench
