// What nodes and servers are set to, the same for all stores.
#ifndef BENCH_COMPARE_STORE_SETTINGS_H_
#define BENCH_COMPARE_STORE_SETTINGS_H_

#include <chrono>

namespace sessionhub::bench {

// How long an unused session lives: what servlet containers and Spring Session have by default.
inline constexpr std::chrono::seconds kSessionLife{1800};

// A node that serves reads from its memory tells the store so often that the session is in use.
inline constexpr std::chrono::seconds kTouchPause{60};

// When Redis writes its append-only file to the disk: by its default each second, or before each
// answer.
inline constexpr char kRedisAppendFsync[] = "everysec";
inline constexpr char kRedisSyncedAppendFsync[] = "always";

// The user and the database of PostgreSQL.
inline constexpr char kPostgresUser[] = "sessions";
inline constexpr char kPostgresDatabase[] = "postgres";

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_STORE_SETTINGS_H_
