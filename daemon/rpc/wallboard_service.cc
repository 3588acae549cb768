// SPDX-License-Identifier: Apache-2.0
// WallboardService: reads of queues, agents and calls, and the streams of wallboards.
#include "daemon/rpc/wallboard_service.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/rpc/auth.h"
#include "daemon/rpc/board_codec.h"
#include "daemon/rpc/board_reads.h"
#include "daemon/rpc/durations.h"
#include "daemon/rpc/principal_limits.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/resume_token.h"
#include "daemon/rpc/status.h"
#include "daemon/rpc/unary.h"
#include "routing/insight/board.h"

namespace acd {
namespace {

// For what comes after the board.
std::string resume_token(const Edge& edge, const std::string& tenant, const Board& board) {
  return make_resume_token(edge.find(tenant)->history_id(), tenant, board.sequence());
}

// Position of a list of calls: when the last call arrived and its index.
using CallKey = std::pair<int64_t, CallIndex>;

std::string to_position(const CallKey& key) {
  return absl::StrCat(key.first, " ", key.second.value());
}

std::optional<CallKey> to_call_key(const std::string& position) {
  const std::vector<std::string> parts = absl::StrSplit(position, ' ');
  int64_t arrived_ns = 0;
  uint32_t index = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &arrived_ns) ||
      !absl::SimpleAtoi(parts[1], &index)) {
    return std::nullopt;
  }
  return CallKey{arrived_ns, CallIndex(index)};
}

constexpr const char* kWatchMethod = "WallboardService.Watch";

// Finds the tenant's port and what the request asks for; the error that it is refused with, if any.
std::optional<RpcError> take_watch(const Edge& edge, std::string_view principal,
                                   const grpc::ByteBuffer& bytes, std::string* tenant,
                                   TenantPort** port, WallboardView* view) {
  v1::WatchRequest request;
  if (auto error = parse_request(edge, bytes, edge.options().message_bytes_max, &request)) {
    return error;
  }
  Violations violations;
  *tenant = take_tenant_name("parent", request.parent(), &violations);
  *view = take_view(request, &violations);
  if (!violations.empty()) return violations.error();
  return find_port(edge, principal, kWatchMethod, *tenant, port);
}

}  // namespace

grpc::ServerUnaryReactor* WallboardService::GetQueueStats(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* bytes,
                                                          grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "WallboardService.GetQueueStats", context, response);
  v1::GetQueueStatsRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  ResourceName name = take_resource_name("name", request.name(), "queues", &violations);
  const std::string tenant = name.tenant;
  auto mask = take_read_mask(request.read_mask(), *v1::QueueStats::descriptor(), &violations);
  read_board(
      &call, tenant, violations,
      [name = std::move(name), mask = std::move(mask)](const Board& board, UnaryReply& reply) {
        const QueueView* queue = board.find_queue(name.id);
        if (queue == nullptr) {
          return reply.fail(unknown(v1::ERROR_REASON_QUEUE_UNKNOWN, "queue", name));
        }
        v1::QueueStats stats;
        encode_queue(board, name.tenant, *queue, &stats);
        trim(mask, &stats);
        reply.answer(stats);
      });
  return call.reactor;
}

grpc::ServerUnaryReactor* WallboardService::ListQueueStats(grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* bytes,
                                                           grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "WallboardService.ListQueueStats", context, response);
  v1::ListQueueStatsRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  const std::string tenant = take_tenant_name("parent", request.parent(), &violations);
  Page page =
      take_page(PageKind::kQueues, tenant, request.page_size(), request.page_token(), &violations);
  auto mask = take_read_mask(request.read_mask(), *v1::QueueStats::descriptor(), &violations);
  read_board(
      &call, tenant, violations,
      [edge = &edge_, tenant, page = std::move(page), mask = std::move(mask)](const Board& board,
                                                                              UnaryReply& reply) {
        uint32_t index = 0;
        if (!page.position.empty() &&
            (!absl::SimpleAtoi(page.position, &index) || index > board.queues().size())) {
          return reply.fail(bad_page_token());
        }
        v1::ListQueueStatsResponse list;
        PageFill fill(page.size);
        for (; index < board.queues().size() && !fill.full(); ++index) {
          encode_queue(board, tenant, *board.queues()[index], list.add_queues());
          trim(mask, &*list.mutable_queues()->rbegin());
          fill.add(*list.queues().rbegin());
        }
        if (index < board.queues().size()) {
          list.set_next_page_token(make_page_token(PageKind::kQueues, tenant, absl::StrCat(index)));
        }
        encode_total(board, tenant, list.mutable_total());
        trim(mask, list.mutable_total());
        list.set_resume_token(resume_token(*edge, tenant, board));
        set_duration(board.now_ns(), list.mutable_now());
        reply.answer(list);
      });
  return call.reactor;
}

grpc::ServerUnaryReactor* WallboardService::GetAgent(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* bytes,
                                                     grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "WallboardService.GetAgent", context, response);
  v1::GetAgentRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  ResourceName name = take_resource_name("name", request.name(), "agents", &violations);
  const std::string tenant = name.tenant;
  auto mask = take_read_mask(request.read_mask(), *v1::AgentStatus::descriptor(), &violations);
  read_board(
      &call, tenant, violations,
      [name = std::move(name), mask = std::move(mask)](const Board& board, UnaryReply& reply) {
        const AgentView* agent = board.find_agent(name.id);
        if (agent == nullptr) {
          return reply.fail(unknown(v1::ERROR_REASON_AGENT_UNKNOWN, "agent", name));
        }
        v1::AgentStatus status;
        encode_agent(board, name.tenant, *agent, &status);
        trim(mask, &status);
        reply.answer(status);
      });
  return call.reactor;
}

grpc::ServerUnaryReactor* WallboardService::ListAgents(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* bytes,
                                                       grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "WallboardService.ListAgents", context, response);
  v1::ListAgentsRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  const std::string tenant = take_tenant_name("parent", request.parent(), &violations);
  Page page =
      take_page(PageKind::kAgents, tenant, request.page_size(), request.page_token(), &violations);
  auto mask = take_read_mask(request.read_mask(), *v1::AgentStatus::descriptor(), &violations);
  read_board(&call, tenant, violations,
             [edge = &edge_, tenant, page = std::move(page), mask = std::move(mask)](
                 const Board& board, UnaryReply& reply) {
               const auto& agents = board.agents_by_id();
               v1::ListAgentsResponse list;
               PageFill fill(page.size);
               std::string last_id;
               auto next = agents.upper_bound(page.position);
               for (; next != agents.end() && !fill.full(); ++next) {
                 last_id = next->first;
                 encode_agent(board, tenant, board.agent(next->second), list.add_agents());
                 trim(mask, &*list.mutable_agents()->rbegin());
                 fill.add(*list.agents().rbegin());
               }
               if (next != agents.end()) {
                 list.set_next_page_token(make_page_token(PageKind::kAgents, tenant, last_id));
               }
               list.set_resume_token(resume_token(*edge, tenant, board));
               reply.answer(list);
             });
  return call.reactor;
}

grpc::ServerUnaryReactor* WallboardService::GetCall(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* bytes,
                                                    grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "WallboardService.GetCall", context, response);
  v1::GetCallRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  ResourceName name = take_resource_name("name", request.name(), "calls", &violations);
  const std::string tenant = name.tenant;
  auto mask = take_read_mask(request.read_mask(), *v1::CallStatus::descriptor(), &violations);
  read_board(
      &call, tenant, violations,
      [name = std::move(name), mask = std::move(mask)](const Board& board, UnaryReply& reply) {
        const CallView* view = board.find_call(name.id);
        if (view == nullptr) {
          return reply.fail(unknown(v1::ERROR_REASON_CALL_UNKNOWN, "call", name));
        }
        v1::CallStatus status;
        encode_call(board, name.tenant, *view, &status);
        trim(mask, &status);
        reply.answer(status);
      });
  return call.reactor;
}

grpc::ServerUnaryReactor* WallboardService::ListCalls(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* bytes,
                                                      grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "WallboardService.ListCalls", context, response);
  v1::ListCallsRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  const std::string tenant = take_tenant_name("parent", request.parent(), &violations);
  const Page page =
      take_page(PageKind::kCalls, tenant, request.page_size(), request.page_token(), &violations);
  std::optional<CallKey> after;
  if (!page.position.empty()) {
    after = to_call_key(page.position);
    if (!after) {
      violations.add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "page_token",
                     "is no token of a previous page of this list");
    }
  }
  auto mask = take_read_mask(request.read_mask(), *v1::CallStatus::descriptor(), &violations);
  read_board(
      &call, tenant, violations,
      [edge = &edge_, tenant, after, size = page.size, mask = std::move(mask)](const Board& board,
                                                                               UnaryReply& reply) {
        const auto& calls = board.calls_by_age();
        v1::ListCallsResponse list;
        PageFill fill(size);
        CallKey last;
        auto next = after ? calls.upper_bound(*after) : calls.begin();
        for (; next != calls.end() && !fill.full(); ++next) {
          last = *next;
          encode_call(board, tenant, board.call(next->second), list.add_calls());
          trim(mask, &*list.mutable_calls()->rbegin());
          fill.add(*list.calls().rbegin());
        }
        if (next != calls.end()) {
          list.set_next_page_token(make_page_token(PageKind::kCalls, tenant, to_position(last)));
        }
        list.set_resume_token(resume_token(*edge, tenant, board));
        reply.answer(list);
      });
  return call.reactor;
}

WriteReactor* WallboardService::Watch(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* request) {
  std::string tenant;
  TenantPort* port = nullptr;
  WallboardView view;
  const std::string principal = principal_of(context->peer());
  if (const auto error = take_watch(edge_, principal, *request, &tenant, &port, &view)) {
    return new RefusedStream<WriteReactor>(make_status(*error));
  }
  grpc::Status refusal;
  auto ticket = take_ticket(edge_, slots_, StreamKind::kWatch, principal, &refusal);
  if (ticket == nullptr) return new RefusedStream<WriteReactor>(refusal);
  auto watch = std::make_shared<WallboardWatch>(&streams_, std::move(ticket), context);
  streams_.add(watch);
  watch->begin();
  feed_of(tenant, port)->add(view, watch, StreamClock::now());
  // A stop that began meanwhile may have missed this stream.
  if (edge_.stopping()) watch->finish_for_stop();
  return watch.get();
}

std::shared_ptr<WallboardFeed> WallboardService::feed_of(const std::string& tenant,
                                                         TenantPort* port) {
  const MutexLock lock(&mutex_);
  std::shared_ptr<WallboardFeed>& feed = feeds_[tenant];
  if (feed == nullptr) feed = std::make_shared<WallboardFeed>(port, tenant, edge_.watch_pending());
  return feed;
}

void WallboardService::tick(StreamClock::time_point now) {
  std::vector<std::shared_ptr<WallboardFeed>> feeds;
  {
    const MutexLock lock(&mutex_);
    for (const auto& [tenant, feed] : feeds_) feeds.push_back(feed);
  }
  for (const auto& feed : feeds) feed->tick(now);
  streams_.tick(now);
}

}  // namespace acd
