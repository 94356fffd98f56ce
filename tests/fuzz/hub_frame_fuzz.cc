// Any frames of a hub, as a client takes them: it goes on, asks for a new stream or stays away, but
// never ends its process, and each call ends once at the latest when the client is closed.
#include <google/protobuf/stubs/logging.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "client/cpp/src/client_machine.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/fuzz_input.h"

namespace sessionhub::client {
namespace {

using std::chrono_literals::operator""ms;
using testing::FuzzInput;

class Driver {
 public:
  void Run(FuzzInput input) {
    Call();
    while (!input.empty()) {
      now_ += std::chrono::milliseconds(input.Byte());
      v1::HubFrame frame;
      if (frame.ParseFromString(input.Bytes())) Receive(frame);
      if (input.Below(4) == 0) Call();
    }
    machine_.Close(absl::CancelledError("closed"), true);
    Take();
    FUZZ_CHECK(waiting_.empty());
  }

 private:
  void Receive(const v1::HubFrame& frame) {
    if (!up_) machine_.StreamUp(Incarnation{1}, now_);
    up_ = true;
    machine_.Receive(frame, now_);
    machine_.Tick(now_);
    v1::NodeFrame sent;
    machine_.TakeFrame(&sent, now_);
    if (machine_.wants_reconnect()) {
      machine_.StreamDown();
      up_ = false;
    }
    Take();
  }

  // Everything that an application may ask for.
  void Call() {
    if (!machine_.standing().ok()) return;
    waiting_.insert(
        machine_.Open("id" + std::to_string(opens_++ % 3), Create::kIfMissing, 0, now_));
    Take();
  }

  void Take() {
    for (const OpenDone& done : machine_.TakeOutputs().opens) {
      FUZZ_CHECK(waiting_.erase(done.token) == 1);
      if (done.copy.ok()) Use(*done.copy);
    }
  }

  void Use(const CopyRef& ref) {
    if (auto view = machine_.Read(ref, now_); view.ok()) FUZZ_CHECK(*view != nullptr);
    Delta delta;
    delta.operations.push_back(
        {Operation::Kind::kIncrement, *Path::FromText("a"), Value(int64_t{1})});
    machine_.Commit(ref, delta).status().IgnoreError();
    if (opens_ % 2 == 0) machine_.Unpin(ref);
  }

  ClientMachine machine_{{"app", "node", 1 << 20, 1 << 12, 1000ms}};
  Time now_ = Time() + 1000ms;
  bool up_ = false;
  unsigned opens_ = 0;
  std::set<Token> waiting_;
};

}  // namespace
}  // namespace sessionhub::client

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  google::protobuf::SetLogHandler(nullptr);  // it would tell of every text that is not UTF-8
  sessionhub::client::Driver().Run({data, size});
  return 0;
}
