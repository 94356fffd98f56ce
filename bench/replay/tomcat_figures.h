// What Tomcat's session managers send, in bytes of TCP payload: measured, not modelled.
//
// Source: Tomcat 10.1.60 on OpenJDK 17 in 2, 4 and 8 network namespaces with Ethernet's frames, the
// documented default cluster, 100 sessions of 20 attributes, changes of one attribute of 16 bytes;
// bytes counted at the ports of the bridge, with what an idle cluster sends subtracted. A change
// took 829, 2,440 and 5,663 bytes on the wire with DeltaManager, a request that only reads 794,
// 2,381 and 5,363, a new session of 4 KiB 6,008, 18,063 and 42,297; with BackupManager a change
// took 1,096, 1,086 and 1,109, a request that only reads 1,055, a new session 7,177, 8,912 and
// 11,885, and a session of 64 KiB that moved to another node 71,250, 74,422 and 78,548. Synchronous
// DeltaManager was measured by the comparison of 30 November 2026 (bench/results): a change took
// 842, 2,527 and 5,909 bytes, in two frames for each of the other nodes, a request that only reads
// 807, 2,422 and 5,654, a new session 6,152, 18,472 and 43,239. What stands here is what is left of
// these without segments' headers and without the session's own bytes; a unit test puts them
// together again.
#ifndef BENCH_REPLAY_TOMCAT_FIGURES_H_
#define BENCH_REPLAY_TOMCAT_FIGURES_H_

#include <cstddef>

namespace sessionhub::bench::tomcat {

// Of each attribute, beside its value.
inline constexpr size_t kAttributeBytes = 22;

// DeltaManager, to each of the other nodes: the message of a request, whether it changes anything
// or not; and the one that a new session is told by, before the message with its attributes.
// Synchronous, it sends the same, and each message is answered; asynchronous (its default), none.
inline constexpr size_t kDeltaMessageBytes = 664;
inline constexpr size_t kCreatedMessageBytes = 834;
// A whole session, beside its serialised attributes.
inline constexpr size_t kSessionBytes = 4;

// The answer to any message of a manager that is synchronous.
inline constexpr size_t kAnswerBytes = 21;

// BackupManager, synchronous (its default), to the one backup: the message of a request that
// changes the session, and of one that only reads it.
inline constexpr size_t kBackupMessageBytes = 906;
inline constexpr size_t kBackupAccessBytes = 902;
// A session that is new, or that moves to another node, goes to the backup whole, in a message of
// so many bytes more; all others are told where it is.
inline constexpr size_t kBackupSessionBytes = 1648;
inline constexpr size_t kBackupPlaceBytes = 632;

}  // namespace sessionhub::bench::tomcat

#endif  // BENCH_REPLAY_TOMCAT_FIGURES_H_
