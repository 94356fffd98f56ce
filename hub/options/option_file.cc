#include "hub/options/option_file.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

#include "hub/options/written_value.h"

namespace sessionhub::hub {
namespace {

absl::Status CannotRead(const std::string& path, int error) {
  return absl::ErrnoToStatus(error == 0 ? EIO : error, "cannot read --config " + path);
}

// Reads a file line by line.
class FileParser {
 public:
  FileParser(const std::string& path, const std::vector<Option>& options, Problems* problems)
      : path_(path), options_(options), problems_(problems) {}

  void ParseLine(size_t number, std::string_view written) {
    const std::string_view line = Trimmed(written);
    if (line.empty() || line[0] == '#') return;
    number_ = number;
    place_ = path_ + ":" + std::to_string(number);
    if (line[0] == '[') return Refuse(Shown(line) + " is no option: leave sections out");
    const size_t equals = line.find('=');
    const std::string name(Trimmed(line.substr(0, equals)));
    const Option* option = FindOption(options_, name);
    if (option == nullptr) return Refuse(Shown(name) + " is no option" + SuggestionFor(name));
    if (equals == line.npos) return Refuse(name + " has no value: write " + name + " = VALUE");
    Take(*option, line.substr(equals + 1));
  }

  std::vector<Given> Finish() && { return std::move(given_); }

 private:
  void Refuse(const std::string& why) { problems_->Add(place_ + ": " + why, number_); }

  void Take(const Option& option, std::string_view written) {
    const bool is_list = option.kind == OptionKind::kList;
    const auto [first, is_first] = first_lines_.try_emplace(option.name, number_);
    if (!is_first && !is_list) {
      return Refuse(option.name + " is given twice, first in line " +
                    std::to_string(first->second) + ": leave one out");
    }
    Given given = {option.name, place_, place_ + ": " + option.name, {}, number_};
    if (absl::Status status = ReadTexts(is_list, written, &given.texts); !status.ok()) {
      return Refuse(option.name + " = " + Shown(Trimmed(written)) + " " +
                    std::string(status.message()));
    }
    const auto earlier = std::find_if(given_.begin(), given_.end(), [&option](const Given& one) {
      return one.name == option.name;
    });
    if (earlier == given_.end()) {
      given_.push_back(std::move(given));
    } else {
      std::move(given.texts.begin(), given.texts.end(), std::back_inserter(earlier->texts));
    }
  }

  static absl::Status ReadTexts(bool is_list, std::string_view written,
                                std::vector<std::string>* texts) {
    if (is_list) {
      absl::StatusOr<std::vector<std::string>> items = ReadList(written, true);
      if (!items.ok()) return items.status();
      *texts = *std::move(items);
      return absl::OkStatus();
    }
    absl::StatusOr<std::string> text = ReadValue(written);
    if (!text.ok()) return text.status();
    texts->push_back(*std::move(text));
    return absl::OkStatus();
  }

  std::string SuggestionFor(const std::string& name) const {
    std::vector<std::string> names;
    for (const Option& option : options_) names.push_back(option.name);
    return Suggestion(Nearest(name, names));
  }

  const std::string& path_;
  const std::vector<Option>& options_;
  Problems* const problems_;
  size_t number_ = 0;  // of the line that is read
  std::string place_;  // of it
  std::map<std::string, size_t> first_lines_;
  std::vector<Given> given_;
};

}  // namespace

absl::StatusOr<std::string> ReadOptionFile(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return CannotRead(path, errno);
  // One byte more than it may have tells that it has more.
  std::string text(kOptionFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return CannotRead(path, errno);
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kOptionFileBytesMax) {
    return absl::ResourceExhaustedError("--config " + path + " has more than " +
                                        std::to_string(kOptionFileBytesMax) +
                                        " bytes: is it a file of options?");
  }
  return text;
}

std::vector<Given> ParseOptionFile(const std::string& path, std::string_view text,
                                   const std::vector<Option>& options, Problems* problems) {
  FileParser parser(path, options, problems);
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    parser.ParseLine(number, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(parser).Finish();
}

}  // namespace sessionhub::hub
