#include "hub/gateway/grpc_log.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace sessionhub::hub {
namespace {

TEST(PacedPlacesTest, OnePlaceDoesNotSilenceAnother) {
  PacedPlaces places;
  for (uint64_t i = 0; i < PacedLines::kPerSecond; ++i) EXPECT_EQ(places.Take("a:1", 5), 0u);
  EXPECT_EQ(places.Take("a:1", 5), std::nullopt);
  EXPECT_EQ(places.Take("a:2", 5), 0u);
  EXPECT_EQ(places.Take("a:1", 1'000'005), 1u);
}

TEST(PacedPlacesTest, SoManyHaveAPaceOfTheirOwnAndTheOthersShareOne) {
  PacedPlaces places;
  for (size_t i = 0; i < PacedPlaces::kPlacesMax; ++i) places.Take("a:" + std::to_string(i), 5);
  for (uint64_t i = 0; i < PacedLines::kPerSecond; ++i) {
    EXPECT_EQ(places.Take("b:" + std::to_string(i), 5), 0u);
  }
  EXPECT_EQ(places.Take("b:0", 5), std::nullopt);
  EXPECT_EQ(places.Take("a:0", 5), 0u);
}

}  // namespace
}  // namespace sessionhub::hub
