#include "bench/load/crowd.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "bench/demo/commit_log.h"
#include "bench/overload/commands.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

std::string FieldName(size_t field) {
  return "f/" + std::to_string(field);
}

// Commits of one node, and their answers.
class Filler {
 public:
  Filler(Client* client, const CrowdFill& fill)
      : client_(*client), fill_(fill), random_(fill.seed + fill.range.first) {}

  absl::Status Run() {
    const uint64_t end = fill_.range.first + fill_.range.count;
    for (uint64_t begin = fill_.range.first; begin < end; begin += fill_.sessions_at_once) {
      RETURN_IF_ERROR(FillSome(begin, std::min<uint64_t>(end, begin + fill_.sessions_at_once)));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status FillSome(uint64_t begin, uint64_t end) {
    std::vector<std::string> ids;
    for (uint64_t n = begin; n < end; ++n) ids.push_back(fill_.range.prefix + std::to_string(n));
    OpenOptions options;
    options.create = Create::kIfMissing;
    options.timeout = kWorkerPatience;
    absl::Status opened;
    for (const absl::StatusOr<Session>& session : client_.OpenAll(ids, options)) {
      if (!session.ok()) opened = session.status();
      if (session.ok()) Write(*session);
    }
    RETURN_IF_ERROR(AwaitAnswers());
    RETURN_IF_ERROR(opened);
    for (const std::string& id : ids) RETURN_IF_ERROR(client_.Evict(id));
    return absl::OkStatus();
  }

  void Write(const Session& session) {
    for (size_t field = 0; field < fill_.fields;) {
      Edit edit = session.Begin();
      const size_t end = std::min(fill_.fields, field + fill_.fields_of_commit);
      for (; field < end; ++field) {
        edit.Set(FieldName(field), RandomText(fill_.value_bytes, &random_));
      }
      {
        absl::MutexLock lock(&mutex_);
        ++unanswered_;
      }
      std::move(edit).Commit(Ack::kDurable, [this](const Committed& done) { Count(done); });
    }
  }

  void Count(const Committed& done) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    --unanswered_;
    if (!done.applied() && not_applied_.ok()) not_applied_ = done.status;
  }

  absl::Status AwaitAnswers() ABSL_LOCKS_EXCLUDED(mutex_) {
    const auto answered = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return unanswered_ == 0; };
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&answered), absl::FromChrono(kWorkerPatience))) {
      return not_applied_;
    }
    return Late("the commits of a crowd have no answers");
  }

  Client& client_;
  const CrowdFill& fill_;
  std::mt19937_64 random_;
  absl::Mutex mutex_;
  size_t unanswered_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status not_applied_ ABSL_GUARDED_BY(mutex_);
};

// One thread's requests, over its share of the range.
class Server {
 public:
  Server(Client* client, const CrowdRequests& requests, size_t thread)
      : client_(*client), requests_(requests), random_(requests.seed * 1'000 + thread) {
    const uint64_t share = requests.range.count / requests.threads;
    share_ = {requests.range.prefix, requests.range.first + thread * share, share};
  }

  void Run(int64_t counted_us, int64_t end_us) {
    for (int64_t begun_us = MonotonicMicros(); begun_us < end_us; begun_us = MonotonicMicros()) {
      const absl::Status status = Serve(share_.prefix + std::to_string(Next()));
      if (!status.ok()) {
        counts_.failed = 1;  // one is enough to fail the run: no storm of them
        counts_.first_error = status.ToString();
        return;
      }
      ++counts_.all;
      if (begun_us >= counted_us) counts_.latency.Record(served_us_ - begun_us);
    }
  }

  const GeneratorCounts& counts() const { return counts_; }

 private:
  uint64_t Next() {
    const uint64_t turn = turn_++;
    return share_.first + (requests_.in_turn ? turn : random_()) % share_.count;
  }

  absl::Status Serve(const std::string& id) {
    RETURN_IF_ERROR(OpenAndUse(id));
    served_us_ = MonotonicMicros();
    return client_.Evict(id);
  }

  absl::Status OpenAndUse(const std::string& id) {
    OpenOptions options;
    options.timeout = kWorkerPatience;
    ASSIGN_OR_RETURN(const Session session, client_.Open(id, options));
    ASSIGN_OR_RETURN(const View view, session.Read());
    if (view.field_count() != requests_.fields) {
      return absl::DataLossError("a session has " + std::to_string(view.field_count()) +
                                 " fields and not " + std::to_string(requests_.fields));
    }
    if (!requests_.change) return absl::OkStatus();
    Edit edit = session.Begin();
    edit.Set(FieldName(random_() % requests_.fields), RandomText(requests_.value_bytes, &random_));
    return std::move(edit).Commit(Ack::kDurable, kWorkerPatience).status;
  }

  Client& client_;
  const CrowdRequests& requests_;
  std::mt19937_64 random_;
  CrowdRange share_;
  uint64_t turn_ = 0;
  int64_t served_us_ = 0;
  GeneratorCounts counts_;
};

}  // namespace

absl::Status FillCrowd(Client* client, const CrowdFill& fill) {
  return Filler(client, fill).Run();
}

GeneratorCounts ServeCrowd(Client* client, const CrowdRequests& requests) {
  const int64_t counted_us = MonotonicMicros() + static_cast<int64_t>(requests.warm_up_s * 1e6);
  const int64_t end_us = counted_us + static_cast<int64_t>(requests.seconds * 1e6);
  std::vector<Server> servers;
  for (size_t i = 0; i < requests.threads; ++i) servers.emplace_back(client, requests, i);
  std::vector<std::thread> threads;
  for (Server& server : servers) {
    threads.emplace_back([&server, counted_us, end_us] { server.Run(counted_us, end_us); });
  }
  for (std::thread& thread : threads) thread.join();
  GeneratorCounts sum;
  for (const Server& server : servers) {
    sum.latency.Merge(server.counts().latency);
    sum.all += server.counts().all;
    sum.failed += server.counts().failed;
    if (sum.first_error.empty()) sum.first_error = server.counts().first_error;
  }
  return sum;
}

std::string RandomText(size_t bytes, std::mt19937_64* random) {
  static constexpr char kLetters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr size_t kBitsOfLetter = 6, kLettersOfDraw = 10;
  std::string text(bytes, ' ');
  uint64_t draw = 0;
  for (size_t i = 0; i < bytes; ++i) {
    if (i % kLettersOfDraw == 0) draw = (*random)();
    text[i] = kLetters[draw % (1u << kBitsOfLetter)];
    draw >>= kBitsOfLetter;
  }
  return text;
}

}  // namespace sessionhub::bench
