// The table of sessionhubd's options: one row each. A further option is a member of Config with its
// default, and a row here.
#ifndef HUB_OPTIONS_OPTION_TABLE_H_
#define HUB_OPTIONS_OPTION_TABLE_H_

#include <vector>

#include "hub/options/option.h"

namespace sessionhub::hub {

// All of them, section by section, in the order in which people are shown them.
std::vector<Option> OptionTable();

}  // namespace sessionhub::hub

#endif  // HUB_OPTIONS_OPTION_TABLE_H_
