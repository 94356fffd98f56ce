// HttpServer: a few pages over HTTP/1.1, for programs that watch the hub. Nothing but GET and HEAD,
// one request for each connection.
//
// Bounded: kHttpThreads requests are answered at a time, kHttpWaitingMax connections wait for that,
// further ones in the kernel. None may take longer than kHttpRequestMs.
#ifndef HUB_METRICS_HTTP_SERVER_H_
#define HUB_METRICS_HTTP_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace sessionhub::hub {

inline constexpr int kHttpThreads = 2;
inline constexpr int kHttpWaitingMax = 8;
inline constexpr int kHttpRequestMs = 5'000;

class HttpServer {
 public:
  struct Answer {
    int code = 200;
    std::string body;
  };
  // Called on any of the server's threads, also by two at a time.
  using Page = std::function<Answer()>;

  // Serves `pages`, path and page, on `address`, "host:port" (IPv6 in brackets); port 0 takes a
  // free one. Other paths are answered 404. Unavailable if the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(
      const std::string& address, std::vector<std::pair<std::string, Page>> pages);

  // Waits for the answers in progress.
  virtual ~HttpServer() = default;

  virtual int port() const = 0;
};

}  // namespace sessionhub::hub

#endif  // HUB_METRICS_HTTP_SERVER_H_
