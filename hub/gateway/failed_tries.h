// FailedTries: slows down who guesses the secret of a token; and PacedLines: how many refusals are
// written down. Pure; time is an argument.
//
// What counts is the pair of a peer's address and a token's id: who guesses is made to wait, and
// nobody else who comes from the same address, nor the token's bearer elsewhere.
#ifndef HUB_GATEWAY_FAILED_TRIES_H_
#define HUB_GATEWAY_FAILED_TRIES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace sessionhub::hub {

// Belongs to whoever holds it; not thread-safe.
class FailedTries {
 public:
  // So many tries may fail; from then on one is looked at in each kPauseUs.
  static constexpr int kFreeTriesMax = 8;
  static constexpr uint64_t kPauseUs = 10'000'000;
  // Pairs that are remembered. Past it the one whose last failure is longest ago is forgotten.
  static constexpr size_t kPairsMax = 1'024;

  // False if a try of this pair is not to be looked at now.
  bool MayTry(const std::string& address, const std::string& token_id, uint64_t now_us) const;
  void Failed(const std::string& address, const std::string& token_id, uint64_t now_us);
  // One that was right: what failed before is forgotten.
  void Succeeded(const std::string& address, const std::string& token_id);

  size_t pairs() const { return pairs_.size(); }

 private:
  struct Pair {
    int failures = 0;
    uint64_t last_us = 0;
  };

  void ForgetTheOldest();

  std::map<std::string, Pair> pairs_;  // by address and id
};

// Lets so many lines a second through and counts the others: strangers who are refused must not
// push out of the audit what others did. Not thread-safe.
class PacedLines {
 public:
  static constexpr uint64_t kPerSecond = 10;

  // Nothing if this one is to have no line; else how many before it had none.
  std::optional<uint64_t> Take(uint64_t now_us);

 private:
  uint64_t second_ = 0;
  uint64_t written_ = 0;  // in that second
  uint64_t unwritten_ = 0;
};

// The address of a peer as gRPC names it, without its port: "ipv4:10.0.0.1".
std::string AddressOf(const std::string& peer);

}  // namespace sessionhub::hub

#endif  // HUB_GATEWAY_FAILED_TRIES_H_
