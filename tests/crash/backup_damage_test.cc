// Damage anywhere in a folder of backups: verify says so, and restore refuses, or what is restored
// is all that was backed up. It is never less without a word.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hub/offline/backup_check.h"
#include "hub/store/restore.h"
#include "hub/store/rocks_store.h"
#include "tests/support/random_turns.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::Below;
using ::sessionhub::testing::DumpOfFirst;
using ::sessionhub::testing::DumpOfTurns;
using ::sessionhub::testing::OneIn;
using ::sessionhub::testing::Random;
using ::sessionhub::testing::RandomTurn;
using ::sessionhub::testing::TemporaryFolder;

namespace fs = ::std::filesystem;

constexpr int kCases = 6;
constexpr int kDamages = 12;  // of one folder
constexpr uint64_t kTurnsMax = 24;

// What was damaged: a table, a log, a manifest, the list of a backup's files, ...
std::string KindOfFile(const fs::path& file) {
  const std::string name = file.filename();
  if (file.parent_path().filename() == "meta") return "meta";
  const std::string ending = file.extension();
  return ending == ".log" || ending == ".sst" ? ending : name.substr(0, name.find_first_of("-."));
}

class BackedUpFolder {
 public:
  explicit BackedUpFolder(Random* random) : random_(*random) {}

  // Two backups: the second shares tables with the first, and is the one that is looked at.
  void Fill() {
    RocksStoreOptions options;
    options.data_dir = folder_.path() + "/data";
    options.backup_dir = folder_.path() + "/backups";
    options.fresh_history_id = HistoryId{1};
    options.write_buffer_bytes = OneIn(random_, 2) ? 64 << 10 : 64 << 20;
    auto store = RocksStore::Open(options);
    ASSERT_OK(store);
    for (uint64_t left = 2 + Below(random_, kTurnsMax); left > 0; --left) {
      turns_.push_back(RandomTurn(random_, turns_.size() + 1));
      ASSERT_OK((*store)->Apply(turns_.back(), true));
      if (left == 2) {
        ASSERT_OK((*store)->CreateBackup({}));
      }
      if (OneIn(random_, 8)) {
        store->reset();
        store = RocksStore::Open(options);
        ASSERT_OK(store);
      }
    }
    ASSERT_OK((*store)->CreateBackup({}));
    expected_ = DumpOfFirst(turns_, turns_.size());
  }

  // What is not damaged passes: or else every damage would be told.
  void LookAtTheWhole() {
    const std::string copy = CopyOfAll();
    bool told = true;
    ASSERT_NO_FATAL_FAILURE(LookAndRestore(copy, &told));
    ASSERT_FALSE(told) << "verify refuses what is not damaged";
    ASSERT_TRUE(fs::exists(folder_.path() + "/restored/FORMAT")) << "and so does restore";
  }

  void DamageOne(std::map<std::string, std::pair<int, int>>* seen) {
    const std::string copy = CopyOfAll();
    const fs::path file = AnyFile(copy);
    const std::string what = Damage(file);
    SCOPED_TRACE(what + " of " + file.string());
    bool told = false;
    ASSERT_NO_FATAL_FAILURE(LookAndRestore(copy, &told));
    auto& [tolds, harmless] = (*seen)[KindOfFile(file)];
    ++(told ? tolds : harmless);
  }

 private:
  std::string CopyOfAll() const {
    const std::string copy = folder_.path() + "/copy";
    fs::remove_all(copy);
    fs::copy(folder_.path() + "/backups", copy, fs::copy_options::recursive);
    return copy;
  }

  // Each kind is as likely as the others.
  fs::path AnyFile(const std::string& copy) {
    std::map<std::string, std::vector<fs::path>> files;
    for (const auto& entry : fs::recursive_directory_iterator(copy)) {
      if (entry.is_regular_file() && entry.file_size() > 0) {
        files[KindOfFile(entry.path())].push_back(entry.path());
      }
    }
    auto kind = files.begin();
    std::advance(kind, Below(random_, files.size()));
    std::sort(kind->second.begin(), kind->second.end());
    return kind->second[Below(random_, kind->second.size())];
  }

  std::string Damage(const fs::path& file) {
    const uint64_t bytes = fs::file_size(file);
    switch (Below(random_, 4)) {
      case 0:
        fs::remove(file);
        return "the loss";
      case 1:
        fs::resize_file(file, Below(random_, bytes));
        return "a shortening";
      default: {
        const uint64_t at = Below(random_, bytes);
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        stream.seekg(static_cast<std::streamoff>(at));
        const int byte = stream.get();
        stream.seekp(static_cast<std::streamoff>(at));
        stream.put(static_cast<char>(byte ^ 1 << Below(random_, 8)));
        return "a flip at byte " + std::to_string(at);
      }
    }
  }

  void LookAndRestore(const std::string& copy, bool* told) {
    // Turns at random make no sessions that fit, so that findings say nothing here.
    const auto checked = CheckBackup(copy, 2);
    *told = !checked.ok();
    const std::string target = folder_.path() + "/restored";
    fs::remove_all(target);
    RestoreOptions options;
    options.backup_dir = copy;
    options.backup = 2;
    options.data_dir = target;
    options.fresh_history_id = HistoryId{2};
    const auto restored = Restore(options);
    if (!restored.ok()) {
      EXPECT_TRUE(*told) << "verify says nothing, and restore " << restored.status();
      EXPECT_FALSE(fs::exists(target + "/FORMAT")) << "a folder that looks whole";
      return;
    }
    RocksStoreOptions open;
    open.data_dir = target;
    const auto store = RocksStore::Open(open);
    ASSERT_OK(store);
    const auto found = DumpOfTurns(**store);
    ASSERT_OK(found);
    ASSERT_EQ(*found, expected_) << "less than was backed up, and nobody is told";
  }

  Random& random_;
  const TemporaryFolder folder_{TemporaryFolder::InMemory()};
  std::vector<TurnRecord> turns_;
  std::string expected_;
};

TEST(BackupDamageTest, IsToldOrHarmless) {
  std::map<std::string, std::pair<int, int>> seen;
  testing::ForEachCase(kCases, [&](Random& random) {
    BackedUpFolder folder(&random);
    ASSERT_NO_FATAL_FAILURE(folder.Fill());
    ASSERT_NO_FATAL_FAILURE(folder.LookAtTheWhole());
    for (int i = 0; i < kDamages; ++i) ASSERT_NO_FATAL_FAILURE(folder.DamageOne(&seen));
  });
  for (const auto& [kind, counts] : seen) {
    std::cout << kind << ": " << counts.first << " told, " << counts.second << " harmless\n";
  }
  EXPECT_GT(seen[".sst"].first + seen[".log"].first + seen["MANIFEST"].first, 0);
}

}  // namespace
}  // namespace sessionhub::hub
