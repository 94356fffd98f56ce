#include "bench/compare/store_server.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>
#include <utility>

#include "bench/compare/programs.h"
#include "bench/limits/programs.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kStoreStartMax{30'000};
constexpr milliseconds kStoreStopMax{30'000};
constexpr milliseconds kStoreEndMax{5'000};
constexpr milliseconds kStoreStartPause{5};
// A port that was free may be taken by somebody else before the server has it.
constexpr int kStorePortsTried = 5;

// Of the process; 0 if it is gone.
pid_t ParentOf(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string stat;
  std::getline(file, stat);
  // The name, in brackets, may hold anything.
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 4 >= stat.size()) return 0;
  pid_t parent = 0;
  std::from_chars(stat.data() + name_end + 4, stat.data() + stat.size(), parent);
  return parent;
}

std::multimap<pid_t, pid_t> ChildrenByParent() {
  std::multimap<pid_t, pid_t> children;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    std::from_chars(name.data(), name.data() + name.size(), pid);
    if (pid > 0) children.emplace(ParentOf(pid), pid);
  }
  return children;
}

// Of a user namespace whose maker is not root, only its maker is mapped.
bool ThereAreOtherUsers() {
  std::ifstream file("/proc/self/uid_map");
  uint64_t first = 0, outside = 0, count = 0, users = 0;
  while (file >> first >> outside >> count) users += count;
  return users != 1;
}

// What lets a user go through folders that are root's alone, as setpriv has it. A container's root
// often lacks the narrower one.
std::string FolderCapability() {
  return prctl(PR_CAPBSET_READ, CAP_DAC_READ_SEARCH) == 1 ? "dac_read_search" : "dac_override";
}

}  // namespace

ServerPlace OnLoopback() {
  ServerPlace place;
  place.ip = kLoopback;
  place.own_ports = false;
  place.start = &ChildProcess::Start;
  place.run = [](const std::function<absl::Status()>& action) { return action(); };
  return place;
}

absl::StatusOr<std::vector<std::string>> AsUser(const std::string& user,
                                                const std::string& end_signal,
                                                const std::vector<std::string>& argv) {
  if (geteuid() != 0) return argv;
  if (!ThereAreOtherUsers()) {
    return absl::NotFoundError("no user but root is there, and this server runs as " + user +
                               ": a user namespace that was made by somebody else has one user "
                               "only, so run the comparison as root");
  }
  ASSIGN_OR_RETURN(const std::string setpriv, FindProgram("setpriv", "util-linux"));
  std::vector<std::string> all = {setpriv, "--reuid=" + user, "--regid=" + user, "--init-groups",
                                  "--inh-caps=+" + FolderCapability(),
                                  "--ambient-caps=+" + FolderCapability(),
                                  // The kernel forgets it with the change of the user.
                                  "--pdeathsig=" + end_signal};
  all.insert(all.end(), argv.begin(), argv.end());
  return all;
}

std::vector<pid_t> ProcessTree(pid_t root) {
  const std::multimap<pid_t, pid_t> children = ChildrenByParent();
  std::vector<pid_t> tree;
  if (ParentOf(root) != 0) tree.push_back(root);
  for (size_t i = 0; i < tree.size(); ++i) {
    const auto [first, last] = children.equal_range(tree[i]);
    for (auto it = first; it != last; ++it) tree.push_back(it->second);
  }
  return tree;
}

StoreServer::StoreServer(StoreProgram program, ServerPlace place, const std::string& folder)
    : program_(std::move(program)),
      place_(std::move(place)),
      folder_(folder + "/" + program_.name) {}

StoreServer::~StoreServer() {
  if (process_ == nullptr) return;
  process_->Signal(program_.end_signal);
  // What still runs after that is killed.
  process_->Wait(kStoreEndMax).IgnoreError();
}

absl::Status StoreServer::Start() {
  absl::Status status = absl::UnavailableError("there is no free port for " + program_.name);
  for (int i = 0; i < (place_.own_ports ? 1 : kStorePortsTried); ++i) {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
    if (!std::filesystem::create_directory(folder_, error)) {
      return absl::UnavailableError("cannot make the folder " + folder_ + ": " + error.message());
    }
    address_ = {place_.ip,
                place_.own_ports ? program_.port : static_cast<uint16_t>(FindFreePort())};
    ASSIGN_OR_RETURN(options_, program_.prepare(address_, folder_));
    status = StartProcess();
    if (!absl::IsUnavailable(status)) return status;
  }
  return status;
}

absl::Status StoreServer::StartProcess() {
  ASSIGN_OR_RETURN(process_, place_.start(options_));
  return place_.run([this] { return AwaitAnswer(); });
}

absl::Status StoreServer::AwaitAnswer() {
  const auto deadline = steady_clock::now() + kStoreStartMax;
  absl::Status answer;
  while (steady_clock::now() < deadline) {
    answer = program_.ask(address_);
    // Who answers on a port that was taken meanwhile is another.
    if (!process_->Running()) {
      return absl::UnavailableError(program_.name + " has ended by itself; see " +
                                    options_.output_path);
    }
    if (answer.ok()) return answer;
    std::this_thread::sleep_for(kStoreStartPause);
  }
  return absl::DeadlineExceededError(program_.name + " was not ready after 30 s (" +
                                     std::string(answer.message()) + "); see " +
                                     options_.output_path);
}

std::vector<pid_t> StoreServer::Pids() const {
  return process_ == nullptr ? std::vector<pid_t>() : ProcessTree(process_->pid());
}

absl::Status StoreServer::Restart() {
  RETURN_IF_ERROR(Stop());
  return StartProcess();
}

absl::Status StoreServer::Stop() {
  if (process_ == nullptr) return absl::OkStatus();
  process_->Signal(program_.stop_signal);
  ASSIGN_OR_RETURN(const int code, process_->Wait(kStoreStopMax));
  process_.reset();
  if (code == program_.exit_code) return absl::OkStatus();
  return absl::InternalError(program_.name + " ended with " + std::to_string(code) +
                             " after it was told to stop; see " + options_.output_path);
}

}  // namespace sessionhub::bench
