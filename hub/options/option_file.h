// The file of options (--config): "name = value" a line, # comments. See written_value.h for what a
// value may be. A list may have several lines.
#ifndef HUB_OPTIONS_OPTION_FILE_H_
#define HUB_OPTIONS_OPTION_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "hub/options/given.h"
#include "hub/options/option.h"

namespace sessionhub::hub {

inline constexpr size_t kOptionFileBytesMax = 1 << 20;

// The text of the file. NotFound, PermissionDenied and the like as the system says,
// ResourceExhausted past kOptionFileBytesMax; the message names the file.
absl::StatusOr<std::string> ReadOptionFile(const std::string& path);

// What `text` gives, and a problem for each line that cannot be taken: an option that there is not,
// one that another line gives already, and what is no line of options at all. Pure; `path` is
// shown.
std::vector<Given> ParseOptionFile(const std::string& path, std::string_view text,
                                   const std::vector<Option>& options, Problems* problems);

}  // namespace sessionhub::hub

#endif  // HUB_OPTIONS_OPTION_FILE_H_
