#include "client/ctl/json_report.h"

#include <cmath>
#include <optional>
#include <utility>

#include "client/ctl/printable.h"
#include "client/ctl/savings.h"
#include "proto/session/ids.h"

namespace sessionhub::ctl {
namespace {

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// JSON has no numbers for these; the names are those of Protobuf's JSON mapping.
Json DoubleJson(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return number;
}

Json ValueJson(const Value& value) {
  switch (value.type()) {
    case Value::Type::kNull:
      return nullptr;
    case Value::Type::kBool:
      return *value.AsBool();
    case Value::Type::kInt:
      return *value.AsInt();
    case Value::Type::kDouble:
      return DoubleJson(*value.AsDouble());
    case Value::Type::kString:
      return *value.AsString();
    case Value::Type::kBytes:
      return ToHex(*value.AsBytes());
    case Value::Type::kJson: {
      // The hub never looks inside, so what a node stored as JSON need not be JSON.
      Json parsed = Json::parse(*value.AsJson(), nullptr, /*allow_exceptions=*/false);
      return parsed.is_discarded() ? Json(*value.AsJson()) : parsed;
    }
  }
  return nullptr;
}

Json CountersJson(const v1::Counters& counters) {
  const std::optional<double> saved = SavedPercent(counters);
  return {{"deltas_applied", counters.deltas_applied()},
          {"deltas_refused", counters.deltas_refused()},
          {"deltas_duplicate", counters.deltas_duplicate()},
          {"forwards", counters.forwards()},
          {"catch_ups", counters.catch_ups()},
          {"large_catch_ups", counters.large_catch_ups()},
          {"lapses", counters.lapses()},
          {"turns", counters.turns()},
          {"syncs", counters.syncs()},
          {"sessions_created", counters.sessions_created()},
          {"sessions_ended", counters.sessions_ended()},
          {"sessions_expired", counters.sessions_expired()},
          {"touches", counters.touches()},
          {"locks_granted", counters.locks_granted()},
          {"copies_ahead", counters.copies_ahead()},
          {"wall_clock_steps", counters.wall_clock_steps()},
          {"forward_bytes", counters.forward_bytes()},
          {"catch_up_bytes", counters.catch_up_bytes()},
          {"broadcast_bytes", counters.broadcast_bytes()},
          {"saved_percent", saved ? Json(*saved) : Json()},
          {"deltas_received", counters.deltas_received()},
          {"frame_bytes_in", counters.frame_bytes_in()},
          {"frame_bytes_out", counters.frame_bytes_out()}};
}

}  // namespace

Json StatusJson(const v1::GetStatusResponse& status) {
  return {{"version", status.version()},
          {"history_id", ToHex(status.history_id())},
          {"uptime_ms", status.uptime_ms()},
          {"hub_time_ms", status.hub_time_ms()},
          {"sessions", status.sessions()},
          {"nodes", status.nodes()},
          {"interests", status.interests()},
          {"data_dir", status.data_dir()},
          {"shards", status.shards()},
          {"catch_up_reads", status.catch_up_reads()},
          {"catch_up_bytes", status.catch_up_bytes()},
          {"lock_waits", status.lock_waits()},
          {"disk_free_bytes", status.disk_free_bytes()},
          {"growth_waits", status.growth_waits()},
          {"connections_refused", status.connections_refused()},
          {"format", status.format()},
          {"newest_format", status.newest_format()},
          {"counters", CountersJson(status.counters())}};
}

Json UpgradeJson(const v1::GetStatusResponse& status) {
  return {{"format", status.format()},
          {"newest_format", status.newest_format()},
          {"to_finalize", status.newest_format() > status.format()}};
}

Json NodesJson(const v1::ListNodesResponse& nodes) {
  Json list = Json::array();
  for (const v1::Node& node : nodes.nodes()) {
    list.push_back({{"app", node.app()},
                    {"name", node.name()},
                    {"incarnation", ToHex(node.incarnation())},
                    {"attached", node.attached()},
                    {"interests", node.interests()},
                    {"forwards", node.forwards()},
                    {"outbox_bytes", node.outbox_bytes()},
                    {"attached_for_ms", node.attached_for_ms()},
                    {"peer", node.peer()}});
  }
  Json json;
  json["nodes"] = std::move(list);
  return json;
}

Json SessionSummaryJson(const v1::SessionSummary& session, bool full_ids) {
  const bool complete = full_ids && !session.id_cut();
  const bool owner_cut = session.owner_cut();
  return {{"id", ShownId(session.id(), complete)},
          {"id_complete", complete},
          {"id_hash", session.id_hash()},
          {"number", session.number()},
          {"version", session.version()},
          {"created_ms", session.created_ms()},
          {"nodes", session.nodes()},
          {"owner", owner_cut ? ShownId(session.owner(), false) : EscapeId(session.owner())},
          {"owner_complete", !owner_cut},
          {"owner_hash", session.owner_hash()},
          {"last_access_ms", session.last_access_ms()},
          {"idle_timeout_ms", session.idle_timeout_ms()},
          {"absolute_deadline_ms", session.absolute_deadline_ms()}};
}

Json SessionJson(const v1::SessionSummary& session, const std::vector<Operation>& fields,
                 bool full_ids) {
  Json json = SessionSummaryJson(session, full_ids);
  Json list = Json::array();
  for (const Operation& field : fields) {
    list.push_back({{"path", field.path.ToText()},
                    {"type", TypeName(field.value.type())},
                    {"value", ValueJson(field.value)}});
  }
  json["fields"] = std::move(list);
  return json;
}

Json SizesJson(const v1::GetSessionResponse& session, bool full_ids) {
  Json json = SessionSummaryJson(session.summary(), full_ids);
  Json list = Json::array();
  for (const v1::FieldSize& size : session.sizes()) {
    list.push_back({{"path", size.path()}, {"bytes", size.bytes()}});
  }
  json["sizes"] = std::move(list);
  return json;
}

Json DeletedJson(const std::string& id, const v1::DeleteSessionResponse& deleted, bool full_ids) {
  return {{"id", ShownId(id, full_ids)},
          {"id_complete", full_ids},
          {"number", deleted.number()},
          {"version", deleted.version()}};
}

Json EventJson(const Event& event, bool full_ids) {
  Json json = {{"event", EventName(event.kind)}};
  switch (event.kind) {
    case Event::Kind::kRenamed:
      json["id"] = ShownId(event.new_id, full_ids);
      json["id_complete"] = full_ids;
      break;
    case Event::Kind::kChanged:
    case Event::Kind::kCaughtUp:
      json["from"] = event.from;
      json["to"] = event.to;
      break;
    case Event::Kind::kDeleted:
    case Event::Kind::kExpired:
    case Event::Kind::kLost:
      break;
  }
  if (event.kind != Event::Kind::kChanged) return json;
  Json changes = Json::array();
  for (const FieldChange& change : event.changes) {
    if (change.value) {
      changes.push_back({{"path", change.path},
                         {"type", TypeName(change.value->type())},
                         {"value", ValueJson(*change.value)}});
    } else {
      changes.push_back({{"path", change.path}, {"erased", change.subtree ? "subtree" : "field"}});
    }
  }
  json["changes"] = std::move(changes);
  return json;
}

void PrintJson(const Json& json, std::ostream& out) {
  out << Dump(json) << '\n';
}

SessionsJsonWriter::SessionsJsonWriter(const std::string& app, bool full_ids, std::ostream& out)
    : full_ids_(full_ids), out_(out) {
  out_ << "{\"app\":" << Dump(app) << ",\"sessions\":[";
}

void SessionsJsonWriter::AddPage(const v1::ListSessionsResponse& page) {
  for (const v1::SessionSummary& session : page.sessions()) {
    out_ << (std::exchange(first_, false) ? "\n" : ",\n")
         << Dump(SessionSummaryJson(session, full_ids_));
  }
}

void SessionsJsonWriter::End(bool complete) {
  out_ << "\n],\"complete\":" << (complete ? "true" : "false") << "}\n";
}

}  // namespace sessionhub::ctl
