#include "hub/shard/registrar.h"

#include <optional>
#include <string>
#include <utility>

#include "hub/shard/durable.h"
#include "proto/session/status_macros.h"

namespace sessionhub::hub {

Registrar::Registrar(const RegistrarOptions& options, Journal* journal, Store* store)
    : options_(options), journal_(journal), store_(store), thread_([this] { Run(); }) {}

Registrar::~Registrar() {
  Stop();
}

absl::Status Registrar::Register(Registration registration, Done done) {
  absl::MutexLock lock(&mutex_);
  if (requests_.size() >= options_.requests_max) {
    return absl::ResourceExhaustedError(
        "hub has requests_max = " + std::to_string(options_.requests_max) +
        " nodes that wait to attach: come back later");
  }
  requests_.push_back({std::move(registration), std::move(done)});
  return absl::OkStatus();
}

void Registrar::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Registrar::Run() {
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
    }
    request.done(Handle(request.registration));
  }
}

absl::StatusOr<AppNumber> Registrar::FindOrAddApp(const std::string& name, TurnRecord* record) {
  ASSIGN_OR_RETURN(const std::optional<stored::App> known, store_->FindApp(name));
  if (known) return known->number();
  ASSIGN_OR_RETURN(const AppNumber last, store_->LastAppNumber());
  if (last >= options_.apps_max) {
    return absl::ResourceExhaustedError("hub has apps_max = " + std::to_string(options_.apps_max) +
                                        " apps: use one of them");
  }
  stored::App app;
  app.set_number(last + 1);
  record->apps.push_back({name, app});
  return last + 1;
}

absl::StatusOr<Registered> Registrar::Handle(const Registration& registration) {
  TurnRecord record;
  Registered registered;
  ASSIGN_OR_RETURN(registered.app, FindOrAddApp(registration.app, &record));
  ASSIGN_OR_RETURN(const std::optional<stored::Incarnation> known,
                   store_->FindIncarnation(registration.incarnation));
  registered.incarnation_ended = registration.known_before && !known;
  if (!registered.incarnation_ended && !known) {
    stored::Incarnation incarnation;
    incarnation.set_last_seen(options_.now_us());
    incarnation.set_node_name(registration.node_name);
    incarnation.set_app(registered.app);
    record.incarnations.push_back({registration.incarnation, incarnation});
  }
  const absl::Status status = MakeDurable(record, journal_, store_);
  if (!status.ok()) {
    options_.on_failure(status);
    return status;
  }
  return registered;
}

}  // namespace sessionhub::hub
