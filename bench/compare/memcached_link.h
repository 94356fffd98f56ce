// MemcachedLink: one connection to memcached, by libmemcached, in the text protocol.
//
// Not thread-safe. No wait is longer than 10 s.
#ifndef BENCH_COMPARE_MEMCACHED_LINK_H_
#define BENCH_COMPARE_MEMCACHED_LINK_H_

#include <libmemcached/memcached.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/compare/host_port.h"

namespace sessionhub::bench {

class MemcachedLink {
 public:
  // Unavailable if nothing answers there.
  static absl::StatusOr<MemcachedLink> Connect(const HostPort& server);

  // Errors of both: Unavailable if the connection is lost, ResourceExhausted if the value is too
  // large for the server.
  absl::Status Set(const std::string& key, const std::string& value);
  absl::StatusOr<std::string> Get(const std::string& key);  // NotFound

 private:
  struct Free {
    void operator()(memcached_st* connection) const { memcached_free(connection); }
  };
  explicit MemcachedLink(memcached_st* connection) : connection_(connection) {}

  absl::Status StatusOf(memcached_return_t result) const;

  std::unique_ptr<memcached_st, Free> connection_;
};

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_MEMCACHED_LINK_H_
