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
#include "daemon/rpc/stats_codec.h"
#include "daemon/rpc/status.h"
#include "daemon/rpc/unary.h"
#include "routing/insight/board.h"
#include "routing/limits.h"

namespace acd {
namespace {

// For what comes after the board.
std::string resume_token(const Edge& edge, const std::string& tenant, const Board& board) {
  return make_resume_token(edge.find(tenant)->history_id(), tenant, board.sequence());
}

// Calls that one page of a list looks at: nobody else reads meanwhile. A page may so be a short one.
constexpr size_t kCallsLookedMax = 20'000;

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

// What a list of calls is to have.
struct CallList {
  std::string queue;  // Id; empty: of all.
  bool is_of_waiting = false;
  bool ewt = false;
  size_t page_size = 0;
  std::optional<CallKey> after;

  [[nodiscard]] bool wants(const Board& board, const CallView& call) const {
    if (!queue.empty() && board.queue(call.queue).id != queue) return false;
    return !is_of_waiting || is_waiting(call);
  }
};

CallList take_call_list(const v1::ListCallsRequest& request, const std::string& tenant,
                        Violations* violations) {
  CallList list;
  const Page page =
      take_page(PageKind::kCalls, tenant, request.page_size(), request.page_token(), violations);
  list.page_size = page.size;
  if (!page.position.empty()) {
    list.after = to_call_key(page.position);
    if (!list.after) {
      violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "page_token",
                      "is no token of a previous page of this list");
    }
  }
  if (!request.queue_id().empty()) {
    check_text("queue_id", request.queue_id(), kIdBytesMax, violations);
    list.queue = request.queue_id();
  }
  list.is_of_waiting = request.waiting();
  list.ewt = request.ewt();
  return list;
}

template <typename Request>
AskedFigures take_figures(const Request& request, Violations* violations) {
  return {take_windows("windows", request.windows(), violations), request.ewt()};
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
  const AskedFigures asked = take_figures(request, &violations);
  read_insight(&call, tenant, violations,
               [name = std::move(name), mask = std::move(mask), asked](const Insight& insight,
                                                                       UnaryReply& reply) {
                 const Board& board = insight.board;
                 const QueueView* queue = board.find_queue(name.id);
                 if (queue == nullptr) {
                   return reply.fail(unknown(v1::ERROR_REASON_QUEUE_UNKNOWN, "queue", name));
                 }
                 v1::QueueStats stats;
                 encode_queue(board, name.tenant, *queue, &stats);
                 encode_queue_figures(insight, *queue, asked, member_states(insight), &stats);
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
  const AskedFigures asked = take_figures(request, &violations);
  read_insight(
      &call, tenant, violations,
      [edge = &edge_, tenant, page = std::move(page), mask = std::move(mask), asked](
          const Insight& insight, UnaryReply& reply) {
        const Board& board = insight.board;
        uint32_t index = 0;
        if (!page.position.empty() &&
            (!absl::SimpleAtoi(page.position, &index) || index > board.queues().size())) {
          return reply.fail(bad_page_token());
        }
        const MemberStates members = member_states(insight);
        v1::ListQueueStatsResponse list;
        PageFill fill(page.size);
        for (; index < board.queues().size() && !fill.full(); ++index) {
          v1::QueueStats* stats = list.add_queues();
          encode_queue(board, tenant, *board.queues()[index], stats);
          encode_queue_figures(insight, *board.queues()[index], asked, members, stats);
          trim(mask, stats);
          fill.add(*stats);
        }
        if (index < board.queues().size()) {
          list.set_next_page_token(make_page_token(PageKind::kQueues, tenant, absl::StrCat(index)));
        }
        encode_total(board, tenant, list.mutable_total());
        encode_total_figures(insight, asked, list.mutable_total());
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
  const uint8_t windows = take_windows("windows", request.windows(), &violations);
  read_insight(&call, tenant, violations,
               [name = std::move(name), mask = std::move(mask), windows](const Insight& insight,
                                                                         UnaryReply& reply) {
                 const auto& agents = insight.board.agents_by_id();
                 const auto agent = agents.find(name.id);
                 if (agent == agents.end()) {
                   return reply.fail(unknown(v1::ERROR_REASON_AGENT_UNKNOWN, "agent", name));
                 }
                 v1::AgentStatus status;
                 encode_agent(insight.board, name.tenant, insight.board.agent(agent->second),
                              &status);
                 encode_windows(insight, StatsScope::of(agent->second), windows, std::nullopt,
                                status.mutable_windows());
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
  const uint8_t windows = take_windows("windows", request.windows(), &violations);
  read_insight(&call, tenant, violations,
               [edge = &edge_, tenant, page = std::move(page), mask = std::move(mask), windows](
                   const Insight& insight, UnaryReply& reply) {
                 const Board& board = insight.board;
                 const auto& agents = board.agents_by_id();
                 v1::ListAgentsResponse list;
                 PageFill fill(page.size);
                 std::string last_id;
                 auto next = agents.upper_bound(page.position);
                 for (; next != agents.end() && !fill.full(); ++next) {
                   last_id = next->first;
                   v1::AgentStatus* status = list.add_agents();
                   encode_agent(board, tenant, board.agent(next->second), status);
                   encode_windows(insight, StatsScope::of(next->second), windows, std::nullopt,
                                  status->mutable_windows());
                   trim(mask, status);
                   fill.add(*status);
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
  read_insight(&call, tenant, violations,
               [name = std::move(name), mask = std::move(mask), ewt = request.ewt()](
                   const Insight& insight, UnaryReply& reply) {
                 const std::optional<CallIndex> index = insight.board.index_of_call(name.id);
                 if (!index) {
                   return reply.fail(unknown(v1::ERROR_REASON_CALL_UNKNOWN, "call", name));
                 }
                 v1::CallStatus status;
                 encode_call(insight.board, name.tenant, insight.board.call(*index), &status);
                 if (ewt) encode_call_ewt(insight, *index, &status);
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
  CallList asked = take_call_list(request, tenant, &violations);
  auto mask = take_read_mask(request.read_mask(), *v1::CallStatus::descriptor(), &violations);
  read_insight(
      &call, tenant, violations,
      [edge = &edge_, tenant, asked = std::move(asked), mask = std::move(mask)](
          const Insight& insight, UnaryReply& reply) {
        const Board& board = insight.board;
        if (!asked.queue.empty() && board.find_queue(asked.queue) == nullptr) {
          return reply.fail(
              unknown(v1::ERROR_REASON_QUEUE_UNKNOWN, "queue", {tenant, asked.queue}));
        }
        v1::ListCallsResponse list;
        PageFill fill(asked.page_size);
        CallKey last;
        const auto& calls = board.calls_by_age();
        auto next = asked.after ? calls.upper_bound(*asked.after) : calls.begin();
        for (size_t looked = 0; next != calls.end() && looked < kCallsLookedMax; ++next, ++looked) {
          const CallView& view = board.call(next->second);
          if (asked.wants(board, view)) {
            if (fill.full()) break;
            v1::CallStatus* status = list.add_calls();
            encode_call(board, tenant, view, status);
            if (asked.ewt) encode_call_ewt(insight, next->second, status);
            trim(mask, status);
            fill.add(*status);
          }
          last = *next;
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
  const std::string principal = principal_of(*context);
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
