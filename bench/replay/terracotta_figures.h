// What an Ehcache on a Terracotta server sends, in bytes of TCP payload: measured, not modelled.
//
// Source: the comparison of 30 November 2026 (bench/results), Ehcache 3.10 with strong consistency
// in 2, 4 and 8 network namespaces, sessions of 20 fields. Sticky, a change of a session of 4 KiB
// took 27,983, 28,731 and 30,058 bytes on the wire, a new session 5,461, 6,343 and 7,619; at 4
// nodes a change of a session of 1, 16 and 64 KiB took 9,422, 106,202 and 415,493. Without
// segments' headers, 66 bytes each, the session is in a change six times, to within 0.1 % of its
// size, and in a new session once. Which six these are is not measured. They are taken to be what
// Ehcache does: a put appends the session to what the server has (1); who then reads first gets the
// old and the new one (2), and has the server put the new one in place of both of them, naming both
// (3). What stands here is what is left beside the session; a unit test puts them together again.
#ifndef BENCH_REPLAY_TERRACOTTA_FIGURES_H_
#define BENCH_REPLAY_TERRACOTTA_FIGURES_H_

#include <cstddef>

namespace sessionhub::bench::terracotta {

// A put, beside the session; its first answer; and the last one, which comes by itself.
inline constexpr size_t kPutBytes = 150;
inline constexpr size_t kPutAnswerBytes = 145;
inline constexpr size_t kPutDoneBytes = 145;

// Each other node is told to drop its copy, whether it has one or not, and says that it has.
inline constexpr size_t kDropBytes = 124;
inline constexpr size_t kDroppedBytes = 124;

// The request for a session, its answer beside the session, and the same of a replacement.
inline constexpr size_t kGetBytes = 200;
inline constexpr size_t kGetAnswerBytes = 205;
inline constexpr size_t kReplaceBytes = 200;
inline constexpr size_t kReplaceAnswerBytes = 205;

// How often a session is in the answer to who reads it first after a put, and in the replacement.
inline constexpr size_t kSessionsGot = 2;
inline constexpr size_t kSessionsReplaced = 3;

}  // namespace sessionhub::bench::terracotta

#endif  // BENCH_REPLAY_TERRACOTTA_FIGURES_H_
