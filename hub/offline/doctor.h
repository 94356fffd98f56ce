// Doctor: looks at a data folder and a configuration while no hub runs, and says what is wrong.
#ifndef HUB_OFFLINE_DOCTOR_H_
#define HUB_OFFLINE_DOCTOR_H_

#include <cstdint>
#include <optional>
#include <string>

#include "hub/offline/finding.h"
#include "hub/offline/record_check.h"
#include "hub/store/formats.h"

namespace sessionhub::hub {

struct DoctorOptions {
  std::string data_dir;
  std::string config_file;  // options of sessionhubd; empty: none
  Formats formats = kFormats;
};

struct Examination {
  Findings findings;
  std::optional<RecordTotals> totals;  // nothing: the records could not be read to the end
  uint64_t free_bytes = 0;             // on the disk of the data folder; 0: it cannot be told

  // Anything but advice was found.
  bool ill() const;
};

// Changes nothing, but for the lock file of the database, which is made if it is missing. Reads the
// whole folder: takes about as long as copying it.
Examination Examine(const DoctorOptions& options);

}  // namespace sessionhub::hub

#endif  // HUB_OFFLINE_DOCTOR_H_
