// An application's test, in C++17, with nothing of this tree but what is installed: a hub in the
// process is stopped and started again, and its clock is set on until a session has expired.
#include <chrono>
#include <future>
#include <iostream>
#include <string>
#include <utility>

#include "sessionhub/client.h"
#include "sessionhub/testing/in_process_hub.h"

namespace {

constexpr std::chrono::seconds kLong{30};

absl::StatusOr<sessionhub::Session> Open(sessionhub::Client* client, sessionhub::Create create) {
  sessionhub::OpenOptions options;
  options.create = create;
  options.timeout = kLong;
  options.idle_timeout = std::chrono::minutes(30);
  return client->Open("cookie", options);
}

absl::Status AddOne(const sessionhub::Session& session) {
  sessionhub::Edit edit = session.Begin();
  edit.Increment("cart/qty");
  return std::move(edit).Commit(sessionhub::Ack::kDurable, kLong).status;
}

absl::Status Test() {
  absl::StatusOr<sessionhub::testing::InProcessHub> hub =
      sessionhub::testing::InProcessHub::Start();
  if (!hub.ok()) return hub.status();
  sessionhub::ClientOptions options;
  options.endpoints = {hub->endpoint()};
  options.app = "shop";
  options.node_name = "web-1";
  absl::StatusOr<sessionhub::Client> client = sessionhub::Client::Connect(std::move(options));
  if (!client.ok()) return client.status();
  absl::StatusOr<sessionhub::Session> session = Open(&*client, sessionhub::Create::kExclusive);
  if (!session.ok()) return session.status();

  if (absl::Status status = AddOne(*session); !status.ok()) return status;
  hub->Stop();
  if (absl::Status status = hub->StartAgain(); !status.ok()) return status;
  if (absl::Status status = AddOne(*session); !status.ok()) return status;
  absl::StatusOr<sessionhub::View> view = session->Read();
  if (!view.ok()) return view.status();
  std::cout << "cart/qty = " << view->Get("cart/qty")->DebugString() << " after a restart; ";

  std::promise<void> expired;
  absl::StatusOr<sessionhub::Subscription> events =
      session->Subscribe([&expired](const sessionhub::Event& event) {
        if (event.kind == sessionhub::Event::Kind::kExpired) expired.set_value();
      });
  if (!events.ok()) return events.status();
  hub->AdvanceTime(std::chrono::hours(1));
  if (expired.get_future().wait_for(kLong) != std::future_status::ready) {
    return absl::DeadlineExceededError("the session did not expire");
  }
  const absl::Status status = Open(&*client, sessionhub::Create::kNever).status();
  std::cout << "expired: " << absl::StatusCodeToString(status.code()) << "\n";
  return absl::OkStatus();
}

}  // namespace

int main() {
  const absl::Status status = Test();
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}
