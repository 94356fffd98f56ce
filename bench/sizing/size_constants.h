// SizeConstants: what a session, a change, a node and the programs take, as `sessionhub-bench
// sizing` reckons. docs/sizing.md has the same table, and a test holds the two together; `sizing
// --check` compares what comes of it with real processes.
//
// Of changes that come one at a time, so that no two share a frame or a sync: a hub that has much
// to do takes less for each.
#ifndef BENCH_SIZING_SIZE_CONSTANTS_H_
#define BENCH_SIZING_SIZE_CONSTANTS_H_

#include <array>

namespace sessionhub::bench {

struct SizeConstant {
  const char* name;  // the unit last
  double value;
  const char* of_what;
};

// Memory.
inline constexpr SizeConstant kHubProgram{"hub_program_bytes", 32 << 20,
                                          "memory of a hub without nodes and sessions"};
inline constexpr SizeConstant kHubNode{"hub_node_bytes", 40 << 10,
                                       "memory of a hub for each attached node"};
inline constexpr SizeConstant kHubPair{"hub_pair_bytes", 100,
                                       "memory of a hub for each session that a node has open"};
inline constexpr SizeConstant kWriteBuffers{
    "write_buffers_bytes_max", 48 << 20,
    "memory of a hub for what is in its log and in no table, once the log is full"};
inline constexpr SizeConstant kNodeProgram{"node_program_bytes", 24 << 20,
                                           "memory of a node's process without sessions"};
inline constexpr SizeConstant kNodeSession{"node_session_bytes", 600,
                                           "memory of a node for each open session, beside fields"};
inline constexpr SizeConstant kNodeField{
    "node_field_bytes", 120, "memory of a node for each field of these, beside its value"};

// Disk.
inline constexpr SizeConstant kStoredSession{"stored_session_bytes", 250,
                                             "in tables for each session: name, meta, identity"};
inline constexpr SizeConstant kStoredField{"stored_field_bytes", 30,
                                           "in tables for each field, beside its value"};
inline constexpr SizeConstant kTablesFactor{
    "tables_factor", 1.2, "tables with what is replaced and not yet compacted, by those without"};
inline constexpr SizeConstant kSyncBlock{"sync_bytes", 4'096, "written to disk by each sync"};
inline constexpr SizeConstant kTurnTime{"turn_us", 140,
                                        "of one turn with its sync; changes that come meanwhile "
                                        "share the next one"};
inline constexpr SizeConstant kLogChange{"log_change_bytes", 115,
                                         "in the log for each change, beside its value"};
inline constexpr SizeConstant kTableWrites{
    "table_writes", 2, "how often what is in the log is written again, into tables"};

// Processors.
inline constexpr SizeConstant kHubChange{"hub_change_us", 180,
                                         "processor time of a hub for each change"};
inline constexpr SizeConstant kHubForward{"hub_forward_us", 27,
                                          "processor time of a hub for each forwarded copy"};
inline constexpr SizeConstant kNodeChange{"node_change_us", 110,
                                          "processor time of a node for each change that it makes"};
inline constexpr SizeConstant kNodeForward{"node_forward_us", 52,
                                           "processor time of a node for each copy that it hears"};
inline constexpr SizeConstant kNodeIdle{"node_idle_us_per_s", 300,
                                        "processor time of an attached node that does nothing"};

// Network: Ethernet, IP and TCP headers and acknowledgements with it, both directions.
inline constexpr SizeConstant kWireChange{
    "wire_change_bytes", 420, "on the wire for each change and its answer, beside its value"};
inline constexpr SizeConstant kWireForward{"wire_forward_bytes", 185,
                                           "on the wire for each forwarded copy, beside its value"};
inline constexpr SizeConstant kWireIdle{"wire_idle_bytes_per_s", 33,
                                        "on the wire for each attached node: heartbeats"};
inline constexpr SizeConstant kTlsChange{"tls_change_bytes", 60,
                                         "on the wire beside that with TLS, for each change"};
inline constexpr SizeConstant kTlsForward{"tls_forward_bytes", 30,
                                          "on the wire beside that with TLS, for each copy"};

// All, in the order of the page.
inline constexpr std::array kSizeConstants = {
    kHubProgram, kHubNode,       kHubPair,     kWriteBuffers, kNodeProgram, kNodeSession,
    kNodeField,  kStoredSession, kStoredField, kTablesFactor, kSyncBlock,   kTurnTime,
    kLogChange,  kTableWrites,   kHubChange,   kHubForward,   kNodeChange,  kNodeForward,
    kNodeIdle,   kWireChange,    kWireForward, kWireIdle,     kTlsChange,   kTlsForward};

}  // namespace sessionhub::bench

#endif  // BENCH_SIZING_SIZE_CONSTANTS_H_
