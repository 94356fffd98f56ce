#include "hub/options/option_page.h"

#include "hub/options/written_value.h"

namespace sessionhub::hub {
namespace {

constexpr char kHead[] =
    "# Options of sessionhubd, as --config reads them. Those that are at their default are "
    "comments.\n"
    "# A flag (--lease-ms) goes before the environment (SESSIONHUB_LEASE_MS), and that before the "
    "file.\n"
    "# SIGHUP reads the file again; what is not reloadable takes effect at the next start.\n";

// As a file has it.
std::string WrittenValueOf(const Option& option, const Config& config) {
  const std::vector<std::string> texts = option.get(config);
  switch (option.kind) {
    case OptionKind::kNumber:
    case OptionKind::kFlag:
      return texts.front();
    case OptionKind::kText:
      return WriteValue(texts.front());
    case OptionKind::kList:
      return WriteList(texts);
  }
  return "";
}

std::string Change(const Option& option) {
  return option.reloadable ? "reloadable" : "restart";
}

std::string DefaultOf(const Option& option) {
  return option.required ? "required" : WrittenValueOf(option, Config());
}

// Goes through all options, section by section.
template <typename OnSection, typename OnOption>
void ForEach(const std::vector<Option>& options, OnSection on_section, OnOption on_option) {
  std::string section;
  for (const Option& option : options) {
    if (option.section != section) on_section(option.section);
    section = option.section;
    on_option(option);
  }
}

}  // namespace

std::string ConfigPage(const std::vector<Option>& options, const Settings& settings) {
  std::string page = kHead;
  const auto on_section = [&page](const std::string& title) {
    page += "\n# ---- " + title + " ----\n";
  };
  const auto on_option = [&page, &settings](const Option& option) {
    const auto set_by = settings.set_by.find(option.name);
    page += "\n# " + option.help + "\n# " + option.allowed;
    page += option.required ? "; required" : "; default " + DefaultOf(option);
    page += option.reloadable ? "; reloadable\n" : "; a change takes a restart\n";
    if (set_by != settings.set_by.end()) {
      page += "# set by " + Shown(set_by->second) + "\n";
    } else {
      page += "#";
    }
    page += option.name + " = " + WrittenValueOf(option, settings.config) + "\n";
  };
  ForEach(options, on_section, on_option);
  return page;
}

std::string OptionTables(const std::vector<Option>& options) {
  std::string page;
  const auto on_section = [&page](const std::string& title) {
    if (!page.empty()) page += "\n";
    page += "### " + title +
            "\n\n| option | default | allowed | change | of what |\n|---|---|---|---|---|\n";
  };
  const auto on_option = [&page](const Option& option) {
    page += "| `" + option.name + "` | " + DefaultOf(option) + " | " + option.allowed + " | " +
            Change(option) + " | " + option.help + " |\n";
  };
  ForEach(options, on_section, on_option);
  return page;
}

}  // namespace sessionhub::hub
