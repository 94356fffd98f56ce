// Fail points: places in the hub's code, by name, at which a test lets the process die as a crash
// would: by SIGKILL, in the middle of what it does. A build without SESSIONHUB_FAIL_POINTS holds
// nothing of them.
//
//   FAIL_POINT("sync.before");
//
// One is chosen by the environment when the hub starts, and armed from outside by a signal, so that
// whoever tests chooses the moment:
//
//   SESSIONHUB_FAIL_POINT=sync.before:3 sessionhubd ... &
//   kill -USR1 $!    # the third time that it passes there from now on, it dies
#ifndef HUB_FAIL_POINT_H_
#define HUB_FAIL_POINT_H_

#include <string_view>

#include "absl/status/status.h"

namespace sessionhub::hub {

// All there are: in the order of a turn, then of an upgrade. A line each, with what a restart
// finds.
inline constexpr std::string_view kFailPoints[] = {
    "sync.before",      // nothing of the turn is written
    "sync.torn",        // half of a write to RocksDB's log is in the file
    "sync.within",      // the record is in the log, and the sync has not begun
    "sync.after",       // the record is synced, and nobody has heard of it
    "release.effect",   // some of the turn's effects are in outboxes, and perhaps on streams
    "release.wake",     // some nodes' streams know that there is something to write
    "catch_up.turn",    // a catch-up is read within its turn, and not in the outbox
    "catch_up.reader",  // a large catch-up is being read or written beside the turns
    "catch_up.last",    // all but the last part of a large catch-up has left
    "finalize.draft",   // the later FORMAT is written, and not in its place
    "finalize.format",  // FORMAT says the later format, the folder's record the earlier one
    "finalize.record",  // both say the later format, and nobody has heard of it
};

// Its place in kFailPoints; -1 if there is none of that name.
constexpr int FailPointNumber(std::string_view name) {
  int number = 0;
  for (const std::string_view one : kFailPoints) {
    if (one == name) return number;
    ++number;
  }
  return -1;
}

#ifdef SESSIONHUB_FAIL_POINTS

// Chooses where this process will die, "NAME:PASSES", once it is armed. InvalidArgument, with all
// names, for anything else. Not while threads pass fail points.
absl::Status ChooseFailPoint(std::string_view setting);

// Counts passes from now on. Safe in a signal's handler.
void ArmFailPoint();

// Chooses what the environment variable SESSIONHUB_FAIL_POINT says, and lets SIGUSR1 arm it. OK
// if the variable is not set.
absl::Status TakeFailPointFromEnvironment();

// Counts a pass. True if this was the last one: whoever asked has to die now. From any thread.
bool FailPointIsDue(int number);

// Says on standard error which fail point it was and when, then dies.
[[noreturn]] void DieAtFailPoint();

// For code that does something before it dies.
#define FAIL_POINT_NUMBER(name)                                                             \
  []() constexpr {                                                                          \
    static_assert(::sessionhub::hub::FailPointNumber(name) >= 0, "name it in kFailPoints"); \
    return ::sessionhub::hub::FailPointNumber(name);                                        \
  }                                                                                         \
  ()

#define FAIL_POINT(name)                                              \
  do {                                                                \
    if (::sessionhub::hub::FailPointIsDue(FAIL_POINT_NUMBER(name))) { \
      ::sessionhub::hub::DieAtFailPoint();                            \
    }                                                                 \
  } while (false)

#else

#define FAIL_POINT(name)                                                                    \
  do {                                                                                      \
    static_assert(::sessionhub::hub::FailPointNumber(name) >= 0, "name it in kFailPoints"); \
  } while (false)

inline absl::Status TakeFailPointFromEnvironment() {
  return absl::OkStatus();
}

#endif

}  // namespace sessionhub::hub

#endif  // HUB_FAIL_POINT_H_
