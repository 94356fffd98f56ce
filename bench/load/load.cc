#include "bench/load/load.h"

#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>
#include <utility>

#include "bench/demo/commit_log.h"
#include "bench/demo/figures.h"
#include "bench/demo/hub_process.h"
#include "bench/load/private_network.h"
#include "bench/overload/gauge.h"
#include "bench/overload/run_folder.h"
#include "bench/overload/worker.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kStepMax{180'000};
constexpr milliseconds kProgressEvery{5'000};
constexpr double kIdleS = 2;

// What the kernel has counted until now.
struct Counters {
  int64_t time_us = 0;
  double hub_cpu_s = 0;
  double nodes_cpu_s = 0;
  uint64_t disk_bytes = 0;
  WireCounters wire;
};

uint64_t WrittenBytes(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/io");
  for (std::string key; file >> key;) {
    uint64_t bytes = 0;
    if (key == "write_bytes:" && file >> bytes) return bytes;
  }
  return 0;
}

// A hub, its nodes, and what is asked of them.
class LoadRun {
 public:
  LoadRun(const LoadOptions& options, std::string folder, bool own_network, Findings* findings)
      : options_(options),
        folder_(std::move(folder)),
        own_network_(own_network),
        findings_(*findings),
        hub_(options.hub_program.empty() ? ProgramFolder() + "/sessionhubd" : options.hub_program,
             folder_, options.hub_options) {}

  absl::StatusOr<LoadFigures> Run() {
    RETURN_IF_ERROR(Prepare());
    if (options_.on_filled) RETURN_IF_ERROR(options_.on_filled(Scene()));
    ASSIGN_OR_RETURN(const Counters before_idle, Count());
    if (own_network_) std::this_thread::sleep_for(std::chrono::duration<double>(kIdleS));
    ASSIGN_OR_RETURN(const Counters before, Count());
    ASSIGN_OR_RETURN(const std::vector<json> answers, Write());
    ASSIGN_OR_RETURN(const Counters after, Count());
    RETURN_IF_ERROR(CheckCopies());
    if (options_.on_done) RETURN_IF_ERROR(options_.on_done(Scene()));
    RETURN_IF_ERROR(StopAll(&nodes_));
    RETURN_IF_ERROR(hub_.Stop());
    std::string first;
    const size_t errors = CountLoggedErrors(hub_.log_path(), &first);
    findings_.DemandNone(errors, "errors in the hub's log: " + first);
    return Sum(answers, before_idle, before, after);
  }

 private:
  absl::Status Prepare() {
    RETURN_IF_ERROR(hub_.Start());
    for (size_t node = 0; node < options_.nodes; ++node) {
      WorkerSpec spec = NodeSpec();
      spec.prefix = "node-" + std::to_string(node);
      ASSIGN_OR_RETURN(nodes_.emplace_back(), Worker::Start(spec));
    }
    RETURN_IF_ERROR(AskAll(nodes_, {{"do", "attach"}}, kStepMax).status());
    for (size_t node = 0; node < options_.nodes; ++node) {
      const Shares shares = SharesOf(options_, node);
      const json open = {{"do", "open"}, {"written", shares.written}, {"read", shares.read}};
      RETURN_IF_ERROR(nodes_[node]->Ask(open, kStepMax).status());
    }
    const json fill = {{"do", "fill"},
                       {"fields", options_.session_fields},
                       {"bytes", options_.session_bytes},
                       {"random", options_.random_values}};
    // With round-robin the first node writes all sessions.
    if (options_.round_robin) return nodes_[0]->Ask(fill, kStepMax).status();
    return AskAll(nodes_, fill, kStepMax).status();
  }

  WorkerSpec NodeSpec() const {
    WorkerSpec spec;
    spec.program = ProgramFolder() + "/sessionhub-bench";
    spec.folder = folder_;
    spec.endpoint = hub_.endpoint();
    spec.app = "load";
    spec.command = "load-node";
    if (!options_.tls_ca.empty()) spec.options = {"--tls-ca", options_.tls_ca};
    return spec;
  }

  LoadScene Scene() const {
    LoadScene scene;
    scene.hub = hub_.pid();
    scene.data_dir = folder_ + "/hub";
    for (const auto& node : nodes_) scene.nodes.push_back(node->pid());
    scene.node = NodeSpec();
    return scene;
  }

  absl::StatusOr<Counters> Count() const {
    Counters counters;
    counters.time_us = MonotonicMicros();
    ASSIGN_OR_RETURN(const Gauge hub, ReadGauge(hub_.pid()));
    counters.hub_cpu_s = hub.cpu_s;
    for (const auto& node : nodes_) {
      ASSIGN_OR_RETURN(const Gauge gauge, ReadGauge(node->pid()));
      counters.nodes_cpu_s += gauge.cpu_s;
    }
    counters.disk_bytes = WrittenBytes(hub_.pid());
    if (own_network_) {
      ASSIGN_OR_RETURN(counters.wire, ReadLoopback());
    }
    return counters;
  }

  absl::StatusOr<std::vector<json>> Write() {
    json order = {{"do", "run"},
                  {"per_s", options_.per_s / static_cast<double>(Writers())},
                  {"in_flight_max", options_.in_flight_max},
                  {"session_fields", options_.session_fields},
                  {"fields", options_.fields},
                  {"value_bytes", options_.value_bytes},
                  {"ack", options_.ack},
                  {"warm_up_s", options_.warm_up_s},
                  {"seconds", options_.seconds}};
    for (size_t node = 0; node < Writers(); ++node) {
      // Each has its turn within the time between two commits of a node.
      if (options_.per_s > 0) order["delay_s"] = static_cast<double>(node) / options_.per_s;
      RETURN_IF_ERROR(nodes_[node]->Send(order));
    }
    std::vector<json> answers;
    const int64_t begun_us = MonotonicMicros();
    for (size_t node = 0; node < Writers(); ++node) {
      ASSIGN_OR_RETURN(answers.emplace_back(), AwaitWithProgress(nodes_[node].get(), begun_us));
    }
    return answers;
  }

  size_t Writers() const { return options_.nodes - options_.idle_nodes; }

  absl::StatusOr<json> AwaitWithProgress(Worker* node, int64_t begun_us) const {
    const double max_s = options_.warm_up_s + options_.seconds + 120;
    while (true) {
      absl::StatusOr<json> answer = node->Await(kProgressEvery);
      const double seconds = static_cast<double>(MonotonicMicros() - begun_us) / 1e6;
      if (!absl::IsDeadlineExceeded(answer.status()) || seconds > max_s) return answer;
      std::fprintf(stderr, "  %.0f of %.0f s\n", seconds, options_.warm_up_s + options_.seconds);
    }
  }

  // Who only holds a session has in the end what its writer has.
  absl::Status CheckCopies() {
    json versions = json::object();
    ASSIGN_OR_RETURN(const auto answers, AskAll(nodes_, {{"do", "versions"}}, kStepMax));
    for (const json& answer : answers) versions.update(answer["versions"]);
    const auto settled = AskAll(nodes_, {{"do", "settle"}, {"versions", versions}}, kStepMax);
    if (!settled.ok()) findings_.Violation(settled.status().ToString());
    return absl::OkStatus();
  }

  LoadFigures Sum(const std::vector<json>& answers, const Counters& before_idle,
                  const Counters& before, const Counters& after) {
    LoadFigures figures;
    uint64_t all = 0;
    for (const json& answer : answers) {
      figures.latency.Merge(LatencyHistogram::FromJson(answer["latency"]));
      all += answer["all"].get<uint64_t>();
      findings_.DemandNone(answer["failed"].get<uint64_t>(),
                           "commits not applied: " + answer["first_error"].get<std::string>());
    }
    figures.commits = figures.latency.count();
    if (figures.commits == 0) findings_.Violation("no commit was counted");
    figures.commits_per_s = static_cast<double>(figures.commits) / options_.seconds;
    const double each = 1.0 / static_cast<double>(std::max<uint64_t>(all, 1));
    figures.hub_cpu_us = (after.hub_cpu_s - before.hub_cpu_s) * 1e6 * each;
    figures.nodes_cpu_us = (after.nodes_cpu_s - before.nodes_cpu_s) * 1e6 * each;
    figures.disk_bytes = static_cast<double>(after.disk_bytes - before.disk_bytes) * each;
    AddWire(before_idle, before, after, each, &figures);
    return figures;
  }

  void AddWire(const Counters& before_idle, const Counters& before, const Counters& after,
               double each, LoadFigures* figures) const {
    if (!own_network_) return;
    const auto seconds = [](const Counters& from, const Counters& to) {
      return static_cast<double>(to.time_us - from.time_us) / 1e6;
    };
    const double idle_s = seconds(before_idle, before), busy_s = seconds(before, after);
    const WireCounters idle = before.wire - before_idle.wire, busy = after.wire - before.wire;
    figures->idle_wire_bytes_per_s = static_cast<double>(idle.bytes) / idle_s;
    const double idle_packets_per_s = static_cast<double>(idle.packets) / idle_s;
    figures->wire_bytes =
        (static_cast<double>(busy.bytes) - figures->idle_wire_bytes_per_s * busy_s) * each;
    figures->wire_packets =
        (static_cast<double>(busy.packets) - idle_packets_per_s * busy_s) * each;
  }

  const LoadOptions& options_;
  const std::string folder_;
  const bool own_network_;
  Findings& findings_;
  HubProcess hub_;
  Workers nodes_;
};

}  // namespace

void TellLoad(const LoadOptions& options, const LoadFigures& figures, Findings* findings) {
  const auto us = [&figures](double percent) {
    return std::to_string(figures.latency.PercentileUs(percent));
  };
  findings->Say("  " + OneDecimal(figures.commits_per_s) + " commits/s; latency us: p50 " + us(50) +
                ", p90 " + us(90) + ", p99 " + us(99) + ", p99.9 " + us(99.9) + ", max " +
                std::to_string(figures.latency.max_us()));
  findings->Say(
      "  a commit: hub " + OneDecimal(figures.hub_cpu_us) + " us and nodes " +
      OneDecimal(figures.nodes_cpu_us) + " us of processor time, " +
      OneDecimal(figures.disk_bytes) + " bytes to disk (" +
      OneDecimal(figures.disk_bytes / static_cast<double>(options.fields * options.value_bytes)) +
      " for each changed byte)");
  if (figures.wire_packets > 0) {
    findings->Say("  on the wire, all headers: " + OneDecimal(figures.wire_bytes) + " bytes in " +
                  OneDecimal(figures.wire_packets) + " packets; idle, subtracted: " +
                  OneDecimal(figures.idle_wire_bytes_per_s) + " bytes/s");
  } else {
    findings->Say("  bytes on the wire: not measured, as that takes a network of its own (root)");
  }
  findings->Figure("commits_per_s", figures.commits_per_s);
  findings->Figure("latency_us", DescribeUs(figures.latency));
  findings->Figure("hub_cpu_us_per_commit", figures.hub_cpu_us);
  findings->Figure("nodes_cpu_us_per_commit", figures.nodes_cpu_us);
  findings->Figure("disk_bytes_per_commit", figures.disk_bytes);
  findings->Figure("wire_bytes_per_commit", figures.wire_bytes);
  findings->Figure("wire_packets_per_commit", figures.wire_packets);
  findings->Figure("idle_wire_bytes_per_s", figures.idle_wire_bytes_per_s);
}

Shares SharesOf(const LoadOptions& options, size_t node) {
  const size_t writers = options.nodes - options.idle_nodes;
  if (node >= writers) return {{}, {"idle-" + std::to_string(node)}};
  Shares shares;
  for (size_t session = 0; session < options.sessions; ++session) {
    const std::string id = "session-" + std::to_string(session);
    // How many nodes after its writer this node comes.
    const size_t place = (node + writers - session % writers) % writers;
    if (options.round_robin || place == 0) {
      shares.written.push_back(id);
    } else if (place < options.fan_out) {
      shares.read.push_back(id);
    }
  }
  return shares;
}

absl::StatusOr<LoadFigures> MeasureLoad(const LoadOptions& options, const std::string& folder,
                                        Findings* findings) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return absl::UnavailableError("cannot make " + folder + ": " + error.message());
  return LoadRun(options, folder, EnterPrivateNetwork().ok(), findings).Run();
}

absl::StatusOr<bool> RunLoad(const LoadOptions& options) {
  signal(SIGPIPE, SIG_IGN);  // a worker that has ended is found out by what write() answers
  ASSIGN_OR_RETURN(const std::string folder, MakeRunFolder("load"));
  Findings findings;
  findings.Begin("load");
  findings.Say("sessionhub load: " + DescribeMachine());
  ASSIGN_OR_RETURN(const LoadFigures figures, MeasureLoad(options, folder, &findings));
  TellLoad(options, figures, &findings);
  return EndRun(findings, folder, {options.json_path, options.command, options.commit},
                "every commit was applied, and every copy has come up to its session");
}

}  // namespace sessionhub::bench
