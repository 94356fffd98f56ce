#include "bench/compare/http_connection.h"

#include <httplib.h>

#include "absl/status/status.h"
#include "bench/compare/fields_text.h"

namespace sessionhub::bench {
namespace {

constexpr time_t kConnectMaxS = 5;
constexpr time_t kAnswerMaxS = 30;
// Not text/plain: a server may compress that.
constexpr char kBodyType[] = "application/octet-stream";

httplib::Headers CookieOf(const std::string& session_id) {
  if (session_id.empty()) return {};
  return {{"Cookie", std::string(kSessionCookie) + "=" + session_id}};
}

absl::StatusOr<HttpAnswer> AnswerOf(httplib::Result result, const std::string& address) {
  if (!result) {
    return absl::UnavailableError(address +
                                  " does not answer: " + httplib::to_string(result.error()));
  }
  HttpAnswer answer;
  answer.status = result->status;
  answer.body = std::move(result->body);
  answer.session_id = FindSessionId(result->get_header_value("Set-Cookie"));
  return answer;
}

}  // namespace

HttpConnection::HttpConnection(const std::string& address, const std::string& own_ip)
    : address_(address), client_(std::make_unique<httplib::Client>("http://" + address)) {
  client_->set_keep_alive(true);
  client_->set_tcp_nodelay(true);
  client_->set_connection_timeout(kConnectMaxS);
  client_->set_read_timeout(kAnswerMaxS);
  client_->set_write_timeout(kAnswerMaxS);
  if (!own_ip.empty()) client_->set_interface(own_ip);
}

HttpConnection::HttpConnection(HttpConnection&&) noexcept = default;
HttpConnection::~HttpConnection() = default;

absl::StatusOr<HttpAnswer> HttpConnection::Get(const std::string& path,
                                               const std::string& session_id) {
  return AnswerOf(client_->Get(path, CookieOf(session_id)), address_);
}

absl::StatusOr<HttpAnswer> HttpConnection::Post(const std::string& path,
                                                const std::string& session_id,
                                                const std::string& body) {
  return AnswerOf(client_->Post(path, CookieOf(session_id), body, kBodyType), address_);
}

}  // namespace sessionhub::bench
