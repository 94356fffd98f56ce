#include "client/cpp/src/touches.h"

#include <algorithm>
#include <utility>

namespace sessionhub::client {

void Touches::Used(Copy* copy, Time now, std::chrono::milliseconds heartbeat) {
  if (copy->idle_timeout.count() == 0) return;
  copy->used_at = now;
  if (copy->use_waits) return;
  copy->use_waits = true;
  const auto pause = copy->idle_timeout / 10;
  const Time at = copy->told_at ? std::max<Time>(now, *copy->told_at + pause) : now;
  (pause < heartbeat ? urgent_ : patient_).emplace(at, copy->ref.number);
}

void Touches::Told(Copy* copy, Time now) {
  copy->told_at = now;
  copy->use_waits = false;  // what stands in a queue is then told nothing of
}

void Touches::Postpone(Copy* copy, Time until) {
  copy->use_waits = true;
  patient_.emplace(until, copy->ref.number);
}

SessionNumber Touches::Take(Time now) {
  for (Queue* queue : {&urgent_, &patient_}) {
    if (queue->empty() || queue->begin()->first > now) continue;
    const SessionNumber session = queue->begin()->second;
    queue->erase(queue->begin());
    return session;
  }
  return 0;
}

bool TakeUse(Copy* copy) {
  return std::exchange(copy->use_waits, false);
}

}  // namespace sessionhub::client
