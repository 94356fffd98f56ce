#include "hub/options/settings.h"

#include "hub/options/option_file.h"
#include "hub/options/written_value.h"

namespace sessionhub::hub {
namespace {

void Take(const std::vector<Option>& options, const std::vector<Given>& all, Settings* settings,
          Problems* problems) {
  for (const Given& given : all) {
    const Option& option = *FindOption(options, given.name);
    const absl::Status status = option.set(given.texts, &settings->config);
    if (status.ok()) {
      settings->set_by[given.name] = given.place;
      continue;
    }
    const std::string value =
        option.kind == OptionKind::kList ? WriteList(given.texts) : given.texts.front();
    problems->Add(given.subject + " = " + Shown(value) + " " + std::string(status.message()),
                  given.line);
  }
}

}  // namespace

absl::StatusOr<Settings> ReadSettings(const std::vector<Option>& options, const Sources& sources) {
  Settings settings;
  Problems problems = sources.problems;
  if (!sources.config_file.empty()) {
    const absl::StatusOr<std::string> text = ReadOptionFile(sources.config_file);
    if (text.ok()) {
      Take(options, ParseOptionFile(sources.config_file, *text, options, &problems), &settings,
           &problems);
    } else {
      problems.Add(std::string(text.status().message()));
    }
  }
  Take(options, sources.environment, &settings, &problems);
  Take(options, sources.flags, &settings, &problems);
  if (!problems.empty()) return problems.ToStatus();
  return settings;
}

absl::Status CheckSettings(const std::vector<Option>& options, const Settings& settings) {
  Problems problems;
  for (const Option& option : options) {
    if (!option.required || !option.get(settings.config).front().empty()) continue;
    problems.Add(option.flag() + " is required: give it, or " + option.variable() + ", or " +
                 option.name + " in the file of --config");
  }
  const absl::Status status = CheckConfig(settings.config);
  if (!status.ok()) problems.Add(std::string(status.message()));
  return problems.ToStatus();
}

Difference Compare(const std::vector<Option>& options, const Config& running, const Config& next) {
  Difference difference;
  difference.config = running;
  for (const Option& option : options) {
    const std::vector<std::string> texts = option.get(next);
    if (texts == option.get(running)) continue;
    if (!option.reloadable) {
      difference.needs_restart.push_back(option.name);
    } else if (option.set(texts, &difference.config).ok()) {
      difference.changed.push_back(option.name);
    }
  }
  return difference;
}

}  // namespace sessionhub::hub
