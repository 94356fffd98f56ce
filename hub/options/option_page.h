// The options as pages: a file for --print-config, and the tables of docs/operations.md.
#ifndef HUB_OPTIONS_OPTION_PAGE_H_
#define HUB_OPTIONS_OPTION_PAGE_H_

#include <string>
#include <vector>

#include "hub/options/option.h"
#include "hub/options/settings.h"

namespace sessionhub::hub {

// A file that --config takes: every option with what it is for, its range and its default. Those
// that somebody has set are written with their value, the others are comments.
std::string ConfigPage(const std::vector<Option>& options, const Settings& settings);

// Markdown: a heading and a table for each section.
std::string OptionTables(const std::vector<Option>& options);

}  // namespace sessionhub::hub

#endif  // HUB_OPTIONS_OPTION_PAGE_H_
