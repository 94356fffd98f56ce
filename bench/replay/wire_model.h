// Wire model: how many bytes a message is on an Ethernet, by one rule for all that are compared;
// and the messages of the stores that sessions are shared by today. Pure.
//
// The rule is that of a connection with one exchange after the other, and is tested against what
// was measured on such (bench/README.md, "How each number is obtained"):
//   - a message is its payload, cut into segments of 1,448 bytes with 66 bytes of headers each;
//   - one that nobody answers is acknowledged by a segment of its own;
//   - one that is answered, and an answer, are acknowledged by what comes next, unless they are
//   longer
//     than a segment: then by a segment of their own.
#ifndef BENCH_REPLAY_WIRE_MODEL_H_
#define BENCH_REPLAY_WIRE_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sessionhub::bench {

inline constexpr size_t kSegmentBytesMax = 1448;  // Ethernet's 1500, IPv4, TCP with time stamps
inline constexpr size_t kHeaderBytes = 66;        // Ethernet 14, IPv4 20, TCP with time stamps 32

struct Wire {
  uint64_t messages = 0;
  uint64_t bytes = 0;

  Wire& operator+=(const Wire& other);
  friend bool operator==(const Wire&, const Wire&) = default;
};
Wire operator*(uint64_t times, const Wire& wire);
Wire operator+(Wire a, const Wire& b);

// A message that nobody answers.
Wire OneWay(size_t payload_bytes);
// A request and its answer.
Wire Exchange(size_t request_bytes, size_t answer_bytes);

// A gRPC message that travels alone, of so many bytes before gRPC's own: its prefix, HTTP/2's frame
// heads, and the two window updates by which the receiver answers, in a segment of their own that
// is acknowledged by another.
Wire GrpcMessage(size_t message_bytes);

// An entry of the demo's broadcast (bench/demo/mesh_codec.h), with lengths of its name and value.
size_t EntryBytes(size_t name_bytes, size_t value_bytes);

// ---- Redis, RESP2 ----

// A command: an array of bulk strings.
std::string RedisCommand(const std::vector<std::string>& words);
size_t RedisBulkBytes(size_t text_bytes);
// The head of an array.
size_t RedisArrayBytes(size_t elements);

// ---- memcached, text protocol ----

Wire CacheSet(std::string_view key, size_t value_bytes);
Wire CacheGet(std::string_view key, size_t value_bytes);
Wire CacheTouch(std::string_view key);

// ---- PostgreSQL, a prepared statement of libpq with binary parameters ----

// A row that is read by its key.
Wire RowSelect(std::string_view key, size_t value_bytes);
// A row that is updated by its key, or inserted; value_bytes is of its one other column.
Wire RowUpdate(std::string_view key, size_t value_bytes);

}  // namespace sessionhub::bench

#endif  // BENCH_REPLAY_WIRE_MODEL_H_
