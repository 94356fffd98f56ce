#include "hub/store/formats.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace sessionhub::hub {
namespace {

std::string Words(const Formats& formats) {
  if (formats.oldest == formats.newest) return "format " + std::to_string(formats.newest);
  return "formats " + std::to_string(formats.oldest) + " to " + std::to_string(formats.newest);
}

}  // namespace

absl::Status CheckFormat(const std::string& path, uint32_t format, const Formats& formats) {
  if (format >= formats.oldest && format <= formats.newest) return absl::OkStatus();
  const std::string what = "data folder " + path + " has format " + std::to_string(format) +
                           ", this sessionhubd reads " + Words(formats);
  if (format > formats.newest) {
    return absl::FailedPreconditionError(
        what +
        ": use a newer sessionhubd, or a copy of the folder from before its upgrade was finalized");
  }
  return absl::FailedPreconditionError(
      what + ": first open it with a sessionhubd that reads both format " + std::to_string(format) +
      " and format " + std::to_string(formats.oldest) + ", and finalize the upgrade there");
}

#ifdef SESSIONHUB_FAIL_POINTS

absl::StatusOr<Formats> FormatsOfThisProgram() {
  constexpr const char* kVariable = "SESSIONHUB_TEST_FORMAT_NEWEST";
  const char* const setting = std::getenv(kVariable);
  if (setting == nullptr) return kFormats;
  const std::string_view text = setting;
  Formats formats = kFormats;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), formats.newest);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() ||
      formats.newest < kFormats.newest) {
    return absl::InvalidArgumentError(std::string(kVariable) + "=" + setting +
                                      " is no format of a later release: give a number from " +
                                      std::to_string(kFormats.newest) + " on");
  }
  return formats;
}

#else

absl::StatusOr<Formats> FormatsOfThisProgram() {
  return kFormats;
}

#endif

}  // namespace sessionhub::hub
