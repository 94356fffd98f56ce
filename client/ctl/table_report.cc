#include "client/ctl/table_report.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "client/ctl/printable.h"
#include "client/ctl/savings.h"
#include "proto/session/ids.h"

namespace sessionhub::ctl {
namespace {

using std::to_string;

// Enough of an incarnation to tell two processes apart.
constexpr size_t kShownIncarnationBytes = 4;

std::string ValueText(const Value& value) {
  switch (value.type()) {
    case Value::Type::kString:
      // Quoted as JSON does, so that "3" and 3 look different.
      return nlohmann::json(*value.AsString())
          .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    case Value::Type::kBytes:
      return ToHex(*value.AsBytes());
    case Value::Type::kJson:
      return *value.AsJson();
    default:
      return value.DebugString();
  }
}

}  // namespace

void PrintStatusTable(const v1::GetStatusResponse& status, std::ostream& out) {
  const v1::Counters& counters = status.counters();
  Table table({{"key"}, {"value"}});
  table.AddRow({"version", status.version()});
  table.AddRow({"history_id", ToHex(status.history_id())});
  table.AddRow({"uptime", DurationText(status.uptime_ms())});
  table.AddRow({"hub_time", TimeText(status.hub_time_ms())});
  table.AddRow({"sessions", to_string(status.sessions())});
  table.AddRow({"nodes", to_string(status.nodes())});
  table.AddRow({"interests", to_string(status.interests())});
  table.AddRow({"data_dir", status.data_dir()});
  table.AddRow({"shards", to_string(status.shards())});
  table.AddRow({"catch_up_reads", to_string(status.catch_up_reads())});
  table.AddRow({"catch_up_bytes", to_string(status.catch_up_bytes())});
  table.AddRow({"lock_waits", to_string(status.lock_waits())});
  table.AddRow({"disk_free_bytes", to_string(status.disk_free_bytes())});
  table.AddRow({"growth_waits", status.growth_waits() ? "yes: the disk is too full" : "no"});
  table.AddRow({"connections_refused", to_string(status.connections_refused())});
  table.AddRow({"format", to_string(status.format())});
  table.AddRow({"newest_format", to_string(status.newest_format())});
  table.AddRow({"deltas_applied", to_string(counters.deltas_applied())});
  table.AddRow({"deltas_refused", to_string(counters.deltas_refused())});
  table.AddRow({"deltas_duplicate", to_string(counters.deltas_duplicate())});
  table.AddRow({"forwards", to_string(counters.forwards())});
  table.AddRow({"catch_ups", to_string(counters.catch_ups())});
  table.AddRow({"large_catch_ups", to_string(counters.large_catch_ups())});
  table.AddRow({"lapses", to_string(counters.lapses())});
  table.AddRow({"turns", to_string(counters.turns())});
  table.AddRow({"syncs", to_string(counters.syncs())});
  table.AddRow({"sessions_created", to_string(counters.sessions_created())});
  table.AddRow({"sessions_ended", to_string(counters.sessions_ended())});
  table.AddRow({"sessions_expired", to_string(counters.sessions_expired())});
  table.AddRow({"touches", to_string(counters.touches())});
  table.AddRow({"locks_granted", to_string(counters.locks_granted())});
  table.AddRow({"copies_ahead", to_string(counters.copies_ahead())});
  table.AddRow({"wall_clock_steps", to_string(counters.wall_clock_steps())});
  table.AddRow({"forward_bytes", to_string(counters.forward_bytes())});
  table.AddRow({"catch_up_bytes", to_string(counters.catch_up_bytes())});
  table.AddRow({"broadcast_bytes", to_string(counters.broadcast_bytes())});
  table.AddRow({"saved_percent", SavedPercentText(counters)});
  table.AddRow({"deltas_received", to_string(counters.deltas_received())});
  table.AddRow({"frame_bytes_in", to_string(counters.frame_bytes_in())});
  table.AddRow({"frame_bytes_out", to_string(counters.frame_bytes_out())});
  table.Print(out);
}

void PrintUpgradeTable(const v1::GetStatusResponse& status, std::ostream& out) {
  Table table({{"key"}, {"value"}});
  table.AddRow({"format", to_string(status.format())});
  table.AddRow({"newest_format", to_string(status.newest_format())});
  const bool to_finalize = status.newest_format() > status.format();
  table.AddRow({"to_finalize", to_finalize ? "yes: sessionhubctl upgrade finalize" : "no"});
  table.Print(out);
}

void PrintNodesTable(const v1::ListNodesResponse& nodes, std::ostream& out) {
  Table table({{"app"},
               {"name"},
               {"incarnation"},
               {"attached"},
               {"interests", Align::kRight},
               {"forwards", Align::kRight},
               {"outbox_bytes", Align::kRight},
               {"attached_for"},
               {"peer"}});
  for (const v1::Node& node : nodes.nodes()) {
    table.AddRow({node.app(), node.name(),
                  ToHex(node.incarnation().substr(0, kShownIncarnationBytes)),
                  node.attached() ? "true" : "false", to_string(node.interests()),
                  to_string(node.forwards()), to_string(node.outbox_bytes()),
                  node.attached() ? DurationText(node.attached_for_ms()) : "-", node.peer()});
  }
  table.Print(out);
}

Table MakeSessionsTable() {
  return Table({{"id"},
                {"number", Align::kRight},
                {"version", Align::kRight},
                {"nodes", Align::kRight},
                {"created"}});
}

void PrintSessionsPage(const v1::ListSessionsResponse& page, bool full_ids, Table* table,
                       std::ostream& out) {
  for (const v1::SessionSummary& session : page.sessions()) {
    const bool complete = full_ids && !session.id_cut();
    table->AddRow({ShownId(session.id(), complete), to_string(session.number()),
                   to_string(session.version()), to_string(session.nodes()),
                   TimeText(session.created_ms())});
  }
  table->Print(out);
}

void PrintSessionTable(const v1::SessionSummary& summary, const std::vector<Operation>& fields,
                       bool full_ids, std::ostream& out) {
  Table session = MakeSessionsTable();
  v1::ListSessionsResponse page;
  *page.add_sessions() = summary;
  PrintSessionsPage(page, full_ids, &session, out);
  out << '\n';
  Table table({{"path"}, {"type"}, {"value"}});
  for (const Operation& field : fields) {
    table.AddRow({field.path.ToText(), TypeName(field.value.type()), ValueText(field.value)});
  }
  table.Print(out);
}

void PrintSizesTable(const v1::GetSessionResponse& session, bool full_ids, std::ostream& out) {
  Table table = MakeSessionsTable();
  v1::ListSessionsResponse page;
  *page.add_sessions() = session.summary();
  PrintSessionsPage(page, full_ids, &table, out);
  out << '\n';
  Table sizes({{"path"}, {"bytes", Align::kRight}});
  for (const v1::FieldSize& size : session.sizes()) {
    sizes.AddRow({size.path(), to_string(size.bytes())});
  }
  sizes.Print(out);
}

void PrintEvent(const Event& event, bool full_ids, std::ostream& out) {
  out << EventName(event.kind);
  if (event.to != 0) out << ' ' << event.from << " -> " << event.to;
  if (!event.new_id.empty()) out << ' ' << ShownId(event.new_id, full_ids);
  const char* before = "  ";
  for (const FieldChange& change : event.changes) {
    out << std::exchange(before, ", ") << EscapeControls(change.path);
    if (change.value) {
      out << " = " << EscapeControls(ValueText(*change.value));
    } else {
      out << (change.subtree ? " erased with all below" : " erased");
    }
  }
  out << '\n';
}

}  // namespace sessionhub::ctl
