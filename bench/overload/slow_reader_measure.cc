#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "bench/demo/figures.h"
#include "bench/overload/measures.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

constexpr size_t kWritersBeside = 8;
constexpr size_t kSessionsOfWriter = 25;
constexpr size_t kInFlight = 16;
constexpr size_t kValueBytes = 300;
constexpr int kRounds = 2;
constexpr double kGoalRatio = 0.9;
constexpr uint64_t kOutboxSlackBytes = 2 << 20;  // what is taken by an empty outbox in any case

// The node that has all sessions open, and is to stop reading.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual absl::Status Open(const std::vector<std::string>& ids) = 0;
  virtual absl::Status Stall(bool stall) = 0;
  // Once all of its copies have these versions; tells what was wrong on the way.
  virtual absl::Status Settle(const json& sessions, Findings* findings) = 0;
  virtual absl::Status Stop() = 0;
};

json VersionsOf(const json& sessions) {
  json versions = json::object();
  for (const auto& [id, session] : sessions.items()) versions[id] = session["version"];
  return versions;
}

// Goes on with its heartbeats, so that the hub takes it for alive.
class SilentReader final : public Reader {
 public:
  explicit SilentReader(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}

  absl::Status Open(const std::vector<std::string>& ids) override {
    return worker_->Ask({{"do", "raw"}, {"ids", ids}}, kAskMax).status();
  }
  absl::Status Stall(bool stall) override {
    return worker_->Ask({{"do", "pause"}, {"pause", stall}}, kAskMax).status();
  }
  absl::Status Settle(const json& sessions, Findings* findings) override {
    const json versions = VersionsOf(sessions);
    const int64_t deadline_us = MonotonicMicros() + kAskMax.count() * 1000;
    json copies;
    do {
      ASSIGN_OR_RETURN(copies, worker_->Ask({{"do", "raw_copies"}}, kAskMax));
    } while (copies["versions"] != versions && !copies["ended"].get<bool>() &&
             MonotonicMicros() < deadline_us);
    if (copies["ended"].get<bool>()) findings->Violation("the hub has ended the reader's stream");
    if (copies["versions"] != versions) {
      findings->Violation("the reader's copies did not come up to the hub's sessions");
    }
    findings->DemandNone(copies["gaps"].get<uint64_t>(), "gaps in what the reader was sent");
    return absl::OkStatus();
  }
  absl::Status Stop() override { return worker_->Stop(); }

 private:
  const std::unique_ptr<Worker> worker_;
};

// Is stopped, and so says nothing any more either.
class StoppedReader final : public Reader {
 public:
  explicit StoppedReader(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}

  absl::Status Open(const std::vector<std::string>& ids) override {
    RETURN_IF_ERROR(worker_->Ask({{"do", "attach"}}, kAskMax).status());
    return worker_->Ask({{"do", "open"}, {"ids", ids}, {"create", false}}, kAskMax).status();
  }
  absl::Status Stall(bool stall) override {
    if (stall) return worker_->Freeze();
    worker_->Thaw();
    return absl::OkStatus();
  }
  absl::Status Settle(const json& sessions, Findings* findings) override {
    const json settle = {{"do", "settle"}, {"versions", VersionsOf(sessions)}};
    RETURN_IF_ERROR(worker_->Ask(settle, kAskMax).status());
    ASSIGN_OR_RETURN(const json answer,
                     worker_->Ask({{"do", "copies"}, {"fields", true}}, kAskMax));
    uint64_t different = 0;
    for (const auto& [id, session] : sessions.items()) {
      if (answer["copies"][0].value(id, json()) != session) ++different;
    }
    findings->DemandNone(different, "copies of the stopped node unlike the hub's sessions");
    return absl::OkStatus();
  }
  absl::Status Stop() override { return worker_->Stop(); }

 private:
  const std::unique_ptr<Worker> worker_;
};

struct Phase {
  std::vector<double> per_second;
  double rss_grown_bytes = 0;
  uint64_t outbox_bytes = 0;  // of the reader, at the end
  uint64_t commits = 0;
  double hub_cpu_s = 0;
};

// All writers for so long, with the reader as it is.
absl::StatusOr<Phase> RunPhase(Scene* scene, const Workers& writers, double seconds) {
  const pid_t hub = scene->hub().pid();
  RETURN_IF_ERROR(ResetPeak(hub));
  ASSIGN_OR_RETURN(const Gauge before, ReadGauge(hub));
  const json write = {{"do", "write"},
                      {"seconds", seconds},
                      {"in_flight", kInFlight},
                      {"value_bytes", kValueBytes}};
  ASSIGN_OR_RETURN(const std::vector<json> answers, AskAll(writers, write, LoopMax(seconds)));
  Phase phase;
  phase.commits = SumAcked(answers, &scene->findings());
  ASSIGN_OR_RETURN(const Gauge after, ReadGauge(hub));
  ASSIGN_OR_RETURN(const json status, writers[0]->Ask({{"do", "status"}}, kAskMax));
  phase.hub_cpu_s = after.cpu_s - before.cpu_s;
  phase.rss_grown_bytes =
      static_cast<double>(after.rss_peak_bytes) - static_cast<double>(before.rss_bytes);
  phase.outbox_bytes = status["outbox_bytes"].value("reader", uint64_t{0});
  // The last second is cut off.
  const json& seconds_acked = answers[0]["per_second"];
  const auto whole = std::max<size_t>(1, static_cast<size_t>(seconds));
  for (size_t i = 0; i < std::min(whole, seconds_acked.size()); ++i) {
    phase.per_second.push_back(seconds_acked[i].get<double>());
  }
  return phase;
}

// One side of the comparison, over its phases.
struct Side {
  std::vector<double> per_second;
  double rss_grown_bytes_max = 0;
  uint64_t outbox_bytes_max = 0;
  uint64_t commits = 0;
  double hub_cpu_s = 0;

  double CpuMicrosOfCommit() const {
    return commits == 0 ? 0 : hub_cpu_s * 1e6 / static_cast<double>(commits);
  }
  void Add(const Phase& phase) {
    per_second.insert(per_second.end(), phase.per_second.begin(), phase.per_second.end());
    rss_grown_bytes_max = std::max(rss_grown_bytes_max, phase.rss_grown_bytes);
    outbox_bytes_max = std::max(outbox_bytes_max, phase.outbox_bytes);
    commits += phase.commits;
    hub_cpu_s += phase.hub_cpu_s;
  }
};

void TellStall(const Side& without, const Side& with, uint64_t outbox_bytes_max,
               Findings* findings) {
  const double base = Percentile(without.per_second, 50);
  const double ratio = base > 0 ? Percentile(with.per_second, 50) / base : 0;
  const double more = with.rss_grown_bytes_max - std::max(0.0, without.rss_grown_bytes_max);
  const auto bound = static_cast<double>(outbox_bytes_max);
  findings->Figure("commits_per_s", base);
  findings->Figure("commits_per_s_with_stall", Percentile(with.per_second, 50));
  findings->Figure("ratio", ratio);
  findings->Figure("hub_cpu_us_of_a_commit", without.CpuMicrosOfCommit());
  findings->Figure("hub_cpu_us_of_a_commit_with_stall", with.CpuMicrosOfCommit());
  findings->Figure("hub_rss_grown_bytes", without.rss_grown_bytes_max);
  findings->Figure("hub_rss_grown_bytes_with_stall", with.rss_grown_bytes_max);
  findings->Figure("outbox_bytes_with_stall", with.outbox_bytes_max);
  findings->Say(
      "  the others: " + OneDecimal(base) + " commits a second, " +
      OneDecimal(Percentile(with.per_second, 50)) + " with the stall; the hub took " +
      OneDecimal(without.CpuMicrosOfCommit()) + " and " + OneDecimal(with.CpuMicrosOfCommit()) +
      " us of processor time for each; it grew by " + InMebibytes(without.rss_grown_bytes_max) +
      " and " + InMebibytes(with.rss_grown_bytes_max) + " in a phase; at its end " +
      InMebibytes(static_cast<double>(with.outbox_bytes_max)) + " waited for the reader");
  findings->Goal("throughput of the others", ">= " + OneDecimal(100 * kGoalRatio) + " %",
                 OneDecimal(100 * ratio) + " %", ratio >= kGoalRatio);
  findings->Goal("what the stall adds to the hub's growth", "<= " + InMebibytes(bound),
                 InMebibytes(more), more <= bound);
  if (with.outbox_bytes_max > outbox_bytes_max + kOutboxSlackBytes) {
    findings->Violation("the reader's outbox holds " + std::to_string(with.outbox_bytes_max) +
                        " bytes, over outbox_bytes_max = " + std::to_string(outbox_bytes_max));
  }
}

absl::StatusOr<std::vector<std::string>> OpenAtWriters(const Workers& writers) {
  RETURN_IF_ERROR(AskAll(writers, {{"do", "open"}, {"own", kSessionsOfWriter}}, kAskMax).status());
  ASSIGN_OR_RETURN(const std::vector<json> copies, AskAll(writers, {{"do", "copies"}}, kAskMax));
  std::vector<std::string> ids;
  for (const json& node : copies[0]["copies"]) {
    for (const auto& [id, copy] : node.items()) ids.push_back(id);
  }
  return ids;
}

absl::Status MeasureStall(Scene* scene, const Workers& writers, Reader* reader) {
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, OpenAtWriters(writers));
  RETURN_IF_ERROR(reader->Open(ids));
  // So that RocksDB's buffers have their size before anything is compared.
  RETURN_IF_ERROR(RunPhase(scene, writers, scene->options().load_s).status());
  Side without, with;
  for (int round = 0; round < kRounds; ++round) {
    ASSIGN_OR_RETURN(const Phase calm, RunPhase(scene, writers, scene->options().stall_s));
    without.Add(calm);
    RETURN_IF_ERROR(reader->Stall(true));
    ASSIGN_OR_RETURN(const Phase stalled, RunPhase(scene, writers, scene->options().stall_s));
    with.Add(stalled);
    RETURN_IF_ERROR(reader->Stall(false));
    const int64_t goes_on_us = MonotonicMicros();
    ASSIGN_OR_RETURN(const json sessions, scene->ReadSessions(ids));
    RETURN_IF_ERROR(reader->Settle(sessions, &scene->findings()));
    scene->findings().Figure("last_convergence_ms",
                             static_cast<double>(MonotonicMicros() - goes_on_us) / 1000.0);
  }
  TellStall(without, with, scene->options().outbox_bytes_max, &scene->findings());
  ASSIGN_OR_RETURN(const json status, writers[0]->Ask({{"do", "status"}}, kAskMax));
  scene->findings().Figure("lapses", status["lapses"]);
  return scene->CheckTotals(writers);
}

template <typename AReader>
absl::Status MeasureWith(Scene* scene, size_t nodes) {
  RETURN_IF_ERROR(
      scene->StartHub({"--outbox-bytes-max", std::to_string(scene->options().outbox_bytes_max)}));
  ASSIGN_OR_RETURN(Workers writers, scene->StartNodes("writer", kWritersBeside, kWritersBeside));
  ASSIGN_OR_RETURN(auto worker, scene->StartWorker("reader", nodes));
  AReader reader(std::move(worker));
  RETURN_IF_ERROR(MeasureStall(scene, writers, &reader));
  RETURN_IF_ERROR(reader.Stop());
  RETURN_IF_ERROR(StopAll(&writers));
  return scene->StopHub();
}

}  // namespace

absl::Status MeasureSlowReader(Scene* scene) {
  return MeasureWith<SilentReader>(scene, 0);
}

absl::Status MeasureStoppedReader(Scene* scene) {
  return MeasureWith<StoppedReader>(scene, 1);
}

}  // namespace sessionhub::bench
