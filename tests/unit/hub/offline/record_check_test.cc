// Each way in which the records of a folder may not fit is found, and named; a folder in which they
// do is clean.
#include "hub/offline/record_check.h"

#include <gmock/gmock.h>

#include <functional>
#include <ostream>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/turn_records.h"
#include "tests/unit/hub/offline/consistent_folder.h"

namespace sessionhub::hub {
namespace {

using ::sessionhub::testing::ConsistentFolder;
using ::sessionhub::testing::DueOf;
using ::sessionhub::testing::FieldOf;
using ::sessionhub::testing::IdentityOf;
using ::sessionhub::testing::NameOf;
using ::sessionhub::testing::PathOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Checked {
  RecordTotals totals;
  Findings findings;
};

Checked CheckFolder(const ConsistentFolder& folder) {
  Checked checked;
  const auto view = FolderView::Open(folder.data_dir(), kFormats);
  EXPECT_OK(view);
  if (view.ok()) {
    EXPECT_OK(CheckRecords(**view, &checked.totals, &checked.findings));
  }
  return checked;
}

TEST(RecordCheckTest, RecordsThatFitAreCountedAndClean) {
  const ConsistentFolder folder;
  const Checked checked = CheckFolder(folder);
  for (const Finding& finding : checked.findings) {
    ADD_FAILURE() << finding.where << ": " << finding.what;
  }
  EXPECT_EQ(checked.totals.sessions, 1u);
  EXPECT_EQ(checked.totals.dead_sessions, 1u);
  EXPECT_EQ(checked.totals.fields, 2u);
  EXPECT_GT(checked.totals.field_bytes, 0u);
  EXPECT_EQ(checked.totals.findings, 0u);
}

// What is written over the folder, and what must be said of it.
struct Break {
  const char* name;
  std::function<void(const ConsistentFolder&, TurnRecord*)> write;
  const char* words;
};

void PrintTo(const Break& broken, std::ostream* out) {
  *out << broken.name;
}

Write<SessionNumber, stored::Meta> ChangedMeta(const ConsistentFolder& folder,
                                               const std::function<void(stored::Meta*)>& change) {
  stored::Meta meta = folder.live_meta();
  change(&meta);
  return {folder.live(), meta};
}

// Of who is who.
std::vector<Break> BreaksOfNames() {
  return {
      {"NoName",
       [](const auto& folder, auto* record) {
         record->names.push_back({folder.live_name(), std::nullopt});
       },
       "its own id does not lead to it"},
      {"NameOfAnother",
       [](const auto& folder, auto* record) {
         record->names.push_back({folder.live_name(), NameOf(folder.live() + 256)});
       },
       "which does not have it"},
      {"NameInAnotherSlot",
       [](const auto& folder, auto* record) {
         NameKey name = folder.live_name();
         ++name.slot;
         record->names.push_back({name, NameOf(folder.live())});
       },
       "belongs into another slot"},
      {"NameOfNoApp",
       [](const auto& folder, auto* record) {
         NameKey name = folder.live_name();
         name.app = 77;
         record->names.push_back({name, NameOf(folder.live())});
       },
       "of app 77, which there is not"},
      {"NoIdentity",
       [](const auto& folder, auto* record) {
         record->identities.push_back({folder.live(), std::nullopt});
       },
       "it has no identity"},
      {"NoMeta",
       [](const auto& folder, auto* record) {
         record->metas.push_back({folder.live(), std::nullopt});
       },
       "there are fields of it, and no such session"},
      {"TwoApps",
       [](const auto& folder, auto* record) {
         record->metas.push_back(ChangedMeta(folder, [](auto* meta) { meta->set_app(2); }));
       },
       "it belongs to two apps"},
      {"OwnerWithoutEntry",
       [](const auto& folder, auto* record) {
         record->owners.push_back({{1, "ada", folder.live()}, std::nullopt});
       },
       "for whom they are not listed"},
      {"EntryWithoutOwner",
       [](const auto& folder, auto* record) {
         record->owners.push_back({{1, "bob", folder.live()}, OwnerMark{}});
       },
       "an owner whose it is not"},
  };
}

// Of what a session holds, and when it ends.
std::vector<Break> BreaksOfSessions() {
  return {
      {"NoExpiryEntry",
       [](const auto& folder, auto* record) {
         record->due.push_back(
             {{HomeSlot(folder.live()), folder.live_meta().expiry_entry(), folder.live()},
              std::nullopt});
       },
       "it would never end"},
      {"TimeoutWithoutEntry",
       [](const auto& folder, auto* record) {
         record->metas.push_back(
             ChangedMeta(folder, [](auto* meta) { meta->clear_expiry_entry(); }));
       },
       "nothing is due that ends it"},
      {"DeadForEver",
       [](const auto& folder, auto* record) {
         record->due.push_back(
             {{HomeSlot(folder.dead()), 1'700'000'000'000'000, folder.dead()}, std::nullopt});
       },
       "nothing is due that removes"},
      {"FieldFromTheFuture",
       [](const auto& folder, auto* record) {
         record->metas.push_back(ChangedMeta(folder, [](auto* meta) { meta->set_version(1); }));
       },
       "a field of it is newer than the session"},
      {"Size",
       [](const auto& folder, auto* record) {
         record->metas.push_back(ChangedMeta(
             folder, [](auto* meta) { meta->set_bytes_bound(meta->bytes_bound() + 1); }));
       },
       "bytes, it says"},
      {"FieldWithoutSession",
       [](const auto&, auto* record) {
         record->fields.push_back({{MakeSessionNumber(3, 9), PathOf("a")}, FieldOf(1, "b")});
       },
       "no such session"},
      {"Count",
       [](const auto& folder, auto* record) {
         record->session_counts.push_back({HomeSlot(folder.live()), uint64_t{0}});
       },
       "has counted fewer sessions"},
  };
}

class BrokenFolderTest : public ::testing::TestWithParam<Break> {};

TEST_P(BrokenFolderTest, IsFound) {
  const ConsistentFolder folder;
  TurnRecord record;
  GetParam().write(folder, &record);
  ASSERT_NO_FATAL_FAILURE(folder.Write(record));
  const Checked checked = CheckFolder(folder);
  EXPECT_GT(checked.totals.findings, 0u);
  std::string said;
  for (const Finding& finding : checked.findings) {
    said += finding.where + ": " + finding.what + ": " + finding.remedy + "\n";
  }
  EXPECT_THAT(said, HasSubstr(GetParam().words));
  EXPECT_THAT(said, Not(HasSubstr(ConsistentFolder::kId))) << "an id is a credential";
}

std::string NameOfBreak(const ::testing::TestParamInfo<Break>& test) {
  return test.param.name;
}

INSTANTIATE_TEST_SUITE_P(Names, BrokenFolderTest, ::testing::ValuesIn(BreaksOfNames()),
                         NameOfBreak);
INSTANTIATE_TEST_SUITE_P(Sessions, BrokenFolderTest, ::testing::ValuesIn(BreaksOfSessions()),
                         NameOfBreak);

TEST(RecordCheckTest, FindingsAreBoundedAndAllAreCounted) {
  const ConsistentFolder folder;
  TurnRecord record;
  for (uint64_t i = 1; i <= kRecordFindingsMax + 5; ++i) {
    record.fields.push_back({{MakeSessionNumber(3, i), PathOf("a")}, FieldOf(1, "b")});
  }
  ASSERT_NO_FATAL_FAILURE(folder.Write(record));
  const Checked checked = CheckFolder(folder);
  EXPECT_EQ(checked.findings.size(), kRecordFindingsMax);
  EXPECT_EQ(checked.totals.findings, kRecordFindingsMax + 5);
}

}  // namespace
}  // namespace sessionhub::hub
