#include "bench/compare/jvm_nodes.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/compare/http_connection.h"
#include "bench/compare/interrupt.h"
#include "bench/compare/programs.h"
#include "bench/compare/web_node.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr char kJavaPackage[] = "openjdk-17-jdk-headless";
constexpr milliseconds kCompileMax{60'000};
// A Tomcat that waits for sessions of another which does not answer gives up after 60 s.
constexpr milliseconds kJvmReadyMax{100'000};
constexpr milliseconds kJvmReadyPause{20};
constexpr milliseconds kJvmStopMax{30'000};

// So that sixteen of them have room on a small machine. The last but one keeps a JVM that is killed
// from leaving a file of counters behind.
const std::vector<std::string> kJvmArguments = {"-Xmx160m", "-XX:+UseSerialGC",
                                                "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
                                                "-Djava.net.preferIPv4Stack=true"};

}  // namespace

absl::Status WriteTextFile(const std::string& path, std::string_view text) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  std::ofstream file(path, std::ios::trunc);
  if (file << text << std::flush) return absl::OkStatus();
  return absl::UnavailableError("cannot write " + path);
}

JvmNodes::JvmNodes(TestBed* bed, size_t nodes, std::string folder)
    : bed_(*bed), folder_(std::move(folder)), nodes_(nodes) {}

absl::Status JvmNodes::Prepare() {
  ASSIGN_OR_RETURN(java_, FindProgram("java", kJavaPackage));
  ASSIGN_OR_RETURN(javac_, FindProgram("javac", kJavaPackage));
  for (size_t node = 0; node < size(); ++node) RETURN_IF_ERROR(bed_.AddHost(Host(node)));
  return absl::OkStatus();
}

absl::Status JvmNodes::Compile(std::string_view class_name, std::string_view source,
                               const std::string& class_path, const std::string& classes) const {
  const std::string path = folder_ + "/" + std::string(class_name) + ".java";
  RETURN_IF_ERROR(WriteTextFile(path, source));
  return RunHelper({javac_, "-proc:none", "-d", classes, "-cp", class_path, path},
                   folder_ + "/javac.log", kCompileMax);
}

std::vector<size_t> JvmNodes::Running() const {
  std::vector<size_t> running;
  for (size_t node = 0; node < size(); ++node) {
    if (nodes_[node] != nullptr) running.push_back(node);
  }
  return running;
}

std::string JvmNodes::FrontAddress(size_t node) const {
  return absl::StrCat(bed_.FrontIp(Host(node)), ":", kWebPort);
}

std::vector<pid_t> JvmNodes::Pids(size_t node) const {
  if (nodes_[node] == nullptr) return {};
  return {nodes_[node]->pid()};
}

std::string JvmNodes::Folder(size_t node) const {
  return absl::StrCat(folder_, "/node-", Host(node));
}

absl::Status JvmNodes::Launch(size_t node, const std::vector<std::string>& arguments) {
  if (nodes_[node] != nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("node ", node, " runs already"));
  }
  ChildProcess::Options process = {.argv = {java_}, .pipes = false, .output_path = Log(node)};
  process.argv.insert(process.argv.end(), kJvmArguments.begin(), kJvmArguments.end());
  process.argv.insert(process.argv.end(), arguments.begin(), arguments.end());
  ASSIGN_OR_RETURN(nodes_[node], bed_.StartOn(Host(node), process));
  return absl::OkStatus();
}

absl::Status JvmNodes::AwaitReady(size_t node, const std::string& target) {
  HttpConnection connection(FrontAddress(node), "");
  std::string last;
  for (const auto deadline = steady_clock::now() + kJvmReadyMax; steady_clock::now() < deadline;) {
    if (Interrupted()) return absl::CancelledError("interrupted");
    if (!nodes_[node]->Running()) {
      return absl::UnavailableError(
          absl::StrCat("node ", node, " has ended by itself; see ", Log(node)));
    }
    const absl::StatusOr<HttpAnswer> answer = connection.Get(target, "");
    if (answer.ok() && answer->status == 200) return absl::OkStatus();
    last = answer.ok() ? absl::StrCat(answer->status, " ", answer->body)
                       : std::string(answer.status().message());
    std::this_thread::sleep_for(kJvmReadyPause);
  }
  return absl::DeadlineExceededError(
      absl::StrCat("node ", node, " did not answer ", target, " with 200 within ",
                   std::chrono::duration_cast<std::chrono::seconds>(kJvmReadyMax).count(), " s (",
                   last, "); see ", Log(node)));
}

absl::Status JvmNodes::Kill(size_t node) {
  if (nodes_[node] == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("node ", node, " does not run"));
  }
  nodes_[node] = nullptr;
  return absl::OkStatus();
}

absl::Status JvmNodes::Stop() {
  for (const size_t node : Running()) nodes_[node]->Terminate();
  absl::Status status;
  for (const size_t node : Running()) {
    status.Update(nodes_[node]->Wait(kJvmStopMax).status());
    nodes_[node] = nullptr;
  }
  return status;
}

}  // namespace sessionhub::bench
