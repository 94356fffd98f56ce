// FailPointEnv: the real file system, with fail points where RocksDB writes and syncs its log.
#ifndef HUB_STORE_FAIL_POINT_ENV_H_
#define HUB_STORE_FAIL_POINT_ENV_H_

namespace rocksdb {
class Env;
}

namespace sessionhub::hub {

// For RocksStoreOptions::env. nullptr, so the real file system itself, in a build without fail
// points. Lives as long as the process.
rocksdb::Env* FailPointEnv();

}  // namespace sessionhub::hub

#endif  // HUB_STORE_FAIL_POINT_ENV_H_
