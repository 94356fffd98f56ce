#include "hub/options/command_line.h"

#include <CLI/CLI.hpp>
#include <iterator>
#include <map>
#include <utility>

#include "hub/options/written_value.h"

namespace sessionhub::hub {
namespace {

constexpr char kFooter[] = R"(
An option is taken from its flag, else from the environment (SESSIONHUB_ and its name in capitals:
SESSIONHUB_LEASE_MS), else from the file, else from its default. SIGHUP reads the file again and
takes over what is reloadable. Lists are separated by commas, or given several times.

Exit codes:
  0  stopped by SIGTERM or SIGINT, after the answers that were due
  1  could not start or go on: the log says why and what to do
  2  wrong usage, or an option that is wrong, wherever it was given; nothing was started
)";

const char* TypeName(OptionKind kind) {
  switch (kind) {
    case OptionKind::kNumber:
      return "NUMBER";
    case OptionKind::kFlag:
      return "";
    case OptionKind::kText:
      return "TEXT";
    case OptionKind::kList:
      return "LIST";
  }
  return "";
}

std::string HelpOf(const Option& option) {
  std::string more;
  if (option.kind != OptionKind::kFlag && option.allowed != kAnyText) more += option.allowed;
  if (option.reloadable) more += more.empty() ? "reloadable" : "; reloadable";
  if (option.required) more += more.empty() ? "required" : "; required";
  return more.empty() ? option.help : option.help + "\n" + more;
}

void AddTwice(const std::string& flag, Problems* problems) {
  problems->Add(flag + " is given twice: leave one out");
}

// CLI11 only sorts arguments into options: what their texts mean is the same wherever they are
// given, so that is not its business.
class Flags {
 public:
  Flags(const std::vector<Option>& options, const std::string& version) : options_(options) {
    const std::string config = "file of options, one 'name = value' a line";
    const std::string print = "print a file with every option, its range and its value, and stop";
    const std::string check = "say whether the options are right, and stop";
    app_.set_version_flag("--version", version);
    app_.footer(kFooter);
    app_.allow_extras();
    config_ = app_.add_option("--config", config)->type_name("FILE")->take_all();
    print_config_ = app_.add_flag("--print-config", print);
    check_config_ = app_.add_flag("--check-config", check);
    for (const Option& option : options_) Declare(option);
  }

  CommandLine Parse(int argc, const char* const* argv, Problems* problems) {
    CommandLine line;
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      line.answer = app_.help();
      return line;
    } catch (const CLI::CallForVersion& version) {
      line.answer = std::string(version.what()) + "\n";
      return line;
    } catch (const CLI::ParseError& error) {
      problems->Add(error.what());
      return line;
    }
    CollectExtras(problems);
    line.print_config = print_config_->count() > 0;
    line.check_config = check_config_->count() > 0;
    if (config_->count() > 0) line.config_file = config_->results().back();
    if (config_->count() > 1) AddTwice("--config", problems);
    for (const Option& option : options_) Collect(option, &line, problems);
    return line;
  }

 private:
  void Declare(const Option& option) {
    const std::string help = HelpOf(option);
    if (option.kind == OptionKind::kFlag) {
      flags_[option.name] = app_.add_flag(option.flag(), help)->group(option.section)->take_all();
      return;
    }
    CLI::Option* const flag = app_.add_option(option.flag(), help)
                                  ->type_name(TypeName(option.kind))
                                  ->group(option.section)
                                  ->take_all();
    const std::vector<std::string> texts = option.get(Config());
    if (texts.size() == 1) flag->default_str(texts.front());
    flags_[option.name] = flag;
  }

  void Collect(const Option& option, CommandLine* line, Problems* problems) {
    const std::vector<std::string>& written = flags_.at(option.name)->results();
    if (written.empty()) return;
    Given given = {option.name, option.flag(), option.flag(), written};
    if (option.kind == OptionKind::kList) {
      given.texts = ItemsOf(option, written, problems);
    } else if (written.size() > 1) {
      AddTwice(option.flag(), problems);
      return;
    }
    line->given.push_back(std::move(given));
  }

  static std::vector<std::string> ItemsOf(const Option& option,
                                          const std::vector<std::string>& lists,
                                          Problems* problems) {
    std::vector<std::string> all;
    for (const std::string& list : lists) {
      absl::StatusOr<std::vector<std::string>> items = ReadList(list, false);
      if (items.ok()) {
        std::move(items->begin(), items->end(), std::back_inserter(all));
      } else {
        problems->Add(option.flag() + " = " + Shown(list) + " " +
                      std::string(items.status().message()));
      }
    }
    return all;
  }

  // What follows an unknown flag is taken for its value, and not told.
  void CollectExtras(Problems* problems) const {
    bool is_value = false;
    for (const std::string& extra : app_.remaining()) {
      const bool is_flag = extra[0] == '-';
      const std::string name = extra.substr(0, extra.find('='));
      if (is_flag || !is_value) {
        problems->Add(Shown(name) + " is no option" + Suggestion(is_flag ? NearestFlag(name) : ""));
      }
      is_value = is_flag && name == extra;
    }
  }

  std::string NearestFlag(const std::string& written) const {
    std::vector<std::string> names;
    for (const CLI::Option* flag : app_.get_options()) names.push_back(flag->get_name());
    return Nearest(written, names);
  }

  const std::vector<Option>& options_;
  CLI::App app_{"sessionhubd: forwards what changed in a session to the nodes that asked for it"};
  CLI::Option* config_ = nullptr;
  CLI::Option* print_config_ = nullptr;
  CLI::Option* check_config_ = nullptr;
  std::map<std::string, CLI::Option*> flags_;
};

}  // namespace

CommandLine ReadCommandLine(int argc, const char* const* argv, const std::vector<Option>& options,
                            const std::string& version, Problems* problems) {
  return Flags(options, version).Parse(argc, argv, problems);
}

}  // namespace sessionhub::hub
