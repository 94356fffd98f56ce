#include "bench/compare/socket_payloads.h"

#include <charconv>
#include <sstream>
#include <string>

#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

bool ParseWhole(std::string_view text, int base, uint64_t* number) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), *number, base);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

absl::StatusOr<SocketPayload> ParseSocket(const std::string& line) {
  constexpr std::string_view kCookie = "sk:";
  constexpr std::string_view kSent = "bytes_sent:";  // left out while it is 0
  SocketPayload socket;
  bool named = false, readable = true;
  std::istringstream text(line);
  for (std::string next; text >> next;) {
    const std::string_view word = next;
    if (word.starts_with(kCookie)) {
      named = true;
      readable &= ParseWhole(word.substr(kCookie.size()), 16, &socket.cookie);
    } else if (word.starts_with(kSent)) {
      readable &= ParseWhole(word.substr(kSent.size()), 10, &socket.bytes_sent);
    }
  }
  if (named && readable) return socket;
  return absl::InternalError(
      "`ss` tells of a socket without sk:HEX, or with a bytes_sent that is no number: " + line);
}

}  // namespace

absl::StatusOr<std::vector<SocketPayload>> ParseSocketPayloads(std::string_view listing) {
  std::vector<SocketPayload> sockets;
  std::istringstream text{std::string(listing)};
  for (std::string line; std::getline(text, line);) {
    if (line.find_first_not_of(' ') == std::string::npos) continue;
    ASSIGN_OR_RETURN(sockets.emplace_back(), ParseSocket(line));
  }
  return sockets;
}

uint64_t PayloadSum::Update(const std::vector<SocketPayload>& listed) {
  for (const SocketPayload& socket : listed) {
    uint64_t& known_bytes = bytes_by_cookie_[socket.cookie];
    if (socket.bytes_sent <= known_bytes) continue;
    sum_bytes_ += socket.bytes_sent - known_bytes;
    known_bytes = socket.bytes_sent;
  }
  return sum_bytes_;
}

}  // namespace sessionhub::bench
