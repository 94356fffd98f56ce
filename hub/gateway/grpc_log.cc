#include "hub/gateway/grpc_log.h"

#include <glog/logging.h>
#include <grpc/support/log.h>

#include <algorithm>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "hub/hub_clock.h"

namespace sessionhub::hub {
namespace {

constexpr char kFurtherPlaces[] = "further places";

// "ssl_transport_security.cc:1469"
std::string PlaceOf(const gpr_log_func_args& line) {
  const std::string_view path = line.file;
  const size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1)) + ":" +
         std::to_string(line.line);
}

std::string WithoutLineBreaks(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::optional<uint64_t> TakeErrorOf(const std::string& place) {
  static absl::Mutex mutex(absl::kConstInit);
  static auto* const kPlaces = new PacedPlaces();  // gRPC's threads may outlive main
  absl::MutexLock lock(&mutex);
  return kPlaces->Take(place, BootTimeUs());
}

void WriteGrpcLine(gpr_log_func_args* line) {
  const std::string place = PlaceOf(*line);
  if (line->severity != GPR_LOG_SEVERITY_ERROR) {
    LOG(INFO) << "event=grpc place=" << place << " message=\"" << WithoutLineBreaks(line->message)
              << "\"";
    return;
  }
  const std::optional<uint64_t> unwritten = TakeErrorOf(place);
  if (!unwritten) return;
  LOG(ERROR) << "event=grpc_error place=" << place << " unwritten=" << *unwritten << " message=\""
             << WithoutLineBreaks(line->message) << "\"";
}

}  // namespace

std::optional<uint64_t> PacedPlaces::Take(const std::string& place, uint64_t now_us) {
  const bool is_further = places_.size() >= kPlacesMax && places_.count(place) == 0;
  return places_[is_further ? kFurtherPlaces : place].Take(now_us);
}

void TakeGrpcLog() {
  gpr_set_log_function(WriteGrpcLine);
}

}  // namespace sessionhub::hub
