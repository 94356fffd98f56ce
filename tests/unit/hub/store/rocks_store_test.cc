// What a data folder must be to be opened, and what damage to it looks like.
#include "hub/store/rocks_store.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/turn_records.h"

namespace sessionhub::hub {
namespace {

using ::absl::StatusCode;
using ::sessionhub::testing::PutField;
using ::sessionhub::testing::ReadText;
using ::sessionhub::testing::StatusIs;
using ::sessionhub::testing::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;

namespace fs = ::std::filesystem;

constexpr SessionNumber kSession = MakeSessionNumber(7, 1);

absl::StatusOr<std::unique_ptr<RocksStore>> Open(const std::string& path) {
  RocksStoreOptions options;
  options.data_dir = path;
  options.fresh_history_id = HistoryId{1};
  return RocksStore::Open(options);
}

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteFile(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

void FlipByte(const fs::path& path, size_t at, char bits = 1) {
  std::string content = ReadFile(path);
  ASSERT_LT(at, content.size());
  content[at] = static_cast<char>(content[at] ^ bits);
  WriteFile(path, content);
}

// The largest file in `folder` with this ending.
fs::path LargestFile(const fs::path& folder, const std::string& ending) {
  fs::path largest;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ending) continue;
    if (largest.empty() || fs::file_size(entry.path()) > fs::file_size(largest)) {
      largest = entry.path();
    }
  }
  return largest;
}

fs::path ManifestOf(const std::string& data_dir) {
  std::string name = ReadFile(data_dir + "/db/CURRENT");
  if (!name.empty()) name.pop_back();  // the end of the line
  return data_dir + "/db/" + name;
}

// Of each record of a log: checksum(4) length(2) type(1), then so many bytes.
constexpr size_t kLengthAt = 4;
constexpr size_t kHeadBytes = 7;

// Where the last record of a log begins. Of a log that is smaller than a block.
size_t LastRecordOf(const std::string& log) {
  size_t last = 0;
  for (size_t at = 0; at + kHeadBytes <= log.size();) {
    last = at;
    const auto low = static_cast<uint8_t>(log[at + kLengthAt]);
    const auto high = static_cast<uint8_t>(log[at + kLengthAt + 1]);
    at += kHeadBytes + low + 256 * high;
  }
  return last;
}

class RocksStoreTest : public ::testing::Test {
 protected:
  std::string data() const { return folder_.path() + "/data"; }
  fs::path db() const { return fs::path(data()) / "db"; }

  // A folder whose log holds `count` synced records, path "0", "1", and so on.
  void MakeFolder(int count, const std::string& text = "some text") {
    auto store = Open(data());
    ASSERT_OK(store);
    for (int i = 0; i < count; ++i) {
      ASSERT_OK((*store)->Apply(PutField(kSession, std::to_string(i), text), true));
    }
  }
  // A copy, so that one folder serves many damages.
  std::string Copy() {
    const std::string copy = folder_.path() + "/copy";
    fs::remove_all(copy);
    fs::copy(data(), copy, fs::copy_options::recursive);
    return copy;
  }
  int CountFields(const Store& store) {
    int count = 0;
    EXPECT_OK(store.ScanFields(kSession, [&](const Path&, const stored::Field&) {
      ++count;
      return true;
    }));
    return count;
  }

  TemporaryFolder folder_;
};

TEST_F(RocksStoreTest, ANewFolderSaysItsFormatInText) {
  MakeFolder(0);
  EXPECT_EQ(ReadFile(data() + "/FORMAT"), "sessionhub data folder, format 1\n");
}

TEST_F(RocksStoreTest, AFolderInUseIsRefused) {
  auto first = Open(data());
  ASSERT_OK(first);
  EXPECT_THAT(Open(data()),
              StatusIs(StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr(data()), HasSubstr("in use by another process"))));
}

TEST_F(RocksStoreTest, ANewerFormatIsRefused) {
  MakeFolder(0);
  WriteFile(data() + "/FORMAT", "sessionhub data folder, format 2\n");
  EXPECT_THAT(Open(data()), StatusIs(StatusCode::kFailedPrecondition,
                                     HasSubstr("data folder " + data() +
                                               " has format 2, this sessionhubd reads "
                                               "format 1: use a newer sessionhubd")));
}

TEST_F(RocksStoreTest, AnUnreadableFormatIsDamage) {
  MakeFolder(0);
  for (const char* text : {"", "sessionhub data folder, format ", "nonsense 1\n"}) {
    WriteFile(data() + "/FORMAT", text);
    EXPECT_THAT(Open(data()), StatusIs(StatusCode::kDataLoss, HasSubstr("FORMAT is damaged")));
  }
}

// Else it would be taken for one whose creation was cut off, whose log holds nothing yet.
TEST_F(RocksStoreTest, AMissingFormatIsDamage) {
  MakeFolder(0);
  WriteFile(data() + "/id-hash-key", "a hub's own");
  fs::remove(data() + "/FORMAT");
  EXPECT_THAT(Open(data()), StatusIs(StatusCode::kDataLoss, HasSubstr("FORMAT is missing")));
  for (const auto& entry : fs::directory_iterator(db())) {
    if (entry.path().extension() == ".log") fs::remove(entry.path());
  }
  EXPECT_THAT(Open(data()), StatusIs(StatusCode::kDataLoss, HasSubstr("FORMAT is missing")));
}

TEST_F(RocksStoreTest, AFolderOfSomethingElseIsRefused) {
  fs::create_directory(data());
  WriteFile(data() + "/holiday.jpg", "x");
  EXPECT_THAT(Open(data()), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("holiday.jpg")));
  EXPECT_FALSE(fs::exists(db()));
}

TEST_F(RocksStoreTest, APathThatCannotBeAFolderIsNamed) {
  WriteFile(folder_.path() + "/file", "x");
  EXPECT_THAT(Open(folder_.path() + "/file/data"),
              StatusIs(StatusCode::kInternal, HasSubstr(folder_.path() + "/file/data")));
  EXPECT_THAT(Open(""), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("give a path")));
}

TEST_F(RocksStoreTest, ALostDatabaseIsDamageAndNotANewFolder) {
  MakeFolder(1);
  fs::remove(db() / "CURRENT");
  EXPECT_THAT(Open(data()), StatusIs(StatusCode::kDataLoss, HasSubstr("CURRENT is missing")));
  fs::remove_all(db());
  EXPECT_THAT(Open(data()), StatusIs(StatusCode::kDataLoss, HasSubstr("CURRENT is missing")));
}

TEST_F(RocksStoreTest, ALostLogIsDamage) {
  MakeFolder(3);
  fs::remove(LargestFile(db(), ".log"));
  EXPECT_THAT(Open(data()), StatusIs(StatusCode::kDataLoss,
                                     AllOf(HasSubstr(db().string()), HasSubstr("is missing"))));
}

TEST_F(RocksStoreTest, AFlippedByteInTheLogStopsTheStartAndNamesTheFile) {
  MakeFolder(20);
  const size_t log_bytes = fs::file_size(LargestFile(db(), ".log"));
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 40; ++i) {
    const std::string copy = Copy();
    const fs::path log = LargestFile(copy + "/db", ".log");
    const size_t at = random() % log_bytes;
    const char bit = static_cast<char>(1 << random() % 8);
    FlipByte(log, at, bit);
    EXPECT_THAT(Open(copy), StatusIs(StatusCode::kDataLoss, HasSubstr(log.string())))
        << "byte " << at << ", bit " << int{bit};
  }
}

// The last record of a log, or of the manifest, whose damaged length reads as a torn write. What
// the manifest would lose by that is whole tables.
TEST_F(RocksStoreTest, ADamagedLengthOfTheLastRecordIsNoTornWrite) {
  MakeFolder(3);
  ASSERT_OK(Open(data()));  // moves the log into tables, which the manifest's last record tells
  ASSERT_OK((*Open(data()))->Apply(PutField(kSession, "last", "x"), true));
  for (const bool manifest : {false, true}) {
    const std::string copy = Copy();
    const fs::path file = manifest ? ManifestOf(copy) : LargestFile(copy + "/db", ".log");
    SCOPED_TRACE(file.string());
    const size_t last = LastRecordOf(ReadFile(file));
    FlipByte(file, last + kLengthAt + 1, 0x40);
    EXPECT_THAT(Open(copy), StatusIs(StatusCode::kDataLoss,
                                     AllOf(HasSubstr(file.string()),
                                           HasSubstr("damaged at byte " + std::to_string(last)))));
  }
}

TEST_F(RocksStoreTest, ADamagedCurrentIsDamage) {
  MakeFolder(1);
  for (const size_t at : {0, 10, 14}) {
    const std::string copy = Copy();
    FlipByte(copy + "/db/CURRENT", at);
    EXPECT_THAT(Open(copy), StatusIs(StatusCode::kDataLoss, HasSubstr("CURRENT is damaged")));
  }
}

TEST_F(RocksStoreTest, ALogCutAnywhereInItsLastRecordLosesThatRecordOnly) {
  MakeFolder(3);
  const size_t before = fs::file_size(LargestFile(db(), ".log"));
  {
    // Opening moves what the log held into tables; the next log holds one record.
    auto store = Open(data());
    ASSERT_OK(store);
    ASSERT_EQ(CountFields(**store), 3);
    ASSERT_OK((*store)->Apply(PutField(kSession, "kept", "x"), true));
    ASSERT_OK((*store)->Apply(PutField(kSession, "torn", "x"), true));
  }
  ASSERT_GT(before, 0u);
  const size_t whole = fs::file_size(LargestFile(db(), ".log"));
  const size_t first = whole / 2;  // both records have one size
  for (size_t cut = first; cut <= whole; ++cut) {
    const std::string copy = Copy();
    fs::resize_file(LargestFile(copy + "/db", ".log"), cut);
    const auto store = Open(copy);
    ASSERT_OK(store) << "cut at " << cut;
    EXPECT_EQ(ReadText(**store, kSession, "0"), "some text") << "cut at " << cut;
    EXPECT_EQ(ReadText(**store, kSession, "kept"), "x") << "cut at " << cut;
    EXPECT_EQ(ReadText(**store, kSession, "torn").has_value(), cut == whole) << "cut at " << cut;
  }
}

TEST_F(RocksStoreTest, AFlippedByteInATableIsDamageWhenItIsRead) {
  // Bytes that do not compress, so that they stand in the file as they are.
  std::mt19937 random(1);
  std::string noise;
  for (int i = 0; i < 2000; ++i) noise.push_back(static_cast<char>('!' + random() % 90));
  MakeFolder(1, noise);
  ASSERT_OK(Open(data()));  // moves the log into tables
  const fs::path table = LargestFile(db(), ".sst");
  const size_t at = ReadFile(table).find(noise.substr(1000, 20));
  ASSERT_NE(at, std::string::npos);
  FlipByte(table, at);

  const auto store = Open(data());
  ASSERT_OK(store);
  ReadSet reads;
  reads.fields.push_back({kSession, sessionhub::testing::PathOf("0")});
  Loaded loaded;
  EXPECT_THAT((*store)->Load(reads, &loaded),
              StatusIs(StatusCode::kDataLoss, HasSubstr(table.filename().string())));
  EXPECT_THAT(
      (*store)->ScanFields(kSession, [](const Path&, const stored::Field&) { return true; }),
      StatusIs(StatusCode::kDataLoss, HasSubstr(table.filename().string())));
  EXPECT_THAT((*store)->PinSession(kSession)->Scan(
                  std::nullopt, [](const Path&, const stored::Field&) { return true; }),
              StatusIs(StatusCode::kDataLoss, HasSubstr(table.filename().string())));
}

TEST_F(RocksStoreTest, CountsSyncsAndBytes) {
  auto store = Open(data());
  ASSERT_OK(store);
  const StoreStatistics before = (*store)->statistics();
  ASSERT_OK((*store)->Apply(PutField(kSession, "a", std::string(1000, 'x')), true));
  ASSERT_OK((*store)->Apply(PutField(kSession, "b", "x"), false));
  const StoreStatistics after = (*store)->statistics();
  EXPECT_EQ(after.syncs - before.syncs, 1u);
  EXPECT_GT(after.bytes_written - before.bytes_written, 1000u);
  EXPECT_LT(after.bytes_written - before.bytes_written, 1200u);
}

}  // namespace
}  // namespace sessionhub::hub
