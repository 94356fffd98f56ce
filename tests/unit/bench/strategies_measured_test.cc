// The models beside what the comparison has measured on real servers, for the same sessions and
// requests. Prints model / measured of each cell; bench/README.md has some of them.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "bench/replay/strategy.h"
#include "bench/replay/traffic_model.h"
#include "nlohmann/json.hpp"

namespace sessionhub::bench {
namespace {

constexpr int64_t kGap = 1800;
// One more than a multiple of 2, 4, 8 and 16: round-robin, each session comes to all nodes in turn.
constexpr size_t kSessions = 97;
constexpr size_t kHotValueBytes = 16;

// Names of the models, by those of the comparison.
const std::map<std::string, std::string>& ModelNames() {
  static const auto* const kNames = new std::map<std::string, std::string>{
      {"broadcast_sessions", "broadcast_sessions"},
      {"broadcast_fields", "broadcast_fields"},
      {"tomcat_delta_async", "tomcat_delta"},
      {"tomcat_delta_sync", "tomcat_delta_sync"},
      {"tomcat_backup", "tomcat_backup"},
      {"terracotta", "terracotta"},
      {"memcached_sticky", "cache_set"},
      {"memcached", "cache_get_set"},
      {"redis_whole", "cache_get_set"},
      {"redis_fields", "redis_fields"},
      {"redis_publish", "redis_publish"},
      {"redis_channels", "redis_channels"},
      {"redis_tracking", "redis_tracking"},
      {"postgres", "database"},
      {"sessionhub_push", "sessionhub_push"},
      {"sessionhub_invalidate", "sessionhub_invalidate"},
  };
  return *kNames;
}

struct MeasuredCell {
  std::string strategy;
  std::string routing;
  size_t nodes = 0;
  size_t session_bytes = 0;
  size_t fields = 0;
  size_t fields_changed = 0;
  size_t read_percent = 0;
  double bytes_per_change = 0;
};

std::vector<MeasuredCell> ReadCells() {
  std::ifstream file(COMPARISON_FILE);
  std::vector<MeasuredCell> cells;
  const nlohmann::json run = nlohmann::json::parse(file);
  for (const auto& cell : run["cells"]) {
    if (cell["what"] != "change" || cell["connections"] != 1 || cell["errors"] != 0) continue;
    cells.push_back({cell["strategy"], cell["routing"], cell["nodes"], cell["session_bytes"],
                     cell["fields"], cell["fields_changed"], cell["read_percent"],
                     cell["bytes_per_change"]});
  }
  return cells;
}

// Sessions as the comparison makes them: names of three bytes, and six for lengths with each field.
std::vector<FieldChange> AllFields(const MeasuredCell& cell, PathBook* book) {
  const size_t cold = cell.fields - cell.fields_changed;
  const size_t left = cell.session_bytes - cell.fields * (6 + 3) -
                      (cold == 0 ? 0 : cell.fields_changed * kHotValueBytes);
  std::vector<FieldChange> all;
  for (size_t field = 0; field < cell.fields; ++field) {
    const bool is_hot = cold > 0 && field < cell.fields_changed;
    const size_t bytes = is_hot ? kHotValueBytes : left / (cold == 0 ? cell.fields : cold);
    const std::string name = (field < 10 ? "f0" : "f") + std::to_string(field);
    all.push_back({book->Number(name), Value(std::string(bytes, 'x')), false});
  }
  return all;
}

// Bytes of a change by each strategy, under both routings. The sessions are there, and have been
// at every node that will serve them.
class ModelledCell {
 public:
  explicit ModelledCell(const MeasuredCell& cell)
      : model_(&book_, cell.nodes, kGap),
        all_(AllFields(cell, &book_)),
        changed_(all_.begin(), all_.begin() + static_cast<ptrdiff_t>(cell.fields_changed)),
        sessions_(kSessions),
        changes_(kSessions * cell.nodes) {
    for (size_t i = 0; i < kSessions; ++i) sessions_[i].count = i + 1;
    ChangeEach(all_, 1);
    ChangeEach(changed_, cell.nodes);
    before_ = model_.sums();
    ChangeEach(changed_, cell.nodes);
  }

  double BytesPerChange(const std::string& model_name, const std::string& routing) const {
    const size_t side =
        static_cast<size_t>(routing == "sticky" ? Routing::kSticky : Routing::kRoundRobin);
    const auto after = model_.sums();
    for (size_t i = 0; i < after.size(); ++i) {
      if (after[i].strategy->name() != model_name) continue;
      const uint64_t bytes =
          after[i].tallies[side].wire.bytes - before_[i].tallies[side].wire.bytes;
      return static_cast<double>(bytes) / static_cast<double>(changes_);
    }
    ADD_FAILURE() << "no strategy " << model_name;
    return 0;
  }

 private:
  void ChangeEach(const std::vector<FieldChange>& changes, size_t times) {
    for (size_t i = 0; i < times; ++i) {
      for (LogSession& session : sessions_) model_.Serve(changes, &session);
    }
  }

  PathBook book_;
  TrafficModel model_;
  const std::vector<FieldChange> all_;
  const std::vector<FieldChange> changed_;
  std::vector<LogSession> sessions_;
  const uint64_t changes_;  // that are counted
  std::vector<TrafficModel::Sums> before_;
};

// From where to where model / measured may be.
struct Bounds {
  double least = 0.85;
  double most = 1.15;
};

Bounds BoundsOf(const MeasuredCell& cell) {
  // The comparison has Spring Session's commands: more of them, each of which waits for the answer
  // to the one before.
  if (cell.strategy == "redis_fields") return {.least = 0.8};
  // The comparison has a user for each node, so that messages to a node, and their
  // acknowledgements, share segments, the more the more nodes there are; the model has one request
  // after the other.
  const bool tells_many = cell.routing == "round_robin" || cell.strategy == "redis_publish";
  for (const char* told_by_a_server : {"redis_publish", "redis_channels", "sessionhub_push"}) {
    if (tells_many && cell.nodes > 2 && cell.strategy == told_by_a_server) {
      return {.most = cell.nodes == 4 ? 1.6 : 2.2};
    }
  }
  return {};
}

// Of what is compared: sessions of 4 and 64 KiB, one and all fields, 2, 4 and 8 nodes.
bool IsHeldAgainst(const MeasuredCell& cell) {
  return cell.read_percent == 0 && ModelNames().contains(cell.strategy) && cell.nodes <= 8 &&
         (cell.session_bytes == 4'096 || cell.session_bytes == 65'536) &&
         (cell.fields_changed == 1 || cell.fields_changed == cell.fields);
}

TEST(StrategiesMeasured, AModelIsNearWhatItsServerSends) {
  using Shape = std::tuple<size_t, size_t, size_t>;
  std::map<Shape, std::unique_ptr<ModelledCell>> modelled;
  std::set<std::string> held;
  for (const MeasuredCell& cell : ReadCells()) {
    if (!IsHeldAgainst(cell)) continue;
    auto& model = modelled[{cell.nodes, cell.session_bytes, cell.fields_changed}];
    if (model == nullptr) model = std::make_unique<ModelledCell>(cell);
    const double ratio =
        model->BytesPerChange(ModelNames().at(cell.strategy), cell.routing) / cell.bytes_per_change;
    std::printf("%-22s %-11s %zu nodes %5zu bytes %2zu fields: %.2f\n", cell.strategy.c_str(),
                cell.routing.c_str(), cell.nodes, cell.session_bytes, cell.fields_changed, ratio);
    const Bounds bounds = BoundsOf(cell);
    EXPECT_GE(ratio, bounds.least) << cell.strategy << " " << cell.routing;
    EXPECT_LE(ratio, bounds.most) << cell.strategy << " " << cell.routing;
    held.insert(cell.strategy);
  }
  EXPECT_EQ(held.size(), ModelNames().size());
}

}  // namespace
}  // namespace sessionhub::bench
