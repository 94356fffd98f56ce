// A request handler: opens the session that a cookie names, adds an item to its cart, and says how
// the cart stands.
//
//   hello_session 127.0.0.1:7070 <session id>
#include <chrono>
#include <iostream>
#include <string>
#include <utility>

#include "sessionhub/client.h"

namespace {

using namespace std::chrono_literals;

int Handle(sessionhub::Client* hub, const std::string& cookie_id) {
  sessionhub::OpenOptions options;
  options.create = sessionhub::Create::kIfMissing;
  absl::StatusOr<sessionhub::Session> session = hub->Open(cookie_id, options);
  if (!session.ok()) {
    std::cerr << "no session: " << session.status().ToString() << "\n";
    return 1;
  }
  sessionhub::Edit edit = session->Begin();
  edit.Increment("cart/items/85123A/qty").Set("cart/last", "85123A");
  const sessionhub::Committed done = std::move(edit).Commit(sessionhub::Ack::kDurable, 500ms);
  if (!done.applied()) {
    std::cerr << "not applied: " << done.status.ToString() << "\n";
    return 1;
  }
  absl::StatusOr<sessionhub::View> view = session->Read();
  if (!view.ok()) {
    std::cerr << "no view: " << view.status().ToString() << "\n";
    return 1;
  }
  std::cout << "version " << view->version() << "\n";
  view->ForEach("cart", [](const std::string& path, const sessionhub::Value& value) {
    std::cout << "  " << path << " = " << value.DebugString() << "\n";
  });
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: hello_session HOST:PORT SESSION_ID\n";
    return 2;
  }
  absl::StatusOr<sessionhub::Client> hub =
      sessionhub::Client::Connect({{argv[1]}, "shop", "web-1"});  // waits for nobody
  if (!hub.ok()) {
    std::cerr << hub.status().ToString() << "\n";
    return 2;
  }
  return Handle(&*hub, argv[2]);
}
