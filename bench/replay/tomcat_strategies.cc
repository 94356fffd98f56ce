// Tomcat's managers of clustered sessions, by what was measured of them (tomcat_figures.h).
#include <algorithm>

#include "bench/replay/strategy.h"
#include "bench/replay/tomcat_figures.h"

namespace sessionhub::bench {
namespace {

// The attributes that hold a changed field, whole: nothing smaller is sent. An attribute that is
// one field is its value; another one is a map of its fields.
size_t ChangedAttributesBytes(const PathBook& book, const Visit& visit) {
  size_t bytes = 0;
  std::vector<uint32_t> done;
  for (const FieldChange& change : *visit.changes) {
    const PathBook::Entry& path = book.at(change.path);
    if (std::find(done.begin(), done.end(), path.attribute) != done.end()) continue;
    done.push_back(path.attribute);
    bytes += tomcat::kAttributeBytes;
    bytes += path.whole ? ValueText(change.value).size()
                        : visit.image->AttributeEntryBytes(book, path.attribute);
  }
  return bytes;
}

// To all other nodes; synchronous, the request waits for their answers.
class DeltaManager final : public Strategy {
 public:
  DeltaManager(const PathBook* book, bool answered) : book_(*book), answered_(answered) {}

  const char* name() const override { return answered_ ? "tomcat_delta_sync" : "tomcat_delta"; }
  const char* title() const override {
    return answered_ ? "Tomcat DeltaManager, synchronous" : "Tomcat DeltaManager";
  }

  void Leave(const Visit& visit, Tally* tally) override {
    tally->forwards += visit.nodes - 1;
    if (visit.creates) {
      TellAll(visit, tomcat::kCreatedMessageBytes, tally);
      TellAll(visit, tomcat::kDeltaMessageBytes + visit.image->entry_bytes(), tally);
    } else {
      TellAll(visit, tomcat::kDeltaMessageBytes + ChangedAttributesBytes(book_, visit), tally);
    }
  }

 private:
  void TellAll(const Visit& visit, size_t bytes, Tally* tally) const {
    const uint64_t others = visit.nodes - 1;
    tally->wire += others * (answered_ ? Exchange(bytes, tomcat::kAnswerBytes) : OneWay(bytes));
  }

  const PathBook& book_;
  const bool answered_;
};

class BackupManager final : public Strategy {
 public:
  explicit BackupManager(const PathBook* book) : book_(*book) {}

  const char* name() const override { return "tomcat_backup"; }
  const char* title() const override { return "Tomcat BackupManager"; }

  // Of two nodes the one that does not have the session is its backup, and need not ask for it.
  void Arrive(const Visit& visit, Tally* tally) override {
    if (!visit.moved || visit.nodes == 1) return;
    if (visit.nodes > 2) tally->wire += Exchange(tomcat::kBackupAskBytes, tomcat::kAnswerBytes);
    Publish(visit, tomcat::kBackupMovedBytes, tally);
  }

  void Leave(const Visit& visit, Tally* tally) override {
    if (visit.nodes == 1) return;
    if (visit.creates) return Publish(visit, tomcat::kBackupNewBytes, tally);
    const size_t changed_bytes = ChangedAttributesBytes(book_, visit);
    if (visit.moved) {  // what has changed travels with the message that Publish has counted
      tally->wire.bytes += changed_bytes;
      return;
    }
    ++tally->forwards;
    tally->wire += Exchange(tomcat::kBackupMessageBytes + changed_bytes, tomcat::kAnswerBytes);
  }

 private:
  // The session goes to its backup whole; all others are told where it is.
  static void Publish(const Visit& visit, size_t message_bytes, Tally* tally) {
    tally->forwards += visit.nodes - 1;
    tally->wire += Exchange(tomcat::kBackupMessageBytes, tomcat::kAnswerBytes);
    tally->wire += Exchange(message_bytes + visit.image->entry_bytes(), tomcat::kAnswerBytes);
    tally->wire += (visit.nodes - 2) * Exchange(tomcat::kBackupPlaceBytes, tomcat::kAnswerBytes);
  }

  const PathBook& book_;
};

}  // namespace

void AddTomcats(const PathBook* book, Strategies* strategies) {
  for (const bool answered : {false, true}) {
    strategies->push_back(std::make_unique<DeltaManager>(book, answered));
  }
  strategies->push_back(std::make_unique<BackupManager>(book));
}

}  // namespace sessionhub::bench
