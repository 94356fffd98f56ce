// An object that is changed in place, and whose changes nobody declares: Track finds them at
// Commit.
//
//   tracked_object HOST:PORT SESSION_ID
//
// Prints what the session holds before and after, and deletes the session at the end.
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "sessionhub/client.h"

using namespace std::chrono_literals;
using sessionhub::Ack;
using sessionhub::Committed;
using sessionhub::Edit;
using sessionhub::Session;
using sessionhub::Value;

namespace {

// What an application has anyway: an object, and a way to write it as JSON.
struct Profile {
  std::string name;
  std::string theme;
  int visits = 0;

  Value ToJson() const {
    return Value::Json("{\"name\":\"" + name + "\",\"theme\":\"" + theme +
                       "\",\"visits\":" + std::to_string(visits) + "}");
  }
};

absl::Status Show(const char* when, const Session& session) {
  const absl::StatusOr<sessionhub::View> view = session.Read();
  if (!view.ok()) return view.status();
  const absl::StatusOr<std::string> profile = view->GetJson("profile");
  if (!profile.ok()) return profile.status();
  std::cout << when << " version " << view->version() << " " << *profile << "\n";
  return absl::OkStatus();
}

absl::Status Run(sessionhub::Client& hub, const std::string& id) {
  sessionhub::OpenOptions exclusive;
  exclusive.create = sessionhub::Create::kExclusive;
  absl::StatusOr<Session> session = hub.Open(id, exclusive);
  if (!session.ok()) return session.status();

  // The first request: the session has no profile yet, so all of it is sent.
  const auto profile = std::make_shared<Profile>(Profile{"Ada", "light"});
  Edit login = session->Begin();
  const sessionhub::Tracked tracked =
      login.Track("profile", profile, [](const Profile& of) { return of.ToJson(); });
  Committed done = std::move(login).Commit(Ack::kDurable, 5s);
  if (!done.applied()) return done.status;
  if (absl::Status shown = Show("created:", *session); !shown.ok()) return shown;

  // The next request's handler changes the object as it likes. One field is sent.
  Edit request = session->Begin();
  request.Track(tracked);
  profile->visits += 1;
  done = std::move(request).Commit(Ack::kDurable, 5s);
  if (!done.applied()) return done.status;
  if (absl::Status shown = Show("changed:", *session); !shown.ok()) return shown;

  // One that changes nothing sends nothing: the version stays.
  Edit idle = session->Begin();
  idle.Track(tracked);
  done = std::move(idle).Commit(Ack::kDurable, 5s);
  if (!done.applied()) return done.status;
  if (absl::Status shown = Show("the same:", *session); !shown.ok()) return shown;
  return session->Delete(5s).status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: tracked_object HOST:PORT SESSION_ID\n";
    return 2;
  }
  absl::StatusOr<sessionhub::Client> hub =
      sessionhub::Client::Connect({{argv[1]}, "shop", "web-1"});  // waits for nobody
  const absl::Status status = hub.ok() ? Run(*hub, argv[2]) : hub.status();
  if (!status.ok()) std::cerr << "tracked_object: " << status.ToString() << "\n";
  return status.ok() ? 0 : 1;
}
