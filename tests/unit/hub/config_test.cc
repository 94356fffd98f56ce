#include "hub/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::kInvalid;
using ::sessionhub::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr uint64_t kFrameSlack = 32'768;

TEST(ConfigTest, TheDefaultsFit) {
  EXPECT_OK(CheckConfig(Config()));
}

TEST(ConfigTest, OnlyAnAddressOfThisMachineIsLoopback) {
  for (const char* listen : {"127.0.0.1:7070", "127.8.9.10:0", "localhost:7070", "[::1]:7070",
                             "unix:/run/sessionhub.sock"}) {
    EXPECT_TRUE(IsLoopback(listen)) << listen;
  }
  for (const char* listen : {"127.example.com:7070", "127.0.0.1.example.com:7070", "0.0.0.0:7070",
                             "[::]:7070", "10.0.0.1:7070"}) {
    EXPECT_FALSE(IsLoopback(listen)) << listen;
  }
}

// ---- who may reach it ----

TEST(ConfigTest, BeyondLoopbackThereAreTlsAndAccessControl) {
  Config config;
  config.listen = "0.0.0.0:7070";
  const auto plaintext = HasSubstr("plaintext: give --tls-certificate");
  const auto nobody_asked = HasSubstr("nobody is asked who they are: give --tokens-file");
  EXPECT_THAT(CheckConfig(config), StatusIs(kInvalid, AllOf(plaintext, nobody_asked)));
  config.tokens_file = "tokens";
  EXPECT_THAT(CheckConfig(config), StatusIs(kInvalid, AllOf(plaintext, Not(nobody_asked))));
  config.tls_certificate = "hub.pem";
  config.tls_key = "hub.key";
  EXPECT_OK(CheckConfig(config));
  config.tokens_file = "";
  EXPECT_THAT(CheckConfig(config), StatusIs(kInvalid, AllOf(Not(plaintext), nobody_asked)));
  config.tls_client_ca = "clients.pem";
  EXPECT_OK(CheckConfig(config));
}

TEST(ConfigTest, InSoManyWordsAnythingGoes) {
  Config config;
  config.listen = "0.0.0.0:7070";
  config.insecure_listen = true;
  EXPECT_OK(CheckConfig(config));
  EXPECT_THAT(WhatIsOpen(config), HasSubstr("plaintext"));
  config.listen = "127.0.0.1:7070";
  EXPECT_EQ(WhatIsOpen(config), "");
}

TEST(ConfigTest, TlsOptionsBelongTogether) {
  Config config;
  config.tls_certificate = "hub.pem";
  EXPECT_THAT(CheckConfig(config), StatusIs(kInvalid, HasSubstr("belong together")));
  config.tls_certificate = "";
  config.tls_client_ca = "clients.pem";
  EXPECT_THAT(CheckConfig(config), StatusIs(kInvalid, HasSubstr("needs TLS")));
}

TEST(ConfigTest, DeletedDataStaysForSecondsOrWithoutBound) {
  Config config;
  for (const uint64_t fits : {uint64_t{0}, uint64_t{8'000}}) {
    config.deleted_data_ms = fits;
    EXPECT_OK(CheckConfig(config)) << fits;
  }
  for (const uint64_t short_of_it : {uint64_t{1}, uint64_t{7'999}}) {
    config.deleted_data_ms = short_of_it;
    EXPECT_THAT(CheckConfig(config), StatusIs(kInvalid, HasSubstr("--deleted-data-ms")));
  }
}

TEST(ConfigTest, ADeltaHoldsAValueAndAPathOfTheMaximum) {
  Config config;
  config.limits.delta_bytes_max = config.limits.value_bytes_max + config.limits.path_bytes_max;
  EXPECT_OK(CheckConfig(config));
  --config.limits.delta_bytes_max;
  EXPECT_THAT(CheckConfig(config),
              StatusIs(kInvalid,
                       "--delta-bytes-max = 1049599 is below --value-bytes-max + "
                       "--path-bytes-max = 1049600: raise it"));
}

TEST(ConfigTest, AFrameHoldsADeltaOfTheMaximumAndALittleMore) {
  Config config;
  config.limits.frame_bytes_max = config.limits.delta_bytes_max + kFrameSlack;
  EXPECT_OK(CheckConfig(config));
  --config.limits.frame_bytes_max;
  EXPECT_THAT(CheckConfig(config),
              StatusIs(kInvalid,
                       "--frame-bytes-max = 2129919 is below --delta-bytes-max + 32768 = "
                       "2129920: raise it"));
}

TEST(ConfigTest, ASessionHoldsADeltaOfTheMaximum) {
  Config config;
  config.limits.session_bytes_max = config.limits.delta_bytes_max;
  EXPECT_OK(CheckConfig(config));
  --config.limits.session_bytes_max;
  EXPECT_THAT(CheckConfig(config), StatusIs(kInvalid,
                                            "--session-bytes-max = 2097151 is below "
                                            "--delta-bytes-max = 2097152: raise it"));
}

TEST(ConfigTest, BackupsLieOutsideOfTheData) {
  Config config;
  config.data_dir = "/var/lib/hub";
  for (const char* outside : {"", "/var/lib/backups", "/var/lib/hub-backups", "/var/lib"}) {
    config.backup_dir = outside;
    EXPECT_OK(CheckConfig(config)) << outside;
  }
  for (const char* within :
       {"/var/lib/hub", "/var/lib/hub/", "/var/lib/hub/b", "/var/lib/x/../hub/b/c"}) {
    config.backup_dir = within;
    EXPECT_THAT(CheckConfig(config), StatusIs(kInvalid, HasSubstr("is within --data-dir")));
  }
}

// ---- where metrics are served ----

TEST(ConfigTest, MetricsAreServedOnThisMachineUnlessToldOtherwiseInSoManyWords) {
  Config config;
  for (const char* listen : {"", "127.0.0.1:0", "[::1]:9090", "localhost:9090"}) {
    config.metrics_listen = listen;
    EXPECT_OK(CheckConfig(config)) << listen;
  }
  config.metrics_listen = "0.0.0.0:9090";
  EXPECT_THAT(CheckConfig(config), StatusIs(kInvalid, HasSubstr("--metrics-listen 0.0.0.0:9090")));
  config.insecure_metrics_listen = true;
  EXPECT_OK(CheckConfig(config));
}

// Who lets everybody read counts has not let everybody change sessions, nor the other way round.
TEST(ConfigTest, ConsentToOneAddressIsNoneToTheOther) {
  Config config;
  config.listen = "0.0.0.0:7070";
  config.insecure_metrics_listen = true;
  EXPECT_THAT(CheckConfig(config), StatusIs(kInvalid, HasSubstr("--insecure-listen")));
  config.listen = "127.0.0.1:7070";
  config.metrics_listen = "0.0.0.0:9090";
  config.insecure_metrics_listen = false;
  config.insecure_listen = true;
  EXPECT_THAT(CheckConfig(config), StatusIs(kInvalid, HasSubstr("--insecure-metrics-listen")));
}

TEST(ConfigTest, MetricsNeedAnAddress) {
  Config config;
  for (const char* listen :
       {"9090", ":9090", "localhost", "localhost:", "localhost:65536", "unix:/run/metrics.sock"}) {
    config.metrics_listen = listen;
    EXPECT_THAT(CheckConfig(config), StatusIs(kInvalid, HasSubstr("--metrics-listen"))) << listen;
  }
}

}  // namespace
}  // namespace sessionhub::hub
