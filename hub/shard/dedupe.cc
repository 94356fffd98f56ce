#include "hub/shard/dedupe.h"

#include <algorithm>
#include <string_view>

namespace sessionhub::hub {
namespace {

using stored::Meta;
using stored::Writer;

std::string_view AsBytes(const Incarnation& incarnation) {
  return {reinterpret_cast<const char*>(incarnation.data()), incarnation.size()};
}

const Writer* FindWriter(const Meta& meta, const Incarnation& incarnation) {
  for (const Writer& writer : meta.writers()) {
    if (writer.incarnation() == AsBytes(incarnation)) return &writer;
  }
  return nullptr;
}

Writer* FindOrAddWriter(const Incarnation& incarnation, uint64_t seq, Meta* meta) {
  for (Writer& writer : *meta->mutable_writers()) {
    if (writer.incarnation() == AsBytes(incarnation)) return &writer;
  }
  Writer* writer = meta->add_writers();
  writer->set_incarnation(incarnation.data(), incarnation.size());
  writer->set_first_seq(seq);
  return writer;
}

uint64_t LastOf(const stored::RefusedDelta& run) {
  return run.through_seq() == 0 ? run.seq() : run.through_seq();
}

}  // namespace

Recognised Recognise(const Meta& meta, const Incarnation& incarnation, uint64_t seq) {
  const Writer* writer = FindWriter(meta, incarnation);
  if (!writer || seq > writer->through_seq()) return {};
  // Had it been decided otherwise, there would have been a row then, and one whose answers have not
  // arrived is kept.
  if (seq < writer->first_seq()) return {Recognised::Kind::kRefused, 0, v1::LIMIT_EXCEEDED};
  for (const stored::RefusedDelta& refused : writer->refused()) {
    if (refused.seq() <= seq && seq <= LastOf(refused)) {
      return {Recognised::Kind::kRefused, 0, static_cast<v1::RefusalReason>(refused.reason())};
    }
  }
  return {Recognised::Kind::kApplied, writer->through_version(), v1::REFUSAL_UNSPECIFIED};
}

bool LastWasRefused(const Meta& meta, const Incarnation& incarnation) {
  const Writer* writer = FindWriter(meta, incarnation);
  return writer && writer->refused_size() > 0 &&
         LastOf(writer->refused(writer->refused_size() - 1)) == writer->through_seq();
}

bool HasRoomForWriter(const Meta& meta, const Incarnation& incarnation) {
  return meta.writers_size() < kWritersMax || FindWriter(meta, incarnation) != nullptr;
}

bool RefusalsAreFull(const Meta& meta, const Incarnation& incarnation) {
  const Writer* writer = FindWriter(meta, incarnation);
  return writer && writer->refused_size() >= kRefusedRunsMax;
}

std::optional<Incarnation> TakeOldestWriter(absl::FunctionRef<bool(const Incarnation&)> may_end,
                                            Meta* meta) {
  auto* writers = meta->mutable_writers();  // oldest first: a row keeps its place
  for (auto writer = writers->begin(); writer != writers->end(); ++writer) {
    const Incarnation incarnation = BytesToId128(writer->incarnation());
    if (!may_end(incarnation)) continue;
    writers->erase(writer);
    return incarnation;
  }
  return std::nullopt;
}

void RecordApplied(const Incarnation& incarnation, uint64_t seq, Meta* meta) {
  Writer* writer = FindOrAddWriter(incarnation, seq, meta);
  writer->set_through_seq(seq);
  writer->set_through_version(meta->version());
}

void RecordRefused(const Incarnation& incarnation, uint64_t seq, v1::RefusalReason reason,
                   Meta* meta) {
  const bool in_a_row = LastWasRefused(*meta, incarnation);
  Writer* writer = FindOrAddWriter(incarnation, seq, meta);
  writer->set_through_seq(seq);
  if (writer->through_version() == 0) writer->set_through_version(meta->version());
  if (in_a_row) {
    stored::RefusedDelta* last = writer->mutable_refused(writer->refused_size() - 1);
    if (last->reason() == static_cast<uint32_t>(reason)) return last->set_through_seq(seq);
  }
  stored::RefusedDelta* refused = writer->add_refused();
  refused->set_seq(seq);
  refused->set_reason(reason);
}

void ForgetSeen(absl::FunctionRef<uint64_t(const Incarnation&)> seen_through, Meta* meta) {
  auto* writers = meta->mutable_writers();
  for (auto writer = writers->begin(); writer != writers->end();) {
    const uint64_t seen = seen_through(BytesToId128(writer->incarnation()));
    if (writer->through_seq() <= seen) {
      writer = writers->erase(writer);
      continue;
    }
    auto* refused = writer->mutable_refused();
    refused->erase(std::remove_if(refused->begin(), refused->end(),
                                  [seen](const auto& run) { return LastOf(run) <= seen; }),
                   refused->end());
    ++writer;
  }
}

std::vector<Incarnation> WritersToCheck(const Meta& meta, uint64_t now_us,
                                        uint64_t unchecked_us_max) {
  std::vector<Incarnation> unchecked;
  for (const Writer& writer : meta.writers()) {
    const bool never = writer.checked() == 0;
    if (never ? unchecked_us_max == 0 : writer.checked() + unchecked_us_max <= now_us) {
      unchecked.push_back(BytesToId128(writer.incarnation()));
    }
  }
  return unchecked;
}

void ForgetEnded(absl::FunctionRef<std::optional<bool>(const Incarnation&)> alive, uint64_t now_us,
                 Meta* meta) {
  auto* writers = meta->mutable_writers();
  for (auto writer = writers->begin(); writer != writers->end();) {
    const std::optional<bool> found = alive(BytesToId128(writer->incarnation()));
    if (found == false) {
      writer = writers->erase(writer);
      continue;
    }
    if (found || writer->checked() == 0) writer->set_checked(now_us);
    ++writer;
  }
}

uint64_t IncludedSeq(const Meta& meta, const Incarnation& incarnation) {
  const Writer* writer = FindWriter(meta, incarnation);
  return writer ? writer->through_seq() : 0;
}

}  // namespace sessionhub::hub
