// An application of its own, in C++17, which has nothing of this tree but what is installed.
//
//   shop HOST:PORT SESSION_ID   adds an item to the cart of a session and prints what is in it
//   shop                        asks where no hub listens, also as a forked child; prints nothing
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>

#include "sessionhub/client.h"

namespace {

constexpr std::chrono::seconds kLong{30};

absl::StatusOr<sessionhub::Client> Connect(std::string endpoint) {
  sessionhub::ClientOptions options;
  options.endpoints = {std::move(endpoint)};
  options.app = "shop";
  options.node_name = "web-1";
  return sessionhub::Client::Connect(std::move(options));
}

absl::Status AddToCart(sessionhub::Client* hub, const std::string& id) {
  sessionhub::OpenOptions options;
  options.create = sessionhub::Create::kIfMissing;
  options.timeout = kLong;
  absl::StatusOr<sessionhub::Session> session = hub->Open(id, options);
  if (!session.ok()) return session.status();

  sessionhub::Edit edit = session->Begin();
  edit.Increment("cart/qty", 2).Set("cart/last", "85123A");
  const sessionhub::Committed done = std::move(edit).Commit(sessionhub::Ack::kDurable, kLong);
  if (!done.applied()) return done.status;

  absl::StatusOr<sessionhub::View> view = session->Read();
  if (!view.ok()) return view.status();
  view->ForEach("cart", [](const std::string& path, const sessionhub::Value& value) {
    std::cout << path << " = " << value.DebugString() << "\n";
  });
  return absl::OkStatus();
}

int Shop(const std::string& endpoint, const std::string& id) {
  absl::StatusOr<sessionhub::Client> hub = Connect(endpoint);
  absl::Status status = hub.ok() ? AddToCart(&*hub, id) : hub.status();
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() && hub->Close(kLong) == 0 ? 0 : 1;
}

absl::StatusCode OpenCode(sessionhub::Client* hub) {
  sessionhub::OpenOptions options;
  options.timeout = std::chrono::milliseconds(200);
  return hub->Open("cookie", options).status().code();
}

// 0 if it is told that the client is its parent's. Destroys it.
int Child(sessionhub::Client* hub) {
  sessionhub::Client own = std::move(*hub);
  return OpenCode(&own) == absl::StatusCode::kFailedPrecondition ? 0 : 1;
}

// The child leaves as any program does.
int ForkedChild(sessionhub::Client* hub) {
  const pid_t child = fork();
  if (child == 0) std::exit(Child(hub));
  int status = 0;
  return waitpid(child, &status, 0) == child ? status : -1;
}

int ShopWithoutHub() {
  if (Connect("no endpoint").status().code() != absl::StatusCode::kInvalidArgument) return 2;
  absl::StatusOr<sessionhub::Client> hub = Connect("127.0.0.1:1");
  if (!hub.ok()) return 3;
  const absl::StatusCode code = OpenCode(&*hub);
  if (code != absl::StatusCode::kUnavailable && code != absl::StatusCode::kDeadlineExceeded) {
    return 4;
  }
  if (ForkedChild(&*hub) != 0) return 5;
  return hub->Close(std::chrono::milliseconds(0)) == 0 ? 0 : 6;
}

}  // namespace

int main(int argc, char** argv) {
  return argc == 3 ? Shop(argv[1], argv[2]) : ShopWithoutHub();
}
