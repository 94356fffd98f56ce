// The name `stored` for the stored records' messages, inside the hub.
#ifndef HUB_RECORD_STORED_H_
#define HUB_RECORD_STORED_H_

#include "sessionhub/stored/v1/records.pb.h"

namespace sessionhub::hub {

namespace stored = ::sessionhub::stored::v1;

}  // namespace sessionhub::hub

#endif  // HUB_RECORD_STORED_H_
