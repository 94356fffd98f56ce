// Option: what sessionhubd knows of one of its options. Each is declared once, as a row of
// option_table.cc, and flags, environment, file, --help, --print-config and the tables of
// docs/operations.md are all made from that row:
//
//   Number("lease-ms", &Config::lease_ms, 100, 3'600'000, "how long ...")
//   Reloadable(Number("nodes-max", &Config::nodes_max, 1, 1 << 20, "nodes ..."))
//   Required(Text("data-dir", &Config::data_dir, "folder ..."))
//
// The default is that of the member, as Config declares it.
#ifndef HUB_OPTIONS_OPTION_H_
#define HUB_OPTIONS_OPTION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "hub/config.h"

namespace sessionhub::hub {

// Of a text, and of each item of a list.
inline constexpr size_t kTextBytesMax = 4096;
// Items of a list.
inline constexpr size_t kItemsMax = 1000;
// What Option::allowed says of a text that may be any.
inline constexpr char kAnyText[] = "a text";

enum class OptionKind {
  kNumber,  // a whole number, in decimal
  kFlag,    // true or false
  kText,
  kList,  // of texts
};

struct Option {
  std::string name;  // as in a file: lease-ms
  OptionKind kind = OptionKind::kText;
  std::string allowed;  // what may be written: "100 to 3600000 ms"
  std::string help;
  std::string section;
  bool reloadable = false;  // else a change takes a restart
  bool required = false;    // nothing starts without it
  // Takes over what somebody has written: one text, of a list any number. InvalidArgument if that
  // is not allowed; its message goes on behind the text: "is out of its range: 100 to 3600000 ms".
  std::function<absl::Status(const std::vector<std::string>& texts, Config* config)> set;
  // The same texts for what `config` holds.
  std::function<std::vector<std::string>(const Config& config)> get;

  std::string flag() const;      // --lease-ms
  std::string variable() const;  // SESSIONHUB_LEASE_MS
};

// How the template below is made; not for rows.
Option MakeNumber(std::string name, uint64_t low, uint64_t high, std::string help,
                  std::function<void(uint64_t, Config*)> write,
                  std::function<uint64_t(const Config&)> read);

// From `low` to `high`, both included. The unit is in the name: ms, bytes, days, or none.
template <typename T>
Option Number(const std::string& name, T Config::*member, uint64_t low, uint64_t high,
              const std::string& help) {
  return MakeNumber(
      name, low, high, help,
      [member](uint64_t value, Config* config) { config->*member = static_cast<T>(value); },
      [member](const Config& config) { return config.*member; });
}

// The same for a member of Config::limits.
Option Number(std::string name, uint64_t Limits::*member, uint64_t low, uint64_t high,
              std::string help);

// Of up to kTextBytesMax, without control characters; what else must hold of it is for CheckConfig.
Option Text(std::string name, std::string Config::*member, std::string help);

// One of `words`.
Option Choice(std::string name, std::string Config::*member, std::vector<std::string> words,
              std::string help);

Option Flag(std::string name, bool Config::*member, std::string help);

// Up to kItemsMax texts.
Option List(std::string name, std::vector<std::string> Config::*member, std::string help);

// The same option, which SIGHUP reloads: Hub::Reload, or the program, takes a change over.
Option Reloadable(Option option);
Option Required(Option option);

}  // namespace sessionhub::hub

#endif  // HUB_OPTIONS_OPTION_H_
