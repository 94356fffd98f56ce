// Figures: numbers as people read them. Pure.
#ifndef BENCH_DEMO_FIGURES_H_
#define BENCH_DEMO_FIGURES_H_

#include <cstddef>
#include <string>
#include <vector>

namespace sessionhub::bench {

// "12.3".
std::string OneDecimal(double number);
// "12.34".
std::string TwoDecimals(double number);
// `text` with spaces before it, so that it has `width` bytes; unchanged if it has more.
std::string AlignedRight(const std::string& text, size_t width);
// Of `sorted` numbers the middle one, or the mean of the two in the middle; 0 of none.
double Median(const std::vector<double>& sorted);
// The value that `percent` of all are not above (nearest rank); 0 if there are none.
double Percentile(std::vector<double> values, double percent);

}  // namespace sessionhub::bench

#endif  // BENCH_DEMO_FIGURES_H_
