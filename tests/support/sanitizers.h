// Whether this program and the hub beside it are built with a sanitizer of memory or of threads. It
// keeps what is freed, takes the address space for itself and opens files to look at what it
// checks.
#ifndef TESTS_SUPPORT_SANITIZERS_H_
#define TESTS_SUPPORT_SANITIZERS_H_

namespace sessionhub::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kSanitized =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace sessionhub::testing

#endif  // TESTS_SUPPORT_SANITIZERS_H_
