#include "bench/limits/limit_rows.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "bench/demo/figures.h"

namespace sessionhub::bench {
namespace {

constexpr size_t kNumberWidth = 12;

std::string ThreeDecimals(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3f", number);
  return text;
}

std::string NumberOrDash(const std::optional<double>& number, std::string (*format)(double)) {
  return AlignedRight(number ? format(*number) : "-", kNumberWidth);
}

}  // namespace

nlohmann::ordered_json DescribeRow(const LimitRow& row) {
  nlohmann::ordered_json described = {{"name", row.name}};
  if (row.per_s) described["per_s"] = *row.per_s;
  if (row.p50_us) described["p50_us"] = *row.p50_us;
  if (row.p99_us) described["p99_us"] = *row.p99_us;
  if (row.wire_bytes) described["wire_bytes"] = *row.wire_bytes;
  if (row.cpu_s_per_10k) described["cpu_s_per_10k"] = *row.cpu_s_per_10k;
  described["survives"] = SurvivalText(row.survives);
  return described;
}

std::string RowLine(const LimitRow& row) {
  std::vector<std::string> parts;
  if (row.per_s) parts.push_back(OneDecimal(*row.per_s) + " per s");
  if (row.p50_us) parts.push_back("p50 " + OneDecimal(*row.p50_us) + " us");
  if (row.p99_us) parts.push_back("p99 " + OneDecimal(*row.p99_us) + " us");
  if (row.wire_bytes) parts.push_back(OneDecimal(*row.wire_bytes) + " bytes");
  if (row.cpu_s_per_10k) {
    parts.push_back(ThreeDecimals(*row.cpu_s_per_10k) + " CPU s per 10,000");
  }
  std::string line;
  for (const std::string& part : parts) line += (line.empty() ? "" : ", ") + part;
  return line;
}

std::string LimitRows::Table() const {
  if (rows_.empty()) return "";
  size_t name_width = 0;
  for (const LimitRow& row : rows_) name_width = std::max(name_width, row.name.size());
  const auto name_cell = [name_width](const std::string& name) {
    return name + std::string(name_width - name.size(), ' ');
  };
  std::string table = name_cell("");
  for (const char* head : {"per s", "p50 us", "p99 us", "wire bytes", "CPU s/10k"}) {
    table += AlignedRight(head, kNumberWidth);
  }
  table += "  survives a power cut";
  for (const LimitRow& row : rows_) {
    table += "\n" + name_cell(row.name) + NumberOrDash(row.per_s, OneDecimal) +
             NumberOrDash(row.p50_us, OneDecimal) + NumberOrDash(row.p99_us, OneDecimal) +
             NumberOrDash(row.wire_bytes, OneDecimal) +
             NumberOrDash(row.cpu_s_per_10k, ThreeDecimals) + "  " + SurvivalText(row.survives);
  }
  return table;
}

}  // namespace sessionhub::bench
