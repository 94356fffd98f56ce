#include "bench/limits/meter.h"

#include <time.h>

#include <algorithm>

#include "bench/demo/figures.h"

namespace sessionhub::bench {
namespace {

constexpr double kWarmUpShare = 0.2;
constexpr double kWarmUpSecondsMin = 0.02;

std::chrono::nanoseconds InNanoseconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds));
}

std::chrono::nanoseconds ThreadCpuTime() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

Stretch Stretch::FromNow(double seconds) {
  const MeterTime begin = std::chrono::steady_clock::now() +
                          InNanoseconds(std::max(kWarmUpSecondsMin, kWarmUpShare * seconds));
  return {begin, begin + InNanoseconds(seconds)};
}

void Latencies::Add(std::chrono::nanoseconds took) {
  if (us_.size() < kMax) us_.push_back(static_cast<float>(took.count()) / 1e3f);
}

void Latencies::Merge(const Latencies& other) {
  const size_t taken = std::min(other.us_.size(), kMax - us_.size());
  us_.insert(us_.end(), other.us_.begin(), other.us_.begin() + static_cast<ptrdiff_t>(taken));
}

double Latencies::PercentileUs(double percent) const {
  return Percentile(std::vector<double>(us_.begin(), us_.end()), percent);
}

void Meter::Add(MeterTime begun, MeterTime now) {
  if (++total_ == total_max_) ended_ = now;
  if (!stretch_.Counts(now) || total_ > total_max_) return;
  ++counted_;
  latencies_.Add(now - begun);
}

void Meter::Merge(const Meter& other) {
  counted_ += other.counted_;
  total_ += other.total_;
  ended_ = std::min(ended_, other.ended_);
  latencies_.Merge(other.latencies_);
}

double Meter::PerSecond() const {
  const std::chrono::duration<double> seconds = std::min(stretch_.end, ended_) - stretch_.begin;
  return seconds.count() > 0 ? static_cast<double>(counted_) / seconds.count() : 0;
}

void Meter::FillIn(LimitRow* row) const {
  row->per_s = PerSecond();
  row->p50_us = latencies_.PercentileUs(50);
  row->p99_us = latencies_.PercentileUs(99);
}

SpentTimer::SpentTimer() : cpu_(ThreadCpuTime()), begun_(std::chrono::steady_clock::now()) {}

Spent SpentTimer::Read() const {
  const std::chrono::nanoseconds wall = std::chrono::steady_clock::now() - begun_;
  return {wall, ThreadCpuTime() - cpu_};
}

double WireBytesOfEach(const TcpCounters& before, const TcpCounters& after, uint64_t count) {
  if (count == 0) return 0;
  return static_cast<double>((after - before).WireBytes()) / static_cast<double>(count);
}

double CpuSecondsPer10k(double cpu_s_before, double cpu_s_after, uint64_t count) {
  return count == 0 ? 0 : (cpu_s_after - cpu_s_before) / static_cast<double>(count) * 10'000;
}

}  // namespace sessionhub::bench
