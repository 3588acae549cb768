// SPDX-License-Identifier: Apache-2.0
// What methods that read a tenant's board have in common.
#pragma once

#include <absl/functional/any_invocable.h>
#include <google/protobuf/message.h>

#include <cstddef>
#include <string>

#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/status.h"
#include "daemon/rpc/unary.h"
#include "routing/insight/board.h"

namespace acd {

using InsightReader = absl::AnyInvocable<void(const Insight& insight, UnaryReply& reply)>;
using BoardReader = absl::AnyInvocable<void(const Board& board, UnaryReply& reply)>;

// Has `reader` reply from what is known of `tenant`; replies at once when the request is bad.
void read_insight(UnaryCall* call, const std::string& tenant, const Violations& violations,
                  InsightReader reader);
// The same of its board alone.
void read_board(UnaryCall* call, const std::string& tenant, const Violations& violations,
                BoardReader reader);

// That the tenant has no such queue, agent or call; `what` is which of them.
[[nodiscard]] RpcError unknown(v1::ErrorReason reason, const char* what, const ResourceName& name);

// Entries of one page, cut at its size in count and bytes.
class PageFill {
 public:
  explicit PageFill(size_t size) : size_(size) {}
  // Whether one more entry, written already, may be followed by another.
  void add(const google::protobuf::Message& entry) {
    ++count_;
    bytes_ += entry.ByteSizeLong();
  }
  [[nodiscard]] bool full() const { return count_ >= size_ || bytes_ >= kPageBytesMax; }

 private:
  size_t size_;
  size_t count_ = 0;
  size_t bytes_ = 0;
};

}  // namespace acd
