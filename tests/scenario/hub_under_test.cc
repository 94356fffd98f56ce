#include "tests/scenario/hub_under_test.h"

#include <optional>

#include "proto/session/status_macros.h"
#include "sessionhub/testing/in_process_hub.h"
#include "tests/support/hub_process.h"

namespace sessionhub::testing {
namespace {

class InProcess : public HubUnderTest {
 public:
  absl::Status Start() override {
    ASSIGN_OR_RETURN(hub_, InProcessHub::Start());
    return absl::OkStatus();
  }
  std::string endpoint() const override { return hub_->endpoint(); }
  void Kill() override { hub_->Stop(); }
  absl::Status StartAgain() override { return hub_->StartAgain(); }

 private:
  std::optional<InProcessHub> hub_;
};

class Process : public HubUnderTest {
 public:
  absl::Status Start() override { return hub_.Start(); }
  std::string endpoint() const override { return hub_.endpoint(); }
  void Kill() override { hub_.Kill(); }
  absl::Status StartAgain() override { return hub_.Start(); }

 private:
  HubProcess hub_;
};

}  // namespace

std::unique_ptr<HubUnderTest> MakeInProcessHub() {
  return std::make_unique<InProcess>();
}

std::unique_ptr<HubUnderTest> MakeHubProcess() {
  return std::make_unique<Process>();
}

}  // namespace sessionhub::testing
