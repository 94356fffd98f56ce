// What this client asks the hub for.
#ifndef CLIENT_CPP_SRC_FEATURES_H_
#define CLIENT_CPP_SRC_FEATURES_H_

#include <cstdint>

#include "sessionhub/v1/frames.pb.h"

namespace sessionhub::client {

// A sum of v1::Feature bits.
inline constexpr uint64_t kClientFeatures =
    v1::FEATURE_DELIVERED | v1::FEATURE_INVALIDATE | v1::FEATURE_RECEIVED | v1::FEATURE_LIFE |
    v1::FEATURE_SPLICE | v1::FEATURE_CONDITIONS | v1::FEATURE_AFTER_PREVIOUS | v1::FEATURE_LOCKS;

}  // namespace sessionhub::client

#endif  // CLIENT_CPP_SRC_FEATURES_H_
