#include "bench/sizing/size_plan.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "bench/sizing/size_constants.h"

namespace sessionhub::bench {
namespace {

constexpr double kMicrosOfSecond = 1e6;

double StoredBytes(const SizeQuestion& question) {
  const double each =
      kStoredSession.value + question.session_fields * kStoredField.value + question.session_bytes;
  return question.sessions * each;
}

double HubMemory(const SizeQuestion& question) {
  const double pairs = question.sessions * question.fan_out;
  return kHubProgram.value + question.nodes * kHubNode.value + pairs * kHubPair.value +
         std::min(question.block_cache_bytes, StoredBytes(question)) + kWriteBuffers.value;
}

double NodeMemory(const SizeQuestion& question) {
  const double open = question.sessions * question.fan_out / question.nodes;
  const double each =
      kNodeSession.value + question.session_fields * kNodeField.value + question.session_bytes;
  return kNodeProgram.value + open * each;
}

double DiskWritten(const SizeQuestion& question) {
  const double syncs =
      question.changes_per_s / (1 + question.changes_per_s * kTurnTime.value / kMicrosOfSecond);
  const double logged = question.changes_per_s * (kLogChange.value + question.value_bytes);
  // A sync writes the block that the log ends in, so that only what goes beyond it is more.
  return std::max(syncs * kSyncBlock.value, logged) + logged * kTableWrites.value;
}

double WireOfChange(const SizeQuestion& question) {
  const double copies = question.fan_out - 1;
  const double tls = question.tls ? kTlsChange.value + copies * kTlsForward.value : 0;
  return kWireChange.value + question.value_bytes +
         copies * (kWireForward.value + question.value_bytes) + tls;
}

}  // namespace

SizePlan PlanFor(const SizeQuestion& question) {
  const double copies_per_s = question.changes_per_s * (question.fan_out - 1);
  SizePlan plan;
  plan.hub_memory_bytes = HubMemory(question);
  plan.outboxes_bytes_max = question.nodes * question.outbox_bytes_max;
  plan.node_memory_bytes = NodeMemory(question);
  plan.disk_bytes = StoredBytes(question) * kTablesFactor.value + question.log_bytes_max;
  plan.backups_bytes_max = question.backups_kept * plan.disk_bytes;
  plan.disk_written_bytes_per_s = DiskWritten(question);
  plan.hub_cores = (question.changes_per_s * kHubChange.value + copies_per_s * kHubForward.value) /
                   kMicrosOfSecond;
  plan.nodes_cores = (question.changes_per_s * kNodeChange.value +
                      copies_per_s * kNodeForward.value + question.nodes * kNodeIdle.value) /
                     kMicrosOfSecond;
  plan.wire_change_bytes = WireOfChange(question);
  plan.wire_bytes_per_s =
      question.changes_per_s * plan.wire_change_bytes + question.nodes * kWireIdle.value;
  return plan;
}

std::string SizeConstantsTable() {
  std::ostringstream table;
  table << "| constant | value | of what |\n|---|---:|---|\n";
  for (const SizeConstant& constant : kSizeConstants) {
    table << "| `" << constant.name << "` | ";
    if (constant.value == std::floor(constant.value)) {
      table << static_cast<int64_t>(constant.value);
    } else {
      table << constant.value;
    }
    table << " | " << constant.of_what << " |\n";
  }
  return table.str();
}

}  // namespace sessionhub::bench
