#include "hub/options/written_value.h"

#include <cstddef>
#include <utility>

#include "proto/session/status_macros.h"

namespace sessionhub::hub {
namespace {

constexpr std::string_view kSpaces = " \t\r";
constexpr size_t kShownBytesMax = 64;

bool IsSpace(char c) {
  return kSpaces.find(c) != std::string_view::npos;
}

absl::Status Unreadable(const std::string& why) {
  return absl::InvalidArgumentError(why);
}

// Goes through a written value from its beginning to its end.
class Scanner {
 public:
  Scanner(std::string_view text, bool comments) : text_(text), comments_(comments) {}

  // True if nothing but a comment is left.
  bool AtEnd() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
    return Ended();
  }

  bool AtQuote() { return !AtEnd() && (text_[at_] == '"' || text_[at_] == '\''); }

  bool Take(char c) {
    if (AtEnd() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  // Up to one of `stops`, which is left, or to the end.
  absl::StatusOr<std::string> TakeItem(std::string_view stops) {
    if (AtQuote()) return TakeQuoted(stops);
    const size_t begin = at_;
    while (!Ended() && !IsStop(stops)) ++at_;
    return std::string(Trimmed(text_.substr(begin, at_ - begin)));
  }

 private:
  // A # within a word is a character like any other.
  bool Ended() const {
    if (at_ == text_.size()) return true;
    return comments_ && text_[at_] == '#' && (at_ == 0 || IsSpace(text_[at_ - 1]));
  }

  bool IsStop(std::string_view stops) const {
    return stops.find(text_[at_]) != std::string_view::npos;
  }

  absl::StatusOr<std::string> TakeQuoted(std::string_view stops) {
    const char quote = text_[at_++];
    std::string item;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (quote == '"' && text_[at_] == '\\') {
        ++at_;
        if (at_ == text_.size() || (text_[at_] != '"' && text_[at_] != '\\')) {
          return Unreadable(R"(has a backslash before neither " nor \: write it twice)");
        }
      }
      item += text_[at_++];
    }
    if (at_ == text_.size()) return Unreadable("begins with a quote that has no end");
    ++at_;
    if (!AtEnd() && !IsStop(stops)) return Unreadable("goes on behind its closing quote");
    return item;
  }

  const std::string_view text_;
  const bool comments_;
  size_t at_ = 0;
};

}  // namespace

absl::StatusOr<std::string> ReadValue(std::string_view written) {
  return Scanner(written, true).TakeItem("");
}

absl::StatusOr<std::vector<std::string>> ReadList(std::string_view written, bool comments) {
  Scanner scanner(written, comments);
  std::vector<std::string> items;
  const bool bracketed = scanner.Take('[');
  if (bracketed ? scanner.Take(']') : scanner.AtEnd()) {
    if (!scanner.AtEnd()) return Unreadable("goes on behind its ]");
    return items;
  }
  do {
    const bool is_quoted = scanner.AtQuote();
    ASSIGN_OR_RETURN(std::string item, scanner.TakeItem(bracketed ? ",]" : ","));
    if (item.empty() && !is_quoted) {
      return Unreadable("leaves out an item: write \"\" for an empty one");
    }
    items.push_back(std::move(item));
  } while (scanner.Take(','));
  if (bracketed && !scanner.Take(']')) return Unreadable("has no ] at its end");
  if (!scanner.AtEnd()) return Unreadable("goes on behind its ]");
  return items;
}

std::string WriteValue(std::string_view text) {
  std::string written = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') written += '\\';
    written += c;
  }
  return written + '"';
}

std::string WriteList(const std::vector<std::string>& texts) {
  std::string written = "[";
  for (const std::string& text : texts) {
    if (written.size() > 1) written += ", ";
    written += WriteValue(text);
  }
  return written + ']';
}

std::string Shown(std::string_view written) {
  std::string shown(written.substr(0, kShownBytesMax));
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return written.size() > kShownBytesMax ? shown + "..." : shown;
}

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpaces) + 1 - first);
}

}  // namespace sessionhub::hub
