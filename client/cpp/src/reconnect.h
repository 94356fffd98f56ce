// Reconnect: where to connect next, and after which pause. Pure; randomness is an argument.
#ifndef CLIENT_CPP_SRC_RECONNECT_H_
#define CLIENT_CPP_SRC_RECONNECT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sessionhub::client {

class Reconnect {
 public:
  using Milliseconds = std::chrono::milliseconds;

  // At least one endpoint; 0 < backoff_min <= backoff_max.
  Reconnect(std::vector<std::string> endpoints, Milliseconds backoff_min, Milliseconds backoff_max)
      : endpoints_(std::move(endpoints)), backoff_min_(backoff_min), backoff_max_(backoff_max) {}

  const std::string& endpoint() const { return endpoints_[next_]; }

  // A try, or a stream, has ended: the next endpoint is in turn. Returns the pause before it is
  // tried, between half and the whole of min(backoff_max, backoff_min * 2^n), n being the tries
  // since the hub was reached. `random` is any number.
  Milliseconds Failed(uint64_t random);

  // The hub was reached: the same endpoint is tried first next time, after the shortest pause.
  void Reached();

 private:
  std::vector<std::string> endpoints_;
  Milliseconds backoff_min_;
  Milliseconds backoff_max_;
  size_t next_ = 0;
  unsigned failures_ = 0;
  bool reached_ = false;
};

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_RECONNECT_H_
