#include "bench/compare/risk_figures.h"

#include <algorithm>
#include <cmath>

#include "bench/demo/figures.h"

namespace sessionhub::bench {
namespace {

using nlohmann::ordered_json;

double RoundedToTenths(double number) {
  return std::round(number * 10) / 10;
}

double Milliseconds(int64_t time_us) {
  return RoundedToTenths(static_cast<double>(time_us) / 1e3);
}

ordered_json ToJson(const KilledFigures& killed) {
  return {{"trials", killed.last.all()},
          {"lost", killed.last.lost()},
          {"no_session", killed.last.count(CopyState::kMissing)},
          {"kills", killed.lost_by_kill.size()},
          {"lost_by_kill", killed.lost_by_kill},
          {"lost_at_first", killed.first.lost()},
          {"no_session_at_first", killed.first.count(CopyState::kMissing)},
          {"unshared", killed.unshared},
          {"catch_up_p50_ms", Milliseconds(killed.catch_up_p50_us)}};
}

ordered_json ToJson(const ReconnectFigures& reconnect) {
  return {{"trials", reconnect.last.all()},
          {"lost", reconnect.last.lost()},
          {"stale", reconnect.last.count(CopyState::kStale)},
          {"empty", reconnect.last.count(CopyState::kEmpty)},
          {"no_session", reconnect.last.count(CopyState::kMissing)},
          {"no_answer", reconnect.last.count(CopyState::kNoAnswer)},
          {"cut_s", RoundedToTenths(reconnect.cut_s)},
          {"wait_max_s", RoundedToTenths(reconnect.wait_max_s)},
          {"connections_broken", reconnect.connections_broken},
          {"changes", reconnect.changes},
          {"refused", reconnect.refused},
          {"slowest_change_ms", Milliseconds(reconnect.slowest_us)},
          {"catch_up_p50_ms", Milliseconds(reconnect.catch_up_p50_us)}};
}

ordered_json ToJson(const ConcurrentFigures& concurrent) {
  return {
      {"trials", concurrent.trials}, {"lost", concurrent.lost}, {"refused", concurrent.refused}};
}

ordered_json CopiesJson(const CopyTally& copies) {
  return {{"copies", copies.all()},
          {"stale", copies.count(CopyState::kStale)},
          {"empty", copies.count(CopyState::kEmpty)},
          {"missing", copies.count(CopyState::kMissing)},
          {"no_answer", copies.count(CopyState::kNoAnswer)}};
}

ordered_json ToJson(const BurstFigures& burst) {
  ordered_json sum = CopiesJson(burst.changed);
  const ordered_json created = CopiesJson(burst.created);
  for (const auto& [key, count] : created.items()) {
    sum[key] = sum[key].get<size_t>() + count.get<size_t>();
  }
  sum["of_new_sessions"] = created;
  sum["nodes"] = burst.nodes;
  sum["requests_per_s"] = std::round(burst.requests_per_s);
  return sum;
}

ordered_json ToJson(const RestartFigures& restart) {
  return {{"sessions", restart.sessions}, {"left", restart.left}};
}

template <typename Figures>
ordered_json OrNull(const std::optional<Figures>& figures) {
  return figures.has_value() ? ToJson(*figures) : ordered_json(nullptr);
}

std::string Of(size_t part, size_t all) {
  return std::to_string(part) + " of " + std::to_string(all);
}

std::string InWords(const CopyTally& copies) {
  std::string text = Of(copies.lost(), copies.all());
  if (copies.lost() == 0) return text;
  return text + " (" + std::to_string(copies.count(CopyState::kStale)) + " stale, " +
         std::to_string(copies.count(CopyState::kEmpty)) + " empty, " +
         std::to_string(copies.count(CopyState::kMissing)) + " missing, " +
         std::to_string(copies.count(CopyState::kNoAnswer)) + " without an answer)";
}

}  // namespace

bool AnyFailed(const RiskFigures& figures) {
  return std::ranges::any_of(figures.failed, &FailedTrial::could_be_tried);
}

ordered_json RisksJson(const RiskFigures& figures) {
  ordered_json failed = ordered_json::array();
  for (const FailedTrial& one : figures.failed) {
    failed.push_back({{"trial", one.trial}, {"why", one.why}});
  }
  return {{"strategy", figures.strategy},
          {"nodes", figures.nodes},
          {"routing", figures.round_robin ? "round_robin" : "sticky"},
          {"seconds", RoundedToTenths(figures.seconds)},
          {"killed", OrNull(figures.killed)},
          {"reconnect", OrNull(figures.reconnect)},
          {"concurrent", OrNull(figures.concurrent)},
          {"burst", OrNull(figures.burst)},
          {"nodes_restart", OrNull(figures.nodes_restart)},
          {"server_restart", OrNull(figures.server_restart)},
          {"power_cut", figures.power_cut},
          {"failed", failed},
          {"command", figures.command}};
}

std::string Describe(const KilledFigures& killed) {
  return InWords(killed.last) + " lost, " + std::to_string(killed.first.lost()) +
         " by the first answer, in " + std::to_string(killed.lost_by_kill.size()) + " kills";
}

std::string Describe(const ReconnectFigures& reconnect) {
  return InWords(reconnect.last) + " lost, " + std::to_string(reconnect.connections_broken) +
         " connections broken, " + Of(reconnect.refused, reconnect.changes + reconnect.refused) +
         " changes refused, the slowest took " + OneDecimal(Milliseconds(reconnect.slowest_us)) +
         " ms, copies fresh after " + OneDecimal(Milliseconds(reconnect.catch_up_p50_us)) + " ms";
}

std::string Describe(const ConcurrentFigures& concurrent) {
  return Of(concurrent.lost, concurrent.trials) + " lost, " + std::to_string(concurrent.refused) +
         " refused";
}

std::string Describe(const BurstFigures& burst) {
  return "not as acknowledged: of changed sessions " + InWords(burst.changed) + ", of new ones " +
         InWords(burst.created) + ", at " + OneDecimal(burst.requests_per_s) + " requests/s";
}

std::string Describe(const RestartFigures& restart) {
  return Of(restart.left, restart.sessions) + " left";
}

}  // namespace sessionhub::bench
