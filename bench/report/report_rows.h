// The rows of the report, by the rooms in which they are measured; bench/README.md says what each
// number means. What cannot be measured is told as a violation.
#ifndef BENCH_REPORT_REPORT_ROWS_H_
#define BENCH_REPORT_REPORT_ROWS_H_

#include <optional>

#include "bench/report/report_scene.h"

namespace sessionhub::bench {

// ---- load_rows.cc ----

// One node with one commit in flight, beside echo and fdatasync.
void TellOneInFlight(ReportScene* scene);
// 16 processes beside Redis.
void TellProcesses(ReportScene* scene);
// The same commits of the same two nodes, and ever more others that have no interest in them.
void TellMoreNodes(ReportScene* scene);
// A balancer that knows of no sessions, and ever more nodes behind it.
void TellMoreWriters(ReportScene* scene);
// Long enough for flushes and compactions, which must not show as cliffs.
void TellHalfLoad(ReportScene* scene);

// Commits a second that 16 processes with one in flight do: measured once in a run. 0, and a
// violation, if that cannot be.
double MeasureCanDo(ReportScene* scene);

// ---- the others, each in a file of its name ----

// Frames of 16 changes by themselves, beside the load of 16 processes with 16 in flight each, if
// there is one.
void TellFrameOfSixteen(ReportScene* scene, const std::optional<LoadFigures>& batched);

// The same rate at the hub and at Redis: latencies and processor time of servers and clients.
void TellHalfLoadBeside(ReportScene* scene);
// One session and all who hear of it, beside Redis and its subscribers.
void TellPublish(ReportScene* scene);
// One delta to many nodes, beside a bare write to many streams.
void TellFanOut(ReportScene* scene);
// A read in a node, beside a hash map's.
void TellNearCache(ReportScene* scene);
// All single parts of node and hub, by Google Benchmark.
void TellMicro(ReportScene* scene);
// What the index takes for a node's interest in a session.
void TellInterestPair(ReportScene* scene);
// A million sessions: memory, requests on them, and a start after SIGKILL.
void TellMillion(ReportScene* scene);
// Hot commits while large sessions that are in no cache are opened.
void TellColdLarge(ReportScene* scene);

}  // namespace sessionhub::bench

#endif  // BENCH_REPORT_REPORT_ROWS_H_
