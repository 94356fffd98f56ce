// Replay: what each way of sharing sessions would send for traffic that somebody has recorded. It
// starts no hub and no node: it is a model, whose parts are tested against what was measured.
#ifndef BENCH_REPLAY_REPLAY_H_
#define BENCH_REPLAY_REPLAY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/demo/gz_lines.h"
#include "bench/demo/workload.h"
#include "bench/load/histogram.h"
#include "bench/replay/log_sessions.h"
#include "bench/replay/path_book.h"
#include "bench/replay/replay_options.h"
#include "bench/replay/session_shape.h"
#include "bench/replay/traffic_model.h"

namespace sessionhub::bench {

// What was read.
struct ReplayInput {
  static constexpr size_t kShownMax = 5;

  uint64_t lines = 0;
  uint64_t bad_lines = 0;
  std::vector<std::string> shown_bad_lines = {};  // "FILE:7: the request has no method"
  std::vector<std::string> warnings = {};         // files that could not be read to the end
  uint64_t static_requests = 0;                   // for files, left out
  uint64_t without_session = 0;                   // no cookie or field, left out

  uint64_t requests = 0;
  uint64_t creating = 0;  // of them: the first of a session
  uint64_t changing = 0;  // others that change it
  uint64_t read_only = 0;
  int64_t first_s = 0, last_s = 0;  // of a log
  uint64_t sessions = 0;
  uint64_t out_of_order = 0;
  uint64_t ended_early = 0;
  LatencyHistogram session_bytes;        // at their ends; the unit is a byte
  LatencyHistogram requests_of_session;  // a request
};

class Replay {
 public:
  explicit Replay(const ReplayOptions& options);

  // Reads and replays everything. A file that is damaged is replayed up to there, with a warning.
  // Errors: of a file that cannot be read at all; InvalidArgument if there was no request in all.
  absl::Status Run();

  const ReplayInput& input() const { return input_; }
  std::vector<TrafficModel::Sums> sums() const { return model_.sums(); }

 private:
  absl::Status ReadBasketFile();
  absl::Status ReadLogs();
  absl::Status ReadLog(const std::string& path);
  // Makes a warning of a damaged file; other errors stay.
  absl::Status NoteDamage(absl::Status read);
  void TakeBasket(const Basket& basket);
  void TakeLine(const std::string& path, const GzLine& line);
  void NoteBadLine(const std::string& path, uint64_t number, const std::string& why);
  void NoteTime(int64_t time_s);
  bool IsStatic(const std::string& path) const;
  bool Changes(const std::string& method) const;
  void OnEnd(const LogSession& session);

  const ReplayOptions options_;
  PathBook book_;
  LogShape shape_;
  TrafficModel model_;
  LogSessions sessions_;
  ReplayInput input_;
};

// Replays, prints what replay_report.h says and writes options.json_path. Errors as those of Run,
// and Unavailable if the file cannot be written, which is tried before anything is read.
absl::StatusOr<bool> RunReplay(const ReplayOptions& options);

}  // namespace sessionhub::bench

#endif  // BENCH_REPLAY_REPLAY_H_
