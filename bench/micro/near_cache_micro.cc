// A read from the near cache, beside a look-up in a hash map of as many entries.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "sessionhub/client.h"
#include "sessionhub/testing/in_process_hub.h"

namespace sessionhub {
namespace {

constexpr int kFields = 20;

std::string FieldAt(int field) {
  return "cart/items/field-" + std::to_string(field);
}

// A node with a session, at a hub of this process. Lives until the process ends.
struct NearCache {
  NearCache() : hub(testing::InProcessHub::Start().value()) {
    ClientOptions options;
    options.endpoints = {hub.endpoint()};
    options.app = "micro";
    options.node_name = "node";
    client.emplace(Client::Connect(std::move(options)).value());
    OpenOptions open;
    open.create = Create::kIfMissing;
    session.emplace(client->Open("session", open).value());
    Edit edit = session->Begin();
    for (int field = 0; field < kFields; ++field) edit.Set(FieldAt(field), std::string(16, 'v'));
    if (!std::move(edit).Commit(Ack::kDurable, std::chrono::seconds(30)).applied()) std::abort();
  }

  testing::InProcessHub hub;
  std::optional<Client> client;
  std::optional<Session> session;
};

const Session& SharedSession() {
  static NearCache* const cache = new NearCache;
  return *cache->session;
}

void BM_NearCacheRead(benchmark::State& state) {
  const Session& session = SharedSession();
  for (auto _ : state) benchmark::DoNotOptimize(session.Read());
}
BENCHMARK(BM_NearCacheRead);

// What an application does for one field.
void BM_NearCacheReadField(benchmark::State& state) {
  const Session& session = SharedSession();
  const std::string path = FieldAt(7);
  for (auto _ : state) {
    const absl::StatusOr<View> view = session.Read();
    benchmark::DoNotOptimize(view->Get(path));
  }
}
BENCHMARK(BM_NearCacheReadField);

void BM_ViewGet(benchmark::State& state) {
  const View view = SharedSession().Read().value();
  const std::string path = FieldAt(7);
  for (auto _ : state) benchmark::DoNotOptimize(view.Get(path));
}
BENCHMARK(BM_ViewGet);

void BM_HashMapLookUp(benchmark::State& state) {
  std::unordered_map<std::string, std::string> map;
  for (int field = 0; field < kFields; ++field) map[FieldAt(field)] = std::string(16, 'v');
  const std::string path = FieldAt(7);
  for (auto _ : state) benchmark::DoNotOptimize(map.find(path));
}
BENCHMARK(BM_HashMapLookUp);

}  // namespace
}  // namespace sessionhub
