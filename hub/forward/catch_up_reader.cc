#include "hub/forward/catch_up_reader.h"

#include <glog/logging.h>
#include <pthread.h>

#include <utility>
#include <vector>

#include "hub/fail_point.h"
#include "hub/record/field_value.h"

namespace sessionhub::hub {
namespace {

// A step that finds nothing to send still ends, so that other nodes have their turn.
constexpr size_t kPieceBytesMax = 1 << 20;

CatchUpChunker::Head HeadOf(const CatchUpRead& to_do) {
  const LargeRead& read = to_do.read;
  return {to_do.handle, read.replace ? 0 : read.since, read.version, read.replace,
          read.included_seq};
}

}  // namespace

CatchUpReader::Reading::Reading(CatchUpRead with, size_t chunk_bytes_max)
    // The tables of path numbers belong to the shards, and a large session would fill them.
    : to_do(std::move(with)), chunker(HeadOf(to_do), /*table=*/nullptr, chunk_bytes_max) {}

void CatchUpReader::Start(CatchUpRead read) {
  const uint64_t number = read.read.number;
  const std::shared_ptr<Outbox> outbox = read.outbox;
  outbox->BeginRead(number, [this, number] { Room(number); });
  {
    absl::MutexLock lock(&mutex_);
    readings_[number] = std::make_shared<Reading>(std::move(read), chunk_bytes_max_);
  }
  Room(number);
}

void CatchUpReader::End(uint64_t number) {
  std::shared_ptr<Reading> ended;  // released without the lock
  absl::MutexLock lock(&mutex_);
  auto it = readings_.find(number);
  if (it == readings_.end()) return;
  ended = std::move(it->second);
  readings_.erase(it);
}

void CatchUpReader::Room(uint64_t number) {
  absl::MutexLock lock(&mutex_);
  auto it = readings_.find(number);
  if (it == readings_.end() || std::exchange(it->second->queued, true)) return;
  runnable_.push_back(number);
}

bool CatchUpReader::RunOnce() {
  std::shared_ptr<Reading> reading;
  uint64_t number = 0;
  {
    absl::MutexLock lock(&mutex_);
    while (!reading) {
      if (runnable_.empty()) return false;
      number = runnable_.front();
      runnable_.pop_front();
      auto it = readings_.find(number);
      if (it == readings_.end()) continue;  // ended
      reading = it->second;
      reading->queued = false;
    }
  }
  const Step step = Advance(reading.get());
  if (step == Step::kOver) {
    End(number);
  } else if (step == Step::kGoesOn) {
    Room(number);
  }
  return true;
}

CatchUpReader::Step CatchUpReader::Advance(Reading* reading) {
  if (reading->chunks.empty() && !reading->scanned) {
    if (absl::Status status = ReadPiece(reading); !status.ok()) {
      LOG(ERROR) << "event=session_unreadable session=" << reading->to_do.read.session
                 << " node=" << reading->to_do.read.node.node << " status=\"" << status.ToString()
                 << "\" remedy=\"mend the data folder or its disk; the session's other holders go "
                    "on\"";
      PostDone(*reading, status);
      return Step::kOver;
    }
  }
  FAIL_POINT("catch_up.reader");
  return Write(reading);
}

absl::Status CatchUpReader::ReadPiece(Reading* reading) {
  const LargeRead& read = reading->to_do.read;
  CatchUpChunker& chunker = reading->chunker;
  size_t seen_bytes = 0;
  bool at_end = true;
  absl::Status status = reading->to_do.snapshot->Scan(
      reading->last, [&](const Path& path, const stored::Field& field) {
        Value value = ValueOf(field);
        seen_bytes += FieldSizeBytes(path, value);
        if (read.replace || field.version() > read.since) {
          chunker.Add({Operation::Kind::kPut, path, std::move(value)});
        }
        reading->last = path;
        at_end = chunker.items().empty() && seen_bytes < kPieceBytesMax;
        return at_end;
      });
  if (!status.ok()) return status;
  reading->scanned = at_end;
  if (at_end) reading->to_do.snapshot.reset();  // the node may take its time now
  if (at_end && chunker.unfinished()) chunker.Finish(/*more=*/true);
  for (OutboxItem& item : chunker.items()) reading->chunks.push_back(std::move(item));
  chunker.items().clear();
  return absl::OkStatus();
}

CatchUpReader::Step CatchUpReader::Write(Reading* reading) {
  Outbox& outbox = *reading->to_do.outbox;
  const uint64_t number = reading->to_do.read.number;
  Outbox::Lower lower = Outbox::Lower::kDone;
  if (!reading->chunks.empty()) {
    lower = outbox.TryPushChunk(number, &reading->chunks.front());
    if (lower == Outbox::Lower::kDone) {
      reading->chunks.pop_front();
      outbox.Wake();
    }
  } else if (reading->scanned) {
    lower = outbox.AwaitTaken(number);
    if (lower == Outbox::Lower::kDone) {
      PostDone(*reading, absl::OkStatus());
      return Step::kOver;
    }
  }
  switch (lower) {
    case Outbox::Lower::kDone:
      return Step::kGoesOn;
    case Outbox::Lower::kFull:
      return Step::kWaits;
    case Outbox::Lower::kGone:
      break;
  }
  return Step::kOver;
}

void CatchUpReader::PostDone(const Reading& reading, const absl::Status& status) {
  const LargeRead& read = reading.to_do.read;
  post_(ReadDoneInput{read.node.node, read.session, read.number, status});
}

void CatchUpReader::Run() {
  pthread_setname_np(pthread_self(), "catch-ups");
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](CatchUpReader* self)
               ABSL_SHARED_LOCKS_REQUIRED(self->mutex_) { return self->HasWork(); },
          this));
      if (stopped_) return;
    }
    RunOnce();
  }
}

void CatchUpReader::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
}

size_t CatchUpReader::reads() const {
  absl::MutexLock lock(&mutex_);
  return readings_.size();
}

}  // namespace sessionhub::hub
