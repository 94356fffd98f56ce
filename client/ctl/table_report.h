// The hub's answers as tables for people. Their words are the keys of json_report.h; those of times
// go without "_ms".
#ifndef CLIENT_CTL_TABLE_REPORT_H_
#define CLIENT_CTL_TABLE_REPORT_H_

#include <ostream>
#include <vector>

#include "client/ctl/table.h"
#include "proto/session/delta.h"
#include "sessionhub/event.h"
#include "sessionhub/v1/admin.pb.h"

namespace sessionhub::ctl {

void PrintStatusTable(const v1::GetStatusResponse& status, std::ostream& out);
void PrintUpgradeTable(const v1::GetStatusResponse& status, std::ostream& out);
void PrintNodesTable(const v1::ListNodesResponse& nodes, std::ostream& out);

// A listing comes in pages: make the table once, then print each page with it.
Table MakeSessionsTable();
void PrintSessionsPage(const v1::ListSessionsResponse& page, bool full_ids, Table* table,
                       std::ostream& out);

// `fields` are puts.
void PrintSessionTable(const v1::SessionSummary& summary, const std::vector<Operation>& fields,
                       bool full_ids, std::ostream& out);

// What a reader may know of a session.
void PrintSizesTable(const v1::GetSessionResponse& session, bool full_ids, std::ostream& out);

// One line: "changed 12 -> 13  cart/qty = 3, cart/old erased".
void PrintEvent(const Event& event, bool full_ids, std::ostream& out);

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_TABLE_REPORT_H_
