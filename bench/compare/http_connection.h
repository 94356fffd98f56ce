// HttpConnection: a user's browser: one connection to a web node, kept alive.
#ifndef BENCH_COMPARE_HTTP_CONNECTION_H_
#define BENCH_COMPARE_HTTP_CONNECTION_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace httplib {
class Client;
}

namespace sessionhub::bench {

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string session_id;  // if the answer sets the session's cookie
};

// Belongs to one thread at a time. Connects with the first request, and again after a break.
class HttpConnection {
 public:
  // To HOST:PORT; from this address of this host, from any if it is empty.
  HttpConnection(const std::string& address, const std::string& own_ip);
  HttpConnection(HttpConnection&&) noexcept;
  ~HttpConnection();

  // An empty session id sends no cookie. Unavailable if there is no answer within 30 s.
  absl::StatusOr<HttpAnswer> Get(const std::string& path, const std::string& session_id);
  absl::StatusOr<HttpAnswer> Post(const std::string& path, const std::string& session_id,
                                  const std::string& body);

 private:
  std::string address_;
  std::unique_ptr<httplib::Client> client_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_HTTP_CONNECTION_H_
