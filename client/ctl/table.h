// Table: rows of text in aligned columns. Belongs to one thread.
#ifndef CLIENT_CTL_TABLE_H_
#define CLIENT_CTL_TABLE_H_

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace sessionhub::ctl {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

// Holds rows until Print. A long listing prints page by page: the widths of earlier pages stay, so
// the columns line up and memory is bounded by a page. Control characters in cells are escaped.
class Table {
 public:
  explicit Table(std::vector<Column> columns);

  // As many cells as there are columns; missing ones are empty, further ones are left out.
  void AddRow(std::vector<std::string> cells);

  // Writes the titles (the first time only) and the rows added since the last Print.
  void Print(std::ostream& out);

 private:
  void PrintCells(const std::vector<std::string>& cells, std::ostream& out) const;

  std::vector<Column> columns_;
  std::vector<size_t> widths_;
  std::vector<std::vector<std::string>> rows_;
  bool titles_printed_ = false;
};

}  // namespace sessionhub::ctl

#endif  // CLIENT_CTL_TABLE_H_
