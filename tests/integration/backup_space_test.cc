// A backup does not take the last space of the disk that the store itself needs.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <string>

#include "hub/hub.h"
#include "hub/store/rocks_store.h"
#include "sessionhub/v1/admin.grpc.pb.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/raw_node.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub {
namespace {

using testing::Call;
using testing::Fault;
using testing::FaultyFileSystem;
using ::testing::HasSubstr;

constexpr uint64_t kFreeBytesMin = 1'000'000;

class BackupSpaceTest : public ::testing::Test {
 protected:
  BackupSpaceTest() {
    std::filesystem::create_directory(folder_.path() + "/attic");
    files_ = std::make_shared<FaultyFileSystem>(folder_.path() + "/attic");
    env_ = rocksdb::NewCompositeEnv(files_);
  }
  ~BackupSpaceTest() override { files_->faults().Clear(); }

  void SetUp() override {
    hub::RocksStoreOptions options;
    options.data_dir = folder_.path() + "/data";
    options.backup_dir = folder_.path() + "/backups";
    options.env = env_.get();
    auto store = hub::RocksStore::Open(options);
    ASSERT_OK(store);
    hub::Config config;
    config.data_dir = options.data_dir;
    config.backup_dir = options.backup_dir;
    config.listen = "127.0.0.1:0";
    config.disk_free_bytes_min = kFreeBytesMin;
    auto hub = hub::Hub::Start(config, *std::move(store), [this] { return free_bytes_.load(); });
    ASSERT_OK(hub);
    hub_ = *std::move(hub);
  }
  void SetFree(uint64_t bytes) {
    free_bytes_ = bytes;
    hub_->LookAtTheDisk();
  }
  grpc::Status Create() const {
    const auto admin =
        v1::Admin::NewStub(testing::NewChannel("127.0.0.1:" + std::to_string(hub_->port())));
    grpc::ClientContext context;
    v1::CreateBackupResponse response;
    return admin->CreateBackup(&context, {}, &response);
  }

  const testing::TemporaryFolder folder_;
  std::shared_ptr<FaultyFileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
  std::atomic<uint64_t> free_bytes_ = 2 * kFreeBytesMin;
  std::unique_ptr<hub::Hub> hub_;
};

TEST_F(BackupSpaceTest, OneThatIsMadeIsStoppedAndNoneBeginsUntilThereIsSpace) {
  files_->faults().Add({.what = Fault::What::kHold, .call = Call::kCreate, .ending = ".log"});
  std::future<grpc::Status> made = std::async(std::launch::async, [this] { return Create(); });
  ASSERT_TRUE(files_->faults().WaitUntilHeld());
  SetFree(kFreeBytesMin - 1);
  files_->faults().Release();
  const grpc::Status stopped = made.get();
  EXPECT_EQ(stopped.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(stopped.error_message(), HasSubstr("no room for a backup"));
  const grpc::Status refused = Create();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(), HasSubstr("disk_free_bytes_min = 1000000"));
  SetFree(2 * kFreeBytesMin);
  const grpc::Status done = Create();
  EXPECT_TRUE(done.ok()) << done.error_message();
}

// A hub within another program is stopped by that.
TEST_F(BackupSpaceTest, AHubThatNobodyListensForIsNotDrained) {
  const auto admin =
      v1::Admin::NewStub(testing::NewChannel("127.0.0.1:" + std::to_string(hub_->port())));
  grpc::ClientContext context;
  v1::DrainResponse response;
  const grpc::Status status = admin->Drain(&context, {}, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(status.error_message(), HasSubstr("stop that program"));
}

}  // namespace
}  // namespace sessionhub
