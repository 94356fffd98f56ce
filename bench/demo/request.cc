#include "bench/demo/request.h"

#include <array>
#include <charconv>

namespace sessionhub::bench {
namespace {

constexpr size_t kFields = 6;

bool ParseNumber(std::string_view text, uint64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string FormatRequest(const Request& request) {
  return (request.reopen ? "O\t" : "R\t") + std::to_string(request.number) + '\t' +
         request.session + '\t' + request.code + '\t' + (request.create ? '1' : '0') + '\t' +
         std::to_string(request.at_least) + '\n';
}

std::optional<Request> ParseRequest(std::string_view line) {
  std::array<std::string_view, kFields> fields;
  for (size_t i = 0; i < kFields; ++i) {
    const size_t tab = line.find('\t');
    if ((tab == std::string_view::npos) != (i + 1 == kFields)) return std::nullopt;
    fields[i] = line.substr(0, tab);
    if (tab != std::string_view::npos) line.remove_prefix(tab + 1);
  }
  Request request;
  if ((fields[0] != "R" && fields[0] != "O") || !ParseNumber(fields[1], &request.number) ||
      !ParseNumber(fields[5], &request.at_least)) {
    return std::nullopt;
  }
  request.reopen = fields[0] == "O";
  request.session = fields[2];
  request.code = fields[3];
  request.create = fields[4] == "1";
  return request;
}

std::string QuantityPath(std::string_view code) {
  std::string path = "cart/items/";
  for (const char c : code) {
    if (c == '~') {
      path += "~0";
    } else if (c == '/') {
      path += "~1";
    } else {
      path += c;
    }
  }
  return path + "/qty";
}

}  // namespace sessionhub::bench
