// What an Ehcache on a Terracotta server sends, in bytes of TCP payload: measured, not modelled.
//
// Source: bench/results/2026-12-01-comparison/run.json, strategy terracotta, which is Ehcache 3.10
// with strong consistency; sessions of 20 fields, one of them changed. What a request has sent
// there is `bytes_per_change` less 66 bytes of headers for each of its `frames_per_change`.
// - A change: sticky, 4 nodes, sessions of 1, 4, 16 and 64 KiB differ by six times what the
//   sessions do. Without these six, 4 KiB leave about 1,490 bytes with 2 nodes, 2,010 with 4 and
//   2,970 with 8: 1,250 and 248 for each other node.
// - A new session: sticky, 4 nodes, the same sizes differ by what the sessions do. Without it, 4
//   KiB leave about 690 bytes with 2 nodes, 1,220 with 4 and 2,140 with 8: 440 and 248 for each
//   other node.
// So six sessions, 440, 248 and the 810 by which a change takes more are measured. How these are
// parted is not: the messages are taken to be those by which Ehcache works, with about the same
// bytes each. A put appends the session to what the server has (1); who then reads first gets the
// old and the new one (2), and has the server put the new one in place of both of them, naming both
// (3). What stands here is what is left beside the session; strategies_measured_test.cc puts it
// together again, and holds it against that file.
#ifndef BENCH_REPLAY_TERRACOTTA_FIGURES_H_
#define BENCH_REPLAY_TERRACOTTA_FIGURES_H_

#include <cstddef>

namespace sessionhub::bench::terracotta {

// A put, beside the session; its first answer; and the last one, which comes by itself: 440.
inline constexpr size_t kPutBytes = 150;
inline constexpr size_t kPutAnswerBytes = 145;
inline constexpr size_t kPutDoneBytes = 145;

// Each other node is told to drop its copy, whether it has one or not, and says that it has: 248.
inline constexpr size_t kDropBytes = 124;
inline constexpr size_t kDroppedBytes = 124;

// The request for a session, its answer beside the session, and the same of a replacement: 810.
inline constexpr size_t kGetBytes = 200;
inline constexpr size_t kGetAnswerBytes = 205;
inline constexpr size_t kReplaceBytes = 200;
inline constexpr size_t kReplaceAnswerBytes = 205;

// How often a session is in the answer to who reads it first after a put, and in the replacement.
inline constexpr size_t kSessionsGot = 2;
inline constexpr size_t kSessionsReplaced = 3;

}  // namespace sessionhub::bench::terracotta

#endif  // BENCH_REPLAY_TERRACOTTA_FIGURES_H_
