// SPDX-License-Identifier: Apache-2.0
// CallService.ListScheduledCalls: what is for later, as the board has it.
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/rpc/board_codec.h"
#include "daemon/rpc/board_reads.h"
#include "daemon/rpc/call_service.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/unary.h"
#include "routing/insight/board.h"

namespace acd {
namespace {

// Where a page ended: Unix time in ms, a blank, the id.
using ScheduleKey = std::pair<int64_t, std::string>;

std::optional<ScheduleKey> to_schedule_key(std::string_view position) {
  const size_t blank = position.find(' ');
  int64_t due_ms = 0;
  if (blank == std::string_view::npos ||
      !absl::SimpleAtoi(absl::string_view(position.data(), blank), &due_ms)) {
    return std::nullopt;
  }
  return ScheduleKey{due_ms, std::string(position.substr(blank + 1))};
}

}  // namespace

grpc::ServerUnaryReactor* CallService::ListScheduledCalls(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* bytes,
                                                          grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "CallService.ListScheduledCalls", context, response);
  v1::ListScheduledCallsRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  const std::string tenant = take_tenant_name("parent", request.parent(), &violations);
  const Page page = take_page(PageKind::kScheduled, tenant, request.page_size(),
                              request.page_token(), &violations);
  std::optional<ScheduleKey> after;
  if (!page.position.empty()) {
    after = to_schedule_key(page.position);
    if (!after) {
      violations.add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "page_token",
                     "is no token of a previous page of this list");
    }
  }
  ResourceName queue;
  if (!request.queue().empty()) {
    queue = take_resource_name("queue", request.queue(), "queues", &violations);
    if (!queue.id.empty() && queue.tenant != tenant) {
      violations.add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "queue", "is of another tenant");
    }
  }
  read_board(&call, tenant, violations,
             [tenant, after, queue, size = page.size](const Board& board, UnaryReply& reply) {
               const auto& scheduled = board.scheduled_by_time();
               v1::ListScheduledCallsResponse list;
               PageFill fill(size);
               ScheduleKey last;
               for (auto next = after ? scheduled.upper_bound(*after) : scheduled.begin();
                    next != scheduled.end(); ++next) {
                 const ScheduledCall& one = board.scheduled(next->second);
                 if (!queue.id.empty() && one.queue != queue.id) continue;
                 if (fill.full()) {  // There is one more.
                   list.set_next_page_token(make_page_token(
                       PageKind::kScheduled, tenant, absl::StrCat(last.first, " ", last.second)));
                   break;
                 }
                 last = *next;
                 encode_scheduled(board, tenant, next->second, one, list.add_calls());
                 fill.add(*list.calls().rbegin());
               }
               // Of a queue that was left out there may be some still.
               if (!queue.id.empty() && !after && list.calls().empty() &&
                   board.find_queue(queue.id) == nullptr) {
                 return reply.fail(unknown(v1::ERROR_REASON_QUEUE_UNKNOWN, "queue", queue));
               }
               reply.answer(list);
             });
  return call.reactor;
}

}  // namespace acd
