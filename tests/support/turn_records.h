// Short ways to write stored records in tests, and to compare what two stores hold.
#ifndef TESTS_SUPPORT_TURN_RECORDS_H_
#define TESTS_SUPPORT_TURN_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "hub/record/read_set.h"
#include "hub/record/turn_record.h"
#include "hub/store/store.h"

namespace sessionhub::testing {

Path PathOf(const std::string& text);
hub::stored::Name NameOf(SessionNumber number);
hub::stored::Meta MetaOf(Version version);
hub::stored::Identity IdentityOf(const std::string& id);
hub::stored::Field FieldOf(Version version, const std::string& text);
hub::stored::Due DueOf(hub::stored::Due::What what);

// A record of one write each.
hub::TurnRecord PutField(SessionNumber session, const std::string& path, const std::string& text,
                         Version version = 1);
hub::TurnRecord EraseField(SessionNumber session, const std::string& path);
hub::TurnRecord PutMeta(SessionNumber session, Version version);
hub::TurnRecord PutName(const hub::NameKey& key, SessionNumber number);

// The text of a field, or nothing. The test fails if the store cannot be read.
std::optional<std::string> ReadText(const hub::Store& store, SessionNumber session,
                                    const std::string& path);

// Fills a store with this many sessions of two fields each, spread over all slots, without a sync.
absl::Status WriteSessions(uint64_t count, hub::Store* store);

// Everything that `loaded` holds, in one order, for comparing and for failure messages.
std::string Dump(const hub::Loaded& loaded);

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_TURN_RECORDS_H_
