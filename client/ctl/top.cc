#include "client/ctl/top.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <sstream>
#include <thread>
#include <utility>

#include "client/ctl/printable.h"
#include "client/ctl/table.h"
#include "proto/session/status_macros.h"

namespace sessionhub::ctl {
namespace {

// The cursor goes to the first line, and what stands from there on is wiped out.
constexpr char kWipeScreen[] = "\x1b[H\x1b[J";
// The table of totals with its titles, an empty line, and the titles of the nodes.
constexpr size_t kRowsBeforeNodes = 12;

// One decimal.
std::string DecimalText(double number) {
  std::array<char, 64> text = {};
  std::snprintf(text.data(), text.size(), "%.1f", number);
  return text.data();
}

double OneDecimal(double number) {
  return std::round(number * 10) / 10;
}

// Of a rate that is not known yet.
std::string RateText(const std::optional<Rates>& rates, double Rates::*member) {
  return rates ? DecimalText(*rates.*member) : "-";
}

Json RateJson(const std::optional<Rates>& rates, double Rates::*member) {
  return rates ? Json(OneDecimal(*rates.*member)) : Json();
}

void PrintTotals(const HubSample& sample, const std::optional<Rates>& rates, std::ostream& out) {
  const v1::GetStatusResponse& status = sample.status;
  Table table({{"key"}, {"value", Align::kRight}});
  table.AddRow({"uptime", DurationText(status.uptime_ms())});
  table.AddRow({"sessions", std::to_string(status.sessions())});
  table.AddRow({"nodes", std::to_string(status.nodes())});
  table.AddRow({"deltas_received_per_s", RateText(rates, &Rates::deltas_received_per_s)});
  table.AddRow({"forwards_per_s", RateText(rates, &Rates::forwards_per_s)});
  table.AddRow({"bytes_in_per_s", RateText(rates, &Rates::bytes_in_per_s)});
  table.AddRow({"bytes_out_per_s", RateText(rates, &Rates::bytes_out_per_s)});
  table.AddRow({"broadcast_bytes_per_s", RateText(rates, &Rates::broadcast_bytes_per_s)});
  table.AddRow(
      {"saved_percent", rates && rates->saved_percent ? DecimalText(*rates->saved_percent) : "-"});
  table.Print(out);
}

// The first `shown` nodes.
void PrintNodes(const std::vector<NodeRate>& nodes, size_t shown, std::ostream& out) {
  Table table({{"app"},
               {"name"},
               {"forwards_per_s", Align::kRight},
               {"interests", Align::kRight},
               {"outbox_bytes", Align::kRight},
               {"attached_for"}});
  for (size_t i = 0; i < shown; ++i) {
    const v1::Node& node = nodes[i].node;
    table.AddRow({node.app(), node.name(), DecimalText(nodes[i].forwards_per_s),
                  std::to_string(node.interests()), std::to_string(node.outbox_bytes()),
                  node.attached() ? DurationText(node.attached_for_ms()) : "-"});
  }
  table.Print(out);
}

Json NodeJson(const NodeRate& rate) {
  return {{"app", rate.node.app()},
          {"name", rate.node.name()},
          {"attached", rate.node.attached()},
          {"forwards_per_s", OneDecimal(rate.forwards_per_s)},
          {"interests", rate.node.interests()},
          {"outbox_bytes", rate.node.outbox_bytes()}};
}

absl::StatusOr<HubSample> Look(AdminClient& hub) {
  HubSample sample;
  ASSIGN_OR_RETURN(sample.status, hub.GetStatus());
  ASSIGN_OR_RETURN(sample.nodes, hub.ListNodes());
  return sample;
}

bool IsGone(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

// Prints one block; on a screen in the place of the one before.
class Printer {
 public:
  Printer(const CommandLine& line, Terminal& terminal) : line_(line), terminal_(terminal) {}

  // False: nobody reads any more.
  bool Print(const HubSample& sample, const std::optional<Rates>& rates) {
    if (line_.output == Output::kJson) {
      Json json = {{"reached", true}};
      json.update(TopJson(sample, rates));
      return Put(json);
    }
    if (!terminal_.rows) return Put(TopText(sample, rates, 0) + "\n");
    // The last line stays free, since a line end there would move the first one out.
    const size_t rows = terminal_.rows();
    return Put(kWipeScreen + TopText(sample, rates, rows - std::min<size_t>(rows, 1)));
  }

  bool PrintGone(const absl::Status& why) {
    const std::string message(why.message());
    if (line_.output == Output::kJson) {
      return Put(Json{{"reached", false}, {"error", message}});
    }
    const std::string text = "The hub is gone, and waited for: " + EscapeControls(message) + "\n";
    return Put(terminal_.rows ? kWipeScreen + text : text + "\n");
  }

 private:
  bool Put(const Json& json) {
    PrintJson(json, terminal_.out);
    return static_cast<bool>(terminal_.out.flush());
  }
  bool Put(const std::string& text) {
    return static_cast<bool>(terminal_.out << text << std::flush);
  }

  const CommandLine& line_;
  Terminal& terminal_;
};

}  // namespace

std::string TopText(const HubSample& sample, const std::optional<Rates>& rates, size_t rows) {
  std::ostringstream out;
  PrintTotals(sample, rates, out);
  if (!rates || rates->nodes.empty()) return out.str();
  const size_t all = rates->nodes.size();
  size_t shown = all;
  // One line says how many are left out.
  if (rows != 0 && kRowsBeforeNodes + all > rows) {
    shown = rows > kRowsBeforeNodes + 1 ? rows - kRowsBeforeNodes - 1 : 0;
  }
  if (shown > 0) {
    out << '\n';
    PrintNodes(rates->nodes, shown, out);
  }
  if (shown < all) out << all - shown << " more nodes\n";
  return out.str();
}

Json TopJson(const HubSample& sample, const std::optional<Rates>& rates) {
  const v1::GetStatusResponse& status = sample.status;
  Json json = {
      {"hub_time_ms", status.hub_time_ms()},
      {"uptime_ms", status.uptime_ms()},
      {"sessions", status.sessions()},
      {"attached_nodes", status.nodes()},
      {"deltas_received_per_s", RateJson(rates, &Rates::deltas_received_per_s)},
      {"forwards_per_s", RateJson(rates, &Rates::forwards_per_s)},
      {"bytes_in_per_s", RateJson(rates, &Rates::bytes_in_per_s)},
      {"bytes_out_per_s", RateJson(rates, &Rates::bytes_out_per_s)},
      {"broadcast_bytes_per_s", RateJson(rates, &Rates::broadcast_bytes_per_s)},
      {"saved_percent", rates && rates->saved_percent ? Json(*rates->saved_percent) : Json()}};
  json["nodes"] = Json::array();
  if (!rates) return json;
  for (const NodeRate& node : rates->nodes) json["nodes"].push_back(NodeJson(node));
  return json;
}

absl::Status WatchTop(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  Printer printer(line, terminal);
  ASSIGN_OR_RETURN(HubSample before, Look(hub));
  for (uint64_t printed = 0; line.count == 0 || printed < line.count; ++printed) {
    std::this_thread::sleep_for(line.interval);
    absl::StatusOr<HubSample> after = Look(hub);
    if (!after.ok() && !IsGone(after.status())) return after.status();
    const bool read = after.ok() ? printer.Print(*after, RatesBetween(before, *after))
                                 : printer.PrintGone(after.status());
    if (!read) break;
    if (after.ok()) before = *std::move(after);
  }
  return absl::OkStatus();
}

}  // namespace sessionhub::ctl
