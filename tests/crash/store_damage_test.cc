// One flipped bit anywhere in a data folder: the store says which file is damaged, or it holds all
// that was acked. It never holds less without a word.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/faulty_store.h"
#include "tests/support/random_turns.h"
#include "tests/support/seed.h"
#include "tests/support/status_matchers.h"

namespace sessionhub::hub {
namespace {

using ::absl::StatusCode;
using ::sessionhub::testing::Below;
using ::sessionhub::testing::DumpOfFirst;
using ::sessionhub::testing::DumpOfTurns;
using ::sessionhub::testing::FaultyRocksStore;
using ::sessionhub::testing::OneIn;
using ::sessionhub::testing::RandomTurn;
using ::testing::HasSubstr;

namespace fs = ::std::filesystem;

constexpr int kCases = 12;  // SESSIONHUB_STORE_CASES gives another number
constexpr int kFlips = 12;  // of one folder
constexpr uint64_t kTurnsMax = 24;

int CaseCount() {
  const char* const text = std::getenv("SESSIONHUB_STORE_CASES");
  return text != nullptr ? std::atoi(text) : kCases;
}

// What was damaged: MANIFEST, log, sst, ...
std::string KindOf(const fs::path& file) {
  const std::string name = file.filename();
  const std::string ending = file.extension();
  return ending == ".log" || ending == ".sst" ? ending : name.substr(0, name.find_first_of("-."));
}

// A file whose damage may matter; each kind is as likely as the others. RocksDB writes LOG, LOCK
// and OPTIONS, and never needs them.
fs::path AnyFileOf(const fs::path& data_dir, testing::Random& random) {
  std::map<std::string, std::vector<fs::path>> files;
  for (const auto& entry : fs::recursive_directory_iterator(data_dir)) {
    const std::string kind = KindOf(entry.path());
    if (kind == "LOG" || kind == "LOCK" || kind == "OPTIONS") continue;
    if (entry.is_regular_file() && entry.file_size() > 0) files[kind].push_back(entry.path());
  }
  auto kind = files.begin();
  std::advance(kind, Below(random, files.size()));
  std::sort(kind->second.begin(), kind->second.end());
  return kind->second[Below(random, kind->second.size())];
}

void FlipBit(const fs::path& path, uint64_t at, int bit) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 1 << bit));
  ASSERT_TRUE(file.good());
}

// A folder with acked turns in tables and in the log, closed.
class DamagedFolder {
 public:
  explicit DamagedFolder(testing::Random* random)
      : random_(*random),
        holder_(FaultyRocksStore::Start::kOpen, OneIn(*random, 2) ? 64 << 10 : 64 << 20) {}

  void Fill() {
    for (uint64_t left = 1 + Below(random_, kTurnsMax); left > 0; --left) {
      turns_.push_back(RandomTurn(random_, turns_.size() + 1));
      ASSERT_OK(holder_.store().Apply(turns_.back(), left == 1 || OneIn(random_, 2)));
      const bool ends = OneIn(random_, 8);
      ASSERT_OK(ends ? holder_.Reopen() : absl::OkStatus());
    }
    // As the loss of power leaves it, or a process that ended well.
    const bool dies = OneIn(random_, 2);
    if (dies) holder_.files().CutPower();
    holder_.Close();
    if (dies) holder_.Restart(0);
    expected_ = DumpOfFirst(turns_, turns_.size());
  }

  // Flips one bit of a copy, and opens that. The last bytes of a file, where damage may pass for a
  // write that was cut off, are more likely than others.
  void FlipOne(std::map<std::string, std::pair<int, int>>* seen) {
    const fs::path copy = fs::path(holder_.data_dir()).parent_path() / "copy";
    fs::remove_all(copy);
    fs::copy(holder_.data_dir(), copy, fs::copy_options::recursive);
    const fs::path file = AnyFileOf(copy, random_);
    const uint64_t bytes = fs::file_size(file);
    const uint64_t tail = std::min<uint64_t>(bytes, 200);
    const uint64_t at =
        OneIn(random_, 2) ? Below(random_, bytes) : bytes - 1 - Below(random_, tail);
    const int bit = static_cast<int>(Below(random_, 8));
    SCOPED_TRACE(file.string() + " of " + std::to_string(bytes) + " bytes, byte " +
                 std::to_string(at) + ", bit " + std::to_string(bit));
    ASSERT_NO_FATAL_FAILURE(FlipBit(file, at, bit));
    bool told = false;
    ASSERT_NO_FATAL_FAILURE(OpenAndCompare(copy, file, &told));
    auto& [tolds, harmless] = (*seen)[KindOf(file)];
    ++(told ? tolds : harmless);
  }

 private:
  void OpenAndCompare(const fs::path& copy, const fs::path& file, bool* told) {
    RocksStoreOptions options;
    options.data_dir = copy;
    options.block_cache_bytes = 1 << 20;
    const auto store = RocksStore::Open(options);
    *told = !store.ok();
    if (!store.ok()) {
      // A damaged number in FORMAT may be that of a later version.
      const bool newer =
          file.filename() == "FORMAT" && store.status().code() == StatusCode::kFailedPrecondition;
      ASSERT_TRUE(newer || absl::IsDataLoss(store.status())) << store.status();
      ASSERT_THAT(std::string(store.status().message()), HasSubstr(copy.string()));
      return;
    }
    const auto found = DumpOfTurns(**store);
    *told = !found.ok();
    if (!found.ok()) {
      // RocksDB does not name a table whose last bytes are damaged.
      ASSERT_TRUE(absl::IsDataLoss(found.status())) << found.status();
      return;
    }
    ASSERT_EQ(*found, expected_) << "an acked turn is lost, and nobody is told";
    EXPECT_EQ((*store)->history_id(), testing::kHistory);
  }

  testing::Random& random_;
  FaultyRocksStore holder_;
  std::vector<TurnRecord> turns_;
  std::string expected_;
};

TEST(StoreDamageTest, AFlippedBitIsToldOrHarmless) {
  std::map<std::string, std::pair<int, int>> seen;
  testing::ForEachCase(CaseCount(), [&](testing::Random& random) {
    DamagedFolder folder(&random);
    ASSERT_NO_FATAL_FAILURE(folder.Fill());
    for (int i = 0; i < kFlips; ++i) ASSERT_NO_FATAL_FAILURE(folder.FlipOne(&seen));
  });
  for (const auto& [kind, counts] : seen) {
    std::cout << kind << ": " << counts.first << " told, " << counts.second << " harmless\n";
  }
}

}  // namespace
}  // namespace sessionhub::hub
