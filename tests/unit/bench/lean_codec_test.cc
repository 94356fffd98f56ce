#include "bench/compare/lean_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sessionhub/v1/frames.pb.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

const std::string kValue(16, 'v');

// The bytes of a literal, zeros among them.
template <size_t kSize>
std::string Bytes(const char (&literal)[kSize]) {
  return {literal, kSize - 1};
}

std::string Change(LeanEncoder* encoder, const std::string& session, const SessionFields& changes) {
  std::string bytes;
  encoder->AppendChange(session, changes, &bytes);
  return bytes;
}

std::string All(const LeanEncoder& encoder, const LeanEncoder::Sessions& sessions) {
  std::string bytes;
  encoder.AppendAll(sessions, &bytes);
  return bytes;
}

// All messages that there are, as a receiver's copy of the sessions.
LeanEncoder::Sessions Decode(LeanDecoder* decoder, std::string_view bytes) {
  LeanEncoder::Sessions sessions;
  while (!bytes.empty()) {
    const auto message = decoder->Take(&bytes);
    EXPECT_OK(message);
    if (!message.ok() || !message->has_value()) {
      ADD_FAILURE() << bytes.size() << " bytes are left that are no message";
      break;
    }
    SessionFields& fields = sessions[(*message)->session];
    for (const auto& [name, value] : (*message)->entries) fields[name] = value;
  }
  return sessions;
}

absl::Status Refusal(LeanDecoder* decoder, std::string_view bytes) {
  return decoder->Take(&bytes).status();
}

TEST(LeanCodec, NamesAreToldOnceAndGoAsNumbersAfterwards) {
  LeanEncoder encoder;
  EXPECT_EQ(Change(&encoder, "s1", {{"f1", "ab"}, {"f2", ""}}), Bytes("\x13"
                                                                      "\0\1\2s1"
                                                                      "\0\1\2f1\2ab"
                                                                      "\0\2\2f2\0"));
  EXPECT_EQ(Change(&encoder, "s1", {{"f2", "cd"}}), Bytes("\5"
                                                          "\1"
                                                          "\2\2cd"));
  EXPECT_EQ(Change(&encoder, "s2", {{"f1", "e"}}), Bytes("\x8"
                                                         "\0\2\2s2"
                                                         "\1\1e"));
}

TEST(LeanCodec, NumbersAndLengthsPast127TakeTwoBytes) {
  LeanEncoder encoder;
  for (int session = 1; session <= 128; ++session) Change(&encoder, std::to_string(session), {});
  EXPECT_EQ(Change(&encoder, "127", {}), Bytes("\1\x7f"));
  EXPECT_EQ(Change(&encoder, "128", {}), Bytes("\2\x80\1"));
  const std::string value(200, 'v');
  EXPECT_EQ(Change(&encoder, "1", {{"f", value}}), Bytes("\xcf\1"
                                                         "\1"
                                                         "\0\1\1f\xc8\1") +
                                                       value);
}

// The hub's forward has the session's version too. gRPC's own bytes are not counted here.
TEST(LeanCodec, AChangeTakesLessThanTheHubsForwardOfIt) {
  LeanEncoder encoder;
  for (uint32_t session = 1; session <= 20'000; ++session) {
    const std::string id = std::to_string(session);
    Change(&encoder, id, {{"f1", kValue}});
    v1::HubFrame forward;
    v1::Item* const item = forward.add_items();
    item->set_handle(session);
    item->set_from(1);
    v1::Op* const op = item->mutable_changes()->add_ops();
    op->set_path_number(1);
    op->set_put_string(kValue);
    const size_t bytes = Change(&encoder, id, {{"f1", kValue}}).size();
    ASSERT_EQ(bytes, session < 128 ? 20u : session < 16'384 ? 21u : 22u);
    ASSERT_EQ(forward.ByteSizeLong() - bytes, 10u);
  }
}

TEST(LeanCodec, AReceiverHasWhatWasSent) {
  LeanEncoder encoder;
  std::string bytes = Change(&encoder, "s1", {{"f1", "a"}, {"f2", kValue}});
  bytes += Change(&encoder, "s2", {{"f2", "b"}, {"f3", ""}});
  bytes += Change(&encoder, "s1", {{"f1", "c"}, {"f3", "d"}});
  LeanDecoder decoder;
  const LeanEncoder::Sessions expected = {{"s1", {{"f1", "c"}, {"f2", kValue}, {"f3", "d"}}},
                                          {"s2", {{"f2", "b"}, {"f3", ""}}}};
  EXPECT_EQ(Decode(&decoder, bytes), expected);
}

TEST(LeanCodec, WhatALatePeerIsToldDefinesTheNumbers) {
  LeanEncoder encoder;
  Change(&encoder, "s1", {{"f1", "a"}});
  EXPECT_EQ(All(encoder, {{"s1", {{"f1", "a"}}}}), Bytes("\xc"
                                                         "\0\1\2s1"
                                                         "\0\1\2f1\1a"));
}

// No other link would hear of a number that is given while one begins.
TEST(LeanCodec, WhatOnlyOthersHaveToldOfHasNoNumber) {
  LeanEncoder encoder;
  EXPECT_EQ(All(encoder, {{"s1", {{"f1", "a"}}}}), Bytes("\xc"
                                                         "\0\0\2s1"
                                                         "\0\0\2f1\1a"));
  EXPECT_EQ(Change(&encoder, "s1", {{"f1", "b"}}), Bytes("\xc"
                                                         "\0\1\2s1"
                                                         "\0\1\2f1\1b"));
}

// Numbers are out of order in what it is told: f3 got the last of them, in the first session.
TEST(LeanCodec, ALatePeerUnderstandsWhatEarlierOnesAreSent) {
  LeanEncoder encoder;
  LeanDecoder early, late;
  std::string bytes = Change(&encoder, "s1", {{"f1", "a"}});
  bytes += Change(&encoder, "s2", {{"f2", "b"}});
  bytes += Change(&encoder, "s1", {{"f3", "c"}});
  LeanEncoder::Sessions sessions = Decode(&early, bytes);
  sessions["heard"] = {{"f1", "d"}, {"f4", "e"}};
  EXPECT_EQ(Decode(&late, All(encoder, sessions)), sessions);

  std::string more = Change(&encoder, "s2", {{"f1", "g"}, {"f2", "h"}, {"f3", "i"}});
  more += Change(&encoder, "heard", {{"f4", "j"}});
  more += Change(&encoder, "heard", {{"f1", "k"}});
  const LeanEncoder::Sessions expected = {{"s2", {{"f1", "g"}, {"f2", "h"}, {"f3", "i"}}},
                                          {"heard", {{"f1", "k"}, {"f4", "j"}}}};
  EXPECT_EQ(Decode(&early, more), expected);
  EXPECT_EQ(Decode(&late, more), expected);
}

TEST(LeanCodec, AMessageIsTakenOnceItHasAllArrived) {
  LeanEncoder encoder;
  const std::string bytes = Change(&encoder, "s1", {{"f1", std::string(200, 'v')}});
  LeanDecoder decoder;
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string_view part = std::string_view(bytes).substr(0, size);
    const auto message = decoder.Take(&part);
    ASSERT_OK(message);
    EXPECT_FALSE(message->has_value());
    EXPECT_EQ(part.size(), size);
  }
  const std::string two = bytes + bytes.substr(0, 1);
  std::string_view rest = two;
  const auto message = decoder.Take(&rest);
  ASSERT_OK(message);
  ASSERT_TRUE(message->has_value());
  EXPECT_EQ((*message)->session, "s1");
  EXPECT_THAT((*message)->entries, ElementsAre(Pair("f1", std::string(200, 'v'))));
  EXPECT_EQ(rest.size(), 1u);
}

TEST(LeanCodec, NumbersThatTheReceiverDoesNotKnowAreRefused) {
  LeanDecoder decoder;
  EXPECT_THAT(Refusal(&decoder, Bytes("\1\1")).message(), HasSubstr("session number 1 is used"));
  decoder = LeanDecoder();
  EXPECT_THAT(Refusal(&decoder, Bytes("\6\0\1\1s\1\0")).message(),
              HasSubstr("field number 1 is used"));
  // What one link has told says nothing about another.
  LeanEncoder encoder;
  Change(&encoder, "s1", {{"f1", "a"}});
  LeanDecoder other;
  EXPECT_TRUE(absl::IsInvalidArgument(Refusal(&other, Change(&encoder, "s1", {{"f1", "b"}}))));
}

TEST(LeanCodec, ANumberThatIsToldTwiceIsRefused) {
  LeanDecoder decoder;
  const LeanEncoder::Sessions told = {{"s", {}}};
  EXPECT_EQ(Decode(&decoder, Bytes("\4\0\1\1s")), told);
  EXPECT_THAT(Refusal(&decoder, Bytes("\4\0\1\1t")).message(),
              HasSubstr("session number 1 is told twice"));
}

TEST(LeanCodec, DamagedBytesAreRefused) {
  const std::vector<std::string> damaged = {
      Bytes("\0"),                                 // no session
      Bytes("\1\0"),                               // no number
      Bytes("\2\0\1"),                             // no name
      Bytes("\3\0\1\2s1"),                         // a name that is longer than the message
      Bytes("\5\0\1\1s\x80\0\0"),                  // a number that ends after the message
      Bytes("\x7\0\1\1s\0\1\0\0"),                 // a field without a value
      Bytes("\x9\0\1\1s\0\1\0\2v\0"),              // a value that is longer than the message
      Bytes("\x81\x80\x80\x8"),                    // 16 MiB and a byte
      Bytes("\xff\xff\xff\xff\x10"),               // a length of more than 32 bits
      Bytes("\xff\xff\xff\xff\xff\xff"),           // a length that does not end
      Bytes("\x9\0\xff\xff\xff\xff\x1f\1s\0"),     // a number of more than 32 bits
      Bytes("\x9\0\1\xff\xff\xff\xff\xf\1\1\1\1")  // a name of 4 GiB
  };
  for (const std::string& bytes : damaged) {
    LeanDecoder decoder;
    EXPECT_TRUE(absl::IsInvalidArgument(Refusal(&decoder, bytes)))
        << ::testing::PrintToString(bytes);
  }
  LeanDecoder decoder;
  EXPECT_THAT(Refusal(&decoder, Bytes("\x81\x80\x80\x8")).message(),
              HasSubstr("16777217 bytes: at most 16777216"));
}

// Each byte of real messages in turn has each other value: what is left is a message, an error or
// not there yet, and nothing is taken unless it is a message.
TEST(LeanCodec, NoDamagedByteTakesMoreThanThereIs) {
  LeanEncoder encoder;
  std::string bytes = Change(&encoder, "s1", {{"f1", "a"}, {"f2", kValue}});
  bytes += Change(&encoder, "s1", {{"f2", "b"}});
  size_t refused = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int flip = 1; flip < 256; ++flip) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      LeanDecoder decoder;
      std::string_view rest = damaged;
      while (true) {
        const size_t before = rest.size();
        const auto message = decoder.Take(&rest);
        if (!message.ok()) ++refused;
        if (!message.ok() || !message->has_value()) {
          EXPECT_EQ(rest.size(), before);
          break;
        }
        ASSERT_LT(rest.size(), before);
      }
    }
  }
  EXPECT_GT(refused, 0u);
}

}  // namespace
}  // namespace sessionhub::bench
