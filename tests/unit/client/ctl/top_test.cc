#include "client/ctl/top.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace sessionhub::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

size_t LinesOf(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

HubSample Sample() {
  HubSample sample;
  sample.status.set_uptime_ms(61'000);
  sample.status.set_sessions(12);
  sample.status.set_nodes(3);
  return sample;
}

Rates RatesOf(int nodes) {
  Rates rates;
  rates.forwards_per_s = 12.34;
  rates.saved_percent = 97.3;
  for (int i = 0; i < nodes; ++i) {
    NodeRate rate;
    rate.node.set_app("shop");
    rate.node.set_name("web-" + std::to_string(i));
    rate.node.set_attached(i != 1);
    rate.forwards_per_s = 100 - i;
    rates.nodes.push_back(rate);
  }
  return rates;
}

TEST(TopTest, ShowsTotalsAndEachNode) {
  const std::string text = TopText(Sample(), RatesOf(2), 0);
  EXPECT_THAT(text, HasSubstr("uptime"));
  EXPECT_THAT(text, HasSubstr("1 min 1 s\n"));
  EXPECT_THAT(text, HasSubstr(" 12.3\n"));
  EXPECT_THAT(text, HasSubstr(" 97.3\n"));
  EXPECT_THAT(text, HasSubstr("shop  web-0           100.0"));
  EXPECT_THAT(text, HasSubstr("shop  web-1            99.0"));
  EXPECT_EQ(LinesOf(text), 14u);
}

TEST(TopTest, FitsTheScreenAndSaysHowManyAreLeftOut) {
  const Rates rates = RatesOf(50);
  for (const size_t rows : {14, 20, 61, 62, 100}) {
    const std::string text = TopText(Sample(), rates, rows);
    EXPECT_LE(LinesOf(text), rows);
    const bool all = rows >= 62;
    EXPECT_EQ(text.find("more nodes") == std::string::npos, all) << rows;
    EXPECT_THAT(text, HasSubstr("web-0 "));
  }
  EXPECT_THAT(TopText(Sample(), rates, 20), HasSubstr("web-6 "));
  EXPECT_THAT(TopText(Sample(), rates, 20), Not(HasSubstr("web-7 ")));
  EXPECT_THAT(TopText(Sample(), rates, 20), HasSubstr("43 more nodes\n"));
  EXPECT_THAT(TopText(Sample(), rates, 5), HasSubstr("50 more nodes\n"));
}

TEST(TopTest, ANameCannotSteerTheScreen) {
  Rates rates = RatesOf(1);
  rates.nodes[0].node.set_name("\x1b[2J");
  EXPECT_THAT(TopText(Sample(), rates, 0), Not(HasSubstr("\x1b")));
}

TEST(TopTest, WhatIsNotKnownIsNotShownAsNothing) {
  EXPECT_THAT(TopText(Sample(), std::nullopt, 0), HasSubstr("  -\n"));
  const Json unknown = TopJson(Sample(), std::nullopt);
  EXPECT_TRUE(unknown["forwards_per_s"].is_null());
  EXPECT_EQ(unknown["sessions"], 12);
  EXPECT_EQ(unknown["nodes"], Json::array());
  const Json known = TopJson(Sample(), RatesOf(2));
  EXPECT_EQ(known["forwards_per_s"], 12.3);
  EXPECT_EQ(known["saved_percent"], 97.3);
  EXPECT_EQ(known["nodes"].size(), 2u);
  EXPECT_EQ(known["nodes"][1]["attached"], false);
}

}  // namespace
}  // namespace sessionhub::ctl
