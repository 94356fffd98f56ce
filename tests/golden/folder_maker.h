// Makes the golden data folder: a hub of today serves a script that leaves a record of each kind.
#ifndef TESTS_GOLDEN_FOLDER_MAKER_H_
#define TESTS_GOLDEN_FOLDER_MAKER_H_

#include <string>

#include "absl/status/statusor.h"
#include "sessionhub/v1/frames.pb.h"
#include "tests/support/raw_node.h"

namespace sessionhub::testing {

// What the script leaves, for whoever looks at it with a hub.
inline constexpr char kGoldenApp[] = "shop";
inline constexpr char kGoldenWriter = 'a';  // incarnation of web-1, which wrote most of it
inline constexpr char kGoldenHistory[] = "golden history 1";
inline constexpr int64_t kGoldenBigFields = 200;  // of session big

// One hub, two lives: what the first has written lies in tables, what the second has in a log.
// The test fails if a step of the script does.
void MakeGoldenFolder(const std::string& path);

// Attaches a node that knows every feature, as one that was there before.
v1::Attached AttachGolden(RawNode* node);
// Sends a delta under this number and returns its answer.
v1::Item CommitAs(RawNode* node, uint64_t seq, const v1::Delta& delta);
// Sends one Open and returns the item with `opened`, past the catch-up.
v1::Item OpenAs(RawNode* node, const v1::Open& open);

// The deltas of web-1 on session ada that are resent: number 1 was applied, number 3 refused.
v1::Delta GoldenPuts(uint64_t number);
v1::Delta GoldenRefused(uint64_t number);

}  // namespace sessionhub::testing

#endif  // TESTS_GOLDEN_FOLDER_MAKER_H_
