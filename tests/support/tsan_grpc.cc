// Makes what gRPC orders between threads visible to ThreadSanitizer. Linked into every program of a
// `thread` build, and only there.
//
// gRPC's headers put parts of its operations into our programs. One thread fills them and starts a
// batch, another takes its completion and goes on with them; and when a call's last callback is
// done, whichever thread saw that ends the call. Debian's gRPC is not built for ThreadSanitizer, so
// it does not see that the one is before the other. The functions here take the place of gRPC's for
// the whole process: each calls the one it replaces and tells that order.
#include <dlfcn.h>
#include <grpc/grpc.h>
#include <grpcpp/support/server_callback.h>
#include <sanitizer/tsan_interface.h>

#include <cstdio>
#include <cstdlib>

namespace {

void* Replaced(const char* name) {
  void* function = dlsym(RTLD_NEXT, name);
  if (function == nullptr) {
    std::fprintf(stderr, "tsan_grpc: this gRPC has no %s\n", name);
    std::abort();
  }
  return function;
}

}  // namespace

extern "C" {

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t nops, void* tag,
                                      void* reserved) {
  static void* const replaced = Replaced("grpc_call_start_batch");
  __tsan_release(tag);
  return reinterpret_cast<decltype(&grpc_call_start_batch)>(replaced)(call, ops, nops, tag,
                                                                      reserved);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue, gpr_timespec deadline,
                                      void* reserved) {
  static void* const replaced = Replaced("grpc_completion_queue_next");
  const grpc_event event =
      reinterpret_cast<decltype(&grpc_completion_queue_next)>(replaced)(queue, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(event.tag);
  return event;
}

}  // extern "C"

namespace grpc::internal {

// The counts of what a call still waits for go down in our programs, where ThreadSanitizer sees it,
// and inside gRPC, where it does not: who sees one reach its end comes after everyone who counted.
void ServerCallbackCall::ScheduleOnDone(bool inline_ondone) {
  static void* const replaced = Replaced("_ZN4grpc8internal18ServerCallbackCall14ScheduleOnDoneEb");
  __tsan_acquire(&callbacks_outstanding_);
  reinterpret_cast<void (*)(ServerCallbackCall*, bool)>(replaced)(this, inline_ondone);
}

void ServerCallbackCall::CallOnCancel(ServerReactor* reactor) {
  static void* const replaced =
      Replaced("_ZN4grpc8internal18ServerCallbackCall12CallOnCancelEPNS0_13ServerReactorE");
  __tsan_acquire(&on_cancel_conditions_remaining_);
  reinterpret_cast<void (*)(ServerCallbackCall*, ServerReactor*)>(replaced)(this, reactor);
}

}  // namespace grpc::internal
