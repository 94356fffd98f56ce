// RocksFigures: what RocksDB counts and measures of itself, as figures of the store. Each is
// declared once, in rocks_figures.cc.
#ifndef HUB_STORE_ROCKS_FIGURES_H_
#define HUB_STORE_ROCKS_FIGURES_H_

#include <rocksdb/db.h>
#include <rocksdb/statistics.h>

#include <vector>

#include "hub/store/store.h"

namespace sessionhub::hub {

// Any thread. A property that RocksDB does not tell is left out.
std::vector<StoreFigure> FiguresOf(rocksdb::DB* db, const rocksdb::Statistics& statistics);

}  // namespace sessionhub::hub

#endif  // HUB_STORE_ROCKS_FIGURES_H_
