#include "bench/demo/checker.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <unordered_map>

namespace sessionhub::bench {
namespace {

using Kind = CommitEvent::Kind;

constexpr size_t kDetailsMax = 20;
constexpr std::string_view kItemPrefix = "cart/items/";
constexpr std::string_view kItemSuffix = "/qty";

void Tell(std::vector<std::string>* details, std::string text) {
  if (details->size() < kDetailsMax) details->push_back(std::move(text));
}

// "a~1b" is "a/b": how a segment is written in a path.
std::string Unescape(std::string_view segment) {
  std::string text;
  for (size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] == '~' && i + 1 < segment.size()) {
      text += segment[++i] == '1' ? '/' : '~';
    } else {
      text += segment[i];
    }
  }
  return text;
}

bool IsItem(std::string_view path) {
  return path.size() > kItemPrefix.size() + kItemSuffix.size() && path.starts_with(kItemPrefix) &&
         path.ends_with(kItemSuffix);
}

void AddField(const std::string& path, const nlohmann::json& value, CartState* cart) {
  if (IsItem(path) && value.is_number_integer()) {
    const size_t bytes = path.size() - kItemPrefix.size() - kItemSuffix.size();
    cart->quantity[Unescape(std::string_view(path).substr(kItemPrefix.size(), bytes))] =
        value.get<int64_t>();
  } else if (path == "cart/count" && value.is_number_integer()) {
    cart->count = value.get<int64_t>();
  } else if (path == "visit/requests" && value.is_number_integer()) {
    cart->requests = value.get<int64_t>();
  } else if (path == "cart/last" && value.is_string()) {
    cart->last = value.get<std::string>();
  } else {
    ++cart->other_fields;
  }
}

struct Ack {
  uint64_t request = 0;
  uint64_t version = 0;
  int64_t acked_us = 0;
  int64_t submitted_us = 0;
};

// What the logs say of one session.
struct Evidence {
  std::map<std::string, int64_t> submitted;  // by code, without the refused
  std::map<std::string, int64_t> acked;      // by code
  std::map<uint64_t, int64_t> submitted_us;  // by request
  std::vector<Ack> acks;
  int64_t submitted_total = 0;
  int64_t acked_total = 0;
  uint64_t unseen = 0;  // requests that saw an older version than they had to
};

void AddEvent(const CommitEvent& event, Evidence* evidence, CommitFindings* findings) {
  switch (event.kind) {
    case Kind::kSubmitted:
      ++findings->submitted;
      ++evidence->submitted[event.code];
      ++evidence->submitted_total;
      evidence->submitted_us[event.request] = event.time_us;
      if (event.version < event.at_least) ++evidence->unseen;
      break;
    case Kind::kAcked:
      ++findings->acked;
      ++evidence->acked[event.code];
      ++evidence->acked_total;
      evidence->acks.push_back({event.request, event.version, event.time_us, 0});
      break;
    case Kind::kRefused:
      ++findings->refused;
      --evidence->submitted[event.code];
      --evidence->submitted_total;
      break;
    case Kind::kUnknown:
      ++findings->unknown;
      break;
    case Kind::kNotSent:
      ++findings->not_sent;
      break;
    case Kind::kOpened:
      break;
  }
}

int64_t Find(const std::map<std::string, int64_t>& counts, const std::string& code) {
  const auto found = counts.find(code);
  return found == counts.end() ? 0 : found->second;
}

// Whoever submits has seen, or could have seen, what was acked before.
bool AcksAreOrdered(const Evidence& evidence) {
  std::vector<Ack> by_end = evidence.acks;
  for (Ack& ack : by_end) {
    const auto submitted = evidence.submitted_us.find(ack.request);
    if (submitted == evidence.submitted_us.end()) return false;
    ack.submitted_us = submitted->second;
  }
  std::vector<Ack> by_begin = by_end;
  std::sort(by_end.begin(), by_end.end(),
            [](const Ack& a, const Ack& b) { return a.acked_us < b.acked_us; });
  std::sort(by_begin.begin(), by_begin.end(),
            [](const Ack& a, const Ack& b) { return a.submitted_us < b.submitted_us; });
  std::set<uint64_t> versions;
  uint64_t newest_before = 1;  // creation
  auto ended = by_end.begin();
  for (const Ack& ack : by_begin) {
    for (; ended != by_end.end() && ended->acked_us < ack.submitted_us; ++ended) {
      newest_before = std::max(newest_before, ended->version);
    }
    if (ack.version <= newest_before || !versions.insert(ack.version).second) return false;
  }
  return true;
}

std::string FindInconsistency(const Evidence& evidence, const CartState& cart) {
  int64_t items = 0;
  for (const auto& [code, quantity] : cart.quantity) items += quantity;
  if (cart.count != items || cart.requests != items) {
    return "holds " + std::to_string(items) + " items, but cart/count is " +
           std::to_string(cart.count) + " and visit/requests " + std::to_string(cart.requests);
  }
  if (cart.version != 1 + static_cast<uint64_t>(cart.requests)) {
    return "is at version " + std::to_string(cart.version) + " after " +
           std::to_string(cart.requests) + " changes";
  }
  if (!AcksAreOrdered(evidence)) return "has acks whose versions do not follow their order in time";
  if (cart.requests > 0 && evidence.submitted.count(cart.last) == 0) {
    return "has cart/last '" + cart.last + "', which nobody added";
  }
  if (cart.other_fields > 0) return "has fields that nobody wrote";
  return "";
}

// Changes that were acked and are not there. Each of the ways to see it alone is enough.
uint64_t CountLost(const Evidence& evidence, const CartState& cart) {
  int64_t items = 0;
  for (const auto& [code, acked] : evidence.acked) {
    items += std::max<int64_t>(0, acked - Find(cart.quantity, code));
  }
  int64_t lost = std::max(
      {items, evidence.acked_total - cart.count, evidence.acked_total - cart.requests, int64_t{0}});
  for (const Ack& ack : evidence.acks) {
    if (ack.version > cart.version) lost = std::max<int64_t>(lost, 1);
  }
  return static_cast<uint64_t>(lost);
}

uint64_t CountTwice(const Evidence& evidence, const CartState& cart) {
  int64_t items = 0;
  for (const auto& [code, quantity] : cart.quantity) {
    items += std::max<int64_t>(0, quantity - Find(evidence.submitted, code));
  }
  return static_cast<uint64_t>(std::max({items, cart.count - evidence.submitted_total,
                                         cart.requests - evidence.submitted_total, int64_t{0}}));
}

void CheckSession(const std::string& id, const Evidence& evidence, const CartState* cart,
                  CommitFindings* findings) {
  static const CartState absent;
  const uint64_t lost = CountLost(evidence, cart != nullptr ? *cart : absent);
  if (lost > 0) Tell(&findings->details, id + ": " + std::to_string(lost) + " acked changes lost");
  if (evidence.unseen > 0) {
    Tell(&findings->details, id + ": acked changes were not there at " +
                                 std::to_string(evidence.unseen) + " requests on another node");
  }
  findings->lost += lost + evidence.unseen;
  if (cart == nullptr) return;
  const uint64_t twice = CountTwice(evidence, *cart);
  if (twice > 0) Tell(&findings->details, id + ": " + std::to_string(twice) + " changes too many");
  findings->applied_twice += twice;
  const std::string wrong = FindInconsistency(evidence, *cart);
  if (!wrong.empty()) {
    ++findings->inconsistent;
    Tell(&findings->details, id + ": " + wrong);
  }
}

uint64_t CountAllowedForwards(const std::vector<NodeLog>& logs, const NodeLog& node) {
  std::set<std::string> opened;
  for (const CommitEvent& event : node.events) opened.insert(event.session);
  uint64_t allowed = 0;
  for (const NodeLog& other : logs) {
    if (other.node == node.node) continue;
    for (const CommitEvent& event : other.events) {
      if (event.kind == Kind::kSubmitted && opened.count(event.session) > 0) ++allowed;
    }
  }
  return allowed;
}

}  // namespace

std::optional<Carts> ReadCarts(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  Carts carts;
  std::string line;
  while (std::getline(file, line)) {
    const nlohmann::json session = nlohmann::json::parse(line, nullptr, false);
    if (!session.is_object() || !session.contains("id") || !session["id"].is_string() ||
        !session.contains("version") || !session["version"].is_number_integer() ||
        !session.contains("fields") || !session["fields"].is_object()) {
      return std::nullopt;
    }
    CartState& cart = carts[session["id"].get<std::string>()];
    cart.version = session["version"].get<uint64_t>();
    for (const auto& [field, value] : session["fields"].items()) AddField(field, value, &cart);
  }
  return carts;
}

CommitFindings CheckCommits(const std::vector<NodeLog>& logs, const Carts& carts) {
  CommitFindings findings;
  std::map<std::string, Evidence> sessions;
  for (const NodeLog& log : logs) {
    for (const CommitEvent& event : log.events) {
      AddEvent(event, &sessions[event.session], &findings);
    }
  }
  findings.unanswered = findings.submitted - findings.acked - findings.refused - findings.unknown;
  for (const auto& [id, evidence] : sessions) {
    const auto found = carts.find(id);
    CheckSession(id, evidence, found == carts.end() ? nullptr : &found->second, &findings);
  }
  for (const auto& [id, cart] : carts) {
    if (sessions.count(id) == 0) CheckSession(id, Evidence(), &cart, &findings);
  }
  return findings;
}

ForwardFindings CheckForwards(const std::vector<NodeLog>& logs,
                              const std::vector<NodeForwards>& forwards) {
  ForwardFindings findings;
  for (const NodeForwards& node : forwards) {
    findings.forwarded += node.counted_by_hub;
    uint64_t allowed = 0;
    for (const NodeLog& log : logs) {
      if (log.node == node.node) allowed = CountAllowedForwards(logs, log);
    }
    const uint64_t got = std::max(node.counted_by_hub, node.counted_by_node);
    if (got <= allowed) continue;
    findings.stray += got - allowed;
    Tell(&findings.details, node.node + " got " + std::to_string(got) + " forwards; others made " +
                                std::to_string(allowed) + " changes in its sessions");
  }
  return findings;
}

size_t CountDifferentCopies(const Carts& copies, const Carts& hub) {
  return static_cast<size_t>(std::count_if(copies.begin(), copies.end(), [&](const auto& copy) {
    const auto found = hub.find(copy.first);
    return found == hub.end() || !(found->second == copy.second);
  }));
}

}  // namespace sessionhub::bench
