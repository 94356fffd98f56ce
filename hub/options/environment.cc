#include "hub/options/environment.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "hub/options/written_value.h"

namespace sessionhub::hub {
namespace {

constexpr std::string_view kPrefix = "SESSIONHUB_";
constexpr std::string_view kConfigFile = "SESSIONHUB_CONFIG";

// Read by others than sessionhubd: sessionhubctl, tests, and what test builds of the hub obey.
constexpr std::string_view kOfOthers[] = {
    "SESSIONHUB_ENDPOINT",       "SESSIONHUB_TOKEN",
    "SESSIONHUB_FAIL_POINT",     "SESSIONHUB_SEED",
    "SESSIONHUB_SIMULATIONS",    "SESSIONHUB_GOLDEN_UPDATE",
    "SESSIONHUB_STORE_CASES",    "SESSIONHUB_PROTO_PYTHON",
    "SESSIONHUB_KIT_WAIT_S",     "SESSIONHUB_TREE",
    "SESSIONHUB_SONAME",         "SESSIONHUB_OPTIMISED",
    "SESSIONHUB_CLIENT_TLS_CA",  "SESSIONHUB_CLIENT_TLS_CERTIFICATE",
    "SESSIONHUB_CLIENT_TLS_KEY", "SESSIONHUB_CLIENT_TLS_SERVER_NAME",
};
constexpr std::string_view kOfTests = "SESSIONHUB_TEST_";

bool IsOfOthers(std::string_view name) {
  return name.starts_with(kOfTests) ||
         std::find(std::begin(kOfOthers), std::end(kOfOthers), name) != std::end(kOfOthers);
}

// Kubernetes and Docker tell each container where services are: of one that is called sessionhub,
// or sessionhub-admin, by SESSIONHUB_SERVICE_HOST, SESSIONHUB_PORT=tcp://...,
// SESSIONHUB_PORT_7070_TCP.
bool IsOfAService(std::string_view name, std::string_view value) {
  if (name.find("_SERVICE_HOST") != name.npos || name.find("_SERVICE_PORT") != name.npos) {
    return true;
  }
  constexpr std::string_view kPort = "_PORT";
  const size_t port = name.rfind(kPort);
  if (port == name.npos) return false;
  const std::string_view rest = name.substr(port + kPort.size());
  if (rest.empty()) return value.find("://") != value.npos;
  return rest.size() > 1 && rest[0] == '_' && rest[1] >= '0' && rest[1] <= '9';
}

// What all variables begin with says nothing about which is meant.
std::string NearestVariable(const std::string& name, const std::vector<Option>& options) {
  std::vector<std::string> ends = {std::string(kConfigFile.substr(kPrefix.size()))};
  for (const Option& option : options) ends.push_back(option.variable().substr(kPrefix.size()));
  const std::string nearest = Nearest(name.substr(kPrefix.size()), ends);
  return nearest.empty() ? "" : std::string(kPrefix) + nearest;
}

class EnvironmentReader {
 public:
  EnvironmentReader(const std::vector<Option>& options, Problems* problems)
      : options_(options), problems_(problems) {}

  void Take(const std::string& name, const std::string& value) {
    if (!name.starts_with(kPrefix) || IsOfOthers(name) || value.empty()) return;
    if (name == kConfigFile) {
      environment_.config_file = value;
      return;
    }
    for (const Option& option : options_) {
      if (option.variable() == name) return TakeOption(option, name, value);
    }
    if (IsOfAService(name, value)) return;
    problems_->Add(Shown(name) + " is no option" + Suggestion(NearestVariable(name, options_)));
  }

  Environment Finish() && { return std::move(environment_); }

 private:
  void TakeOption(const Option& option, const std::string& name, const std::string& value) {
    Given given = {option.name, name, name, {value}};
    if (option.kind == OptionKind::kList) {
      absl::StatusOr<std::vector<std::string>> items = ReadList(value, false);
      if (!items.ok()) {
        problems_->Add(name + " = " + Shown(value) + " " + std::string(items.status().message()));
        return;
      }
      given.texts = *std::move(items);
    }
    environment_.given.push_back(std::move(given));
  }

  const std::vector<Option>& options_;
  Problems* const problems_;
  Environment environment_;
};

}  // namespace

Environment ReadEnvironment(const char* const* variables, const std::vector<Option>& options,
                            Problems* problems) {
  EnvironmentReader reader(options, problems);
  for (; *variables != nullptr; ++variables) {
    const std::string_view variable = *variables;
    const size_t equals = variable.find('=');
    if (equals == variable.npos) continue;
    reader.Take(std::string(variable.substr(0, equals)), std::string(variable.substr(equals + 1)));
  }
  return std::move(reader).Finish();
}

}  // namespace sessionhub::hub
