// The hub's answers as JSON for scripts. The keys are listed in --help; they are added to, never
// changed.
#ifndef CLIENT_CTL_JSON_REPORT_H_
#define CLIENT_CTL_JSON_REPORT_H_

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "proto/session/delta.h"
#include "sessionhub/event.h"
#include "sessionhub/v1/admin.pb.h"

namespace sessionhub::ctl {

// Keeps the order of its keys, so that equal answers give equal bytes.
using Json = nlohmann::ordered_json;

Json StatusJson(const v1::GetStatusResponse& status);
Json NodesJson(const v1::ListNodesResponse& nodes);
Json SessionSummaryJson(const v1::SessionSummary& session, bool full_ids);
// `fields` are puts.
Json SessionJson(const v1::SessionSummary& session, const std::vector<Operation>& fields,
                 bool full_ids);
// The keys of one session, and what a reader may know of its fields.
Json SizesJson(const v1::GetSessionResponse& session, bool full_ids);
Json UpgradeJson(const v1::GetStatusResponse& status);
Json DeletedJson(const std::string& id, const v1::DeleteSessionResponse& deleted, bool full_ids);

// One line of text and a line end. Bytes that are not UTF-8 are replaced.
Json EventJson(const Event& event, bool full_ids);

void PrintJson(const Json& json, std::ostream& out);

// A listing as one JSON object that is written page by page, one session a line, so that memory is
// bounded by a page. Without End it stays cut, which no reader takes for complete.
class SessionsJsonWriter {
 public:
  SessionsJsonWriter(const std::string& app, bool full_ids, std::ostream& out);

  void AddPage(const v1::ListSessionsResponse& page);
  // `complete`: there are no more sessions than those added.
  void End(bool complete);

 private:
  bool full_ids_;
  std::ostream& out_;
  bool first_ = true;
};

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_JSON_REPORT_H_
