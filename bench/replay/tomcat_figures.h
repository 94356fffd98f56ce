// What Tomcat's session managers send, in bytes of TCP payload: measured, not modelled.
//
// Source: bench/results/2026-12-01-comparison/run.json, Tomcat 10.1 in its documented default
// cluster, ids of 32 characters, 20 attributes with names of three characters. What a request has
// sent there is `bytes_per_change` less 66 bytes of headers for each of its `frames_per_change`;
// what stands here is what is left of that without the session's own bytes or the changed values.
// Below, D is tomcat_delta_async, S tomcat_delta_sync and B tomcat_backup, sticky unless it says
// otherwise, 4 KiB, one attribute of 16 bytes changed. All are averages, and another run gives the
// same to within some bytes; strategies_measured_test.cc puts them together again, and holds them
// against that file.
#ifndef BENCH_REPLAY_TOMCAT_FIGURES_H_
#define BENCH_REPLAY_TOMCAT_FIGURES_H_

#include <cstddef>

namespace sessionhub::bench::tomcat {

// DeltaManager, to each of the other nodes: the message of a request, whether it changes anything
// or not. D, 4 nodes, a request that only reads: about 1,962 bytes, a third of which is this.
inline constexpr size_t kDeltaMessageBytes = 654;

// Of each changed attribute, beside its value. D, 2 nodes, a change: about 689 bytes, which is 16
// and this more than the message. S, 4 nodes, 3 and 20 attributes changed, gives the same.
inline constexpr size_t kAttributeBytes = 19;

// The answer to any message of a manager that is synchronous; DeltaManager's default is not. S, 2
// nodes, a change: about 710 bytes, so much more than D.
inline constexpr size_t kAnswerBytes = 21;

// The message that tells a new session, before that of the request, which has its attributes. D, 2
// nodes, a new session: about 5,579 bytes, less the message of a request and the session.
inline constexpr size_t kCreatedMessageBytes = 829;

// BackupManager, synchronous (its default), to the one backup: the message of a request. B, 2
// nodes, a change: about 952 bytes, less an answer, the attribute and its value. With 4 nodes a
// request that only reads takes about as much.
inline constexpr size_t kBackupMessageBytes = 895;

// A session goes to the backup whole, in a message of so many bytes more, if it is new, and if
// another node serves it. B, 2 nodes, a new session: about 6,692 bytes, less the message of a
// request, two answers and the session; round-robin, a change: about 6,428, less the same and the
// attribute and its value.
inline constexpr size_t kBackupNewBytes = 1660;
inline constexpr size_t kBackupMovedBytes = 1360;

// All others are told where it is. B, a new session: about 8,264 bytes with 4 nodes and 11,345 with
// 8, so 786 and 776 more than with 2 nodes for each further one, which is this and an answer.
inline constexpr size_t kBackupPlaceBytes = 760;

// With more than two nodes, the node that serves it next is taken to ask for it. B, round-robin, a
// change: about 8,564 bytes with 4 nodes and 12,080 with 8. The parts above leave 570 and 970 of
// these, and the middle of both is this and an answer.
inline constexpr size_t kBackupAskBytes = 750;

}  // namespace sessionhub::bench::tomcat

#endif  // BENCH_REPLAY_TOMCAT_FIGURES_H_
