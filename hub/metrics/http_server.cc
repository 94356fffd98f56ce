#include "hub/metrics/http_server.h"

#include <civetweb.h>

#include <array>
#include <thread>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "hub/host_port.h"

namespace sessionhub::hub {
namespace {

// What the answers are, and what Prometheus wants to hear.
constexpr char kContentType[] = "text/plain; version=0.0.4; charset=utf-8";

constexpr absl::Duration kKnockEvery = absl::Milliseconds(10);

const char* ReasonOf(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 405:
      return "Method Not Allowed";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

int Send(mg_connection* connection, const HttpServer::Answer& answer, bool with_body) {
  mg_printf(
      connection,
      "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
      "Connection: close\r\n\r\n",
      answer.code, ReasonOf(answer.code), kContentType, answer.body.size());
  if (with_body) mg_write(connection, answer.body.data(), answer.body.size());
  return answer.code;
}

int AnswerWith(mg_connection* connection, void* page) {
  const std::string method = mg_get_request_info(connection)->request_method;
  if (method != "GET" && method != "HEAD") {
    return Send(connection, {405, "only GET and HEAD are answered here\n"}, true);
  }
  return Send(connection, (*static_cast<const HttpServer::Page*>(page))(), method == "GET");
}

class CivetHttpServer final : public HttpServer {
 public:
  explicit CivetHttpServer(std::vector<std::pair<std::string, Page>> pages)
      : pages_(std::move(pages)) {
    mg_init_library(MG_FEATURES_DEFAULT);
  }
  CivetHttpServer(const CivetHttpServer&) = delete;
  CivetHttpServer& operator=(const CivetHttpServer&) = delete;
  ~CivetHttpServer() override {
    if (context_ != nullptr) Stop();
    mg_exit_library();
  }

  absl::Status Listen(const std::string& address) {
    const std::string threads = std::to_string(kHttpThreads);
    const std::string waiting = std::to_string(kHttpWaitingMax);
    const std::string request_ms = std::to_string(kHttpRequestMs);
    const char* options[] = {"listening_ports",    address.c_str(),    "num_threads",
                             threads.c_str(),      "connection_queue", waiting.c_str(),
                             "request_timeout_ms", request_ms.c_str(), nullptr};
    const mg_callbacks callbacks = {};
    mg_init_data init = {&callbacks, nullptr, options};
    std::array<char, 256> text = {};
    unsigned code = 0;
    mg_error_data error = {&code, text.data(), text.size()};
    context_ = mg_start2(&init, &error);
    if (context_ == nullptr) {
      return absl::UnavailableError("cannot listen on " + address + ": " + text.data());
    }
    mg_server_port listening = {};
    if (mg_get_server_ports(context_, 1, &listening) == 1) port_ = listening.port;
    host_ = ParseHostPort(address).value_or(HostPort()).host;
    for (auto& [path, page] : pages_) {
      const std::string whole = path + "$";  // without it civetweb takes longer ones for it too
      mg_set_request_handler(context_, whole.c_str(), AnswerWith, &page);
    }
    return absl::OkStatus();
  }

  int port() const override { return port_; }

 private:
  // civetweb looks whether it is to stop every two seconds, and whenever somebody connects: a hub
  // that starts again must not be away for that long.
  void Stop() {
    absl::Notification stopped;
    std::thread stopping([this, &stopped] {
      mg_stop(context_);
      stopped.Notify();
    });
    while (!stopped.WaitForNotificationWithTimeout(kKnockEvery)) Knock();
    stopping.join();
  }

  void Knock() const {
    std::array<char, 256> ignored = {};
    mg_connection* connection =
        mg_connect_client(host_.c_str(), port_, /*use_ssl=*/0, ignored.data(), ignored.size());
    if (connection != nullptr) mg_close_connection(connection);
  }

  std::vector<std::pair<std::string, Page>> pages_;
  mg_context* context_ = nullptr;
  std::string host_;
  int port_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    const std::string& address, std::vector<std::pair<std::string, Page>> pages) {
  auto server = std::make_unique<CivetHttpServer>(std::move(pages));
  if (absl::Status status = server->Listen(address); !status.ok()) return status;
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace sessionhub::hub
