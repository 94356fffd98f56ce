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

size_t TomcatSessionBytes(const Visit& visit) {
  return tomcat::kSessionBytes + visit.image->entry_bytes();
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
      TellAll(visit, tomcat::kDeltaMessageBytes + TomcatSessionBytes(visit), tally);
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

  // The node asks for the session, which is the whole of it, and tells all others that it has it
  // now.
  void Arrive(const Visit& visit, Tally* tally) override {
    if (visit.moved && visit.nodes > 1) Publish(visit, tally);
  }

  void Leave(const Visit& visit, Tally* tally) override {
    if (visit.nodes == 1) return;
    if (visit.creates) return Publish(visit, tally);
    if (visit.moved) {  // what has changed travels with the message that Publish has counted
      tally->wire.bytes += ChangedAttributesBytes(book_, visit);
      return;
    }
    ++tally->forwards;
    const size_t bytes = visit.reads_only()
                             ? tomcat::kBackupAccessBytes
                             : tomcat::kBackupMessageBytes + ChangedAttributesBytes(book_, visit);
    tally->wire += Exchange(bytes, tomcat::kAnswerBytes);
  }

 private:
  static void Publish(const Visit& visit, Tally* tally) {
    tally->forwards += visit.nodes - 1;
    tally->wire += Exchange(tomcat::kBackupMessageBytes, tomcat::kAnswerBytes);
    tally->wire +=
        Exchange(tomcat::kBackupSessionBytes + TomcatSessionBytes(visit), tomcat::kAnswerBytes);
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
