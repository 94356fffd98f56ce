#include "bench/compare/tomcat_server_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sessionhub::bench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string XmlOf(TomcatSharing sharing) {
  return TomcatServerXml({.sharing = sharing, .front_ip = "198.19.0.7", .back_ip = "198.18.0.7"});
}

TEST(TomcatServerXml, ServesOnTheFrontAddressAndSharesOnTheBackOne) {
  EXPECT_THAT(XmlOf(TomcatSharing::kDeltaAsync),
              AllOf(HasSubstr(R"(<Connector protocol="HTTP/1.1" address="198.19.0.7" port="8080")"),
                    HasSubstr(R"(dropTime="3000"
                        bind="198.18.0.7"/>)"),
                    HasSubstr(R"(address="198.18.0.7" port="4000" maxThreads="6"/>)"),
                    HasSubstr(R"(docBase="${catalina.base}/../app")"), Not(HasSubstr("$0")),
                    Not(HasSubstr("jvmRoute"))));
}

TEST(TomcatServerXml, SendsAsTheStrategySays) {
  EXPECT_THAT(XmlOf(TomcatSharing::kDeltaAsync),
              AllOf(HasSubstr(R"(channelSendOptions="8")"), HasSubstr(".DeltaManager\"/>")));
  EXPECT_THAT(XmlOf(TomcatSharing::kDeltaSync),
              AllOf(HasSubstr(R"(channelSendOptions="6")"), HasSubstr(".DeltaManager\"/>")));
  EXPECT_THAT(XmlOf(TomcatSharing::kBackup),
              AllOf(HasSubstr(R"(channelSendOptions="8")"),
                    HasSubstr(R"(.BackupManager" mapSendOptions="6"/>)")));
}

// From the wire inwards: a failed node is seen before messages wait for it.
TEST(TomcatServerXml, HasTheInterceptorsInTheirOrder) {
  const std::string xml = XmlOf(TomcatSharing::kBackup);
  const size_t detector = xml.find("TcpFailureDetector");
  const size_t dispatch = xml.find("MessageDispatchInterceptor");
  ASSERT_NE(detector, std::string::npos);
  ASSERT_NE(dispatch, std::string::npos);
  EXPECT_LT(detector, dispatch);
}

}  // namespace
}  // namespace sessionhub::bench
