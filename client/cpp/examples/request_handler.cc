// The README's request handler, and a program that runs it once against a hub on 127.0.0.1:7070:
//
//   request_handler <cookie id>
#include <cstdint>
#include <iostream>

// tests/tidy/readme_test.py compares what stands between the two marks with the README.
// README begins.
#include <chrono>
#include <string>
#include <utility>

#include "sessionhub/client.h"

using namespace std::chrono_literals;

// Once for each process. Waits for nobody: the hub may come later.
absl::StatusOr<sessionhub::Client> ConnectToHub() {
  return sessionhub::Client::Connect(
      {.endpoints = {"127.0.0.1:7070"}, .app = "shop", .node_name = "web-1"});
}

// At login, and only there: makes the session that later requests find.
absl::Status LogIn(sessionhub::Client& hub, const std::string& cookie_id) {
  return hub.Open(cookie_id, {.create = sessionhub::Create::kIfMissing}).status();
}

// One request: adds an item to the cart of the session that the cookie names. `seen` is the version
// that the user's last request ended with, so that he never sees an older cart, whichever node he
// reaches.
absl::StatusOr<uint64_t> AddToCart(sessionhub::Client& hub, const std::string& cookie_id,
                                   uint64_t seen, const std::string& item) {
  // From this node's copy if it is new enough, else from the hub. A cookie from outside never makes
  // a session.
  absl::StatusOr<sessionhub::Session> session =
      hub.Open(cookie_id, {.create = sessionhub::Create::kNever, .at_least_version = seen});
  if (!session.ok()) return session.status();

  // One immutable version, from memory.
  absl::StatusOr<sessionhub::View> view = session->Read();
  if (!view.ok()) return view.status();
  const sessionhub::Value* locked = view->Get("cart/locked");
  if (locked != nullptr) return absl::FailedPreconditionError("the cart is being paid");

  // This request's changes: they travel together, take effect together, and mix with no other
  // request's. A path's segments are those of a JSON Pointer: `/` and `~` in a name are `~1` and
  // `~0`.
  sessionhub::Edit edit = session->Begin();
  edit.Increment("cart/items/" + item + "/qty").Set("cart/last", item);
  sessionhub::Committed done = std::move(edit).Commit(sessionhub::Ack::kDurable, 500ms);
  // Applied at `version`; or refused, and `status` says why; or unknown, and then applied at most
  // once.
  if (!done.applied()) return done.status;
  return done.version;
}

// Before the process exits: waits for the answers to what is pending, at most two seconds.
void Disconnect(sessionhub::Client& hub) {
  hub.Close(2s);
}
// README ends.

namespace {

int Fail(const absl::Status& status) {
  std::cerr << "request_handler: " << status.ToString() << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: request_handler COOKIE_ID\n";
    return 2;
  }
  absl::StatusOr<sessionhub::Client> hub = ConnectToHub();
  if (!hub.ok()) return Fail(hub.status());
  if (absl::Status status = LogIn(*hub, argv[1]); !status.ok()) return Fail(status);
  const absl::StatusOr<uint64_t> version = AddToCart(*hub, argv[1], 0, "85123A");
  if (!version.ok()) return Fail(version.status());
  std::cout << "version " << *version << "\n";
  Disconnect(*hub);
  return 0;
}
