#include "bench/sizing/sizing_check.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "bench/demo/figures.h"
#include "bench/demo/process.h"
#include "bench/load/load.h"
#include "bench/overload/gauge.h"
#include "bench/overload/worker.h"
#include "bench/report/crowd_nodes.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kReadBackMax{180'000};
constexpr milliseconds kOpensslMax{60'000};
constexpr double kUsOfSecond = 1e6;
constexpr double kWarmUpS = 2;
constexpr double kQuickShare = 0.01;
constexpr double kQuickS = 0.5;
constexpr size_t kInFlightMax = 64;

// What is measured where the load leaves it; the rest is in the load's figures.
struct MeasuredUse {
  double hub_memory_bytes = 0;
  double node_memory_bytes = 0;
  double disk_bytes = 0;
};

double FolderBytes(const std::string& folder) {
  double sum = 0;
  std::error_code ignored;  // of a file that goes meanwhile
  for (std::filesystem::recursive_directory_iterator file(folder, ignored), end; file != end;
       file.increment(ignored)) {
    const uint64_t bytes = file->is_regular_file(ignored) ? file->file_size(ignored) : 0;
    if (!ignored) sum += static_cast<double>(bytes);
  }
  return sum;
}

// A certificate that is its own root. NotFound without openssl.
absl::Status MakeCertificate(const std::string& folder) {
  if (!std::filesystem::exists("/usr/bin/openssl")) {
    return absl::NotFoundError("openssl is not installed");
  }
  std::filesystem::create_directories(folder);
  return RunHelper(
      {"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
       "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=hub", "-addext",
       "subjectAltName=IP:127.0.0.1", "-keyout", folder + "/hub.key", "-out", folder + "/hub.pem"},
      folder + "/openssl.out", kOpensslMax);
}

LoadOptions LoadOf(const SizingOptions& options, const SizeQuestion& question) {
  LoadOptions load;
  load.nodes = static_cast<size_t>(question.nodes);
  load.fan_out = static_cast<size_t>(question.fan_out);
  load.sessions = static_cast<size_t>(question.sessions);
  load.session_bytes = static_cast<size_t>(question.session_bytes);
  load.session_fields = static_cast<size_t>(question.session_fields);
  load.value_bytes = static_cast<size_t>(question.value_bytes);
  load.per_s = question.changes_per_s;
  load.in_flight_max = kInFlightMax;
  load.warm_up_s = options.quick ? kQuickS : kWarmUpS;
  load.seconds = options.quick ? kQuickS : options.seconds;
  load.hub_program = options.hub_program;
  load.random_values = true;
  return load;
}

// As after the restart of a node: all sessions go through the hub's cache.
absl::Status ReadAllOnce(const LoadScene& scene, const LoadOptions& load) {
  std::vector<std::string> ids;
  for (size_t node = 0; node < load.nodes; ++node) {
    const Shares shares = SharesOf(load, node);
    ids.insert(ids.end(), shares.written.begin(), shares.written.end());
  }
  WorkerSpec spec = scene.node;
  spec.prefix = "reader";
  ASSIGN_OR_RETURN(const std::unique_ptr<Worker> reader, Worker::Start(spec));
  RETURN_IF_ERROR(reader->Ask({{"do", "attach"}}, kReadBackMax).status());
  RETURN_IF_ERROR(reader->Ask({{"do", "open"}, {"read", ids}}, kReadBackMax).status());
  return reader->Stop();
}

absl::Status MeasureWhatIsLeft(const LoadScene& scene, const LoadOptions& load,
                               MeasuredUse* measured) {
  for (const pid_t node : scene.nodes) {
    ASSIGN_OR_RETURN(const Gauge gauge, ReadGauge(node));
    measured->node_memory_bytes +=
        static_cast<double>(gauge.rss_bytes) / static_cast<double>(scene.nodes.size());
  }
  RETURN_IF_ERROR(AwaitQuiet(scene.hub));
  measured->disk_bytes = FolderBytes(scene.data_dir);
  RETURN_IF_ERROR(ReadAllOnce(scene, load));
  ASSIGN_OR_RETURN(const Gauge hub, ReadGauge(scene.hub));
  measured->hub_memory_bytes = static_cast<double>(hub.rss_bytes);
  return absl::OkStatus();
}

SizePlan PlanOf(const MeasuredUse& measured, const LoadFigures& figures) {
  SizePlan found;
  found.hub_memory_bytes = measured.hub_memory_bytes;
  found.node_memory_bytes = measured.node_memory_bytes;
  found.disk_bytes = measured.disk_bytes;
  found.disk_written_bytes_per_s = figures.disk_bytes * figures.commits_per_s;
  found.hub_cores = figures.hub_cpu_us * figures.commits_per_s / kUsOfSecond;
  found.nodes_cores = figures.nodes_cpu_us * figures.commits_per_s / kUsOfSecond;
  found.wire_bytes_per_s =
      figures.wire_bytes * figures.commits_per_s + figures.idle_wire_bytes_per_s;
  return found;
}

void TellRows(const SizingOptions& options, const SizePlan& planned, const SizePlan& found,
              bool wire_measured, Findings* findings) {
  for (const SizeResource& resource : kSizeResources) {
    const double plan = planned.*resource.planned, figure = found.*resource.planned;
    const std::string name = resource.name;
    if (name == "wire_bytes_per_s" && !wire_measured) {
      findings->Say("  " + name + ": not measured, as that takes a network of its own (root)");
      continue;
    }
    findings->Figure(name, nlohmann::ordered_json{
                               {"planned", plan}, {"measured", figure}, {"ratio", figure / plan}});
    const std::string words = name + ": planned " + TwoDecimals(plan) + ", measured " +
                              TwoDecimals(figure) + ", ratio " + TwoDecimals(figure / plan);
    if (options.quick || WithinSizingFactor(plan, figure)) {
      findings->Say("  " + words);
    } else {
      findings->Violation(words + ": more than " + OneDecimal(kSizingFactorMax) + " x away");
    }
  }
}

}  // namespace

std::vector<SizingPoint> SizingPoints(bool quick) {
  std::vector<SizingPoint> points(4);
  const auto set = [&](size_t at, const char* name, double sessions, double session_bytes,
                       double nodes, double changes_per_s, double fan_out) {
    const double share = quick ? kQuickShare : 1;
    points[at].name = name;
    SizeQuestion& question = points[at].question;
    question.sessions = sessions * share;
    question.session_bytes = session_bytes;
    question.nodes = nodes;
    question.changes_per_s = std::max(changes_per_s * share, nodes * 4);
    question.fan_out = fan_out;
  };
  set(0, "small", 5'000, 4'096, 2, 100, 1);
  set(1, "medium", 12'000, 8'192, 4, 400, 2);
  set(2, "large", 40'000, 8'192, 8, 1'000, 4);
  set(3, "tls", 5'000, 4'096, 2, 100, 2);
  points[3].question.tls = true;
  return points;
}

absl::Status CheckPoint(const SizingOptions& options, const SizingPoint& point,
                        const std::string& folder, Findings* findings) {
  LoadOptions load = LoadOf(options, point.question);
  if (point.question.tls) {
    const absl::Status made = MakeCertificate(folder + "/tls");
    if (absl::IsNotFound(made)) {
      findings->Say("  not measured: " + std::string(made.message()));
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(made);
    load.tls_ca = folder + "/tls/hub.pem";
    load.hub_options = {"--tls-certificate", load.tls_ca, "--tls-key", folder + "/tls/hub.key"};
  }
  MeasuredUse measured;
  load.on_filled = [](const LoadScene& scene) { return AwaitQuiet(scene.hub); };
  load.on_done = [&](const LoadScene& scene) { return MeasureWhatIsLeft(scene, load, &measured); };
  ASSIGN_OR_RETURN(const LoadFigures figures, MeasureLoad(load, folder, findings));
  TellRows(options, PlanFor(point.question), PlanOf(measured, figures), figures.wire_packets > 0,
           findings);
  return absl::OkStatus();
}

}  // namespace sessionhub::bench
