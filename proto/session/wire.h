// The meaning of v1.Op: conversion between the wire's operations and Delta. Pure.
//
// Paths are numbered on each stream and in each direction; who converts gives a function that
// numbers a path (encoding) or looks a number up (decoding).
#ifndef PROTO_SESSION_WIRE_H_
#define PROTO_SESSION_WIRE_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/session/delta.h"
#include "proto/session/limits.h"
#include "proto/session/path.h"
#include "sessionhub/v1/delta.pb.h"
#include "sessionhub/v1/frames.pb.h"
#include "sessionhub/value.h"

namespace sessionhub {

// The number of a path on this stream, or 0 to send it inline.
using NumberPath = std::function<uint32_t(const Path&)>;
// The path of a number on this stream, or nullptr if it was not defined.
using FindPath = std::function<const Path*(uint32_t)>;

void EncodeOp(const Operation& operation, const NumberPath& number_path, v1::Op* op);
// InvalidArgument for an unset or unknown operation, a bad path, an undefined number. Limits are
// CheckDelta's business.
absl::StatusOr<Operation> DecodeOp(const v1::Op& op, const FindPath& find_path);

// Puts `value` into the oneof of `op`.
void EncodePut(const Value& value, v1::Op* op);

// What a Delta holds; not the session it is for, nor how it is to be acknowledged.
void EncodeDelta(const Delta& delta, const NumberPath& number_path, v1::Delta* wire);

// Decodes the same. What needs a feature that is not agreed in `features` (a sum of Feature bits),
// or that no version offers yet, is Unimplemented.
absl::StatusOr<Delta> DecodeDelta(const v1::Delta& wire, const FindPath& find_path,
                                  uint64_t features);

// Settings are limits.h's to check.
void EncodeSettings(const Settings& settings, v1::Settings* wire);
void EncodeNewSession(const Settings& settings, v1::NewSession* wire);
Settings DecodeNewSession(const v1::NewSession& wire);

// What counts against kFrameRequestsMax.
size_t RequestsOf(const v1::NodeFrame& frame);

void EncodeLimits(const Limits& limits, v1::Limits* wire);
Limits DecodeLimits(const v1::Limits& wire);

}  // namespace sessionhub

#endif  // PROTO_SESSION_WIRE_H_
