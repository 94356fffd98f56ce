// MachineDriver: a ClientMachine with a hub played by the test, frame by frame.
#ifndef TESTS_UNIT_CLIENT_MACHINE_DRIVER_H_
#define TESTS_UNIT_CLIENT_MACHINE_DRIVER_H_

#include <chrono>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/cpp/src/client_machine.h"
#include "proto/session/wire.h"

namespace sessionhub::client {

class MachineDriver {
 public:
  static constexpr auto kStaleMax = std::chrono::seconds(15);

  explicit MachineDriver(size_t near_cache_bytes_max = 1 << 20, size_t pending_bytes_max = 4 << 20)
      : machine({"shop", "web-1", pending_bytes_max, near_cache_bytes_max, kStaleMax}) {}

  struct Attach {
    bool lease_held = false;
    bool incarnation_ended = false;
    std::string history = "h1";
    size_t in_flight_deltas_max = 4096;
    size_t path_definitions_max = 0;  // so that scripts can name paths
    size_t frame_bytes_max = 1 << 20;
    uint64_t heartbeat_ms = 1'000, lease_ms = 30'000;
    uint64_t features = v1::FEATURE_SPLICE | v1::FEATURE_CONDITIONS | v1::FEATURE_AFTER_PREVIOUS;
  };

  // Brings a stream up and returns the Hello.
  v1::Hello Hello() {
    Incarnation fresh{};
    fresh[0] = ++incarnations_;
    machine.StreamUp(fresh, now);
    return Frame().hello();
  }

  v1::Hello AttachAs(const Attach& how) {
    const v1::Hello hello = Hello();
    v1::HubFrame frame;
    v1::Attached* attached = frame.mutable_attached();
    attached->set_history_id(how.history);
    attached->set_features(how.features);
    attached->set_lease_held(how.lease_held);
    attached->set_incarnation_ended(how.incarnation_ended);
    attached->set_heartbeat_ms(how.heartbeat_ms);
    attached->set_lease_ms(how.lease_ms);
    Limits limits;
    limits.in_flight_deltas_max = how.in_flight_deltas_max;
    limits.path_definitions_max = how.path_definitions_max;
    limits.frame_bytes_max = how.frame_bytes_max;
    EncodeLimits(limits, attached->mutable_limits());
    Give(frame);
    return hello;
  }

  void Give(const v1::HubFrame& frame) {
    machine.Receive(frame, now);
    Collect();
  }
  void Give(std::initializer_list<v1::Item> items) {
    v1::HubFrame frame;
    for (const v1::Item& item : items) *frame.add_items() = item;
    Give(frame);
  }
  void Goodbye(v1::Goodbye::Why why) {
    v1::HubFrame frame;
    frame.mutable_goodbye()->set_why(why);
    Give(frame);
  }
  void Down() {
    machine.StreamDown();
    Collect();
  }

  v1::NodeFrame Frame() {
    v1::NodeFrame frame;
    machine.TakeFrame(&frame, now);
    return frame;
  }

  // Opens a session whose copy then is at `version` with field n = `n`.
  CopyRef OpenAt(const std::string& id, SessionNumber number, uint32_t handle, Version version,
                 int64_t n) {
    const Token token = machine.Open(id, Create::kNever, 0, now);
    const v1::NodeFrame frame = Frame();
    Give({Opened(frame.opens(0).request(), number, handle),
          CatchUp(handle, 0, version, 0, {{"n", n}})});
    return *opens.at(token).copy;
  }

  Token Increment(const CopyRef& ref, int64_t by = 1) {
    Delta delta;
    delta.operations.push_back({Operation::Kind::kIncrement, *Path::FromText("n"), Value(by)});
    return *machine.Commit(ref, std::move(delta));
  }

  // Field n of the View; nothing if the session cannot be read.
  std::optional<int64_t> N(const CopyRef& ref) {
    auto view = machine.Read(ref, now);
    if (!view.ok()) return std::nullopt;
    auto field = (*view)->fields->map.find(*Path::FromText("n"));
    return field == (*view)->fields->map.end() ? 0 : field->second.AsInt();
  }
  Version VersionOf(const CopyRef& ref) { return (*machine.Read(ref, now))->version; }

  static v1::Item Opened(uint32_t request, SessionNumber number, uint32_t handle) {
    v1::Item item;
    item.set_handle(handle);
    item.mutable_opened()->set_request(request);
    item.mutable_opened()->set_number(number);
    return item;
  }
  static v1::Item OpenRefused(uint32_t request, v1::RefusalReason reason) {
    v1::Item item;
    item.mutable_opened()->set_request(request);
    item.mutable_opened()->mutable_refused()->set_reason(reason);
    return item;
  }
  // From version 0 it replaces.
  static v1::Item CatchUp(uint32_t handle, Version from, Version to, uint64_t included_seq,
                          std::map<std::string, int64_t> fields) {
    v1::Item item;
    item.set_handle(handle);
    item.set_from(from);
    item.set_span(to - from);
    item.mutable_catch_up()->set_replace(from == 0);
    item.mutable_catch_up()->set_included_seq(included_seq);
    for (const auto& [path, value] : fields) {
      v1::Op* op = item.mutable_catch_up()->add_ops();
      op->set_path(path);
      op->set_put_int(value);
    }
    return item;
  }
  static v1::Item Forward(uint32_t handle, Version from, const std::string& path, int64_t value) {
    v1::Item item;
    item.set_handle(handle);
    item.set_from(from);
    v1::Op* op = item.mutable_changes()->add_ops();
    op->set_path(path);
    op->set_put_int(value);
    return item;
  }
  static v1::Item Ack(uint64_t seq, Version from) {
    v1::Item item;
    item.set_seq(seq);
    item.set_from(from);
    return item;
  }
  static v1::Item Already(uint64_t seq, Version version) {
    v1::Item item = Ack(seq, version);
    item.set_already(true);
    return item;
  }
  static v1::Item Refused(uint64_t seq, v1::RefusalReason reason) {
    v1::Item item;
    item.set_seq(seq);
    item.mutable_refused()->set_reason(reason);
    return item;
  }
  static v1::Item Ended(uint32_t handle, v1::Ended::Why why = v1::Ended::DELETED) {
    v1::Item item;
    item.set_handle(handle);
    item.mutable_ended()->set_why(why);
    return item;
  }

  void Collect() {
    Outputs outputs = machine.TakeOutputs();
    for (OpenDone& done : outputs.opens) opens.emplace(done.token, done);
    for (CommitDone& done : outputs.commits) commits.emplace(done.token, done.committed);
    for (CopyEvent& event : outputs.events) events.push_back(std::move(event));
    for (IdChangeDone& done : outputs.id_changes) id_changes.push_back(done.status);
    for (LockDone& done : outputs.locks) locks.emplace(done.token, done.lock);
    for (auto& line : outputs.log) log.push_back(std::move(line));
  }

  ClientMachine machine;
  Time now = Time() + std::chrono::hours(1);
  std::map<Token, OpenDone> opens;
  std::map<Token, Committed> commits;
  std::vector<CopyEvent> events;
  std::vector<absl::Status> id_changes;
  std::map<Token, absl::StatusOr<GrantedLock>> locks;
  std::vector<std::pair<LogSeverity, std::string>> log;

 private:
  uint8_t incarnations_ = 0;
};

}  // namespace sessionhub::client

#endif  // TESTS_UNIT_CLIENT_MACHINE_DRIVER_H_
