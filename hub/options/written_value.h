// How people write values: in a file as the rest of a line, and lists anywhere.
//
//   bare text       up to the line's end, or to a # after a space, where a comment begins
//   "quoted"        may hold anything; \" and \\ stand for a quote and a backslash
//   'quoted'        may hold anything but a single quote; no character stands for another
//   [a, "b, c"]     a list; the brackets may be left out
//
// It is what CLI11 and TOML call strings and arrays, on one line. Pure.
#ifndef HUB_OPTIONS_WRITTEN_VALUE_H_
#define HUB_OPTIONS_WRITTEN_VALUE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace sessionhub::hub {

// The text that a line of a file gives. InvalidArgument if a quote has no end, or something but a
// comment follows it; the message goes on behind the value.
absl::StatusOr<std::string> ReadValue(std::string_view written);

// The items of a list, in a file (`comments`) or elsewhere. InvalidArgument as above, for an item
// that is left out, and for brackets that do not close.
absl::StatusOr<std::vector<std::string>> ReadList(std::string_view written, bool comments);

// `text` as ReadValue and ReadList take it, whatever is in it: in quotes.
std::string WriteValue(std::string_view text);
std::string WriteList(const std::vector<std::string>& texts);

// What somebody has written, to be shown in a message: at most 64 bytes of it, on one line.
std::string Shown(std::string_view written);

// Without the spaces, tabs and carriage returns at both ends.
std::string_view Trimmed(std::string_view text);

}  // namespace sessionhub::hub

#endif  // HUB_OPTIONS_WRITTEN_VALUE_H_
