#include "bench/compare/measure.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "bench/compare/interrupt.h"
#include "bench/compare/process_usage.h"
#include "bench/demo/commit_log.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {

namespace {

using std::chrono::milliseconds;

// Streams of random numbers; creation has its own.
constexpr uint64_t kWarmUpStream = 1;
constexpr uint64_t kCountedStream = 2;

// Longer than a delayed acknowledgement of TCP.
constexpr milliseconds kQuietWindow{60};
constexpr int kQuietWindowsMax = 80;
// In a window, beyond twice what is idle: a heartbeat or a look for an address.
constexpr uint64_t kQuietBytesMax = 400;
// A cell of slow requests ends with fewer than it was to have.
constexpr milliseconds kCountedMax{3'000};
// Of what goes before.
constexpr milliseconds kWarmUpMax{10'000};
constexpr int64_t kIdlePauseUs = 100'000;
constexpr size_t kAllRead = 100;

// Whether the sessions that were created for one of them serve the other as well.
bool HaveSameSessions(const Cell& one, const Cell& other) {
  return one.round_robin == other.round_robin && one.sessions == other.sessions &&
         one.session_bytes == other.session_bytes && one.fields == other.fields &&
         one.fields_changed == other.fields_changed && one.connections == other.connections &&
         one.seed == other.seed;
}

bool AreFew(uint64_t errors, uint64_t requests) {
  return errors * 100 <= requests;
}

// Requests that go before those that count: without them, sessions are not where they should be.
absl::Status CheckUncounted(const absl::StatusOr<RequestTally>& tally) {
  RETURN_IF_ERROR(tally.status());
  const uint64_t requests = tally->changes + tally->reads;
  if (AreFew(tally->errors, requests)) return absl::OkStatus();
  return absl::InternalError(
      std::to_string(tally->errors) + " of " + std::to_string(requests) +
      " requests failed before any counted, the first with: " + tally->first_error);
}

}  // namespace

struct CellMeasure::Reading {
  BackCounters sent;
  int64_t time_us = 0;
  ProcessUsage nodes;
  ProcessUsage server;
};

bool IsSound(const CellFigures& figures) {
  return AreFew(figures.errors, figures.requests);
}

size_t WarmUpRequests(const Cell& cell) {
  constexpr size_t kSticky = 2;
  const size_t users = UsersOf(cell);
  // Each user goes through its own sessions, of which some users have one more than others.
  const size_t sessions_of_user = (cell.sessions + users - 1) / users;
  return users * sessions_of_user * (cell.round_robin ? cell.nodes : kSticky);
}

absl::StatusOr<CellMeasure::Reading> CellMeasure::Read() const {
  Reading reading;
  std::vector<pid_t> nodes;
  for (size_t node = 0; node < nodes_; ++node) {
    const std::vector<pid_t> pids = cluster_.NodePids(node);
    nodes.insert(nodes.end(), pids.begin(), pids.end());
  }
  ASSIGN_OR_RETURN(reading.nodes, UsageOfNodes(nodes));
  ASSIGN_OR_RETURN(reading.server, UsageOfServer(cluster_.ServerPids()));
  ASSIGN_OR_RETURN(reading.sent, bed_.Count());
  reading.time_us = MonotonicMicros();
  return reading;
}

// Once what earlier requests have left to be sent is sent; after some seconds in any case.
absl::StatusOr<CellMeasure::Reading> CellMeasure::ReadQuiet() const {
  const double window_s = std::chrono::duration<double>(kQuietWindow).count();
  const uint64_t quiet = kQuietBytesMax + static_cast<uint64_t>(2 * idle_.bytes_per_s * window_s);
  ASSIGN_OR_RETURN(BackCounters before, bed_.Count());
  for (int window = 0; window < kQuietWindowsMax && !Interrupted(); ++window) {
    std::this_thread::sleep_for(kQuietWindow);
    ASSIGN_OR_RETURN(const BackCounters after, bed_.Count());
    if ((after - before).bytes <= quiet) break;
    before = after;
  }
  return Read();
}

absl::StatusOr<IdleRate> CellMeasure::MeasureIdle(const Cell& cell, double seconds,
                                                  size_t requests_before) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Driver> driver, Driver::Make(bed_, cluster_, cell));
  RETURN_IF_ERROR(CheckUncounted(driver->CreateSessions()));
  Cell first = cell;
  first.requests = requests_before;
  RETURN_IF_ERROR(CheckUncounted(driver->RunFor(kWarmUpMax, first, kWarmUpStream)));
  ASSIGN_OR_RETURN(const Reading before, ReadQuiet());
  const int64_t end_us = before.time_us + static_cast<int64_t>(seconds * 1e6);
  while (MonotonicMicros() < end_us) {
    if (Interrupted()) return absl::CancelledError("interrupted");
    const int64_t left_us = std::max<int64_t>(0, end_us - MonotonicMicros());
    std::this_thread::sleep_for(std::chrono::microseconds(std::min(left_us, kIdlePauseUs)));
  }
  ASSIGN_OR_RETURN(const Reading after, Read());
  const double taken_s = static_cast<double>(after.time_us - before.time_us) / 1e6;
  const BackCounters sent = after.sent - before.sent;
  idle_ = {.bytes_per_s = static_cast<double>(sent.bytes) / taken_s};
  if (sent.frames.has_value()) idle_.frames_per_s = static_cast<double>(*sent.frames) / taken_s;
  return idle_;
}

CellFigures CellMeasure::Figures(const Cell& cell, const RequestTally& tally, const Reading& before,
                                 const Reading& after, const std::string& what) const {
  const double window_s = static_cast<double>(after.time_us - before.time_us) / 1e6;
  CellFigures figures;
  figures.what = what;
  figures.cell = cell;
  figures.requests = tally.changes + tally.reads;
  figures.seconds = static_cast<double>(tally.end_us - before.time_us) / 1e6;
  const uint64_t counted = tally.changes > 0 ? tally.changes : tally.reads;
  const double divisor = static_cast<double>(std::max<uint64_t>(counted, 1));
  const auto without_idle = [&](uint64_t sent, double idle_per_s) {
    return std::max(0.0, static_cast<double>(sent) - idle_per_s * window_s) / divisor;
  };
  const BackCounters sent = after.sent - before.sent;
  figures.bytes_per_change = without_idle(sent.bytes, idle_.bytes_per_s);
  figures.idle_bytes_per_change = idle_.bytes_per_s * window_s / divisor;
  if (sent.frames.has_value()) {
    figures.frames_per_change = without_idle(*sent.frames, idle_.frames_per_s);
  }
  figures.latency_p50_us = tally.latency.PercentileUs(50);
  figures.latency_p99_us = tally.latency.PercentileUs(99);
  figures.cpu_nodes_us = (after.nodes.cpu_s - before.nodes.cpu_s) * 1e6 / divisor;
  figures.cpu_server_us = (after.server.cpu_s - before.server.cpu_s) * 1e6 / divisor;
  figures.node_memory_bytes = after.nodes.memory_bytes / cell.nodes;
  figures.server_memory_bytes = after.server.memory_bytes;
  figures.errors = tally.errors;
  figures.first_error = tally.first_error;
  return figures;
}

absl::StatusOr<std::vector<CellFigures>> CellMeasure::Run(const Cell& cell) {
  std::vector<CellFigures> all;
  Users& users = users_[cell.round_robin];
  if (users.driver == nullptr || !HaveSameSessions(users.cell, cell)) {
    users = {.cell = cell, .driver = nullptr};
    ASSIGN_OR_RETURN(users.driver, Driver::Make(bed_, cluster_, cell));
    ASSIGN_OR_RETURN(all.emplace_back(), CreateSessions(cell, users.driver.get()));
    if (all.back().errors > 0) return all;  // what comes after would be about something else
  } else if (cell.read_percent == kAllRead) {
    Cell first = cell;
    first.requests = WarmUpRequests(cell);
    RETURN_IF_ERROR(CheckUncounted(users.driver->RunFor(kWarmUpMax, first, kWarmUpStream)));
  }
  ASSIGN_OR_RETURN(const Reading before, ReadQuiet());
  ASSIGN_OR_RETURN(const RequestTally tally,
                   users.driver->RunFor(kCountedMax, cell, kCountedStream));
  ASSIGN_OR_RETURN(const Reading after, ReadQuiet());
  all.push_back(Figures(cell, tally, before, after, tally.changes > 0 ? "change" : "read"));
  return all;
}

// And brings them to each node that will serve them.
absl::StatusOr<CellFigures> CellMeasure::CreateSessions(const Cell& cell, Driver* driver) const {
  ASSIGN_OR_RETURN(const Reading before,
                   Read());  // whatever went before has waited until it is quiet
  ASSIGN_OR_RETURN(const RequestTally created, driver->CreateSessions());
  ASSIGN_OR_RETURN(const Reading after, ReadQuiet());
  const CellFigures figures = Figures(cell, created, before, after, "create");
  if (created.errors == 0) {
    RETURN_IF_ERROR(CheckUncounted(driver->Run(WarmUpRequests(cell), kWarmUpStream)));
  }
  return figures;
}

}  // namespace sessionhub::bench
