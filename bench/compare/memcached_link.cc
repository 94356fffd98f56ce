#include "bench/compare/memcached_link.h"

#include <cstdlib>
#include <utility>

#include "bench/compare/store_settings.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr uint64_t kMemcachedWaitMaxMs = 10'000;

struct Behavior {
  memcached_behavior_t name;
  uint64_t value;
};

constexpr Behavior kBehaviors[] = {
    {MEMCACHED_BEHAVIOR_TCP_NODELAY, 1},
    {MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT, kMemcachedWaitMaxMs},
    {MEMCACHED_BEHAVIOR_POLL_TIMEOUT, kMemcachedWaitMaxMs},
};

}  // namespace

absl::StatusOr<MemcachedLink> MemcachedLink::Connect(const HostPort& server) {
  memcached_st* const made = memcached_create(nullptr);
  if (made == nullptr) return absl::ResourceExhaustedError("no memory for a connection");
  MemcachedLink link(made);
  for (const Behavior& behavior : kBehaviors) {
    RETURN_IF_ERROR(link.StatusOf(memcached_behavior_set(made, behavior.name, behavior.value)));
  }
  RETURN_IF_ERROR(link.StatusOf(memcached_server_add(made, server.host.c_str(), server.port)));
  // The library connects when it has something to ask.
  RETURN_IF_ERROR(link.StatusOf(memcached_version(made)));
  return link;
}

absl::Status MemcachedLink::StatusOf(memcached_return_t result) const {
  if (memcached_success(result)) return absl::OkStatus();
  const std::string message =
      std::string("memcached: ") + memcached_last_error_message(connection_.get());
  switch (result) {
    case MEMCACHED_NOTFOUND:
      return absl::NotFoundError("memcached has no such key");
    case MEMCACHED_E2BIG:
    case MEMCACHED_SERVER_MEMORY_ALLOCATION_FAILURE:
      return absl::ResourceExhaustedError(message);
    case MEMCACHED_BAD_KEY_PROVIDED:
    case MEMCACHED_CLIENT_ERROR:
      return absl::InvalidArgumentError(message);
    default:  // what is left tells of the connection
      return absl::UnavailableError(message);
  }
}

absl::Status MemcachedLink::Set(const std::string& key, const std::string& value) {
  return StatusOf(memcached_set(connection_.get(), key.data(), key.size(), value.data(),
                                value.size(), kSessionLife.count(), /*flags=*/0));
}

absl::StatusOr<std::string> MemcachedLink::Get(const std::string& key) {
  size_t size = 0;
  uint32_t flags = 0;
  memcached_return_t result = MEMCACHED_SUCCESS;
  const std::unique_ptr<char, decltype(&std::free)> value(
      memcached_get(connection_.get(), key.data(), key.size(), &size, &flags, &result), &std::free);
  RETURN_IF_ERROR(StatusOf(result));
  return value == nullptr ? std::string() : std::string(value.get(), size);
}

}  // namespace sessionhub::bench
