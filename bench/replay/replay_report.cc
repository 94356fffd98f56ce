#include "bench/replay/replay_report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string_view>

#include "bench/demo/figures.h"

namespace sessionhub::bench {
namespace {

using nlohmann::ordered_json;

constexpr size_t kColumnWidth = 16;
constexpr std::array<const char*, kRoutings> kRoutingKeys = {"sticky", "round_robin"};
constexpr std::array<const char*, kRoutings> kRoutingTitles = {
    "sticky: every request of a session at one node", "round-robin: each request at the next node"};

// "1,234,567"
std::string Grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

double OfEach(uint64_t bytes, uint64_t requests) {
  return requests == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(requests);
}

bool Works(const Strategy& strategy, size_t routing) {
  return routing == static_cast<size_t>(Routing::kSticky) || strategy.sticky_only() == nullptr;
}

uint64_t SessionhubBytes(const std::vector<TrafficModel::Sums>& sums, size_t routing) {
  for (const TrafficModel::Sums& one : sums) {
    if (std::string_view(one.strategy->name()) == kSessionhubPush) {
      return one.tallies[routing].wire.bytes;
    }
  }
  return 0;
}

std::optional<double> TimesSessionhub(const std::vector<TrafficModel::Sums>& sums,
                                      const TrafficModel::Sums& one, size_t routing) {
  const uint64_t ours = SessionhubBytes(sums, routing);
  if (ours == 0) return std::nullopt;
  return static_cast<double>(one.tallies[routing].wire.bytes) / static_cast<double>(ours);
}

std::string TwoDecimals(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f", number);
  return text;
}

size_t TitleWidth(const std::vector<TrafficModel::Sums>& sums) {
  size_t width = 0;
  for (const auto& one : sums) width = std::max(width, std::string(one.strategy->title()).size());
  return width;
}

std::string Row(const std::string& title, size_t width, const std::vector<std::string>& cells) {
  std::string row = title + std::string(width - std::min(width, title.size()), ' ');
  for (const std::string& cell : cells) row += AlignedRight(cell, kColumnWidth);
  return row;
}

// The figures of a strategy, or why there are none.
std::string StrategyRow(uint64_t requests, const std::vector<TrafficModel::Sums>& sums,
                        const TrafficModel::Sums& one, size_t routing, size_t width) {
  const std::string title = one.strategy->title();
  if (!Works(*one.strategy, routing)) {
    return Row(title, width, {"-", "-", "-", "-", "-"}) + "  " + one.strategy->sticky_only();
  }
  const Tally& tally = one.tallies[routing];
  const std::optional<double> times = TimesSessionhub(sums, one, routing);
  return Row(title, width,
             {Grouped(tally.forwards), Grouped(tally.wire.messages), Grouped(tally.wire.bytes),
              OneDecimal(OfEach(tally.wire.bytes, requests)), times ? TwoDecimals(*times) : "-"});
}

std::string RoutingTable(uint64_t requests, const std::vector<TrafficModel::Sums>& sums,
                         size_t routing) {
  const size_t width = TitleWidth(sums);
  std::string table = std::string(kRoutingTitles[routing]) + "\n";
  table +=
      Row("", width, {"forwards", "messages", "bytes (model)", "bytes a request", "x sessionhub"});
  for (const TrafficModel::Sums& one : sums) {
    table += "\n" + StrategyRow(requests, sums, one, routing, width);
  }
  return table + "\n";
}

std::string DescribeLog(const ReplayOptions& options, const ReplayInput& input) {
  std::string text = "  left out: " + Grouped(input.static_requests) + " for static files, " +
                     Grouped(input.without_session) + " without a session\n";
  if (input.out_of_order > 0) {
    text += "  out of order, and counted at the latest time before them: " +
            Grouped(input.out_of_order) + "; give the oldest file first\n";
  }
  const double minutes = static_cast<double>(input.last_s - input.first_s) / 60;
  text += "  time: " + OneDecimal(minutes) + " minutes; a session ends after " +
          std::to_string(options.idle_minutes) + " without a request";
  if (input.ended_early > 0) {
    text += "; " + Grouped(input.ended_early) + " ended early, as more than " +
            Grouped(options.open_sessions_max) + " were open";
  }
  return text + "\n  assumed, as no log tells it: sessions of " + Grouped(options.session_bytes) +
         " bytes in " + std::to_string(options.session_fields) + " fields; a change sets " +
         std::to_string(options.fields_changed) + " of " + std::to_string(options.value_bytes) +
         " bytes\n";
}

ordered_json DescribeTally(const TrafficModel::Sums& one, size_t routing, uint64_t requests,
                           const std::vector<TrafficModel::Sums>& sums) {
  if (!Works(*one.strategy, routing)) return nullptr;
  const Tally& tally = one.tallies[routing];
  ordered_json described = {{"forwards", tally.forwards},
                            {"messages", tally.wire.messages},
                            {"bytes", tally.wire.bytes},
                            {"bytes_per_request", OfEach(tally.wire.bytes, requests)}};
  const std::optional<double> times = TimesSessionhub(sums, one, routing);
  if (times) described["times_sessionhub"] = *times;
  return described;
}

// The histogram is one of latencies by its names; here its unit is a byte, or a request.
ordered_json DescribeSizes(const LatencyHistogram& sizes) {
  return {{"mean", sizes.MeanUs()},
          {"p50", sizes.PercentileUs(50)},
          {"p90", sizes.PercentileUs(90)},
          {"p99", sizes.PercentileUs(99)},
          {"max", sizes.max_us()}};
}

ordered_json InputJson(const ReplayInput& input) {
  return {{"lines", input.lines},
          {"bad_lines", input.bad_lines},
          {"first_bad_lines", input.shown_bad_lines},
          {"warnings", input.warnings},
          {"static_requests", input.static_requests},
          {"without_session", input.without_session},
          {"out_of_order", input.out_of_order},
          {"sessions", input.sessions},
          {"ended_early", input.ended_early},
          {"requests", input.requests},
          {"creating", input.creating},
          {"changing", input.changing},
          {"read_only", input.read_only},
          {"session_bytes", DescribeSizes(input.session_bytes)},
          {"requests_of_session", DescribeSizes(input.requests_of_session)}};
}

ordered_json AssumptionsJson(const ReplayOptions& options) {
  if (!options.baskets_path.empty()) return nullptr;
  return {{"changing_methods", options.changing_methods},
          {"session_bytes", options.session_bytes},
          {"session_fields", options.session_fields},
          {"fields_per_attribute", options.fields_per_attribute},
          {"fields_changed", options.fields_changed},
          {"value_bytes", options.value_bytes},
          {"idle_minutes", options.idle_minutes}};
}

}  // namespace

std::string DescribeInput(const ReplayOptions& options, const ReplayInput& input) {
  std::string text = "sessionhub replay: a model of " + std::to_string(options.nodes) +
                     " nodes; nothing was sent\n";
  text += "  read: " + Grouped(input.lines) + " lines, " + Grouped(input.bad_lines) + " bad\n";
  for (const std::string& line : input.shown_bad_lines) text += "    " + line + "\n";
  for (const std::string& warning : input.warnings) text += "  warning: " + warning + "\n";
  text += "  replayed: " + Grouped(input.requests) + " requests of " + Grouped(input.sessions) +
          " sessions: " + Grouped(input.creating) + " make one, " + Grouped(input.changing) +
          " change one, " + Grouped(input.read_only) + " only read\n";
  const auto number = [](int64_t value) { return Grouped(static_cast<uint64_t>(value)); };
  text += "  a session: requests p50 " + number(input.requests_of_session.PercentileUs(50)) +
          ", max " + number(input.requests_of_session.max_us()) + "; bytes at its end p50 " +
          number(input.session_bytes.PercentileUs(50)) + ", p99 " +
          number(input.session_bytes.PercentileUs(99)) + ", max " +
          number(input.session_bytes.max_us()) + "\n";
  return options.baskets_path.empty() ? text + DescribeLog(options, input) : text;
}

std::string StrategyTables(uint64_t requests, const std::vector<TrafficModel::Sums>& sums) {
  std::string text;
  for (size_t routing = 0; routing < kRoutings; ++routing) {
    text += RoutingTable(requests, sums, routing) + "\n";
  }
  return text +
         "Every figure is the model's, by the rules in bench/README.md. Forwards are messages by\n"
         "which other nodes hear of a request. Bytes are on the wire, with all headers; requests\n"
         "come one at a time: under load all of these share segments.\n";
}

ordered_json ReplayJson(const ReplayOptions& options, const ReplayInput& input,
                        const std::vector<TrafficModel::Sums>& sums) {
  ordered_json strategies = ordered_json::array();
  for (const TrafficModel::Sums& one : sums) {
    ordered_json described = {{"name", one.strategy->name()}, {"title", one.strategy->title()}};
    for (size_t routing = 0; routing < kRoutings; ++routing) {
      described[kRoutingKeys[routing]] = DescribeTally(one, routing, input.requests, sums);
    }
    if (one.strategy->sticky_only()) described["sticky_only"] = one.strategy->sticky_only();
    strategies.push_back(std::move(described));
  }
  return {{"command", options.command},
          {"obtained_by", "model"},
          {"nodes", options.nodes},
          {"input", InputJson(input)},
          {"assumed", AssumptionsJson(options)},
          {"strategies", std::move(strategies)}};
}

}  // namespace sessionhub::bench
