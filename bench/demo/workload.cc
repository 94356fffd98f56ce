#include "bench/demo/workload.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "absl/status/status.h"
#include "bench/demo/gz_lines.h"
#include "proto/session/status_macros.h"

namespace sessionhub::bench {
namespace {

constexpr size_t kItemsMax = 10'000'000;
constexpr size_t kCodeBytesMax = 64;
constexpr size_t kBasketBytesMax = 1 << 20;

Basket ParseBasket(const std::string& line) {
  Basket basket;
  std::string code;
  for (const char c : line + ",") {
    if (c == ',') {
      if (!code.empty()) basket.push_back(code.substr(0, kCodeBytesMax));
      code.clear();
    } else {
      code += c >= ' ' && c <= '~' ? c : '_';
    }
  }
  return basket;
}

std::string CodeOfRank(size_t rank) {
  // A fixed scramble, so that frequent codes do not look alike.
  std::string code = std::to_string(10'000 + rank * 7'919 % 90'000);
  if (rank % 3 == 0) code += static_cast<char>('A' + rank % 26);
  return code;
}

}  // namespace

absl::StatusOr<std::vector<Basket>> ReadBaskets(const std::string& path, size_t limit) {
  std::vector<Basket> baskets;
  size_t items = 0;
  RETURN_IF_ERROR(ForEachGzLine(path, kBasketBytesMax, [&](const GzLine& line) {
    Basket basket = ParseBasket(line.text);
    items += basket.size();
    if (!basket.empty()) baskets.push_back(std::move(basket));
    return items <= kItemsMax && (limit == 0 || baskets.size() < limit);
  }));
  if (items > kItemsMax) {
    return absl::ResourceExhaustedError(path + " holds more than 10 million items; use --limit");
  }
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
