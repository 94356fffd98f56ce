#include "bench/limits/redis_load.h"

#include <poll.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "bench/demo/tcp_counters.h"
#include "bench/limits/pace.h"
#include "bench/limits/programs.h"
#include "bench/limits/redis_link.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr char kRedisChannel[] = "changes";
constexpr std::chrono::nanoseconds kRedisSilenceMax = std::chrono::seconds(10);

std::string SixteenDigits(uint64_t number) {
  char text[24];  // as g++ reckons with 20 digits
  std::snprintf(text, sizeof(text), "%016llu", static_cast<unsigned long long>(number));
  return text;
}

// The changes that are not done yet, and what each waits for.
class OpenChanges {
 public:
  // A change is done when `parts` have been ticked off.
  explicit OpenChanges(size_t parts) : parts_(parts) {}

  // Once, before the first change.
  void Start(const Stretch& stretch) { meter_ = Meter(stretch); }
  // A change's time counts from `begun`.
  uint64_t Begin(MeterTime begun) {
    changes_[++last_] = {begun, parts_};
    return last_;
  }
  // The answer to the change has come, or a subscriber has it. False if nobody waits for that.
  bool Tick(uint64_t change, MeterTime now) {
    const auto found = changes_.find(change);
    if (found == changes_.end()) return false;
    if (--found->second.missing > 0) return true;
    meter_.Add(found->second.begun, now);
    changes_.erase(found);
    return true;
  }
  bool empty() const { return changes_.empty(); }
  const Meter& meter() const { return meter_; }

 private:
  struct Change {
    MeterTime begun;
    size_t missing = 0;
  };

  Meter meter_{Stretch()};
  const size_t parts_;
  uint64_t last_ = 0;
  absl::flat_hash_map<uint64_t, Change> changes_;
};

// A connection that makes changes.
struct RedisWriter {
  RedisLink link;
  std::deque<uint64_t> sent;  // unanswered, oldest first
  size_t replies = 0;         // of the oldest

  explicit RedisWriter(RedisLink connected) : link(std::move(connected)) {}
};

class RedisLoadRun {
 public:
  explicit RedisLoadRun(const RedisLoad& load) : load_(load), changes_(1 + load.subscribers) {}

  absl::Status Connect();
  absl::StatusOr<Meter> Run();
  // What has gone over all connections.
  TcpCounters Counted() const;

 private:
  size_t RepliesOfChange() const { return load_.subscribers > 0 ? 2 : 1; }
  void Submit(RedisWriter* writer, MeterTime begun);
  // Submits as many as are due and have room, and writes them.
  absl::Status Fill(RedisWriter* writer);
  bool Over(MeterTime now) const { return pace_.Over(now) || changes_.meter().Over(now); }
  bool HasRoom() const;
  // How long nothing may come: until the next change, if that is what is waited for.
  std::chrono::nanoseconds PatienceAt(MeterTime now) const;
  absl::Status TakeAnswers(RedisWriter* writer);
  absl::Status TakeMessages(RedisLink* subscriber);
  absl::Status TakeMessage(const redisReply& message);
  // Waits for any connection, and takes what has come.
  absl::Status TakeSome();

  const RedisLoad load_;
  OpenChanges changes_;
  Pace pace_{MeterTime(), MeterTime(), 0};
  std::vector<RedisWriter> writers_;
  std::vector<RedisLink> subscribers_;
  std::vector<pollfd> waits_;  // of the writers, then of the subscribers
};

absl::Status RedisLoadRun::Connect() {
  for (size_t i = 0; i < load_.connections; ++i) {
    ASSIGN_OR_RETURN(RedisLink link, RedisLink::Connect(kLoopback, load_.port));
    waits_.push_back({link.descriptor(), POLLIN, 0});
    writers_.emplace_back(std::move(link));
  }
  for (size_t i = 0; i < load_.subscribers; ++i) {
    ASSIGN_OR_RETURN(RedisLink link, RedisLink::Connect(kLoopback, load_.port));
    RETURN_IF_ERROR(link.Ask({"SUBSCRIBE", kRedisChannel}).status());
    waits_.push_back({link.descriptor(), POLLIN, 0});
    subscribers_.push_back(std::move(link));
  }
  return absl::OkStatus();
}

void RedisLoadRun::Submit(RedisWriter* writer, MeterTime begun) {
  const uint64_t change = changes_.Begin(begun);
  const std::string session = "cookie-" + SixteenDigits(change % load_.sessions);
  const std::string value = SixteenDigits(change);
  writer->sent.push_back(change);
  writer->link.Append({"HSET", session, "cart/last", value});
  if (load_.subscribers == 0) return;
  writer->link.Append({"PUBLISH", kRedisChannel, value + " " + session + " cart/last"});
}

absl::Status RedisLoadRun::Fill(RedisWriter* writer) {
  const MeterTime now = std::chrono::steady_clock::now();
  bool submitted = false;
  while (!Over(now) && writer->sent.size() < load_.in_flight && pace_.Due(now)) {
    Submit(writer, pace_.Take(now));
    submitted = true;
  }
  return submitted ? writer->link.Flush() : absl::OkStatus();
}

bool RedisLoadRun::HasRoom() const {
  return std::any_of(writers_.begin(), writers_.end(), [this](const RedisWriter& writer) {
    return writer.sent.size() < load_.in_flight;
  });
}

std::chrono::nanoseconds RedisLoadRun::PatienceAt(MeterTime now) const {
  if (!pace_.open_loop() || Over(now) || !HasRoom()) return kRedisSilenceMax;
  const std::chrono::nanoseconds until_next = pace_.next(now) - now;
  return std::clamp(until_next, std::chrono::nanoseconds(0), kRedisSilenceMax);
}

absl::Status RedisLoadRun::TakeAnswers(RedisWriter* writer) {
  RETURN_IF_ERROR(writer->link.Read());
  const MeterTime now = std::chrono::steady_clock::now();
  while (true) {
    ASSIGN_OR_RETURN(const RedisReply reply, writer->link.TakeReply());
    if (reply == nullptr) return absl::OkStatus();
    if (reply->type != REDIS_REPLY_INTEGER || writer->sent.empty()) {
      return absl::InternalError("redis-server answers what was not asked");
    }
    if (++writer->replies < RepliesOfChange()) continue;
    changes_.Tick(writer->sent.front(), now);
    writer->sent.pop_front();
    writer->replies = 0;
  }
}

absl::Status RedisLoadRun::TakeMessage(const redisReply& message) {
  uint64_t change = 0;
  if (message.type == REDIS_REPLY_ARRAY && message.elements == 3 &&
      message.element[2]->type == REDIS_REPLY_STRING) {
    const redisReply& text = *message.element[2];
    std::from_chars(text.str, text.str + text.len, change);
  }
  if (changes_.Tick(change, std::chrono::steady_clock::now())) return absl::OkStatus();
  return absl::InternalError("redis-server publishes what nobody has sent");
}

absl::Status RedisLoadRun::TakeMessages(RedisLink* subscriber) {
  RETURN_IF_ERROR(subscriber->Read());
  while (true) {
    ASSIGN_OR_RETURN(const RedisReply message, subscriber->TakeReply());
    if (message == nullptr) return absl::OkStatus();
    RETURN_IF_ERROR(TakeMessage(*message));
  }
}

absl::Status RedisLoadRun::TakeSome() {
  // A read waits as well: one connection alone needs no second system call.
  if (waits_.size() == 1 && !pace_.open_loop()) return TakeAnswers(&writers_[0]);
  const std::chrono::nanoseconds patience = PatienceAt(std::chrono::steady_clock::now());
  const timespec wait = {patience / std::chrono::seconds(1),
                         (patience % std::chrono::seconds(1)).count()};
  if (ppoll(waits_.data(), waits_.size(), &wait, nullptr) == 0) {
    // It is time for the next change.
    if (patience < kRedisSilenceMax || changes_.empty()) return absl::OkStatus();
    return absl::UnavailableError("nothing has come from redis-server for 10 s");
  }
  for (size_t i = 0; i < waits_.size(); ++i) {
    if (waits_[i].revents == 0) continue;
    RETURN_IF_ERROR(i < writers_.size() ? TakeAnswers(&writers_[i])
                                        : TakeMessages(&subscribers_[i - writers_.size()]));
  }
  return absl::OkStatus();
}

TcpCounters RedisLoadRun::Counted() const {
  TcpCounters counted;
  for (const pollfd& wait : waits_) AddTcpCounters(wait.fd, &counted);
  return counted;
}

absl::StatusOr<Meter> RedisLoadRun::Run() {
  const MeterTime begin =
      std::chrono::steady_clock::now() +
      std::chrono::duration_cast<MeterTime::duration>(std::chrono::duration<double>(load_.delay_s));
  const Stretch stretch = Stretch::FromNow(load_.seconds);
  changes_.Start(stretch);
  pace_ = Pace(begin, stretch.end, load_.per_s);
  while (true) {
    for (RedisWriter& writer : writers_) RETURN_IF_ERROR(Fill(&writer));
    if (changes_.empty() && Over(std::chrono::steady_clock::now())) return changes_.meter();
    RETURN_IF_ERROR(TakeSome());
  }
}

}  // namespace

absl::StatusOr<RedisOutcome> RunRedisLoad(const RedisLoad& load) {
  RedisLoadRun run(load);
  RETURN_IF_ERROR(run.Connect());
  const TcpCounters before = run.Counted();
  ASSIGN_OR_RETURN(const Meter meter, run.Run());
  return RedisOutcome{meter, WireBytesOfEach(before, run.Counted(), meter.total())};
}

}  // namespace sessionhub::bench
