// ConsistentFolder: a small data folder whose records fit each other, with a way to break it.
#ifndef TESTS_UNIT_HUB_OFFLINE_CONSISTENT_FOLDER_H_
#define TESTS_UNIT_HUB_OFFLINE_CONSISTENT_FOLDER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "hub/record/turn_record.h"
#include "hub/store/rocks_store.h"
#include "proto/session/ids.h"
#include "tests/support/temporary_folder.h"

namespace sessionhub::testing {

class ConsistentFolder {
 public:
  static constexpr char kApp[] = "shop";
  static constexpr char kId[] = "session-1";

  // One live session with an owner, a timeout and two fields, and one that has ended.
  ConsistentFolder();

  const std::string& path() const { return folder_.path(); }
  std::string data_dir() const { return path() + "/data"; }
  std::string backup_dir() const { return path() + "/backups"; }

  SessionNumber live() const { return live_; }
  SessionNumber dead() const { return dead_; }
  hub::NameKey live_name() const;
  hub::stored::Meta live_meta() const;
  hub::stored::Identity live_identity() const;

  absl::StatusOr<std::unique_ptr<hub::RocksStore>> Open() const;
  // Applies one more record. The test fails if that cannot be done.
  void Write(const hub::TurnRecord& record) const;

 private:
  const TemporaryFolder folder_;
  const SessionNumber live_;
  const SessionNumber dead_;
};

}  // namespace sessionhub::testing

#endif  // TESTS_UNIT_HUB_OFFLINE_CONSISTENT_FOLDER_H_
