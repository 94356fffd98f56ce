#include "hub/options/option.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

using Texts = std::vector<std::string>;

// By the house's rule the name tells the unit.
std::string UnitOf(const std::string& name) {
  for (const char* unit : {"bytes", "ms", "days"}) {
    const std::string word = std::string("-") + unit + "-";
    if (("-" + name + "-").find(word) != std::string::npos) return std::string(" ") + unit;
  }
  return "";
}

absl::Status Wrong(const std::string& why) {
  return absl::InvalidArgumentError(why);
}

// What every text of an option must be.
absl::Status CheckText(const std::string& text) {
  if (text.size() > kTextBytesMax) {
    return Wrong("has " + std::to_string(text.size()) + " bytes, more than " +
                 std::to_string(kTextBytesMax) + ": shorten it");
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), is_control)) {
    return Wrong("holds a control character: leave it out");
  }
  return absl::OkStatus();
}

// "info, warning or error"
std::string AnyOf(const Texts& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

bool IsOneOf(const Texts& words, const std::string& text) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

absl::StatusOr<uint64_t> ParseNumber(const std::string& text, uint64_t low, uint64_t high,
                                     const std::string& allowed) {
  uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool too_large = parsed.ec == std::errc::result_out_of_range;
  const bool is_number = too_large || parsed.ec == std::errc();
  if (!is_number || parsed.ptr != text.data() + text.size()) {
    return Wrong("is no whole number: give " + allowed);
  }
  if (too_large || value < low || value > high) return Wrong("is out of its range: " + allowed);
  return value;
}

Option MakeOption(std::string name, OptionKind kind, std::string allowed, std::string help) {
  Option option;
  option.name = std::move(name);
  option.kind = kind;
  option.allowed = std::move(allowed);
  option.help = std::move(help);
  return option;
}

}  // namespace

std::string Option::flag() const {
  return "--" + name;
}

std::string Option::variable() const {
  std::string variable = "SESSIONHUB_" + name;
  for (char& c : variable) {
    if (c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return variable;
}

Option MakeNumber(std::string name, uint64_t low, uint64_t high, std::string help,
                  std::function<void(uint64_t, Config*)> write,
                  std::function<uint64_t(const Config&)> read) {
  const std::string allowed = std::to_string(low) + " to " + std::to_string(high) + UnitOf(name);
  Option option = MakeOption(std::move(name), OptionKind::kNumber, allowed, std::move(help));
  option.set = [low, high, allowed, write = std::move(write)](const Texts& texts,
                                                              Config* config) -> absl::Status {
    ASSIGN_OR_RETURN(const uint64_t value, ParseNumber(texts.front(), low, high, allowed));
    write(value, config);
    return absl::OkStatus();
  };
  option.get = [read = std::move(read)](const Config& config) {
    return Texts{std::to_string(read(config))};
  };
  return option;
}

Option Number(std::string name, uint64_t Limits::*member, uint64_t low, uint64_t high,
              std::string help) {
  return MakeNumber(
      std::move(name), low, high, std::move(help),
      [member](uint64_t value, Config* config) { config->limits.*member = value; },
      [member](const Config& config) { return config.limits.*member; });
}

Option Text(std::string name, std::string Config::*member, std::string help) {
  Option option = MakeOption(std::move(name), OptionKind::kText, kAnyText, std::move(help));
  option.set = [member](const Texts& texts, Config* config) {
    absl::Status status = CheckText(texts.front());
    if (status.ok()) config->*member = texts.front();
    return status;
  };
  option.get = [member](const Config& config) { return Texts{config.*member}; };
  return option;
}

Option Choice(std::string name, std::string Config::*member, std::vector<std::string> words,
              std::string help) {
  Option option = Text(std::move(name), member, std::move(help));
  option.allowed = AnyOf(words);
  option.set = [member, words = std::move(words), allowed = option.allowed](const Texts& texts,
                                                                            Config* config) {
    if (!IsOneOf(words, texts.front())) return Wrong("is none of its values: " + allowed);
    config->*member = texts.front();
    return absl::OkStatus();
  };
  return option;
}

Option Flag(std::string name, bool Config::*member, std::string help) {
  Option option = MakeOption(std::move(name), OptionKind::kFlag, "true or false", std::move(help));
  option.set = [member](const Texts& texts, Config* config) {
    const bool is_true = IsOneOf({"true", "yes", "on", "1"}, texts.front());
    if (!is_true && !IsOneOf({"false", "no", "off", "0"}, texts.front())) {
      return Wrong("is neither true nor false");
    }
    config->*member = is_true;
    return absl::OkStatus();
  };
  option.get = [member](const Config& config) { return Texts{config.*member ? "true" : "false"}; };
  return option;
}

Option List(std::string name, std::vector<std::string> Config::*member, std::string help) {
  Option option = MakeOption(std::move(name), OptionKind::kList,
                             "up to " + std::to_string(kItemsMax) + " texts", std::move(help));
  option.set = [member](const Texts& texts, Config* config) {
    if (texts.size() > kItemsMax) {
      return Wrong("has " + std::to_string(texts.size()) + " items, more than " +
                   std::to_string(kItemsMax));
    }
    for (const std::string& text : texts) RETURN_IF_ERROR(CheckText(text));
    config->*member = texts;
    return absl::OkStatus();
  };
  option.get = [member](const Config& config) { return config.*member; };
  return option;
}

Option Reloadable(Option option) {
  option.reloadable = true;
  return option;
}

Option Required(Option option) {
  option.required = true;
  return option;
}

}  // namespace sessionhub::hub
