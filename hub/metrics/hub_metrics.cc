#include "hub/metrics/hub_metrics.h"

#include <algorithm>
#include <map>
#include <utility>

#include "hub/gateway/node_stream.h"
#include "hub/metrics/process_figures.h"
#include "hub/shard/shard_machine_options.h"

namespace sessionhub::hub {
namespace {

using Labels = Exposition::Labels;

constexpr double kSecondsOfUs = 1e-6;
constexpr double kSecondsOfNanos = 1e-9;

template <typename Count>
double ToDouble(Count count) {
  return static_cast<double>(count);
}

Labels OfShard(size_t shard) {
  return {{"shard", std::to_string(shard)}};
}

// What all shards have counted together.
ShardCounters TotalOf(const std::vector<ShardReport>& reports) {
  ShardCounters total;
  for (const ShardReport& report : reports) {
    const ShardCounters& one = report.counters;
    total.deltas_applied += one.deltas_applied;
    total.deltas_refused += one.deltas_refused;
    total.deltas_duplicate += one.deltas_duplicate;
    total.forwards += one.forwards;
    total.catch_ups += one.catch_ups;
    total.large_catch_ups += one.large_catch_ups;
    total.lapses += one.lapses;
    total.sessions_created += one.sessions_created;
    total.sessions_ended += one.sessions_ended;
    total.sessions_expired += one.sessions_expired;
    total.touches += one.touches;
    total.locks_granted += one.locks_granted;
    total.deliveries_refused += one.deliveries_refused;
    total.lock_waits_refused += one.lock_waits_refused;
    total.sessions_refused += one.sessions_refused;
  }
  return total;
}

// Of each app, what all shards have counted together. All shards know of the same nodes.
std::map<AppNumber, AppCounters> AppsOf(const std::vector<ShardReport>& reports) {
  std::map<AppNumber, AppCounters> total;
  for (const ShardReport& report : reports) {
    for (const auto& [app, one] : report.apps) {
      AppCounters& counters = total[app];
      counters.nodes_attached = std::max(counters.nodes_attached, one.nodes_attached);
      counters.deltas_applied += one.deltas_applied;
      counters.deltas_refused += one.deltas_refused;
      counters.deltas_duplicate += one.deltas_duplicate;
      counters.forwards += one.forwards;
      counters.broadcast_copies += one.broadcast_copies;
    }
  }
  return total;
}

}  // namespace

Exposition HubMetrics::Collect() const {
  std::vector<ShardReport> reports;
  reports.reserve(context_.shards.size());
  for (const ShardThread* shard : context_.shards) reports.push_back(shard->report());
  Exposition out;
  AddHub(&out);
  AddNodes(&out);
  AddStreams(&out);
  AddCounters(TotalOf(reports), reports, &out);
  AddShards(reports, &out);
  AddWaits(reports, &out);
  AddCatchUps(reports, &out);
  AddApps(reports, &out);
  AddWalk(&out);
  AddStore(&out);
  AddProcess(&out);
  return out;
}

void HubMetrics::AddHub(Exposition* out) const {
  out->Gauge("sessionhub_build_info", "1; the labels say which release this is.")
      .Add(1, {{"version", context_.version}});
  out->Gauge("sessionhub_format", "Format of the data folder.").Add(context_.store->format());
  out->Gauge("sessionhub_newest_format",
             "Newest format that this hub knows; above sessionhub_format there is an upgrade to "
             "finalize.")
      .Add(context_.store->newest_format());
  out->Gauge("sessionhub_ready", "1 while /readyz says ready, else 0.")
      .Add(context_.why_not_ready().empty() ? 1 : 0);
  out->Gauge("sessionhub_uptime_seconds", "Since the start of this process.")
      .Add(ToDouble(context_.now_us() - context_.started_us) * kSecondsOfUs);
  out->Counter("sessionhub_wall_clock_steps_total",
               "How often the machine's wall clock was set, by more than a second.")
      .Add(ToDouble(context_.clock->wall_clock_steps()));
  out->Gauge("sessionhub_disk_free_bytes",
             "Free space on the disk of the data folder; 0 if nobody looks.")
      .Add(ToDouble(context_.space->free_bytes()));
  out->Gauge("sessionhub_disk_free_min_bytes",
             "Free space below which sessions do not grow: --disk-free-bytes-min.")
      .Add(ToDouble(context_.space->free_bytes_min()));
  out->Gauge("sessionhub_growth_waits", "1 while writes wait for space on the disk, else 0.")
      .Add(context_.space->growth_waits() ? 1 : 0);
  out->Counter("sessionhub_connections_refused_total",
               "Connections closed at once, to leave the store the files it must open.")
      .Add(ToDouble(context_.connections_refused()));
}

void HubMetrics::AddNodes(Exposition* out) const {
  const OutboxFill fill = context_.registry->fill();
  out->Gauge("sessionhub_nodes", "Nodes attached now.").Add(ToDouble(fill.nodes));
  out->Gauge("sessionhub_nodes_in_lease", "Nodes that are away, within their lease.")
      .Add(ToDouble(fill.nodes_in_lease));
  out->Gauge("sessionhub_nodes_max", "Nodes attached or in their lease at most: --nodes-max.")
      .Add(ToDouble(fill.nodes_max));
  out->Counter("sessionhub_nodes_refused_total", "Nodes told BUSY past --nodes-max.")
      .Add(ToDouble(fill.nodes_refused));
  const Registrar::Fill registrar = context_.registrar->fill();
  out->Gauge("sessionhub_registrations", "Nodes that wait to be registered when they attach.")
      .Add(ToDouble(registrar.requests));
  out->Gauge("sessionhub_registrations_max", "The most of them.")
      .Add(ToDouble(context_.registrar->requests_max()));
  out->Counter("sessionhub_registrations_refused_total", "Nodes told BUSY past that.")
      .Add(ToDouble(registrar.refused));
  out->Gauge("sessionhub_outbox_bytes", "What waits to be written, in the outboxes of all nodes.")
      .Add(ToDouble(fill.bytes));
  out->Gauge("sessionhub_outbox_largest_bytes", "What waits to be written, in the fullest outbox.")
      .Add(ToDouble(fill.bytes_largest));
  out->Gauge("sessionhub_outbox_max_bytes",
             "Of one outbox, past which its node's copies lapse: --outbox-bytes-max.")
      .Add(ToDouble(context_.config->outbox_bytes_max));
  out->Gauge("sessionhub_catch_up_waiting_bytes",
             "Chunks of large catch-ups that wait to be written, of all nodes.")
      .Add(ToDouble(fill.chunk_bytes));
}

void HubMetrics::AddStreams(Exposition* out) const {
  const HubService::Fill streams = context_.streams->GetFill();
  out->Gauge("sessionhub_streams", "Streams of nodes, also of those that have not said hello.")
      .Add(ToDouble(streams.streams));
  out->Gauge("sessionhub_streams_max", "The most of them.").Add(ToDouble(streams.streams_max));
  out->Counter("sessionhub_streams_refused_total", "Streams turned away past that.")
      .Add(ToDouble(streams.streams_refused));
  out->Gauge("sessionhub_in_flight_deltas", "Deltas without an answer, of all nodes.")
      .Add(ToDouble(streams.in_flight_deltas));
  out->Gauge("sessionhub_in_flight_deltas_largest",
             "Deltas without an answer, of the node with most.")
      .Add(ToDouble(streams.in_flight_largest));
  out->Gauge("sessionhub_in_flight_deltas_max",
             "Of one node, past which it is not read: --in-flight-deltas-max.")
      .Add(ToDouble(context_.config->limits.in_flight_deltas_max));
  out->Gauge("sessionhub_held_bytes", "What waits for space on the disk, of all nodes.")
      .Add(ToDouble(streams.held_bytes));
  out->Gauge("sessionhub_held_largest_bytes",
             "What waits for space on the disk, of the node with most.")
      .Add(ToDouble(streams.held_bytes_largest));
  out->Gauge("sessionhub_held_max_bytes", "Of one node, past which it is not read.")
      .Add(ToDouble(kHeldBytesMax));
}

void HubMetrics::AddCounters(const ShardCounters& total, const std::vector<ShardReport>& reports,
                             Exposition* out) const {
  out->Counter("sessionhub_deltas_total",
               "Deltas decided, by outcome; a duplicate was sent again and is not applied again.")
      .Add(ToDouble(total.deltas_applied), {{"outcome", "applied"}})
      .Add(ToDouble(total.deltas_refused), {{"outcome", "refused"}})
      .Add(ToDouble(total.deltas_duplicate), {{"outcome", "duplicate"}});
  out->Counter("sessionhub_forwards_total", "Deltas forwarded, each for each of its nodes.")
      .Add(ToDouble(total.forwards));
  out->Counter("sessionhub_lapses_total",
               "Copies that fell behind because their node's outbox was full.")
      .Add(ToDouble(total.lapses));
  out->Counter("sessionhub_sessions_created_total", "Sessions made.")
      .Add(ToDouble(total.sessions_created));
  out->Counter("sessionhub_sessions_ended_total", "Sessions deleted or expired.")
      .Add(ToDouble(total.sessions_ended));
  out->Counter("sessionhub_sessions_expired_total", "Sessions expired.")
      .Add(ToDouble(total.sessions_expired));
  out->Gauge("sessionhub_app_sessions_max",
             "Of one app, past which no session is made for it: --app-sessions-max; 0: none.")
      .Add(ToDouble(context_.app_limits->sessions_max()));
  out->Counter("sessionhub_sessions_refused_total", "Sessions not made, past that.")
      .Add(ToDouble(total.sessions_refused));
  out->Counter("sessionhub_touches_total",
               "Uses of sessions that nodes have told, besides commits.")
      .Add(ToDouble(total.touches));
  out->Counter("sessionhub_locks_granted_total", "Locks granted; prolonging one is none.")
      .Add(ToDouble(total.locks_granted));
  uint64_t copies_ahead = 0;
  for (const ShardReport& report : reports) copies_ahead += report.copies_ahead;
  out->Counter("sessionhub_copies_ahead_total",
               "Copies that claimed a version above their session's own: the data folder is older "
               "than what its nodes know.")
      .Add(ToDouble(copies_ahead));
}

void HubMetrics::AddShards(const std::vector<ShardReport>& reports, Exposition* out) const {
  const uint64_t now_ns = NowNs();
  auto turns = out->Counter("sessionhub_turns_total", "Turns of each shard.");
  for (size_t i = 0; i < reports.size(); ++i) turns.Add(ToDouble(reports[i].turns), OfShard(i));
  auto syncs = out->Counter("sessionhub_syncs_total", "Turns that were made durable with a sync.");
  for (size_t i = 0; i < reports.size(); ++i) syncs.Add(ToDouble(reports[i].syncs), OfShard(i));
  auto silence = out->Gauge("sessionhub_shard_silence_seconds",
                            "Since the shard last told of itself, which it does ten times a second "
                            "unless a turn takes longer.");
  for (size_t i = 0; i < reports.size(); ++i) {
    const uint64_t at_ns = std::min(reports[i].at_ns, now_ns);
    silence.Add(ToDouble(now_ns - at_ns) * kSecondsOfNanos, OfShard(i));
  }
  auto interests = out->Gauge("sessionhub_interests", "Pairs of a node and a session it hears of.");
  for (size_t i = 0; i < reports.size(); ++i) {
    interests.Add(ToDouble(reports[i].interests), OfShard(i));
  }
  std::vector<Mailbox::Fill> mailboxes;
  for (ShardThread* shard : context_.shards) mailboxes.push_back(shard->mailbox().fill());
  auto bytes = out->Gauge("sessionhub_mailbox_bytes", "What waits for the shard's next turns.");
  for (size_t i = 0; i < mailboxes.size(); ++i) bytes.Add(ToDouble(mailboxes[i].bytes), OfShard(i));
  out->Gauge("sessionhub_mailbox_max_bytes",
             "Of one mailbox, past which streams are not read: --mailbox-bytes-max.")
      .Add(ToDouble(context_.config->mailbox_bytes_max));
  auto inputs = out->Gauge("sessionhub_mailbox_inputs", "How many inputs that is.");
  for (size_t i = 0; i < mailboxes.size(); ++i) {
    inputs.Add(ToDouble(mailboxes[i].inputs), OfShard(i));
  }
  auto refused = out->Counter("sessionhub_mailbox_refused_total",
                              "How often a stream had to wait for room in the mailbox.");
  for (size_t i = 0; i < mailboxes.size(); ++i) {
    refused.Add(ToDouble(mailboxes[i].refused), OfShard(i));
  }
  uint64_t slow_commits = 0;
  for (const ShardThread* shard : context_.shards) slow_commits += shard->slow_commits();
  out->Counter("sessionhub_slow_commits_total", "Turns that took --slow-commit-ms or longer.")
      .Add(ToDouble(slow_commits));
}

void HubMetrics::AddWaits(const std::vector<ShardReport>& reports, Exposition* out) const {
  const ShardCounters total = TotalOf(reports);
  auto deliveries = out->Gauge("sessionhub_delivery_waits",
                               "Pairs of a delta and a node that is waited for until it has "
                               "applied it.");
  for (size_t i = 0; i < reports.size(); ++i) {
    deliveries.Add(ToDouble(reports[i].delivery_waits), OfShard(i));
  }
  out->Gauge("sessionhub_delivery_waits_max", "Of one shard: --delivery-waits-max.")
      .Add(ToDouble(context_.config->delivery_waits_max));
  out->Counter("sessionhub_deliveries_refused_total", "Commits refused past that.")
      .Add(ToDouble(total.deliveries_refused));
  auto locks = out->Gauge("sessionhub_lock_waits", "Requests that wait for a session's lock.");
  for (size_t i = 0; i < reports.size(); ++i) {
    locks.Add(ToDouble(reports[i].lock_waits), OfShard(i));
  }
  out->Gauge("sessionhub_lock_waits_max", "Of one shard.")
      .Add(ToDouble(LocksOptions().waiters_max));
  out->Counter("sessionhub_lock_waits_refused_total",
               "Waits refused past that, or past the bound of one session.")
      .Add(ToDouble(total.lock_waits_refused));
}

void HubMetrics::AddCatchUps(const std::vector<ShardReport>& reports, Exposition* out) const {
  const ShardCounters total = TotalOf(reports);
  out->Counter("sessionhub_catch_ups_total", "Catch-ups begun: after an Open, a resume or a lapse.")
      .Add(ToDouble(total.catch_ups));
  out->Counter("sessionhub_large_catch_ups_total",
               "Catch-ups of sessions too large for a turn, which a reader makes.")
      .Add(ToDouble(total.large_catch_ups));
  auto behind = out->Gauge("sessionhub_pairs_behind", "Pairs that wait for a catch-up.");
  for (size_t i = 0; i < reports.size(); ++i) behind.Add(ToDouble(reports[i].behind), OfShard(i));
  out->Gauge("sessionhub_catch_up_reads", "Large sessions that are being read for a node.")
      .Add(ToDouble(context_.reader->reads()));
  out->Gauge("sessionhub_catch_up_reads_max", "The most of them: --catch-up-reads-max.")
      .Add(ToDouble(context_.config->catch_up_reads_max));
}

void HubMetrics::AddApps(const std::vector<ShardReport>& reports, Exposition* out) const {
  const std::vector<TrafficOfApp> traffic = context_.traffic->All();
  std::map<AppNumber, AppCounters> counters = AppsOf(reports);
  std::map<AppNumber, uint64_t> broadcast = context_.broadcast->bytes();
  // A sample for each app, of what is told of one: the first argument its figures.
  const auto add = [&](Exposition::Family family, auto value, const Labels& more = {}) {
    for (const TrafficOfApp& app : traffic) {
      Labels labels = {{"app", app.name}};
      labels.insert(labels.end(), more.begin(), more.end());
      family.Add(ToDouble(value(app)), std::move(labels));
    }
  };
  const auto counted = [&counters](uint64_t AppCounters::*member) {
    return [&counters, member](const TrafficOfApp& app) { return counters[app.app].*member; };
  };
  const auto carried = [](uint64_t Traffic::*member) {
    return [member](const TrafficOfApp& app) { return app.traffic.*member; };
  };
  add(out->Gauge("sessionhub_app_nodes", "Nodes of the app attached now."),
      counted(&AppCounters::nodes_attached));
  add(out->Gauge("sessionhub_app_sessions", "Sessions of the app that have not ended."),
      [this](const TrafficOfApp& app) { return context_.app_sessions->Of(app.app); });
  add(out->Counter("sessionhub_app_deltas_received_total",
                   "Deltas that nodes of the app have sent."),
      carried(&Traffic::deltas_in));
  auto deltas = out->Counter("sessionhub_app_deltas_total",
                             "Deltas of the app decided, by outcome, as sessionhub_deltas_total.");
  add(deltas, counted(&AppCounters::deltas_applied), {{"outcome", "applied"}});
  add(deltas, counted(&AppCounters::deltas_refused), {{"outcome", "refused"}});
  add(deltas, counted(&AppCounters::deltas_duplicate), {{"outcome", "duplicate"}});
  add(out->Counter("sessionhub_app_forwards_total", "As sessionhub_forwards_total, of the app."),
      counted(&AppCounters::forwards));
  auto frames = out->Counter("sessionhub_app_frames_total", "Frames from (in) and to (out) nodes.");
  add(frames, carried(&Traffic::frames_in), {{"direction", "in"}});
  add(frames, carried(&Traffic::frames_out), {{"direction", "out"}});
  auto bytes = out->Counter("sessionhub_app_frame_bytes_total",
                            "Bytes of these frames, without the headers of gRPC and below it.");
  add(bytes, carried(&Traffic::bytes_in), {{"direction", "in"}});
  add(bytes, carried(&Traffic::bytes_out), {{"direction", "out"}});
  add(out->Counter("sessionhub_app_forward_bytes_total",
                   "Of the bytes out: changes in forwards, each for each of its nodes."),
      carried(&Traffic::forward_bytes));
  add(out->Counter("sessionhub_app_catch_up_bytes_total", "Of the bytes out: fields in catch-ups."),
      carried(&Traffic::catch_up_bytes));
  add(out->Counter("sessionhub_app_broadcast_copies_total",
                   "Copies that a broadcast would have sent: for each applied delta, one for each "
                   "attached node of the app but its own."),
      counted(&AppCounters::broadcast_copies));
  add(out->Counter("sessionhub_app_broadcast_bytes_total",
                   "Bytes that a broadcast of whole sessions would have sent: paths and values in "
                   "these copies, sizes sampled; without keys, lengths, headers and acks."),
      [&broadcast](const TrafficOfApp& app) { return broadcast[app.app]; });
}

void HubMetrics::AddWalk(Exposition* out) const {
  auto walk = out->Histogram("sessionhub_walk_seconds",
                             "How long each of the hub's rows of the walk takes, the table in "
                             "README.md: of a frame or a turn.");
  for (const WalkStep step : kWalkSteps) {
    walk.Add(context_.walk_times->figures(step),
             {{"row", std::to_string(static_cast<int>(step))}, {"step", NameOf(step)}});
  }
}

void HubMetrics::AddStore(Exposition* out) const {
  for (const StoreFigure& figure : context_.store->figures()) {
    const std::string name = std::string("sessionhub_") + figure.name;
    auto family = figure.counts ? out->Counter(name, figure.help) : out->Gauge(name, figure.help);
    family.Add(figure.value);
  }
}

// Under the names that all programs with Prometheus metrics use.
void HubMetrics::AddProcess(Exposition* out) {
  const ProcessFigures figures = ReadProcessFigures();
  out->Gauge("process_resident_memory_bytes", "Memory of this process that is in RAM.")
      .Add(ToDouble(figures.resident_bytes));
  out->Counter("process_cpu_seconds_total", "Processor time of this process, of all its threads.")
      .Add(figures.cpu_seconds);
  out->Gauge("process_open_fds", "Files that this process has open, its connections among them.")
      .Add(ToDouble(figures.open_files));
  out->Gauge("process_max_fds", "Files that this process may have open.")
      .Add(ToDouble(figures.open_files_max));
}

}  // namespace sessionhub::hub
