#include "proto/session/endpoint.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

namespace sessionhub {
namespace {

constexpr std::string_view kUnixPrefix = "unix:/";

// No limit of ours: DNS names have at most 253 characters and socket paths at most 107.
constexpr size_t kEndpointBytesMax = 512;

bool IsPort(std::string_view text) {
  uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && rest == end && port > 0;
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

bool IsIpv6Character(char c) {
  return IsHostCharacter(c) || c == ':' || c == '%';  // '%' before the zone
}

bool IsHost(std::string_view text) {
  const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  if (!bracketed) {
    return !text.empty() && std::all_of(text.begin(), text.end(), IsHostCharacter);
  }
  const std::string_view address = text.substr(1, text.size() - 2);
  return std::all_of(address.begin(), address.end(), IsIpv6Character);
}

bool IsEndpoint(std::string_view text) {
  if (text.size() > kEndpointBytesMax) return false;
  if (text.substr(0, kUnixPrefix.size()) == kUnixPrefix) return text.size() > kUnixPrefix.size();
  const size_t colon = text.rfind(':');
  return colon != std::string_view::npos && IsHost(text.substr(0, colon)) &&
         IsPort(text.substr(colon + 1));
}

}  // namespace

absl::Status CheckEndpoint(std::string_view endpoint) {
  if (IsEndpoint(endpoint)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "endpoint '" + std::string(endpoint.substr(0, kEndpointBytesMax)) +
      "' is not legal: give host:port with a port from 1 to 65535, or unix:/path");
}

}  // namespace sessionhub
