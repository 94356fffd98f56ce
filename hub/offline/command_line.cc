#include "hub/offline/command_line.h"

#include <CLI/CLI.hpp>

namespace sessionhub::hub {
namespace {

constexpr char kFooter[] = R"(
No hub is asked, and none may run on the folder that is looked at. sessionhubctl has the same
commands (backup list|verify|restore, doctor) and starts this program for them.

Exit codes:
  0  done; doctor, verify: nothing is wrong
  1  it failed, or something is wrong: the output says what and where
  2  wrong usage
  3  there is no such backup or folder
)";

void DeclareBackupDir(CLI::App* command, OfflineCommandLine* line) {
  command->add_option("--backup-dir", line->backup_dir, "The folder of the backups")->required();
}

void DeclareBackup(CLI::App* command, OfflineCommandLine* line) {
  command->add_option("--backup", line->backup, "Its id; 0: the newest")
      ->check(CLI::Range(0u, UINT32_MAX))
      ->capture_default_str();
}

CLI::App* DeclareCommand(CLI::App* app, OfflineCommandLine* line, const std::string& name,
                         OfflineCommand command, const std::string& help) {
  CLI::App* declared = app->add_subcommand(name, help);
  declared->callback([line, command] { line->command = command; });
  return declared;
}

void DeclareCommands(CLI::App* app, OfflineCommandLine* line) {
  DeclareBackupDir(DeclareCommand(app, line, "list", OfflineCommand::kList, "List the backups"),
                   line);
  CLI::App* verify =
      DeclareCommand(app, line, "verify", OfflineCommand::kVerify,
                     "Compare the checksums of a backup's files, open it and check its records");
  DeclareBackupDir(verify, line);
  DeclareBackup(verify, line);
  CLI::App* restore = DeclareCommand(app, line, "restore", OfflineCommand::kRestore,
                                     "Make a data folder of a backup, with a history of its own");
  DeclareBackupDir(restore, line);
  DeclareBackup(restore, line);
  restore
      ->add_option("--data-dir", line->data_dir,
                   "The folder to make; missing or empty, in a folder that exists")
      ->required();
  CLI::App* doctor = DeclareCommand(app, line, "doctor", OfflineCommand::kDoctor,
                                    "Say what is wrong with a data folder and a configuration");
  doctor->add_option("--data-dir", line->data_dir, "The data folder")->required();
  doctor->add_option("--config", line->config_file, "The file of options of sessionhubd");
}

}  // namespace

OfflineExit ParseOffline(const std::vector<std::string>& arguments, OfflineCommandLine* line,
                         std::ostream& out, std::ostream& err) {
  CLI::App app("Looks at backups and data folders that no hub serves, and restores.",
               "sessionhub-folder");
  std::string output = "table";
  app.fallthrough();
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("sessionhub-folder ") + SESSIONHUB_VERSION);
  app.add_option("--output", output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  DeclareCommands(&app, line);
  app.footer(kFooter);  // after the commands, which would inherit it
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {  // CLI11 speaks in exceptions; they end here.
    line->command = OfflineCommand::kNone;
    return app.exit(error, out, err) == 0 ? OfflineExit::kDone : OfflineExit::kUsage;
  }
  line->json = output == "json";
  return OfflineExit::kDone;
}

}  // namespace sessionhub::hub
