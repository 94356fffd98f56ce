// A real hub, whose folder holds nothing of a deleted session once the time for it has passed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "tests/support/hub_process.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/wait_for.h"

namespace sessionhub {
namespace {

using testing::HubProbe;
using testing::HubProcess;
using testing::RawNode;
using testing::WaitFor;

namespace fs = std::filesystem;

constexpr char kApp[] = "shop";
// Nothing in it repeats, so that no compression takes it apart.
constexpr char kMarker[] = "Zq8vK2mTx5bRw9LcYd3HfGj7NsPu4XeA";

// True as well if a file has gone meanwhile, so that what comes behind it is not overlooked.
bool AnyFileHoldsMarker(const std::string& folder) {
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  while (!error && entry != fs::recursive_directory_iterator()) {
    if (entry->is_regular_file(error)) {
      std::ifstream file(entry->path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      if (bytes.find(kMarker) != std::string::npos) return true;
    }
    if (!error) entry.increment(error);
  }
  return static_cast<bool>(error);
}

void WriteMarkedSession(const HubProcess& hub, const std::string& id) {
  RawNode node(hub.endpoint(), kApp, "web-1", 'a');
  ASSERT_TRUE(node.Attach().has_attached());
  const uint64_t number = node.Open(id).opened().number();
  const auto delta = testing::DeltaOn(number, testing::PutString("card", kMarker));
  ASSERT_FALSE(node.Commit(delta).has_refused());
}

TEST(DeletedDataHubTest, ADeletedSessionIsInNoFileOnceItsTimeHasPassed) {
  HubProcess hub({"--deleted-data-ms", "8000"});
  ASSERT_OK(hub.Start());
  ASSERT_NO_FATAL_FAILURE(WriteMarkedSession(hub, "ada"));
  // As long as it lives it is there, however often the hub looks.
  ASSERT_TRUE(AnyFileHoldsMarker(hub.data_dir()));
  ASSERT_TRUE(HubProbe(hub.endpoint()).Delete(kApp, "ada").ok());
  EXPECT_TRUE(WaitFor([&hub] { return !AnyFileHoldsMarker(hub.data_dir()); }));
}

TEST(DeletedDataHubTest, ATimeThatIsTooShortIsWrongUsage) {
  HubProcess hub({"--deleted-data-ms", "7999"});
  const absl::StatusOr<int> code = hub.RunToItsEnd();
  ASSERT_OK(code);
  EXPECT_EQ(*code, 2);
  EXPECT_THAT(hub.log(), ::testing::HasSubstr("--deleted-data-ms = 7999"));
}

}  // namespace
}  // namespace sessionhub
