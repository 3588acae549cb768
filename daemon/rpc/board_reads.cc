// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/board_reads.h"

#include <absl/strings/str_cat.h>

#include <utility>

namespace acd {

void read_insight(UnaryCall* call, const std::string& tenant, const Violations& violations,
                  InsightReader reader) {
  if (!violations.empty()) {
    call->reply->fail(violations.error());
    return;
  }
  TenantPort* port = call->find_tenant(tenant);
  if (port == nullptr) return;
  call->read(port, [reply = call->reply, reader = std::move(reader)](
                       const Insight& insight) mutable { reader(insight, *reply); });
}

void read_board(UnaryCall* call, const std::string& tenant, const Violations& violations,
                BoardReader reader) {
  read_insight(call, tenant, violations,
               [reader = std::move(reader)](const Insight& insight, UnaryReply& reply) mutable {
                 reader(insight.board, reply);
               });
}

RpcError unknown(v1::ErrorReason reason, const char* what, const ResourceName& name) {
  return {reason,
          absl::StrCat("No ", what, " '", name.id, "' in tenants/", name.tenant, "."),
          {{"tenant", name.tenant}, {what, name.id}},
          {}};
}

}  // namespace acd
