// Request: one user's click, as the orchestrator hands it to a node on a line of the node's input:
// "R", request, session, code, create, at_least, between tabs; or the same with "O".
#ifndef BENCH_DEMO_REQUEST_H_
#define BENCH_DEMO_REQUEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sessionhub::bench {

struct Request {
  uint64_t number = 0;  // unique within a step
  std::string session;
  std::string code;       // printable ASCII
  bool create = false;    // nobody has heard yet that the session is there
  uint64_t at_least = 0;  // the version that the user has seen and must see again; 0: any
  // "O": the node drops its copy and opens the session anew. Nothing is committed.
  bool reopen = false;
};

// With the line's end.
std::string FormatRequest(const Request& request);
// Without the line's end; nothing if it is not a request.
std::optional<Request> ParseRequest(std::string_view line);

// The field that counts how often the item is in the cart.
std::string QuantityPath(std::string_view code);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_REQUEST_H_
