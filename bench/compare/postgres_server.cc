// PostgreSQL as a server of the comparison, with the settings that initdb writes: so an answered
// change is on the disk.
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bench/compare/postgres_link.h"
#include "bench/compare/programs.h"
#include "bench/compare/store_server.h"
#include "bench/compare/store_settings.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr std::chrono::milliseconds kInitdbMax{120'000};
constexpr char kPostgresSystemUser[] = "postgres";
// It ends without a checkpoint, and what it has started ends with it.
constexpr char kPostgresEndSignal[] = "QUIT";
// Debian keeps the programs of each version in a folder of its own, in no one's PATH.
constexpr char kVersions[] = "/usr/lib/postgresql";
// More than 64 nodes have together; the default is 100.
constexpr char kPostgresConnectionsMax[] = "1000";

// The folder of the programs of the newest version that has both; empty if there is none.
std::string FindPostgres() {
  std::string found;
  int newest = 0;
  std::error_code error;
  for (const auto& version : std::filesystem::directory_iterator(kVersions, error)) {
    const std::string bin = version.path().string() + "/bin";
    const int number = std::atoi(version.path().filename().c_str());
    if (number <= newest || access((bin + "/initdb").c_str(), X_OK) != 0 ||
        access((bin + "/postgres").c_str(), X_OK) != 0) {
      continue;
    }
    newest = number;
    found = bin;
  }
  return found;
}

// PostgreSQL refuses to run as root, so it runs as its own user, who writes to this folder.
absl::Status GiveToPostgres(const std::string& folder, const std::string& output_path) {
  if (geteuid() != 0) return absl::OkStatus();
  return RunHelper({"/bin/chown", kPostgresSystemUser, folder}, output_path, kInitdbMax);
}

absl::StatusOr<std::vector<std::string>> AsPostgres(const std::vector<std::string>& argv) {
  return AsUser(kPostgresSystemUser, kPostgresEndSignal, argv);
}

absl::StatusOr<ChildProcess::Options> PreparePostgres(const HostPort& address,
                                                      const std::string& folder) {
  const std::string bin = FindPostgres();
  if (bin.empty()) return NotInstalled("PostgreSQL", "postgresql");
  ChildProcess::Options options;
  options.output_path = folder + "/postgres.out";
  const std::string data = folder + "/data";
  // Nothing is lost if the power is cut now, so nothing is synced.
  ASSIGN_OR_RETURN(const std::vector<std::string> initdb,
                   AsPostgres({bin + "/initdb", "-D", data, "-U", kPostgresUser, "-A", "trust",
                               "-E", "UTF8", "--locale=C", "--no-sync"}));
  RETURN_IF_ERROR(GiveToPostgres(folder, options.output_path));
  RETURN_IF_ERROR(RunHelper(initdb, options.output_path, kInitdbMax));
  // Who reaches the address it listens to is a node.
  std::ofstream(data + "/pg_hba.conf") << "host all all samenet trust\n";
  ASSIGN_OR_RETURN(options.argv, AsPostgres({bin + "/postgres", "-D", data, "-h", address.host,
                                             "-p", std::to_string(address.port), "-k", "", "-N",
                                             kPostgresConnectionsMax}));
  return options;
}

}  // namespace

StoreProgram PostgresProgram() {
  StoreProgram program;
  program.name = "postgres";
  program.port = 5432;
  // "Fast": without waiting until all nodes have closed their connections.
  program.stop_signal = SIGINT;
  program.end_signal = SIGQUIT;
  program.prepare = PreparePostgres;
  program.ask = MakePostgresTable;
  return program;
}

}  // namespace sessionhub::bench
