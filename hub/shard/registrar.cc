#include "hub/shard/registrar.h"

#include <pthread.h>

#include <string>
#include <utility>

namespace sessionhub::hub {

Registrar::Registrar(const RegistrarOptions& options, Journal* journal, Store* store)
    : requests_max_(options.requests_max),
      roster_(options, journal, store),
      thread_([this] { Run(); }) {}

Registrar::~Registrar() {
  Stop();
}

absl::Status Registrar::Register(Registration registration, Done done) {
  absl::MutexLock lock(&mutex_);
  if (requests_.size() >= requests_max_) {
    ++refused_;
    return absl::ResourceExhaustedError("hub has requests_max = " + std::to_string(requests_max_) +
                                        " nodes that wait to attach: come back later");
  }
  requests_.push_back({std::move(registration), std::move(done), nullptr});
  return absl::OkStatus();
}

void Registrar::Sweep(std::function<void()> done) {
  absl::MutexLock lock(&mutex_);
  if (stopping_ || std::exchange(sweep_waits_, true)) return;
  Request request;
  request.swept = done ? std::move(done) : [] {};
  requests_.push_back(std::move(request));
}

Registrar::Fill Registrar::fill() const {
  absl::MutexLock lock(&mutex_);
  return {requests_.size(), refused_};
}

void Registrar::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Registrar::Run() {
  pthread_setname_np(pthread_self(), "registrar");
  const auto something = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !requests_.empty();
  };
  while (true) {
    Request request;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&something));
      if (requests_.empty()) return;
      request = std::move(requests_.front());
      requests_.pop_front();
      if (request.swept) sweep_waits_ = false;
    }
    if (request.swept) {
      roster_.Sweep();
      request.swept();
    } else {
      request.done(roster_.Register(request.registration));
    }
  }
}

}  // namespace sessionhub::hub
