#include "hub/gateway/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "tests/support/access.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::CertificateAuthority;
using ::sessionhub::testing::CertificateFiles;
using ::sessionhub::testing::kInvalid;
using ::sessionhub::testing::StatusIs;
using ::testing::HasSubstr;

class TlsTest : public ::testing::Test {
 protected:
  CertificateAuthority authority_{"authority"};
  const CertificateFiles hub_ = authority_.Issue("hub", "IP:127.0.0.1");
};

TEST_F(TlsTest, ACertificateAndItsKeyAreTaken) {
  EXPECT_OK(CheckTlsFiles({hub_.certificate, hub_.key, ""}));
  EXPECT_OK(CheckTlsFiles({hub_.certificate, hub_.key, authority_.root()}));
  EXPECT_OK(MakeServerCredentials({hub_.certificate, hub_.key, authority_.root()}));
}

TEST_F(TlsTest, AKeyThatEverybodyMayReadIsRefused) {
  ASSERT_EQ(chmod(hub_.key.c_str(), 0644), 0);
  EXPECT_THAT(CheckTlsFiles({hub_.certificate, hub_.key, ""}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("chmod 600")));
  ASSERT_EQ(chmod(hub_.key.c_str(), 0640), 0);
  EXPECT_OK(CheckTlsFiles({hub_.certificate, hub_.key, ""}));
}

TEST_F(TlsTest, FilesThatDoNotFitAreNamed) {
  const CertificateFiles other = authority_.Issue("other", "IP:127.0.0.1");
  EXPECT_THAT(CheckTlsFiles({hub_.certificate, other.key, ""}),
              StatusIs(kInvalid, HasSubstr("is not the key of --tls-certificate")));
  EXPECT_THAT(CheckTlsFiles({hub_.key, hub_.key, ""}),
              StatusIs(kInvalid, HasSubstr("--tls-certificate " + hub_.key + " holds no")));
  ASSERT_EQ(chmod(hub_.certificate.c_str(), 0600), 0);
  EXPECT_THAT(CheckTlsFiles({hub_.certificate, hub_.certificate, ""}),
              StatusIs(kInvalid, HasSubstr("holds no private key")));
  EXPECT_THAT(CheckTlsFiles({hub_.certificate, hub_.key, hub_.key}),
              StatusIs(kInvalid, HasSubstr("--tls-client-ca")));
  EXPECT_THAT(CheckTlsFiles({hub_.certificate + "x", hub_.key, ""}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("--tls-certificate")));
}

TEST_F(TlsTest, AnExpiredCertificateIsNoError) {
  const CertificateFiles expired = authority_.Issue("expired", "IP:127.0.0.1", -1);
  EXPECT_OK(CheckTlsFiles({expired.certificate, expired.key, ""}));
}

}  // namespace
}  // namespace sessionhub::hub
