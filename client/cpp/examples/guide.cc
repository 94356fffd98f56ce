// What docs/client.md tells, as a program: its code stands here, is built, and is run by the tests.
//
//   guide HOST:PORT SESSION_ID [CA_FILE]
//
// With CA_FILE over TLS, and with the token in the variable SESSIONHUB_TOKEN.
// Prints a line for each part, and deletes the session at the end.
#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sessionhub/client.h"

using namespace std::chrono_literals;
using sessionhub::Ack;
using sessionhub::Client;
using sessionhub::ClientOptions;
using sessionhub::Committed;
using sessionhub::Create;
using sessionhub::Edit;
using sessionhub::Event;
using sessionhub::Interest;
using sessionhub::ListOptions;
using sessionhub::LockOptions;
using sessionhub::OpenOptions;
using sessionhub::Session;
using sessionhub::SessionLock;
using sessionhub::SessionPage;
using sessionhub::Subscription;
using sessionhub::Tracked;
using sessionhub::Value;
using sessionhub::View;

namespace {

absl::StatusOr<Client> Connect(const std::string& endpoint) {
  ClientOptions options;
  options.endpoints = {endpoint};
  options.app = "shop";
  options.node_name = "web-1";
  options.log_sink = [](sessionhub::LogSeverity severity, const std::string& line) {
    if (severity == sessionhub::LogSeverity::kError) std::cerr << line << "\n";
  };
  return Client::Connect(options);
}

absl::StatusOr<Client> ConnectOverTls(const std::string& endpoint, const std::string& token,
                                      const std::string& ca_file) {
  ClientOptions options;
  options.endpoints = {endpoint};
  options.app = "shop";
  options.node_name = "web-1";
  options.token = token;
  options.tls.emplace().ca_file = ca_file;
  return Client::Connect(options);
}

absl::StatusOr<Session> LogIn(Client& hub, const std::string& id) {
  OpenOptions options;
  options.create = Create::kExclusive;
  options.timeout = 2s;
  options.idle_timeout = 30min;
  options.absolute_timeout = 12h;
  options.owner = "customer-7";
  return hub.Open(id, options);
}

absl::StatusOr<Session> OpenForRequest(Client& hub, const std::string& id, uint64_t seen) {
  OpenOptions options;  // Create::kNever
  options.at_least_version = seen;
  return hub.Open(id, options);
}

// Nothing that comes after the login is found by an id that was known before it.
absl::Status PayOnce(Session& session, const std::function<std::string()>& charge) {
  LockOptions options;
  options.lease = 10s;
  options.wait = 2s;
  absl::StatusOr<SessionLock> lock = session.Lock(options);
  if (!lock.ok()) return lock.status();
  const absl::StatusOr<View> view = session.Read();
  if (!view.ok()) return view.status();
  if (view->Get("order/receipt") != nullptr) return absl::OkStatus();
  const std::string receipt = charge();
  Edit edit = session.Begin();
  edit.UnderLock(*lock).Set("order/receipt", receipt);
  return std::move(edit).Commit(Ack::kDurable, 2s).status;
}

absl::Status BecomeUser(Session& session, const std::string& new_id, const std::string& user) {
  if (absl::Status changed = session.ChangeId(new_id, 0ms, 2s); !changed.ok()) return changed;
  Edit edit = session.Begin();
  edit.SetOwner(user);
  return std::move(edit).Commit(Ack::kDurable, 500ms).status;
}

absl::Status ShowSessionsOf(Client& hub, const std::string& user) {
  ListOptions options;
  options.owner = user;
  do {
    const absl::StatusOr<SessionPage> page = hub.ListSessions(options, 2s);
    if (!page.ok()) return page.status();
    for (const sessionhub::SessionInfo& info : page->sessions) {
      std::cout << "at version " << info.version << " on " << info.nodes << " nodes\n";
    }
    options.page_token = page->next_page_token;
  } while (!options.page_token.empty());
  return absl::OkStatus();
}

absl::Status LogOutEverywhere(Client& hub, const std::string& user) {
  const absl::StatusOr<uint64_t> ended = hub.DeleteSessionsOfOwner(user, 2s);
  if (!ended.ok()) return ended.status();
  std::cout << "ended: " << *ended << "\n";
  return absl::OkStatus();
}

absl::Status CountOpened(Client& hub, const std::vector<std::string>& ids) {
  size_t opened = 0;
  for (const absl::StatusOr<Session>& session : hub.OpenAll(ids)) opened += session.ok() ? 1 : 0;
  std::cout << "opened: " << opened << " of " << ids.size() << "\n";
  return absl::OkStatus();
}

absl::Status AddToCart(const Session& session, uint64_t* seen) {
  Edit edit = session.Begin();
  edit.Increment("cart/items/85123A/qty")
      .Set("cart/items/85123A/name", "hanging heart")
      .Set("cart/last", "85123A")
      .Erase("cart/coupon");
  const Committed done = std::move(edit).Commit(Ack::kDurable, 500ms);
  if (!done.applied()) return done.status;
  *seen = done.version;
  return absl::OkStatus();
}

absl::Status ShowCart(const Session& session) {
  const absl::StatusOr<View> view = session.Read();
  if (!view.ok()) return view.status();
  const Value* quantity = view->Get("cart/items/85123A/qty");
  if (quantity == nullptr || !quantity->AsInt()) return absl::NotFoundError("no such item");
  std::cout << "quantity: " << *quantity->AsInt() << "\n";
  view->ForEach("cart", [](const std::string& path, const Value& value) {
    std::cout << "  " << path << " = " << value.DebugString() << "\n";
  });
  return absl::OkStatus();
}

const char* WhatToAnswer(const Committed& done) {
  switch (done.kind) {
    case Committed::Kind::kApplied:
    case Committed::Kind::kReceived:
      return "200";
    case Committed::Kind::kRefused:
      return "409";  // nothing has changed: trying again is safe
    case Committed::Kind::kUnknown:
      return "504";  // applied or not; the commit is not made twice by itself
  }
  return "500";
}

absl::Status CommitInBackground(const Session& session, std::promise<Committed>* answered) {
  Edit edit = session.Begin();
  edit.Increment("visits");
  std::move(edit).Commit(Ack::kDurable,
                         [answered](const Committed& done) { answered->set_value(done); });
  return absl::OkStatus();
}

absl::Status RedeemOnce(const Session& session) {
  Edit edit = session.Begin();
  edit.Set("cart/coupon", "SPRING").IfAbsent("cart/coupon");
  const Committed done = std::move(edit).Commit(Ack::kDurable, 500ms);
  if (done.reason == Committed::Reason::kVersionChanged) {
    return absl::AlreadyExistsError("another request was first");
  }
  return done.status;
}

absl::Status SaveAddress(const Session& session) {
  Edit edit = session.Begin();
  edit.SetJson("address", R"({"street":"12 St James's Square","city":"London"})");
  const Committed done = std::move(edit).Commit(Ack::kDurable, 500ms);
  if (!done.applied()) return done.status;
  const absl::StatusOr<View> view = session.Read();
  if (!view.ok()) return view.status();
  const absl::StatusOr<std::string> address = view->GetJson("address");
  if (!address.ok()) return address.status();
  std::cout << "address: " << *address << "\n";
  return absl::OkStatus();
}

struct Preferences {
  std::string theme = "light";
  int page_size = 20;
};

Value Encode(const Preferences& of) {
  return Value::Json(R"({"theme":")" + of.theme + R"(","page_size":)" +
                     std::to_string(of.page_size) + "}");
}

absl::Status ChangeInPlace(const Session& session) {
  auto preferences = std::make_shared<Preferences>();
  Edit first = session.Begin();
  const Tracked tracked = first.Track("preferences", preferences, Encode);
  if (Committed done = std::move(first).Commit(Ack::kDurable, 500ms); !done.applied()) {
    return done.status;
  }

  Edit second = session.Begin();
  second.Track(tracked);
  preferences->page_size = 50;  // whoever has the object changes it as he likes
  if (Committed done = std::move(second).Commit(Ack::kDurable, 500ms); !done.applied()) {
    return done.status;
  }
  return absl::OkStatus();
}

absl::StatusOr<Subscription> TellOfChanges(const Session& session, std::promise<void>* ended) {
  return session.Subscribe([ended](const Event& event) {
    switch (event.kind) {
      case Event::Kind::kChanged:
        for (const sessionhub::FieldChange& change : event.changes) {
          std::cout << change.path << " changed\n";
        }
        break;
      case Event::Kind::kCaughtUp:
        std::cout << "changed from version " << event.from << " to " << event.to << "\n";
        break;
      case Event::Kind::kRenamed:
        std::cout << "is now " << event.new_id << "\n";
        break;
      case Event::Kind::kDeleted:
      case Event::Kind::kExpired:
        std::cout << "has ended\n";
        ended->set_value();
        break;
      case Event::Kind::kLost:
        std::cout << "must be opened again\n";
        break;
    }
  });
}

absl::Status LookOnce(Client& hub, const std::string& id) {
  OpenOptions options;
  options.interest = Interest::kNone;
  return hub.Open(id, options).status();
}

absl::Status ReadEvenIfOld(const Session& session) {
  sessionhub::ReadOptions options;
  options.allow_stale = true;
  const absl::StatusOr<View> view = session.Read(options);
  if (!view.ok()) return view.status();
  std::cout << "fields: " << view->field_count() << "\n";
  return absl::OkStatus();
}

absl::Status LogOut(Session& session) {
  const Committed done = session.Delete(2s);
  return done.status;
}

absl::Status Run(Client& hub, const std::string& id) {
  absl::StatusOr<Session> created = LogIn(hub, id);
  if (!created.ok()) return created.status();
  uint64_t seen = 0;
  absl::Status status = AddToCart(*created, &seen);
  absl::StatusOr<Session> session = OpenForRequest(hub, id, seen);
  if (status.ok() && !session.ok()) status = session.status();
  if (!status.ok()) return status;
  absl::StatusOr<Session> guest = LogIn(hub, id + "-guest");
  if (!guest.ok()) return guest.status();
  std::promise<void> ended;
  const absl::StatusOr<Subscription> subscription = TellOfChanges(*session, &ended);
  std::promise<Committed> answered;
  for (const auto& part : std::vector<std::function<absl::Status()>>{
           [&] { return ShowCart(*session); },
           [&] { return CommitInBackground(*session, &answered); },
           [&] { return RedeemOnce(*session); },
           [&] { return SaveAddress(*session); },
           [&] { return PayOnce(*session, [] { return "receipt 1"; }); },
           [&] { return PayOnce(*session, [] { return "receipt 2"; }); },
           [&] { return ChangeInPlace(*session); },
           [&] {
             return CountOpened(hub, {id, "nobody"});
           },
           [&] { return LookOnce(hub, id); },
           [&] { return ReadEvenIfOld(*session); },
           [&] { return subscription.status(); },
           [&] { return BecomeUser(*guest, id + "-member", "ada"); },
           [&] { return ShowSessionsOf(hub, "ada"); },
           [&] { return LogOutEverywhere(hub, "ada"); },
       }) {
    status = part();
    if (!status.ok()) return status;
  }
  std::cout << "answer: " << WhatToAnswer(answered.get_future().get()) << "\n";
  status = LogOut(*session);
  if (status.ok()) ended.get_future().wait();
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::cerr << "usage: guide HOST:PORT SESSION_ID [CA_FILE]\n";
    return 2;
  }
  const char* const token = std::getenv("SESSIONHUB_TOKEN");
  absl::StatusOr<Client> hub =
      argc == 3 ? Connect(argv[1])
                : ConnectOverTls(argv[1], token == nullptr ? "" : token, argv[3]);
  const absl::Status status = hub.ok() ? Run(*hub, argv[2]) : hub.status();
  if (!status.ok()) std::cerr << "guide: " << status.ToString() << "\n";
  return status.ok() ? 0 : 1;
}
