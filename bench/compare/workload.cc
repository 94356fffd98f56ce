#include "bench/compare/workload.h"

#include <algorithm>
#include <string_view>

namespace sessionhub::bench {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr size_t kLengthBytes = 2 + 4;  // of a name and of a value
constexpr size_t kFieldsMax = 1'000;

std::string NameOf(size_t field) {
  const std::string number = std::to_string(field);
  return (number.size() < 2 ? "f0" : "f") + number;
}

std::string RandomValue(size_t size_bytes, std::mt19937_64* random) {
  std::string value(size_bytes, ' ');
  for (char& character : value) character = kAlphabet[(*random)() % kAlphabet.size()];
  return value;
}

// What names and lengths take.
size_t FramingBytes(size_t fields) {
  size_t bytes = kLengthBytes * fields;
  for (size_t field = 0; field < fields; ++field) bytes += NameOf(field).size();
  return bytes;
}

// Which fields of a session are hot: neighbours, the first of them another one in each session.
bool IsHot(const Cell& cell, size_t session, size_t field) {
  return (field + cell.fields - session % cell.fields) % cell.fields < cell.fields_changed;
}

size_t ColdFields(const Cell& cell) {
  return cell.fields - cell.fields_changed;
}

// Of the `index`-th of those that share what the others leave: the first ones get the odd bytes.
size_t ShareBytes(size_t bytes, size_t shares, size_t index) {
  return bytes / shares + (index < bytes % shares ? 1 : 0);
}

// The lengths of all values of a session.
std::vector<size_t> ValueLengths(const Cell& cell, size_t session) {
  const size_t cold = ColdFields(cell);
  const size_t hot_bytes = cold == 0 ? 0 : kHotValueBytes * cell.fields_changed;
  const size_t left = cell.session_bytes - FramingBytes(cell.fields) - hot_bytes;
  std::vector<size_t> lengths;
  size_t shared = 0;
  for (size_t field = 0; field < cell.fields; ++field) {
    const bool is_hot = cold > 0 && IsHot(cell, session, field);
    const size_t shares = cold == 0 ? cell.fields : cold;
    lengths.push_back(is_hot ? kHotValueBytes : ShareBytes(left, shares, shared));
    if (!is_hot) ++shared;
  }
  return lengths;
}

std::mt19937_64 RandomOf(uint64_t seed, uint64_t stream, uint64_t which) {
  std::seed_seq sequence = {seed, stream, which};
  return std::mt19937_64(sequence);
}

// The sessions user, user + users, user + 2 × users, … are this user's.
size_t SessionsOf(const Cell& cell, size_t user) {
  return (cell.sessions + UsersOf(cell) - 1 - user) / UsersOf(cell);
}

}  // namespace

absl::Status CheckCell(const Cell& cell) {
  const auto error = [](const std::string& text) { return absl::InvalidArgumentError(text); };
  if (cell.fields == 0 || cell.fields > kFieldsMax) {
    return error("a session has 1 to " + std::to_string(kFieldsMax) + " fields");
  }
  if (cell.fields_changed == 0 || cell.fields_changed > cell.fields) {
    return error("a change sets 1 to all " + std::to_string(cell.fields) + " fields");
  }
  const size_t least =
      FramingBytes(cell.fields) + kHotValueBytes * cell.fields_changed + ColdFields(cell);
  if (cell.session_bytes < least) {
    return error("a session of " + std::to_string(cell.fields) + " fields has at least " +
                 std::to_string(least) + " bytes, not " + std::to_string(cell.session_bytes));
  }
  if (cell.read_percent > 100) return error("no more than 100 % of all requests only read");
  if (cell.nodes == 0 || cell.connections == 0 || cell.sessions < UsersOf(cell)) {
    return error("each of the " + std::to_string(UsersOf(cell)) +
                 " users, one for each connection, needs a session of its own, and there are " +
                 std::to_string(cell.sessions));
  }
  return absl::OkStatus();
}

size_t SerialisedBytes(const SessionFields& fields) {
  size_t bytes = 0;
  for (const auto& [name, value] : fields) bytes += kLengthBytes + name.size() + value.size();
  return bytes;
}

size_t UsersOf(const Cell& cell) {
  return cell.nodes * cell.connections;
}

size_t HomeOf(const Cell& cell, size_t session) {
  return session % UsersOf(cell) % cell.nodes;
}

SessionFields FirstFields(const Cell& cell, size_t session) {
  constexpr uint64_t kCreation = 0;
  std::mt19937_64 random = RandomOf(cell.seed, kCreation, session);
  SessionFields fields;
  size_t field = 0;
  for (const size_t bytes : ValueLengths(cell, session)) {
    fields[NameOf(field++)] = RandomValue(bytes, &random);
  }
  return fields;
}

UserRequests::UserRequests(const Cell& cell, size_t user, uint64_t stream)
    : cell_(cell),
      user_(user),
      sessions_(SessionsOf(cell, user)),
      count_(ShareBytes(cell.requests, UsersOf(cell), user)),
      random_(RandomOf(cell.seed, stream + 1, user)) {}

WebRequest UserRequests::Next() {
  WebRequest request;
  const size_t turn = made_ / sessions_;
  request.session = user_ + UsersOf(cell_) * (made_ % sessions_);
  request.node = HomeOf(cell_, request.session);
  if (cell_.round_robin) request.node = (request.node + turn + 1) % cell_.nodes;
  ++made_;
  if (random_() % 100 < cell_.read_percent) {
    request.read_field = NameOf(random_() % cell_.fields);
    return request;
  }
  const std::vector<size_t> lengths = ValueLengths(cell_, request.session);
  for (size_t field = 0; field < cell_.fields; ++field) {
    if (!IsHot(cell_, request.session, field)) continue;
    request.changes[NameOf(field)] = RandomValue(lengths[field], &random_);
  }
  return request;
}

}  // namespace sessionhub::bench
