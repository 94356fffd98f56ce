// LimitRows: the table of what was measured, for people and for the file. Pure; one thread.
#ifndef BENCH_LIMITS_LIMIT_ROWS_H_
#define BENCH_LIMITS_LIMIT_ROWS_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/overload/survival.h"

namespace sessionhub::bench {

// What was not measured is not there. Every row says what is still there after a power cut: rows
// that differ in it are not to be divided by each other (RatioOf).
struct LimitRow {
  std::string name;  // what was measured
  Survival survives = Survival::kNothing;
  std::optional<double> per_s = {};
  std::optional<double> p50_us = {};
  std::optional<double> p99_us = {};
  // On the wire for each, both directions, with all TCP/IP headers of an Ethernet.
  std::optional<double> wire_bytes = {};
  std::optional<double> cpu_s_per_10k = {};  // processor time of who serves, for 10,000 of them
};

// For the file: {"name": …, "per_s": …, …, "survives": …}, without what was not measured.
nlohmann::ordered_json DescribeRow(const LimitRow& row);

// One line, as it is printed when it is measured: "29300.0 per s, p50 33.1 us, …".
std::string RowLine(const LimitRow& row);

class LimitRows {
 public:
  void Add(const LimitRow& row) { rows_.push_back(row); }

  // A head and a line for each row, in the order in which they came, without a line end after the
  // last; empty if there are none.
  std::string Table() const;

 private:
  std::vector<LimitRow> rows_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_LIMITS_LIMIT_ROWS_H_
