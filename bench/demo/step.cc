#include "bench/demo/step.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "bench/demo/figures.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kDumpMax{300'000};
constexpr milliseconds kSettleMax{30'000};
constexpr milliseconds kSettleLook{100};

double SecondsSince(int64_t start_us) {
  return static_cast<double>(MonotonicMicros() - start_us) / 1e6;
}

// One step while it runs.
class Run {
 public:
  Run(Stage* stage, const StepPlan& plan)
      : stage_(*stage),
        plan_(plan),
        folder_(stage->folder + "/" + plan.name),
        fleet_({.argv = NodeCommand(*stage, plan), .nodes = plan.nodes, .folder = folder_}) {}

  absl::StatusOr<StepOutcome> Execute(const MakeDisturbance& make_disturbance);

 private:
  static std::vector<std::string> NodeCommand(const Stage& stage, const StepPlan& plan);
  absl::Status Begin();
  absl::Status DriveTraffic(const MakeDisturbance& make_disturbance);
  absl::Status Settle();
  absl::Status ReadHubSessions();
  absl::Status CompareCopies();
  absl::StatusOr<size_t> CountDifferences();
  absl::Status ReadCounters();
  absl::Status Dump(const std::string& what, const std::string& ids_path);
  std::string File(const std::string& name) const { return folder_ + "/" + name; }

  const Stage& stage_;
  const StepPlan& plan_;
  const std::string folder_;
  Fleet fleet_;
  Carts carts_;
  TcpCounters bytes_before_;
  StepOutcome outcome_;
};

absl::StatusOr<StepOutcome> Run::Execute(const MakeDisturbance& make_disturbance) {
  RETURN_IF_ERROR(Begin());
  RETURN_IF_ERROR(DriveTraffic(make_disturbance));
  RETURN_IF_ERROR(Settle());
  RETURN_IF_ERROR(ReadHubSessions());
  RETURN_IF_ERROR(CompareCopies());
  RETURN_IF_ERROR(ReadCounters());
  RETURN_IF_ERROR(fleet_.Stop());
  ASSIGN_OR_RETURN(outcome_.logs, fleet_.ReadLogs());
  outcome_.commits = CheckCommits(outcome_.logs, carts_);
  outcome_.forwards = CheckForwards(outcome_.logs, outcome_.nodes);
  return std::move(outcome_);
}

std::vector<std::string> Run::NodeCommand(const Stage& stage, const StepPlan& plan) {
  std::vector<std::string> argv = {stage.program,         "node",  "--endpoint",
                                   stage.hub->endpoint(), "--app", plan.name};
  argv.insert(argv.end(), plan.node_options.begin(), plan.node_options.end());
  return argv;
}

absl::Status Run::Begin() {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) return absl::UnavailableError("cannot make the folder " + folder_);
  RETURN_IF_ERROR(fleet_.Start());
  ASSIGN_OR_RETURN(const std::vector<std::string> attached, fleet_.AskAll("attached"));
  if (std::count(attached.begin(), attached.end(), "yes") !=
      static_cast<ptrdiff_t>(fleet_.size())) {
    return absl::UnavailableError("not every node reached the hub; see " + folder_);
  }
  ASSIGN_OR_RETURN(bytes_before_, CountFleetBytes(&fleet_));
  return absl::OkStatus();
}

absl::Status Run::DriveTraffic(const MakeDisturbance& make_disturbance) {
  Traffic traffic(stage_.baskets,
                  {.label = plan_.name,
                   .routing = plan_.routing,
                   .nodes_used = plan_.nodes_used,
                   .users = stage_.users,
                   .deadline_us = stage_.deadline_us},
                  &fleet_);
  const std::unique_ptr<Disturbance> disturbance =
      make_disturbance ? make_disturbance(&fleet_) : nullptr;
  const int64_t start_us = MonotonicMicros();
  RETURN_IF_ERROR(traffic.Run(disturbance.get()));
  outcome_.seconds = SecondsSince(start_us);
  if (!plan_.measure_bytes) return absl::OkStatus();
  ASSIGN_OR_RETURN(outcome_.bytes,
                   MeasureBytes(stage_, &fleet_, bytes_before_, outcome_.seconds, traffic.total()));
  return absl::OkStatus();
}

absl::Status Run::Dump(const std::string& what, const std::string& ids_path) {
  std::vector<std::string> argv = {stage_.program, "dump",     "--endpoint", stage_.hub->endpoint(),
                                   "--app",        plan_.name, "--out",      File(what)};
  if (!ids_path.empty()) argv.insert(argv.end(), {"--ids", ids_path});
  return RunHelper(argv, File("dump.out"), kDumpMax);
}

// A node that was stopped may still hold requests that their users have given up.
absl::Status Run::Settle() {
  ASSIGN_OR_RETURN(const std::vector<std::string> settled, fleet_.AskAll("settled"));
  if (std::count(settled.begin(), settled.end(), "yes") == static_cast<ptrdiff_t>(fleet_.size())) {
    return absl::OkStatus();
  }
  return absl::DeadlineExceededError("requests stay without an answer; see " + folder_);
}

absl::Status Run::ReadHubSessions() {
  {
    std::ofstream ids(File("ids"));
    for (size_t i = 0; i < stage_.baskets.size(); ++i) ids << SessionId(i) << "\n";
  }
  RETURN_IF_ERROR(Dump("sessions", File("ids")));
  std::optional<Carts> carts = ReadCarts(File("sessions"));
  if (!carts) return absl::DataLossError(File("sessions") + " cannot be read");
  carts_ = *std::move(carts);
  return absl::OkStatus();
}

// Forwards may still be on their way when the last ack has arrived, so copies get a while to
// settle.
absl::Status Run::CompareCopies() {
  const auto deadline = steady_clock::now() + kSettleMax;
  ASSIGN_OR_RETURN(outcome_.different_copies, CountDifferences());
  while (outcome_.different_copies > 0 && steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kSettleLook);
    ASSIGN_OR_RETURN(outcome_.different_copies, CountDifferences());
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> Run::CountDifferences() {
  size_t different = 0;
  for (size_t node = 0; node < fleet_.size(); ++node) {
    const std::string path = File(fleet_.name(node) + ".copies");
    ASSIGN_OR_RETURN(const std::string answer, fleet_.Ask(node, "views\t" + path));
    if (answer != "OK") return absl::InternalError(fleet_.name(node) + ": " + answer);
    const std::optional<Carts> copies = ReadCarts(path);
    if (!copies) return absl::DataLossError(path + " cannot be read");
    different += CountDifferentCopies(*copies, carts_);
  }
  return different;
}

absl::Status Run::ReadCounters() {
  RETURN_IF_ERROR(Dump("nodes", ""));
  std::ifstream file(File("nodes"));
  const nlohmann::json hub_nodes = nlohmann::json::parse(file, nullptr, false);
  if (!hub_nodes.is_array()) return absl::DataLossError(File("nodes") + " cannot be read");
  ASSIGN_OR_RETURN(const std::vector<std::string> answers, fleet_.AskAll("stats"));
  for (size_t node = 0; node < fleet_.size(); ++node) {
    const nlohmann::json stats = nlohmann::json::parse(answers[node], nullptr, false);
    if (!stats.is_object()) return absl::InternalError("no counters of " + fleet_.name(node));
    NodeForwards forwards{fleet_.name(node), 0, stats.value("forwards_received", uint64_t{0})};
    for (const nlohmann::json& hub_node : hub_nodes) {
      if (hub_node.value("name", "") == forwards.node) {
        forwards.counted_by_hub += hub_node.value("forwards", uint64_t{0});
      }
    }
    outcome_.nodes.push_back(std::move(forwards));
    outcome_.resyncs += stats.value("resyncs", uint64_t{0});
    outcome_.resent += stats.value("resent", uint64_t{0});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TcpCounters> CountFleetBytes(Fleet* fleet) {
  ASSIGN_OR_RETURN(const std::vector<std::string> answers, fleet->AskAll("tcp"));
  TcpCounters sum;
  for (const std::string& answer : answers) {
    const std::optional<TcpCounters> counters = ParseTcpCounters(answer);
    if (!counters) return absl::InternalError("not TCP counters: " + answer);
    sum += *counters;
  }
  return sum;
}

absl::StatusOr<Bytes> MeasureBytes(const Stage& stage, Fleet* fleet, const TcpCounters& before,
                                   double seconds, uint64_t changes) {
  // What is still on its way (forwards, delayed acknowledgements) belongs to the traffic.
  constexpr double kTail_s = 0.5;
  std::this_thread::sleep_for(std::chrono::duration<double>(kTail_s));
  ASSIGN_OR_RETURN(const TcpCounters after, CountFleetBytes(fleet));
  stage.say("     measuring idle traffic " + OneDecimal(stage.idle_s) + " s");
  std::this_thread::sleep_for(std::chrono::duration<double>(stage.idle_s));
  ASSIGN_OR_RETURN(const TcpCounters later, CountFleetBytes(fleet));
  if (before.sockets != after.sockets || after.sockets != later.sockets) {
    return absl::InternalError("connections came or went while bytes were counted");
  }
  Bytes bytes;
  bytes.counted = after - before;
  bytes.seconds = seconds + kTail_s;
  bytes.idle_per_second = static_cast<double>((later - after).WireBytes()) / stage.idle_s;
  const double traffic =
      static_cast<double>(bytes.counted.WireBytes()) - bytes.idle_per_second * bytes.seconds;
  bytes.per_change = std::max(0.0, traffic) / static_cast<double>(changes);
  return bytes;
}

absl::StatusOr<StepOutcome> RunStep(Stage* stage, const StepPlan& plan,
                                    const MakeDisturbance& make_disturbance) {
  return Run(stage, plan).Execute(make_disturbance);
}

}  // namespace sessionhub::bench
