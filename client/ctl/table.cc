#include "client/ctl/table.h"

#include <algorithm>
#include <utility>

#include "client/ctl/printable.h"

namespace sessionhub::ctl {
namespace {

// Code points, which is what a terminal shows for most texts: bytes that do not continue another
// one.
size_t WidthOf(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_) widths_.push_back(WidthOf(column.title));
}

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    cells[i] = EscapeControls(cells[i]);
    widths_[i] = std::max(widths_[i], WidthOf(cells[i]));
  }
  rows_.push_back(std::move(cells));
}

void Table::Print(std::ostream& out) {
  if (!std::exchange(titles_printed_, true)) {
    std::vector<std::string> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    PrintCells(titles, out);
  }
  for (const std::vector<std::string>& row : rows_) PrintCells(row, out);
  rows_.clear();
}

void Table::PrintCells(const std::vector<std::string>& cells, std::ostream& out) const {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += "  ";
    const std::string padding(widths_[i] - WidthOf(cells[i]), ' ');
    line += columns_[i].align == Align::kRight ? padding + cells[i] : cells[i] + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out << line << '\n';
}

}  // namespace sessionhub::ctl
