#include "bench/replay/wire_model.h"

#include <initializer_list>

namespace sessionhub::bench {
namespace {

// HTTP/2 and gRPC, as gRPC's C++ library sends them.
constexpr size_t kHttp2FrameBytesMax = 16'384;
constexpr size_t kHttp2FrameHeadBytes = 9;
constexpr size_t kGrpcPrefixBytes = 5;
constexpr size_t kWindowUpdatesBytes = 2 * 13;  // of the stream and of the connection

// After how long a store forgets a session. Only its length matters.
constexpr const char* kExpireS = "1800";

size_t Segments(size_t payload_bytes) {
  return payload_bytes == 0 ? 1 : (payload_bytes + kSegmentBytesMax - 1) / kSegmentBytesMax;
}

uint64_t PartOfExchange(size_t payload_bytes) {
  const size_t segments = Segments(payload_bytes);
  return payload_bytes + kHeaderBytes * (segments + (segments > 1 ? 1 : 0));
}

// A message of PostgreSQL's protocol: a type, a length, and what the lengths of its parts add up
// to.
size_t PgMessage(std::initializer_list<size_t> parts) {
  size_t bytes = 1 + 4;
  for (const size_t part : parts) bytes += part;
  return bytes;
}

constexpr size_t kPgNone = 0, kPgEmptyName = 1, kPgStatementName = 2, kPgInt16 = 2, kPgInt32 = 4;

// Bind, Describe, Execute and Sync. `parameters` are the lengths of the values.
size_t PgExecute(std::initializer_list<size_t> parameters) {
  size_t values = 0;
  for (const size_t bytes : parameters) values += kPgInt16 + kPgInt32 + bytes;  // format, length
  const size_t bind =
      PgMessage({kPgEmptyName, kPgStatementName, kPgInt16, kPgInt16, values, kPgInt16, kPgInt16});
  const size_t describe = PgMessage({1, kPgEmptyName});
  const size_t execute = PgMessage({kPgEmptyName, kPgInt32});
  return bind + describe + execute + PgMessage({kPgNone});
}

// BindComplete, `rows`, CommandComplete and ReadyForQuery.
size_t PgAnswer(size_t rows) {
  return PgMessage({kPgNone}) + rows + PgMessage({sizeof("UPDATE 1")}) + PgMessage({1});
}

}  // namespace

Wire& Wire::operator+=(const Wire& other) {
  messages += other.messages;
  bytes += other.bytes;
  return *this;
}

Wire operator+(Wire a, const Wire& b) {
  return a += b;
}

Wire operator*(uint64_t times, const Wire& wire) {
  return {times * wire.messages, times * wire.bytes};
}

Wire OneWay(size_t payload_bytes) {
  return {1, payload_bytes + kHeaderBytes * (Segments(payload_bytes) + 1)};
}

Wire Exchange(size_t request_bytes, size_t answer_bytes) {
  return {2, PartOfExchange(request_bytes) + PartOfExchange(answer_bytes)};
}

Wire GrpcMessage(size_t message_bytes) {
  const size_t prefixed = kGrpcPrefixBytes + message_bytes;
  const size_t frames = (prefixed + kHttp2FrameBytesMax - 1) / kHttp2FrameBytesMax;
  const Wire data = OneWay(prefixed + kHttp2FrameHeadBytes * frames);
  // The window updates carry the acknowledgement of the data, and are acknowledged themselves.
  return {1, data.bytes + kWindowUpdatesBytes + kHeaderBytes};
}

size_t EntryBytes(size_t name_bytes, size_t value_bytes) {
  return 2 + name_bytes + 4 + value_bytes;
}

std::string RedisCommand(const std::vector<std::string>& words) {
  std::string command = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    command += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  return command;
}

size_t RedisBulkBytes(size_t text_bytes) {
  return RedisArrayBytes(text_bytes) + text_bytes + 2;
}

size_t RedisArrayBytes(size_t elements) {
  return 1 + std::to_string(elements).size() + 2;
}

Wire CacheSet(std::string_view key, size_t value_bytes) {
  const std::string head =
      "set " + std::string(key) + " 0 " + kExpireS + " " + std::to_string(value_bytes) + "\r\n";
  return Exchange(head.size() + value_bytes + 2, std::string_view("STORED\r\n").size());
}

Wire CacheGet(std::string_view key, size_t value_bytes) {
  const std::string request = "get " + std::string(key) + "\r\n";
  const std::string head =
      "VALUE " + std::string(key) + " 0 " + std::to_string(value_bytes) + "\r\n";
  return Exchange(request.size(),
                  head.size() + value_bytes + std::string_view("\r\nEND\r\n").size());
}

Wire CacheTouch(std::string_view key) {
  const std::string request = "touch " + std::string(key) + " " + kExpireS + "\r\n";
  return Exchange(request.size(), std::string_view("TOUCHED\r\n").size());
}

Wire RowSelect(std::string_view key, size_t value_bytes) {
  constexpr size_t kColumn = sizeof("data") + 18;  // of its description
  const size_t description = PgMessage({kPgInt16, kColumn});
  const size_t row = PgMessage({kPgInt16, kPgInt32, value_bytes});
  return Exchange(PgExecute({key.size()}), PgAnswer(description + row));
}

Wire RowUpdate(std::string_view key, size_t value_bytes) {
  const size_t no_data = PgMessage({kPgNone});
  return Exchange(PgExecute({key.size(), value_bytes}), PgAnswer(no_data));
}

}  // namespace sessionhub::bench
