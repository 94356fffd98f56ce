#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/demo/figures.h"
#include "bench/report/crowd_nodes.h"
#include "bench/report/data_folder.h"
#include "bench/report/report_rows.h"
#include "hub/store/rocks_store.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;

constexpr char kMillionPrefix[] = "session-";
constexpr size_t kMillionFields = 20;
constexpr size_t kMillionNodes = 4;  // that fill and serve
constexpr size_t kMillionThreads = 4;
constexpr uint64_t kFewShare = 100;  // one in so many of the sessions, for comparison
constexpr double kFewRatioMax = 1.3;
constexpr double kMillionWarmUpS = 1;
constexpr size_t kSessionsOfStream = 100;
constexpr size_t kStreamsOfProcessMax = 250;
constexpr double kMemoryBytesMax = 1 << 30;
constexpr double kStartMsMax = 2'000;  // beyond that of an empty folder
constexpr std::chrono::milliseconds kFillMax{900'000};
constexpr double kFullLogShare = 5.0 / 6;  // of what the database lets stand of its logs
constexpr uint64_t kEndless = 10'000'000;  // more than is written until the hub is killed

struct Start {
  double ready_ms = 0;
  double answer_ms = 0;  // until a node that was started then has opened a session
  double cpu_ms = 0;     // of the hub until then
};

struct Requests {
  double per_s = 0;
  double p50_us = 0;
  double cpu_us = 0;  // of the hub, by request
};

// What is measured with few sessions, or none.
struct Few {
  Start start;
  double idle_bytes = 0;     // of the hub's memory
  double streams_bytes = 0;  // with all streams
  Requests requests;
};

json FillCommand() {
  return {{"do", "populate"},
          {"prefix", kMillionPrefix},
          {"fields", kMillionFields},
          {"value_bytes", kReportValueBytes}};
}

class MillionRow {
 public:
  MillionRow(ReportScene* report, const std::string& folder)
      : report_(*report),
        findings_(report->findings()),
        folder_(folder),
        sessions_(report->options().sessions / kMillionNodes * kMillionNodes) {}

  absl::Status Run() {
    ASSIGN_OR_RETURN(const Few few, MeasureFew());
    return MeasureMany(few);
  }

 private:
  absl::StatusOr<Few> MeasureFew();
  absl::Status MeasureMany(const Few& few);
  absl::StatusOr<Start> TimeStart(const Scene& scene, const std::function<absl::Status()>& start,
                                  uint64_t sessions_min);
  absl::Status Fill(const Scene& scene, const Workers& nodes, uint64_t sessions);
  absl::StatusOr<Requests> Serve(const std::string& key, const Scene& scene, const Workers& nodes,
                                 uint64_t sessions);
  absl::Status TellServed(const Few& few, const Scene& scene, const Workers& nodes);
  absl::StatusOr<Workers> AttachStreams(const Scene& scene) {
    return scene.StartNodes("streams", report_.options().streams, kStreamsOfProcessMax);
  }
  absl::Status TellMemory(const Few& few, const Scene& scene);
  absl::Status KillWithFullLog(const Scene& scene, Workers* nodes);
  absl::Status TellStart(const Few& few, const Scene& scene);
  std::string Sessions() const { return std::to_string(sessions_) + " sessions"; }

  ReportScene& report_;
  Findings& findings_;
  const std::string folder_;
  const uint64_t sessions_;
};

// `start` begins with no process of a hub and returns when it is ready. At least so many sessions
// must be there then.
absl::StatusOr<Start> MillionRow::TimeStart(const Scene& scene,
                                            const std::function<absl::Status()>& start,
                                            uint64_t sessions_min) {
  const int64_t begun_us = MonotonicMicros();
  const auto ms = [begun_us] { return static_cast<double>(MonotonicMicros() - begun_us) / 1'000; };
  Start times;
  RETURN_IF_ERROR(start());
  times.ready_ms = ms();
  ASSIGN_OR_RETURN(Workers first, StartGenerators(scene, "first", 1));
  const json open = {{"do", "open"}, {"written", {std::string(kMillionPrefix) + "0"}}};
  RETURN_IF_ERROR(AskAll(first, open, kAskMax).status());
  times.answer_ms = ms();
  ASSIGN_OR_RETURN(const Gauge gauge, scene.HubGauge());
  times.cpu_ms = gauge.cpu_s * 1'000;
  ASSIGN_OR_RETURN(const json counted, first[0]->Ask({{"do", "count"}}, kAskMax));
  const uint64_t there = counted["sessions"].get<uint64_t>();
  findings_.DemandNone(sessions_min - std::min(sessions_min, there),
                       "sessions with acked commits that are not there after a start");
  RETURN_IF_ERROR(StopAll(&first));
  return times;
}

// What the filling leaves for the database to do in the background is done when it returns.
absl::Status MillionRow::Fill(const Scene& scene, const Workers& nodes, uint64_t sessions) {
  findings_.Say("  filling " + std::to_string(sessions) + " sessions with " +
                std::to_string(kMillionFields) + " fields of " + std::to_string(kReportValueBytes) +
                " bytes …");
  const int64_t begun_us = MonotonicMicros();
  RETURN_IF_ERROR(SendShares(nodes, FillCommand(), 0, sessions));
  RETURN_IF_ERROR(AwaitAll(nodes, kFillMax).status());
  findings_.Say("  took " + OneDecimal(static_cast<double>(MonotonicMicros() - begun_us) / 1e6) +
                " s");
  return AwaitQuiet(scene.hub().pid());
}

absl::StatusOr<Requests> MillionRow::Serve(const std::string& key, const Scene& scene,
                                           const Workers& nodes, uint64_t sessions) {
  const double seconds = report_.options().seconds;
  const json serve = {{"do", "serve"},
                      {"prefix", kMillionPrefix},
                      {"fields", kMillionFields},
                      {"value_bytes", kReportValueBytes},
                      {"threads", kMillionThreads},
                      {"warm_up_s", kMillionWarmUpS},
                      {"seconds", seconds}};
  ASSIGN_OR_RETURN(const Gauge before, scene.HubGauge());
  RETURN_IF_ERROR(SendShares(nodes, serve, 0, sessions));
  ASSIGN_OR_RETURN(const auto answers, AwaitAll(nodes, LoopMax(seconds + kMillionWarmUpS)));
  ASSIGN_OR_RETURN(const Gauge after, scene.HubGauge());
  ASSIGN_OR_RETURN(const Served served, SumServed(answers, seconds));
  const Requests requests = {
      served.per_s, static_cast<double>(served.latency.PercentileUs(50)),
      (after.cpu_s - before.cpu_s) * 1e6 / static_cast<double>(served.with_warm_up)};
  findings_.Figure(key, nlohmann::ordered_json{{"requests_per_s", requests.per_s},
                                               {"latency_us", DescribeUs(served.latency)},
                                               {"hub_cpu_us_per_request", requests.cpu_us}});
  findings_.Say("  " + key + ": " + OneDecimal(requests.per_s) + " requests/s, p50 " +
                OneDecimal(requests.p50_us) + " us, hub " + OneDecimal(requests.cpu_us) +
                " us of processor time each");
  return requests;
}

absl::StatusOr<Few> MillionRow::MeasureFew() {
  Few few;
  Scene scene = report_.HubScene(folder_ + "/few");
  ASSIGN_OR_RETURN(few.start, TimeStart(
                                  scene, [&] { return scene.StartHub(); }, 0));
  ASSIGN_OR_RETURN(const Gauge idle, scene.HubGauge());
  few.idle_bytes = static_cast<double>(idle.rss_bytes);
  ASSIGN_OR_RETURN(Workers streams, AttachStreams(scene));
  ASSIGN_OR_RETURN(const Gauge attached, scene.HubGauge());
  few.streams_bytes = static_cast<double>(attached.rss_bytes);
  RETURN_IF_ERROR(StopAll(&streams));
  ASSIGN_OR_RETURN(Workers nodes, StartGenerators(scene, "node", kMillionNodes));
  const uint64_t sessions = std::max<uint64_t>(kMillionNodes, sessions_ / kFewShare);
  RETURN_IF_ERROR(Fill(scene, nodes, sessions));
  ASSIGN_OR_RETURN(few.requests, Serve("few", scene, nodes, sessions));
  RETURN_IF_ERROR(StopAll(&nodes));
  RETURN_IF_ERROR(scene.StopHub());
  return few;
}

absl::Status MillionRow::MeasureMany(const Few& few) {
  Scene scene = report_.HubScene(folder_ + "/many");
  RETURN_IF_ERROR(scene.StartHub());
  ASSIGN_OR_RETURN(Workers nodes, StartGenerators(scene, "node", kMillionNodes));
  RETURN_IF_ERROR(Fill(scene, nodes, sessions_));
  RETURN_IF_ERROR(TellServed(few, scene, nodes));
  RETURN_IF_ERROR(TellMemory(few, scene));
  RETURN_IF_ERROR(KillWithFullLog(scene, &nodes));
  RETURN_IF_ERROR(TellStart(few, scene));
  return scene.StopHub();
}

absl::Status MillionRow::TellServed(const Few& few, const Scene& scene, const Workers& nodes) {
  ASSIGN_OR_RETURN(const Requests many, Serve("many", scene, nodes, sessions_));
  const std::string beside = ", " + Sessions() + " beside " + std::to_string(sessions_ / kFewShare);
  report_.AtMost({.name = "p50 us of a request" + beside,
                  .figure = {many.p50_us, kHubSurvives},
                  .beside = {few.requests.p50_us, kHubSurvives},
                  .bound = kFewRatioMax});
  report_.AtLeast({.name = "requests/s" + beside,
                   .figure = {many.per_s, kHubSurvives},
                   .beside = {few.requests.per_s, kHubSurvives},
                   .bound = 1 / kFewRatioMax});
  findings_.Known("processor us of the hub for a request" + beside,
                  OneDecimal(many.cpu_us) + " and " + OneDecimal(few.requests.cpu_us));
  RETURN_IF_ERROR(ForgetPages(folder_ + "/many/hub"));
  ASSIGN_OR_RETURN(const Requests from_disk, Serve("many_from_disk", scene, nodes, sessions_));
  findings_.Known("the same with nothing of them in the kernel's memory, requests/s and p50 us",
                  OneDecimal(from_disk.per_s) + " and " + OneDecimal(from_disk.p50_us));
  return absl::OkStatus();
}

absl::Status MillionRow::TellMemory(const Few& few, const Scene& scene) {
  ASSIGN_OR_RETURN(const Gauge before, scene.HubGauge());
  ASSIGN_OR_RETURN(Workers streams, AttachStreams(scene));
  ASSIGN_OR_RETURN(const Gauge attached, scene.HubGauge());
  const uint64_t each =
      std::min<uint64_t>(kSessionsOfStream, sessions_ / report_.options().streams);
  for (size_t i = 0; i < streams.size(); ++i) {
    RETURN_IF_ERROR(streams[i]->Send({{"do", "open"},
                                      {"create", false},
                                      {"prefix", kMillionPrefix},
                                      {"first", i * kStreamsOfProcessMax * each},
                                      {"each", each}}));
  }
  RETURN_IF_ERROR(AwaitAll(streams, kAskMax).status());
  ASSIGN_OR_RETURN(const Gauge after, scene.HubGauge());
  ASSIGN_OR_RETURN(const json status, streams[0]->Ask({{"do", "status"}}, kAskMax));
  const uint64_t interests = each * report_.options().streams;
  const uint64_t there = status["interests"].get<uint64_t>();
  findings_.DemandNone(interests - std::min(interests, there),
                       "sessions of nodes in which the hub knows of no interest");
  RETURN_IF_ERROR(StopAll(&streams));

  const auto cache = static_cast<double>(hub::RocksStoreOptions().block_cache_bytes);
  const auto rss = static_cast<double>(after.rss_bytes);
  const double beyond = rss - few.streams_bytes;
  const double opened = rss - static_cast<double>(attached.rss_bytes);
  // The same streams without sessions were attached to two hubs.
  const double noise =
      std::abs(static_cast<double>(attached.rss_bytes) - static_cast<double>(before.rss_bytes) -
               (few.streams_bytes - few.idle_bytes));
  findings_.Figure("hub_rss_bytes", after.rss_bytes);
  findings_.Figure("hub_rss_peak_bytes", after.rss_peak_bytes);
  findings_.Figure("hub_rss_bytes_before_streams", before.rss_bytes);
  findings_.Figure("hub_rss_bytes_with_streams", attached.rss_bytes);
  findings_.Figure("hub_rss_bytes_of_streams_without_sessions", few.streams_bytes);
  findings_.Figure("opened_bytes", opened);
  findings_.Figure("opened_noise_bytes", noise);
  findings_.Figure("interests", there);
  findings_.Tell(
      {.name = "memory of the hub, " + Sessions() + ", " + std::to_string(interests) + " open on " +
               std::to_string(report_.options().streams) + " streams, beyond that of the streams",
       .goal = "<= " + InMebibytes(kMemoryBytesMax) + " and a block cache of " + InMebibytes(cache),
       .figure = InMebibytes(beyond) + " (" + InMebibytes(rss) + " and " +
                 InMebibytes(few.streams_bytes) + ")",
       .reached = beyond <= kMemoryBytesMax + cache,
       .source = GoalSource::kDesign});
  const auto sessions = static_cast<double>(interests);
  findings_.Known(
      "memory of the hub for each open session, bytes, with all that its opening leaves",
      AboveNoise(opened / sessions, noise / sessions));
  return absl::OkStatus();
}

// While further sessions are written; the nodes are killed with it.
absl::Status MillionRow::KillWithFullLog(const Scene& scene, Workers* nodes) {
  RETURN_IF_ERROR(SendShares(*nodes, FillCommand(), sessions_, kEndless));
  const std::string database = folder_ + "/many/hub/db";
  const uint64_t most = hub::RocksStoreOptions().wal_bytes_max;
  const auto least = static_cast<uint64_t>(static_cast<double>(most) * kFullLogShare);
  RETURN_IF_ERROR(AwaitLogBytes(database, least, most).status());
  scene.hub().Kill();
  nodes->clear();
  const uint64_t bytes = LogBytes(database);
  findings_.Figure("log_bytes_at_kill", bytes);
  findings_.Say("  killed with " + InMebibytes(static_cast<double>(bytes)) + " of logs");
  return absl::OkStatus();
}

absl::Status MillionRow::TellStart(const Few& few, const Scene& scene) {
  ASSIGN_OR_RETURN(const Start start, TimeStart(
                                          scene, [&] { return scene.hub().Start(); }, sessions_));
  findings_.Figure("start_ms", nlohmann::ordered_json{{"ready", start.ready_ms},
                                                      {"first_answer", start.answer_ms},
                                                      {"cpu", start.cpu_ms},
                                                      {"empty_ready", few.start.ready_ms},
                                                      {"empty_first_answer", few.start.answer_ms},
                                                      {"empty_cpu", few.start.cpu_ms}});
  const double more_ms = start.answer_ms - few.start.answer_ms;
  findings_.Tell({.name = "start after SIGKILL with a full log, " + Sessions() +
                          ", ms until a node has an answer, beyond that of an empty folder",
                  .goal = "<= " + OneDecimal(kStartMsMax),
                  .figure = OneDecimal(more_ms) + " (" + OneDecimal(start.answer_ms) + " and " +
                            OneDecimal(few.start.answer_ms) + ")",
                  .reached = more_ms <= kStartMsMax,
                  .source = GoalSource::kDesign,
                  .survives = kHubSurvives});
  findings_.Known("of it, processor ms of the hub",
                  OneDecimal(start.cpu_ms) + " and " + OneDecimal(few.start.cpu_ms));
  return absl::OkStatus();
}

}  // namespace

void TellMillion(ReportScene* scene) {
  scene->Measure("million", [scene](const std::string& own_folder) {
    return MillionRow(scene, own_folder).Run();
  });
}

}  // namespace sessionhub::bench
