#include "bench/demo/workload.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "absl/status/status.h"
#include "bench/demo/gz_lines.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr size_t kCodeBytesMax = 64;

bool IsControl(char c) {
  return (c >= '\0' && c < ' ' && c != '\t') || c == '\x7f';
}

bool IsVisible(char c) {
  return c > ' ' && c <= '~';
}

std::string CodeOfRank(size_t rank) {
  // A fixed scramble, so that frequent codes do not look alike.
  std::string code = std::to_string(10'000 + rank * 7'919 % 90'000);
  if (rank % 3 == 0) code += static_cast<char>('A' + rank % 26);
  return code;
}

}  // namespace

absl::StatusOr<Basket> ParseBasket(const std::string& line) {
  if (std::any_of(line.begin(), line.end(), IsControl)) {
    return absl::InvalidArgumentError("there is a control character in it: not a text");
  }
  Basket basket;
  std::string code;
  for (const char c : line + ",") {
    if (c != ',') {
      code += c;
      continue;
    }
    if (std::any_of(code.begin(), code.end(), IsVisible)) {
      for (char& other : code) other = IsVisible(other) || other == ' ' ? other : '_';
      basket.push_back(code.substr(0, kCodeBytesMax));
    }
    code.clear();
  }
  if (basket.empty()) return absl::InvalidArgumentError("there is no stock code in it");
  return basket;
}

absl::Status ForEachBasket(
    const std::string& path, size_t limit, const std::function<void(const Basket&)>& take,
    const std::function<void(uint64_t number, const std::string& why)>& leave_out,
    size_t items_max) {
  size_t baskets = 0, items = 0;
  RETURN_IF_ERROR(ForEachGzLine(path, kBasketLineBytesMax, [&](const GzLine& line) {
    if (line.too_long) {
      leave_out(line.number, "it is longer than " + std::to_string(kBasketLineBytesMax) + " bytes");
      return true;
    }
    const absl::StatusOr<Basket> basket = ParseBasket(line.text);
    if (!basket.ok()) {
      leave_out(line.number, std::string(basket.status().message()));
      return true;
    }
    items += basket->size();
    if (items > items_max) return false;
    take(*basket);
    return limit == 0 || ++baskets < limit;
  }));
  if (items <= items_max) return absl::OkStatus();
  return absl::ResourceExhaustedError(path + " holds more than " + std::to_string(items_max) +
                                      " items; use --limit");
}

absl::StatusOr<std::vector<Basket>> ReadBaskets(const std::string& path, size_t limit) {
  std::vector<Basket> baskets;
  RETURN_IF_ERROR(ForEachBasket(
      path, limit, [&baskets](const Basket& basket) { baskets.push_back(basket); },
      [](uint64_t /*number*/, const std::string& /*why*/) {}));
  if (baskets.empty()) return absl::InvalidArgumentError(path + " holds no basket");
  return baskets;
}

std::vector<Basket> GenerateBaskets(size_t count, uint64_t seed) {
  constexpr double kLogMedian = 2.485;  // ln 12
  constexpr double kLogSpread = 1.06;   // mean = 12 * exp(1.06^2 / 2) = 21
  constexpr double kLengthMax = 600;
  constexpr double kCodes = 3'900;
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<Basket> baskets(count);
  for (Basket& basket : baskets) {
    const double length = std::exp(kLogMedian + kLogSpread * normal(random));
    basket.resize(static_cast<size_t>(std::clamp(std::round(length), 1.0, kLengthMax)));
    for (std::string& code : basket) {
      code = CodeOfRank(static_cast<size_t>(kCodes * std::pow(uniform(random), 2.5)));
    }
  }
  return baskets;
}

size_t CountItems(const std::vector<Basket>& baskets) {
  size_t items = 0;
  for (const Basket& basket : baskets) items += basket.size();
  return items;
}

}  // namespace sessionhub::bench
