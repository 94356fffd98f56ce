// HubUnderTest: the hub that a scenario runs against: the hub in the process, or a real process.
#ifndef TESTS_SCENARIO_HUB_UNDER_TEST_H_
#define TESTS_SCENARIO_HUB_UNDER_TEST_H_

#include <memory>
#include <string>

#include "absl/status/status.h"

namespace sessionhub::testing {

class HubUnderTest {
 public:
  virtual ~HubUnderTest() = default;

  virtual absl::Status Start() = 0;
  virtual std::string endpoint() const = 0;
  // As kill -9: nothing more is answered.
  virtual void Kill() = 0;
  // On the same endpoint, with what is stored.
  virtual absl::Status StartAgain() = 0;
};

std::unique_ptr<HubUnderTest> MakeInProcessHub();
std::unique_ptr<HubUnderTest> MakeHubProcess();

}  // namespace sessionhub::testing

#endif  // TESTS_SCENARIO_HUB_UNDER_TEST_H_
