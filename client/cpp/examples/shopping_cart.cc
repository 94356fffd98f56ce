// A shopping cart on two nodes: what a web application does with each request, and what a login
// does to the session.
//
//   shopping_cart HOST:PORT NODE_NAME
//
// Takes requests from standard input, one a line, and answers each with a line:
//
//   visit ID                   a guest comes: his session is made
//   add COOKIE ITEM            puts one more of an item into his cart
//   show COOKIE                tells what is in it
//   login COOKIE NEW_ID USER   he logs in: his session goes on under another id
//
// A cookie is an id, and behind an @ the version that the user's last request ended with. Start the
// program twice, as web-1 and web-2, and send the requests of one user to both: his cart follows.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <utility>

#include "sessionhub/client.h"

using namespace std::chrono_literals;
using sessionhub::Ack;
using sessionhub::Client;
using sessionhub::Committed;
using sessionhub::Create;
using sessionhub::Edit;
using sessionhub::Event;
using sessionhub::OpenOptions;
using sessionhub::Session;
using sessionhub::Value;
using sessionhub::View;

namespace {

constexpr auto kWait = 5s;

// One call for each line: callbacks write too.
void Print(const std::string& line) {
  std::cout << line + "\n" << std::flush;
}

struct Cookie {
  explicit Cookie(const std::string& text) : id(text.substr(0, text.find('@'))) {
    if (id.size() < text.size()) seen = std::strtoull(text.c_str() + id.size() + 1, nullptr, 10);
  }
  std::string id;
  uint64_t seen = 0;
};

class Shop {
 public:
  explicit Shop(Client hub) : hub_(std::move(hub)) {}

  absl::StatusOr<std::string> Handle(const std::string& request) {
    std::istringstream words(request);
    std::string verb, cookie, first, second;
    words >> verb >> cookie >> first >> second;
    if (verb == "visit") return Visit(cookie);
    if (verb == "add" && !first.empty()) return Add(Cookie(cookie), first);
    if (verb == "show") return Show(Cookie(cookie));
    if (verb == "login" && !second.empty()) return LogIn(Cookie(cookie), first, second);
    return absl::InvalidArgumentError("no such request");
  }

 private:
  absl::StatusOr<std::string> Visit(const std::string& id) {
    OpenOptions options;
    options.create = Create::kIfMissing;
    options.idle_timeout = 30min;
    absl::StatusOr<Session> session = hub_.Open(id, options);
    if (!session.ok()) return session.status();
    return Answer(*session);
  }

  // A cookie from outside never makes a session, and never shows less than its user has seen.
  absl::StatusOr<Session> Open(const Cookie& cookie) {
    OpenOptions options;
    options.at_least_version = cookie.seen;
    return hub_.Open(cookie.id, options);
  }

  absl::StatusOr<std::string> Show(const Cookie& cookie) {
    const absl::StatusOr<Session> session = Open(cookie);
    if (!session.ok()) return session.status();
    return Answer(*session);
  }

  absl::StatusOr<std::string> Add(const Cookie& cookie, const std::string& item) {
    const absl::StatusOr<Session> session = Open(cookie);
    if (!session.ok()) return session.status();
    Edit edit = session->Begin();
    edit.Increment("cart/" + item);  // two requests at once both count
    const Committed done = std::move(edit).Commit(Ack::kDurable, kWait);
    if (!done.applied()) return done.status;
    return Answer(*session);
  }

  // The id comes first: whoever knows the guest's may not see what a user's session holds. There is
  // no alias window, so the guest's id leads nowhere from here on; the cart stays.
  absl::StatusOr<std::string> LogIn(const Cookie& cookie, const std::string& new_id,
                                    const std::string& user) {
    absl::StatusOr<Session> session = Open(cookie);
    if (!session.ok()) return session.status();
    watched_.erase(session->number());  // this process need not be told what it does itself
    if (absl::Status changed = session->ChangeId(new_id, 0ms, kWait); !changed.ok()) return changed;
    Edit edit = session->Begin();
    edit.Set("user", Value(user)).SetOwner(user);
    const Committed done = std::move(edit).Commit(Ack::kDurable, kWait);
    if (!done.applied()) return done.status;
    return Answer(*session);
  }

  // The cookie for the next request, and what the page would show.
  absl::StatusOr<std::string> Answer(const Session& session) {
    if (absl::Status status = Watch(session); !status.ok()) return status;
    const absl::StatusOr<View> view = session.Read();
    if (!view.ok()) return view.status();
    const Value* user = view->Get("user");
    std::string line = session.id() + "@" + std::to_string(view->version()) + " " +
                       (user != nullptr ? *user->AsString() : "guest") + ":";
    view->ForEach("cart", [&line](const std::string& path, const Value& count) {
      line += " " + path.substr(sizeof("cart/") - 1) + "=" + std::to_string(*count.AsInt());
    });
    return line;
  }

  // Says when another node has given the session another id.
  absl::Status Watch(const Session& session) {
    if (watched_.count(session.number()) > 0) return absl::OkStatus();
    auto subscription = session.Subscribe([id = session.id()](const Event& event) {
      if (event.kind == Event::Kind::kRenamed) Print("told: " + id + " has another id");
    });
    if (!subscription.ok()) return subscription.status();
    watched_.emplace(session.number(), *std::move(subscription));
    return absl::OkStatus();
  }

  Client hub_;
  std::map<uint64_t, sessionhub::Subscription> watched_;  // by session number
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: shopping_cart HOST:PORT NODE_NAME\n";
    return 2;
  }
  absl::StatusOr<Client> hub = Client::Connect({{argv[1]}, "shop", argv[2]});  // waits for nobody
  if (!hub.ok()) {
    std::cerr << "shopping_cart: " << hub.status().ToString() << "\n";
    return 1;
  }
  Shop shop(*std::move(hub));
  for (std::string request; std::getline(std::cin, request);) {
    const absl::StatusOr<std::string> answer = shop.Handle(request);
    Print(answer.ok() ? *answer : absl::StatusCodeToString(answer.status().code()));
  }
  return 0;
}
