// The command line of the comparison, apart from bench/main.cc.
#ifndef BENCH_COMPARE_COMMAND_LINE_H_
#define BENCH_COMPARE_COMMAND_LINE_H_

#include <CLI/CLI.hpp>

#include "bench/compare/compare.h"
#include "bench/compare/web_node.h"

namespace sessionhub::bench {

void AddCompare(CLI::App* program, CompareOptions* options);

// A hidden command: a process of the comparison, not for people.
void AddCompareNode(CLI::App* program, WebNodeOptions* options);

}  // namespace sessionhub::bench

#endif  // BENCH_COMPARE_COMMAND_LINE_H_
