#include "tests/support/model_hub.h"

#include <algorithm>
#include <vector>

#include "proto/session/limits.h"
#include "proto/session/wire.h"

namespace sessionhub::testing {
namespace {

constexpr uint64_t kFeatures = v1::FEATURE_SPLICE | v1::FEATURE_AFTER_PREVIOUS;

}  // namespace

void ModelHub::Connect(int stream) {
  streams_[stream] = StreamState();
}

void ModelHub::Cut(int stream) {
  StreamState& state = streams_[stream];
  if (state.attached) nodes_[state.incarnation].live.clear();
  state = StreamState();
}

void ModelHub::EndLeases() {
  nodes_.clear();
}

const ModelHub::ModelSession* ModelHub::FindSession(const std::string& id) const {
  auto name = names_.find(id);
  return name == names_.end() ? nullptr : &sessions_.at(name->second);
}

void ModelHub::DeleteSession(const std::string& id) {
  if (auto name = names_.find(id); name != names_.end()) End(&sessions_[name->second]);
}

bool ModelHub::Idle(int stream) const {
  auto it = streams_.find(stream);
  return it == streams_.end() ||
         (it->second.first.empty() && it->second.lane.empty() && it->second.low_lane.empty());
}

std::optional<v1::HubFrame> ModelHub::Take(int stream) {
  StreamState& state = streams_[stream];
  if (!state.first.empty()) {
    v1::HubFrame frame = std::move(state.first.front());
    state.first.pop_front();
    return frame;
  }
  v1::HubFrame frame;
  for (uint64_t count = 1 + random_() % 4; count > 0; --count) {
    const bool low = !state.low_lane.empty() && state.low_lane.front().first <= state.lane_taken;
    if (low && (state.lane.empty() || Chance(50))) {
      *frame.add_items() = std::move(state.low_lane.front().second);
      state.low_lane.pop_front();
    } else if (!state.lane.empty()) {
      *frame.add_items() = std::move(state.lane.front());
      state.lane.pop_front();
      ++state.lane_taken;
    }
  }
  if (frame.items_size() == 0) return std::nullopt;
  return frame;
}

void ModelHub::Receive(int number, const v1::NodeFrame& frame) {
  StreamState& stream = streams_[number];
  if (frame.has_hello()) OnHello(&stream, frame.hello());
  if (!stream.attached) return;
  Node& node = nodes_[stream.incarnation];
  node.confirmed |= !frame.has_hello();
  for (const v1::PathDefinition& path : frame.paths()) stream.paths[path.number()] = path.path();
  for (const v1::Open& open : frame.opens()) OnOpen(&stream, open);
  for (const v1::Resume& resume : frame.resumes()) {
    auto handle = node.handles.find(resume.handle());
    if (handle != node.handles.end() && !sessions_[handle->second].dead) {
      CatchUp(&stream, handle->first, &sessions_[handle->second], resume.version());
      continue;
    }
    v1::Item item;
    item.set_handle(resume.handle());
    item.mutable_ended()->set_why(handle == node.handles.end() ? v1::Ended::UNKNOWN
                                                               : v1::Ended::DELETED);
    stream.lane.push_back(item);
  }
  uint64_t seq = frame.first_seq();
  for (const v1::Delta& delta : frame.deltas()) OnDelta(&stream, seq++, delta);
  for (uint32_t handle : frame.closes()) {
    node.live.erase(node.handles[handle]);
    node.handles.erase(handle);
    // Nothing may follow under this handle once it is given again.
    std::erase_if(stream.low_lane,
                  [handle](const auto& entry) { return entry.second.handle() == handle; });
  }
}

void ModelHub::OnHello(StreamState* stream, const v1::Hello& hello) {
  v1::HubFrame frame;
  v1::Attached* attached = frame.mutable_attached();
  attached->set_protocol_version(1);
  attached->set_features(hello.features() & kFeatures);
  attached->set_history_id(history_);
  attached->set_lease_ms(30'000);
  attached->set_heartbeat_ms(1'000);
  EncodeLimits(Limits(), attached->mutable_limits());
  attached->mutable_limits()->set_in_flight_deltas_max(5);
  attached->mutable_limits()->set_path_definitions_max(4);
  const auto held = nodes_.find(hello.incarnation());
  if (held != nodes_.end() && (hello.new_lease() || !held->second.confirmed)) nodes_.erase(held);
  attached->set_lease_held(nodes_.count(hello.incarnation()) > 0);
  attached->set_incarnation_ended(ended_.count(hello.incarnation()) > 0);
  stream->first.push_back(frame);
  if (attached->incarnation_ended()) return;
  known_.insert(hello.incarnation());
  stream->attached = true;
  stream->incarnation = hello.incarnation();
  nodes_[stream->incarnation].live.clear();
}

ModelHub::ModelSession* ModelHub::Create(const std::string& id) {
  const SessionNumber number = sessions_.size() + 1;
  ModelSession& session = sessions_[number];
  session.id = id;
  session.number = number;
  names_[id] = number;
  return &session;
}

void ModelHub::OnOpen(StreamState* stream, const v1::Open& open) {
  v1::Item item;
  item.mutable_opened()->set_request(open.request());
  auto name = names_.find(open.id());
  ModelSession* session = name == names_.end() ? nullptr : &sessions_[name->second];
  const auto refuse = [&](v1::RefusalReason reason) {
    item.mutable_opened()->mutable_refused()->set_reason(reason);
    stream->lane.push_back(item);
  };
  if (open.number() != 0 && (!session || session->number != open.number())) return refuse(v1::GONE);
  if (!session && open.create() == v1::CREATE_NEVER) return refuse(v1::NOT_FOUND);
  if (session && open.create() == v1::CREATE_EXCLUSIVE) return refuse(v1::ALREADY_EXISTS);
  item.mutable_opened()->set_created(!session);
  if (!session) session = Create(open.id());
  Node& node = nodes_[stream->incarnation];
  uint32_t handle = 0;
  for (const auto& [held, number] : node.handles) {
    if (number == session->number) handle = held;
  }
  for (uint32_t next = 1; handle == 0; ++next) {
    if (node.handles.count(next) == 0) handle = next;
  }
  node.handles[handle] = session->number;
  item.set_handle(handle);
  item.mutable_opened()->set_number(session->number);
  stream->lane.push_back(item);
  CatchUp(stream, handle, session, open.version());
}

void ModelHub::CatchUp(StreamState* stream, uint32_t handle, ModelSession* session,
                       Version version) {
  const bool replace = version == 0 || version < session->last_erase_version || Chance(20);
  std::vector<v1::Item> parts(1);
  for (const auto& [path, value] : session->fields) {
    if (!replace && session->field_versions[path] <= version) continue;
    if (Chance(20)) parts.emplace_back();
    v1::Op* op = parts.back().mutable_catch_up()->add_ops();
    op->set_path(path.ToText());
    EncodePut(value, op);
  }
  for (v1::Item& part : parts) {
    part.set_handle(handle);
    part.set_from(replace ? 0 : version);
    part.set_span(session->version - part.from());
    part.mutable_catch_up()->set_replace(replace);
    part.mutable_catch_up()->set_included_seq(session->through_seq[stream->incarnation]);
    part.mutable_catch_up()->set_more(&part != &parts.back());
  }
  const uint64_t after = stream->lane_taken + stream->lane.size();
  for (v1::Item& part : parts) stream->low_lane.emplace_back(after, std::move(part));
  nodes_[stream->incarnation].live.insert(session->number);
}

void ModelHub::OnDelta(StreamState* stream, uint64_t seq, const v1::Delta& wire) {
  Node& node = nodes_[stream->incarnation];
  std::map<uint32_t, Path> paths;
  for (const auto& [number, text] : stream->paths) paths[number] = *Path::FromText(text);
  const FindPath find_path = [&paths](uint32_t number) {
    auto it = paths.find(number);
    return it == paths.end() ? nullptr : &it->second;
  };
  absl::StatusOr<Delta> delta = DecodeDelta(wire, find_path, kFeatures);
  const SessionNumber number = wire.handle() != 0 ? node.handles[wire.handle()] : wire.number();
  auto session = sessions_.find(number);
  v1::Item refused;
  if (!delta.ok()) {
    refused.mutable_refused()->set_reason(v1::INVALID_ARGUMENT);
  } else if (session == sessions_.end() || session->second.dead) {
    refused.mutable_refused()->set_reason(v1::GONE);
  } else {
    return Decide(stream, &session->second, seq, *delta);
  }
  Answer(stream, seq, refused);
}

void ModelHub::Decide(StreamState* stream, ModelSession* session, uint64_t seq,
                      const Delta& delta) {
  v1::Item item;
  uint64_t& through = session->through_seq[stream->incarnation];
  std::map<uint64_t, Refusal>& refused = session->refused[stream->incarnation];
  if (seq <= through) {
    if (refused.count(seq) > 0) {
      item.mutable_refused()->set_reason(refused[seq].reason);
    } else {
      item.set_from(session->version);
      item.set_already(true);
    }
    return Answer(stream, seq, item);
  }
  const bool previous_refused = refused.count(through) > 0;
  through = seq;
  if (delta.after_previous && previous_refused) {
    refused[seq] = {v1::PREVIOUS_REFUSED, ""};
    item.mutable_refused()->set_reason(v1::PREVIOUS_REFUSED);
    return Answer(stream, seq, item);
  }
  FieldMap after = session->fields;
  if (absl::Status status = Apply(delta, &after); !status.ok()) {
    refused[seq] = RefusalOf(status);
    bases_changed_ += refused[seq].reason == v1::BASE_CHANGED ? 1 : 0;
    item.mutable_refused()->set_reason(refused[seq].reason);
    return Answer(stream, seq, item);
  }
  ++applied_;
  item.set_from(session->version++);
  for (const Operation& operation : delta.operations) {
    if (after.count(operation.path) > 0) {
      session->field_versions[operation.path] = session->version;
    } else {
      session->last_erase_version = session->version;
    }
  }
  Answer(stream, seq, item);
  Forward(stream->incarnation, *session, delta, after);
  session->fields = std::move(after);
  if (delta.deletes_session) End(session);
}

void ModelHub::Answer(StreamState* stream, uint64_t seq, v1::Item item) {
  item.set_seq(seq);
  stream->lane.push_back(std::move(item));
}

void ModelHub::Forward(const std::string& committer, const ModelSession& session,
                       const Delta& delta, const FieldMap& after) {
  v1::Item item;
  item.set_from(session.version - 1);
  for (const Operation& operation : delta.operations) {
    Operation result = operation;
    if (operation.kind == Operation::Kind::kIncrement) {
      result = {Operation::Kind::kPut, operation.path, after.at(operation.path)};
    }
    EncodeOp(
        result, [](const Path&) { return 0u; }, item.mutable_changes()->add_ops());
  }
  for (auto& [number, stream] : streams_) {
    if (!stream.attached || stream.incarnation == committer) continue;
    const Node& node = nodes_[stream.incarnation];
    if (node.live.count(session.number) == 0) continue;
    for (const auto& [handle, held] : node.handles) {
      if (held != session.number) continue;
      item.set_handle(handle);
      stream.lane.push_back(item);
    }
  }
}

void ModelHub::End(ModelSession* session) {
  session->dead = true;
  names_.erase(session->id);
  for (auto& [number, stream] : streams_) {
    if (!stream.attached) continue;
    Node& node = nodes_[stream.incarnation];
    for (const auto& [handle, held] : node.handles) {
      if (held != session->number || node.live.count(held) == 0) continue;
      v1::Item item;
      item.set_handle(handle);
      item.mutable_ended()->set_why(v1::Ended::DELETED);
      stream.lane.push_back(item);
    }
    node.live.erase(session->number);
  }
}

}  // namespace sessionhub::testing
