// turns: what of RocksDB's speed the hub's shard keeps. Both write in turn, a few turns each, so
// that whatever else the machine does meets both.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/demo/figures.h"
#include "bench/limits/limit_measures.h"
#include "bench/limits/meter.h"
#include "bench/limits/raw_store.h"
#include "bench/limits/shard_turns.h"
#include "hub/store/rocks_store.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr size_t kTurnSizes[] = {16, 32, 256};
// Of a round, at each of the two. Bounds the batches in memory.
constexpr int kTurnsOfRound = 16;
constexpr double kRatioMin = 0.6;
// A round has as many turns that are not measured; and whatever waits must end.
constexpr double kPatienceFactor = 5;
constexpr double kTurnsPatienceSeconds = 10;

// Turns of one size at one of the two.
struct TurnTimes {
  uint64_t turns = 0;
  double seconds = 0;
  double cpu_s = 0;  // of the thread that writes
  Latencies latencies;

  void Add(const Spent& took) {
    ++turns;
    seconds += std::chrono::duration<double>(took.wall).count();
    cpu_s += std::chrono::duration<double>(took.cpu).count();
    latencies.Add(took.wall);
  }
  double DeltasPerSecond(size_t commits) const {
    return seconds > 0 ? static_cast<double>(turns * commits) / seconds : 0;
  }
  LimitRow Row(const std::string& name, size_t commits) const {
    LimitRow row{name, Survival::kAcked};
    row.per_s = DeltasPerSecond(commits);
    row.p50_us = latencies.PercentileUs(50);
    row.p99_us = latencies.PercentileUs(99);
    row.cpu_s_per_10k = CpuSecondsPer10k(0, cpu_s, turns * commits);
    return row;
  }
};

struct TurnFigures {
  TurnTimes shard;
  TurnTimes raw;
  uint64_t batch_bytes = 0;  // of all raw turns
};

// Two databases on the same disk, and the shard above one of them. All live for one turn size.
class TurnsScene {
 public:
  static absl::StatusOr<std::unique_ptr<TurnsScene>> Make(const std::string& folder);

  absl::StatusOr<TurnFigures> Run(size_t commits, double seconds);

 private:
  TurnsScene(std::unique_ptr<hub::RocksStore> store, std::unique_ptr<RawStore> raw)
      : store_(std::move(store)),
        raw_(std::move(raw)),
        journal_(&raw_->handles()),
        shard_(store_.get(), &journal_) {}

  // The shard's turns, measured; as many again, which are recorded; and these at the raw database.
  absl::Status RunRound(size_t commits, TurnFigures* figures);
  absl::Status WriteRaw(TurnFigures* figures);

  const std::unique_ptr<hub::RocksStore> store_;
  const std::unique_ptr<RawStore> raw_;
  RecordingJournal journal_;
  ShardTurns shard_;
};

absl::StatusOr<std::unique_ptr<TurnsScene>> TurnsScene::Make(const std::string& folder) {
  hub::RocksStoreOptions options;
  options.data_dir = folder + "-shard";
  options.now_us = 1;
  ASSIGN_OR_RETURN(std::unique_ptr<hub::RocksStore> store, hub::RocksStore::Open(options));
  ASSIGN_OR_RETURN(std::unique_ptr<RawStore> raw, RawStore::Make(folder + "-raw"));
  std::unique_ptr<TurnsScene> scene(new TurnsScene(std::move(store), std::move(raw)));
  scene->journal_.Record(true);
  RETURN_IF_ERROR(scene->shard_.Open());
  TurnFigures ignored;
  RETURN_IF_ERROR(scene->WriteRaw(&ignored));
  return scene;
}

absl::Status TurnsScene::WriteRaw(TurnFigures* figures) {
  for (rocksdb::WriteBatch& batch : journal_.TakeBatches()) {
    figures->batch_bytes += batch.GetDataSize();
    ASSIGN_OR_RETURN(const Spent took, raw_->Write(&batch));
    figures->raw.Add(took);
  }
  return absl::OkStatus();
}

absl::Status TurnsScene::RunRound(size_t commits, TurnFigures* figures) {
  journal_.Record(false);
  for (int i = 0; i < kTurnsOfRound; ++i) {
    ASSIGN_OR_RETURN(const Spent took, shard_.Run(commits));
    figures->shard.Add(took);
  }
  journal_.Record(true);
  for (int i = 0; i < kTurnsOfRound; ++i) RETURN_IF_ERROR(shard_.Run(commits).status());
  return WriteRaw(figures);
}

absl::StatusOr<TurnFigures> TurnsScene::Run(size_t commits, double seconds) {
  TurnFigures warm_up;
  RETURN_IF_ERROR(RunRound(commits, &warm_up));
  const auto deadline =
      std::chrono::steady_clock::now() +
      std::chrono::duration<double>(kPatienceFactor * seconds + kTurnsPatienceSeconds);
  TurnFigures figures;
  while (figures.shard.seconds + figures.raw.seconds < 2 * seconds &&
         std::chrono::steady_clock::now() < deadline) {
    RETURN_IF_ERROR(RunRound(commits, &figures));
  }
  return figures;
}

absl::Status MeasureTurnsOf(const LimitScene& scene, size_t commits) {
  const std::string size = std::to_string(commits);
  const std::string turns = "turns of " + size;
  scene.Progress("the hub's shard and raw RocksDB, " + turns);
  ASSIGN_OR_RETURN(const auto both, TurnsScene::Make(scene.folder() + "/" + size));
  ASSIGN_OR_RETURN(const TurnFigures figures, both->Run(commits, scene.options().seconds));
  scene.Tell("shard_" + size, figures.shard.Row("deltas by the hub's shard, " + turns, commits));
  scene.Tell("raw_" + size, figures.raw.Row("the same batches by raw RocksDB, " + turns, commits));
  const Measured by_shard = {figures.shard.DeltasPerSecond(commits), Survival::kAcked};
  const Measured by_raw = {figures.raw.DeltasPerSecond(commits), Survival::kAcked};
  ASSIGN_OR_RETURN(const double ratio, RatioOf(by_shard, by_raw, Comparison::kAlike));
  scene.findings().Figure("ratio_" + size, ratio);
  scene.findings().Figure(
      "batch_bytes_per_delta_" + size,
      static_cast<double>(figures.batch_bytes) / static_cast<double>(figures.raw.turns * commits));
  scene.findings().Tell({.name = "durable deltas/s, " + turns,
                         .goal = ">= " + OneDecimal(100 * kRatioMin) + " % of raw RocksDB",
                         .figure = OneDecimal(100 * ratio) + " %",
                         .reached = ratio >= kRatioMin,
                         .source = GoalSource::kDesign,
                         .survives = by_shard.survives,
                         .beside_survives = by_raw.survives});
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureTurns(const LimitScene& scene) {
  for (const size_t commits : kTurnSizes) RETURN_IF_ERROR(MeasureTurnsOf(scene, commits));
  return absl::OkStatus();
}

}  // namespace sessionhub::bench
