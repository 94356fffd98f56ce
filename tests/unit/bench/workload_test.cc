#include "bench/demo/workload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "bench/demo/request.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

using ::sessionhub::testing::kInvalid;
using ::sessionhub::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ReadBasketsTest : public ::testing::Test {
 protected:
  ReadBasketsTest() : path_(::testing::TempDir() + "baskets." + std::to_string(getpid())) {}
  ~ReadBasketsTest() override { std::filesystem::remove(path_); }

  void WriteGz(const std::string& text) {
    gzFile file = gzopen(path_.c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
  }

  const std::string path_;
};

TEST_F(ReadBasketsTest, ReadsPlainFiles) {
  std::ofstream(path_) << "85123A,71053\r\nBANK CHARGES,,x\xc3\ty\n\n22633";
  const auto baskets = ReadBaskets(path_, 0);
  ASSERT_OK(baskets);
  EXPECT_THAT(*baskets, ElementsAre(ElementsAre("85123A", "71053"),
                                    ElementsAre("BANK CHARGES", "x__y"), ElementsAre("22633")));
}

TEST_F(ReadBasketsTest, ReadsCompressedFilesUpToTheLimit) {
  WriteGz("a,b\nc\nd\n");
  const auto baskets = ReadBaskets(path_, 2);
  ASSERT_OK(baskets);
  EXPECT_THAT(*baskets, ElementsAre(ElementsAre("a", "b"), ElementsAre("c")));
}

TEST_F(ReadBasketsTest, TellsWhatIsWrong) {
  EXPECT_THAT(ReadBaskets(path_ + ".none", 0),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_)));
  std::ofstream(path_) << "\n\n";
  EXPECT_THAT(ReadBaskets(path_, 0),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("holds no basket")));
}

TEST_F(ReadBasketsTest, LeavesOutBadLines) {
  std::ofstream(path_) << "a\n" << std::string(kBasketLineBytesMax + 1, 'x') << "\n,,\n\x01\nb\n";
  const auto baskets = ReadBaskets(path_, 0);
  ASSERT_OK(baskets);
  EXPECT_THAT(*baskets, ElementsAre(ElementsAre("a"), ElementsAre("b")));
}

TEST_F(ReadBasketsTest, AFileHasNoMoreItemsThanItsBound) {
  std::ofstream(path_) << "a,b\n\nc\n";
  std::vector<Basket> baskets;
  std::vector<uint64_t> bad_lines;
  const auto read = [&](size_t items_max) {
    return ForEachBasket(
        path_, 0, [&baskets](const Basket& basket) { baskets.push_back(basket); },
        [&bad_lines](uint64_t number, const std::string& /*why*/) { bad_lines.push_back(number); },
        items_max);
  };
  EXPECT_OK(read(3));
  EXPECT_THAT(baskets, ElementsAre(ElementsAre("a", "b"), ElementsAre("c")));
  EXPECT_THAT(bad_lines, ElementsAre(2));
  baskets.clear();
  EXPECT_THAT(read(2), StatusIs(absl::StatusCode::kResourceExhausted,
                                HasSubstr(path_ + " holds more than 2 items; use --limit")));
  EXPECT_THAT(baskets, ElementsAre(ElementsAre("a", "b")));
}

TEST_F(ReadBasketsTest, ADamagedFileIsNotTakenForAShortOne) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * 7'919) + "\n";
  WriteGz(text);
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) / 2);
  EXPECT_THAT(ReadBaskets(path_, 0), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(path_)));
}

TEST(ParseBasket, ACodeHasAVisibleCharacter) {
  const auto basket = ParseBasket("~, ,\xe5\x95\x86,caf\xc3\xa9, !," + std::string(65, 'x'));
  ASSERT_OK(basket);
  EXPECT_THAT(*basket, ElementsAre("~", "caf__", " !", std::string(64, 'x')));
}

TEST(ParseBasket, SaysWhatIsWrong) {
  for (const char* empty : {"", ",", ",,,", " , ", "\t", "\xff\xfe"}) {
    EXPECT_THAT(ParseBasket(empty), StatusIs(kInvalid, HasSubstr("no stock code"))) << empty;
  }
  const std::string nul(1, '\0');
  for (const std::string& binary : {nul, "a,b" + nul, std::string("a\x1f"), std::string("a\x7f"),
                                    std::string("a\rb"), std::string("\x1f\x8b\x08,a")}) {
    EXPECT_THAT(ParseBasket(binary), StatusIs(kInvalid, HasSubstr("control character"))) << binary;
  }
}

TEST(GenerateBaskets, HasTheShapeOfARealShop) {
  const std::vector<Basket> baskets = GenerateBaskets(5'000, 1);
  const double mean = static_cast<double>(CountItems(baskets)) / 5'000;
  EXPECT_GT(mean, 18);
  EXPECT_LT(mean, 24);
  const auto longest =
      std::max_element(baskets.begin(), baskets.end(),
                       [](const auto& a, const auto& b) { return a.size() < b.size(); });
  EXPECT_GT(longest->size(), 200u);
  EXPECT_LE(longest->size(), 600u);
  EXPECT_TRUE(
      std::none_of(baskets.begin(), baskets.end(), [](const auto& b) { return b.empty(); }));
}

TEST(GenerateBaskets, TheSeedDecides) {
  EXPECT_EQ(GenerateBaskets(50, 7), GenerateBaskets(50, 7));
  EXPECT_NE(GenerateBaskets(50, 7), GenerateBaskets(50, 8));
}

TEST(Request, IsReadAsItWasWritten) {
  std::string line = FormatRequest(
      {.number = 5, .session = "cart-1", .code = "BANK CHARGES", .create = true, .at_least = 3});
  line.pop_back();
  const std::optional<Request> read = ParseRequest(line);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->number, 5u);
  EXPECT_EQ(read->session, "cart-1");
  EXPECT_EQ(read->code, "BANK CHARGES");
  EXPECT_TRUE(read->create);
  EXPECT_EQ(read->at_least, 3u);
  EXPECT_FALSE(read->reopen);
  line[0] = 'O';
  EXPECT_TRUE(ParseRequest(line)->reopen);
  EXPECT_FALSE(ParseRequest("stats").has_value());
  EXPECT_FALSE(ParseRequest(line + "\t1").has_value());
}

TEST(Request, CodesAreOneSegmentOfThePath) {
  EXPECT_EQ(QuantityPath("85123A"), "cart/items/85123A/qty");
  EXPECT_EQ(QuantityPath("a/b~c"), "cart/items/a~1b~0c/qty");
}

}  // namespace
}  // namespace sessionhub::bench
