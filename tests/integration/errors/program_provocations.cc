// How the programs end.
#include "tests/integration/errors/provocations.h"
#include "tests/support/hub_process.h"
#include "tests/support/shell.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::testing {
namespace {

Told RunToItsEnd(const std::string& command) {
  const ShellRun run = RunShell(command);
  return {run.code, absl::StatusCode::kOk, run.output};
}

Told HubWithoutAFolder() {
  const TemporaryFolder folder;
  return RunToItsEnd(SESSIONHUBD_PATH " --listen 127.0.0.1:0 --data-dir " + folder.path() +
                     "/no/data");
}

Told HubWithAnUnknownOption() {
  return RunToItsEnd(SESSIONHUBD_PATH " --shard 2");
}

// What an operator is told of a hub that runs.
Told Ask(const std::string& command) {
  HubProcess hub;
  if (!hub.Start().ok()) return {};
  return RunToItsEnd(SESSIONHUBCTL_PATH " --endpoint " + hub.endpoint() + " " + command);
}

Told BackupThatIsRefused() {
  return Ask("backup create");
}

Told UnknownCommand() {
  return RunToItsEnd(SESSIONHUBCTL_PATH " sesions list");
}

Told SessionThatIsNotThere() {
  return Ask("sessions get ada --app shop");
}

Told StatusOfNoHub() {
  return RunToItsEnd(SESSIONHUBCTL_PATH " --endpoint 127.0.0.1:1 --timeout 0.2 status");
}

}  // namespace

std::vector<Provocation> ProgramProvocations() {
  using enum ErrorFamily;
  return {
      {kHubExit, 1, "event=start_failed", HubWithoutAFolder},
      {kHubExit, 2, "--shards", HubWithAnUnknownOption},
      {kToolExit, 1, "--backup-dir", BackupThatIsRefused},
      {kToolExit, 2, "sesions", UnknownCommand},
      {kToolExit, 3, "no app has the name shop", SessionThatIsNotThere},
      {kToolExit, 4, "sessionhubctl", StatusOfNoHub},
  };
}

}  // namespace sessionhub::testing
