#include "bench/compare/sweep.h"

#include <algorithm>
#include <initializer_list>

#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr size_t kRequests = 1'000;
constexpr size_t kQuickRequests = 300;
// Of all changed sessions of a cell together: fewer requests of large ones say as much.
constexpr size_t kChangedBytesMax = 32u << 20;
// Each goes to every node before anything counts.
constexpr size_t kSessions = 40;
constexpr size_t kCreatedBytesMax = 8u << 20;  // so there are fewer of large ones
constexpr size_t kSessionBytes = 4'096;
// Where everything but the number of nodes is swept.
constexpr size_t kUsualNodes = 4;
constexpr size_t kNodesForAllMax = 16;

using Numbers = std::vector<size_t>;

size_t RequestsOf(const SweepOptions& options, size_t session_bytes) {
  if (options.requests > 0) return options.requests;
  const size_t all = options.quick ? kQuickRequests : kRequests;
  return std::min(all, std::max(kRequestsMin, kChangedBytesMax / session_bytes));
}

class Planner {
 public:
  explicit Planner(const SweepOptions& options) : options_(options) {}

  Cell Usual(size_t nodes, bool round_robin) const {
    Cell cell;
    cell.nodes = nodes;
    cell.round_robin = round_robin;
    cell.session_bytes = kSessionBytes;
    cell.fields = options_.fields;
    return cell;
  }
  // Gives the cell what follows from the rest of it.
  Cell Completed(Cell cell) const {
    cell.sessions =
        std::max(std::min(kSessions, kCreatedBytesMax / cell.session_bytes), UsersOf(cell));
    cell.requests = RequestsOf(options_, cell.session_bytes);
    return cell;
  }
  template <typename Field>
  void Vary(const Cell& usual, Field Cell::*field, std::initializer_list<size_t> values,
            std::vector<Cell>* cells) const {
    for (const size_t value : values) {
      Cell cell = usual;
      cell.*field = value;
      cells->push_back(Completed(cell));
    }
  }

  std::vector<Cell> UsualCells(size_t nodes, bool round_robin) const;
  std::vector<Cell> AskedCells(size_t nodes, bool round_robin) const;
  std::vector<bool> Routings() const;
  Numbers Nodes() const;
  bool AsksForCells() const {
    return !options_.session_bytes.empty() || !options_.fields_changed.empty() ||
           !options_.read_percent.empty() || !options_.connections.empty();
  }

 private:
  const SweepOptions& options_;
};

std::vector<Cell> Planner::UsualCells(size_t nodes, bool round_robin) const {
  const Cell usual = Usual(nodes, round_robin);
  std::vector<Cell> cells;
  // With very many nodes the harder case has to do.
  if (nodes > kNodesForAllMax && !round_robin && options_.routing.empty()) return cells;
  Vary(usual, &Cell::read_percent, {0}, &cells);
  // With the sessions of the cell before, if they are the same.
  if (nodes == kUsualNodes && !options_.quick) Vary(usual, &Cell::read_percent, {90}, &cells);
  if (nodes == kUsualNodes || nodes == kNodesForAllMax) {
    Vary(usual, &Cell::read_percent, {100}, &cells);
  }
  if (nodes != kUsualNodes) return cells;
  if (options_.quick) {
    Vary(usual, &Cell::session_bytes, {65'536}, &cells);
    Vary(usual, &Cell::fields_changed, {usual.fields}, &cells);
    return cells;
  }
  Vary(usual, &Cell::session_bytes, {1'024, 16'384, 65'536, 262'144}, &cells);
  Vary(usual, &Cell::fields_changed, {std::min<size_t>(3, usual.fields), usual.fields}, &cells);
  if (round_robin) Vary(usual, &Cell::connections, {8}, &cells);
  return cells;
}

Numbers OrUsual(const Numbers& asked, size_t usual) {
  return asked.empty() ? Numbers{usual} : asked;
}

std::vector<Cell> Planner::AskedCells(size_t nodes, bool round_robin) const {
  std::vector<Cell> cells;
  Cell cell = Usual(nodes, round_robin);
  for (const size_t bytes : OrUsual(options_.session_bytes, cell.session_bytes)) {
    cell.session_bytes = bytes;
    for (const size_t changed : OrUsual(options_.fields_changed, 1)) {
      cell.fields_changed = changed;
      for (const size_t percent : OrUsual(options_.read_percent, 0)) {
        cell.read_percent = percent;
        for (const size_t connections : OrUsual(options_.connections, 1)) {
          cell.connections = connections;
          cells.push_back(Completed(cell));
        }
      }
    }
  }
  return cells;
}

// True: round-robin.
std::vector<bool> Planner::Routings() const {
  std::vector<bool> routings;
  for (const bool round_robin : {true, false}) {
    const std::string name = round_robin ? "round-robin" : "sticky";
    if (options_.routing.empty() || std::ranges::count(options_.routing, name) > 0) {
      routings.push_back(round_robin);
    }
  }
  return routings;
}

Numbers Planner::Nodes() const {
  if (!options_.nodes.empty()) return options_.nodes;
  if (options_.quick) return {kUsualNodes};
  return {kUsualNodes, 2, 8, 16, 32, 64};
}

// The first of each, the second of each, and so on: what is usual is measured before the memory of
// nodes and servers holds what is not.
std::vector<Cell> Alternating(const std::vector<std::vector<Cell>>& lists) {
  std::vector<Cell> cells;
  size_t longest = 0;
  for (const std::vector<Cell>& list : lists) longest = std::max(longest, list.size());
  for (size_t i = 0; i < longest; ++i) {
    for (const std::vector<Cell>& list : lists) {
      if (i < list.size()) cells.push_back(list[i]);
    }
  }
  return cells;
}

}  // namespace

absl::StatusOr<std::vector<ClusterPlan>> PlanSweep(const SweepOptions& options) {
  const Planner planner(options);
  std::vector<ClusterPlan> plans;
  for (const size_t nodes : planner.Nodes()) {
    ClusterPlan& plan = plans.emplace_back();
    plan.nodes = nodes;
    std::vector<std::vector<Cell>> by_routing;
    for (const bool round_robin : planner.Routings()) {
      by_routing.push_back(planner.AsksForCells() ? planner.AskedCells(nodes, round_robin)
                                                  : planner.UsualCells(nodes, round_robin));
    }
    plan.cells = Alternating(by_routing);
    for (const Cell& cell : plan.cells) RETURN_IF_ERROR(CheckCell(cell));
  }
  return plans;
}

std::string CommandOf(const Cell& cell) {
  const auto option = [](const char* name, size_t value) {
    return std::string(" --") + name + " " + std::to_string(value);
  };
  return option("nodes", cell.nodes) + " --routing " +
         (cell.round_robin ? "round-robin" : "sticky") +
         option("session-bytes", cell.session_bytes) + option("fields", cell.fields) +
         option("fields-changed", cell.fields_changed) + option("read-percent", cell.read_percent) +
         option("connections", cell.connections) + option("requests", cell.requests);
}

}  // namespace sessionhub::bench
