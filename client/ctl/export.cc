// How sessions leave a hub.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "client/ctl/fields.h"
#include "client/ctl/printable.h"
#include "client/ctl/session_line.h"
#include "client/ctl/transfer.h"
#include "proto/session/status_macros.h"

namespace sessionhub::ctl {
namespace {

struct Exported {
  uint64_t sessions = 0;
  uint64_t ended = 0;  // between the listing and the look at them; or with another id by then
};

absl::Status NeedsAdmin() {
  return absl::PermissionDeniedError(
      "this token may not see whole ids and values: sessions export needs a token of role admin "
      "(sessionhubctl tokens create)");
}

absl::Status ExportSession(const CommandLine& line, const v1::SessionSummary& listed,
                           AdminClient& hub, std::ostream& out, Exported* exported) {
  if (listed.id_cut()) return NeedsAdmin();
  const absl::StatusOr<v1::GetSessionResponse> session = hub.GetSession(line.app, listed.id());
  if (absl::IsNotFound(session.status())) {
    ++exported->ended;
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(session.status());
  if (session->summary().id_cut() || session->sizes_size() > 0) return NeedsAdmin();
  ASSIGN_OR_RETURN(std::vector<Operation> fields, DecodeFields(*session));
  out << FormatSessionLine(LineOf(session->summary(), std::move(fields))) << '\n';
  if (!out) return absl::InternalError("the sessions cannot be written: the disk or pipe is full");
  ++exported->sessions;
  return absl::OkStatus();
}

absl::StatusOr<Exported> ExportTo(const CommandLine& line, AdminClient& hub, std::ostream& out) {
  Exported exported;
  const auto visit = [&](const v1::ListSessionsResponse& page) {
    for (const v1::SessionSummary& session : page.sessions()) {
      RETURN_IF_ERROR(ExportSession(line, session, hub, out, &exported));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(hub.ListSessions(line.app, line.owner, 0, /*full_ids=*/true, visit).status());
  if (!out.flush()) return absl::InternalError("the sessions cannot be written");
  return exported;
}

// Beside the file, and renamed once it is whole. Ids are credentials: nobody else may read it.
absl::StatusOr<Exported> ExportToFile(const CommandLine& line, AdminClient& hub) {
  if (access(line.file.c_str(), F_OK) == 0) {
    return absl::AlreadyExistsError(line.file +
                                    " is there already: name another file, or remove it");
  }
  const std::string beside = line.file + ".new";
  const int made = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) return absl::ErrnoToStatus(errno, "cannot make " + beside);
  close(made);
  std::ofstream out(beside);
  absl::StatusOr<Exported> exported = ExportTo(line, hub, out);
  out.close();
  if (exported.ok() && !out) exported = absl::InternalError("cannot write " + beside);
  if (exported.ok() && rename(beside.c_str(), line.file.c_str()) != 0) {
    exported = absl::ErrnoToStatus(errno, "cannot rename " + beside);
  }
  if (!exported.ok()) unlink(beside.c_str());
  return exported;
}

}  // namespace

absl::Status ExportSessions(const CommandLine& line, AdminClient& hub, Terminal& terminal) {
  ASSIGN_OR_RETURN(const Exported exported,
                   line.file.empty() ? ExportTo(line, hub, terminal.out) : ExportToFile(line, hub));
  // Beside the lines, which may go to a pipe.
  terminal.err << "Exported " << exported.sessions << " sessions of app "
               << EscapeControls(line.app) << ".\n";
  if (exported.ended > 0) {
    terminal.err << "Left out " << exported.ended
                 << " that ended, or changed their ids, meanwhile.\n";
  }
  return absl::OkStatus();
}

}  // namespace sessionhub::ctl
