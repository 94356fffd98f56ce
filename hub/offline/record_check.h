// RecordCheck: whether the records of a data folder fit each other: each session has its name, its
// identity and its entry in the table of what is due, fields and names belong to a session, sizes
// and versions add up.
#ifndef HUB_OFFLINE_RECORD_CHECK_H_
#define HUB_OFFLINE_RECORD_CHECK_H_

#include <cstdint>

#include "absl/status/status.h"
#include "hub/offline/finding.h"
#include "hub/store/folder_view.h"

namespace sessionhub::hub {

// Further findings are counted only.
inline constexpr uint64_t kRecordFindingsMax = 100;

struct RecordTotals {
  uint64_t sessions = 0;       // live ones
  uint64_t dead_sessions = 0;  // ended, and kept for the resend horizon
  uint64_t fields = 0;         // of all
  uint64_t field_bytes = 0;    // paths and values
  uint64_t findings = 0;       // those that are left out among them
};

// Reads every record once. Adds to `findings` what does not fit, at most kRecordFindingsMax. An
// error says that the records cannot be read to the end: DataLoss for damage.
absl::Status CheckRecords(const FolderView& view, RecordTotals* totals, Findings* findings);

}  // namespace sessionhub::hub

#endif  // HUB_OFFLINE_RECORD_CHECK_H_
