// SPDX-License-Identifier: Apache-2.0
// WallboardService: predictions, groups and days.
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/rpc/board_codec.h"
#include "daemon/rpc/board_reads.h"
#include "daemon/rpc/durations.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/stats_codec.h"
#include "daemon/rpc/status.h"
#include "daemon/rpc/unary.h"
#include "daemon/rpc/wallboard_service.h"
#include "routing/insight/board.h"
#include "routing/insight/wait_predictor.h"
#include "routing/insight/window_stats.h"
#include "routing/limits.h"

namespace acd {
namespace {

// What a call that would come now brings along; without a priority it has its queue's.
struct Arrival {
  std::optional<int32_t> priority;
  int64_t age_ns = 0;
};

Arrival take_arrival(const v1::PredictWaitRequest& request, Violations* violations) {
  Arrival arrival;
  if (request.has_priority()) {
    arrival.priority = request.priority();
    if (request.priority() < -kPriorityMax || request.priority() > kPriorityMax) {
      violations->add(
          v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "priority",
          absl::StrCat("is ", request.priority(), "; must be ", -kPriorityMax, "..", kPriorityMax));
    }
  }
  const std::optional<int64_t> age_ns = to_ns(request.age_credit(), kAgeCreditMaxNs);
  if (!age_ns) {
    violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "age_credit", "must be 0..24 h");
  }
  arrival.age_ns = age_ns.value_or(0);
  return arrival;
}

constexpr std::array<std::string_view, kPriorityBandCount> kBandWords = {"low", "normal", "high"};

// What is now, of one group.
struct GroupNow {
  int64_t waiting = 0;
  int64_t longest_wait_ns = 0;
  std::map<AgentState, int64_t> agents;
};

// The groups by their scope, in the order of the list.
std::vector<std::pair<std::string, StatsScope>> groups_of(v1::GroupKind kind,
                                                          const WindowStats& windows) {
  std::vector<std::pair<std::string, StatsScope>> groups;
  const auto add_all = [&](std::vector<std::string_view> names, auto scope_of) {
    std::ranges::sort(names);
    for (const std::string_view name : names) groups.emplace_back(name, scope_of(name));
  };
  if (kind == v1::GROUP_KIND_SKILL) {
    add_all(windows.skills(), &StatsScope::skill);
  } else if (kind == v1::GROUP_KIND_TEAM) {
    add_all(windows.teams(), &StatsScope::team);
  } else {
    for (size_t band = 0; band < kPriorityBandCount; ++band) {
      groups.emplace_back(kBandWords[band], StatsScope::of(static_cast<PriorityBand>(band)));
    }
  }
  return groups;
}

size_t band_of(const CallView& call) { return call.priority < 0 ? 0 : call.priority == 0 ? 1 : 2; }

// Looks at all agents, or all calls that wait.
std::map<std::string, GroupNow, std::less<>> groups_now(v1::GroupKind kind, const Board& board) {
  std::map<std::string, GroupNow, std::less<>> groups;
  if (kind == v1::GROUP_KIND_PRIORITY_BAND) {
    for (const QueueView* queue : board.queues()) {
      for (const auto& [entered_ns, index] : queue->waiting_calls) {
        GroupNow& group = groups[std::string(kBandWords[band_of(board.call(index))])];
        ++group.waiting;
        group.longest_wait_ns = std::max(group.longest_wait_ns, board.now_ns() - entered_ns);
      }
    }
    return groups;
  }
  for (const auto& [id, index] : board.agents_by_id()) {
    const AgentView& agent = board.agent(index);
    if (kind == v1::GROUP_KIND_TEAM) {
      ++groups[agent.team].agents[agent.state];
    } else {
      for (const auto& [skill, level] : agent.skills) ++groups[skill].agents[agent.state];
    }
  }
  return groups;
}

void encode_now(const GroupNow& now, v1::GroupStats* stats) {
  stats->set_waiting(now.waiting);
  set_duration(now.longest_wait_ns, stats->mutable_longest_wait());
  for (const auto& [state, count] : now.agents) {
    v1::AgentStateCount* one = stats->add_agents();
    one->set_state(to_proto(state));
    one->set_count(count);
  }
}

}  // namespace

grpc::ServerUnaryReactor* WallboardService::PredictWait(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* bytes,
                                                        grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "WallboardService.PredictWait", context, response);
  v1::PredictWaitRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  ResourceName name = take_resource_name("name", request.name(), "queues", &violations);
  const std::string tenant = name.tenant;
  const Arrival arrival = take_arrival(request, &violations);
  read_insight(&call, tenant, violations,
               [name = std::move(name), arrival](const Insight& insight, UnaryReply& reply) {
                 const QueueView* queue = insight.board.find_queue(name.id);
                 if (queue == nullptr || !queue->index.valid()) {
                   return reply.fail(unknown(v1::ERROR_REASON_QUEUE_UNKNOWN, "queue", name));
                 }
                 const int64_t now_ns = insight.board.now_ns();
                 WaitArrival coming = insight.predictor.usual_arrival(queue->index);
                 coming.priority = arrival.priority.value_or(coming.priority);
                 coming.age_ns = arrival.age_ns;
                 v1::PredictWaitResponse answer;
                 encode_prediction(insight.predictor.predict_arrival(queue->index, coming, now_ns),
                                   answer.mutable_ewt());
                 set_duration(now_ns, answer.mutable_now());
                 reply.answer(answer);
               });
  return call.reactor;
}

grpc::ServerUnaryReactor* WallboardService::ListGroupStats(grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* bytes,
                                                           grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "WallboardService.ListGroupStats", context, response);
  v1::ListGroupStatsRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  const std::string tenant = take_tenant_name("parent", request.parent(), &violations);
  const v1::GroupKind kind = request.kind();
  if (kind == v1::GROUP_KIND_UNSPECIFIED) {
    violations.add(v1::ERROR_REASON_FIELD_REQUIRED, "kind", "is missing");
  } else if (!v1::GroupKind_IsValid(kind)) {
    violations.add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "kind",
                   absl::StrCat("is ", static_cast<int>(kind), ", which is no kind of group"));
  }
  Page page =
      take_page(PageKind::kGroups, tenant, request.page_size(), request.page_token(), &violations);
  const uint8_t windows = take_windows("windows", request.windows(), &violations);
  read_insight(
      &call, tenant, violations,
      [tenant, kind, page = std::move(page), windows](const Insight& insight, UnaryReply& reply) {
        // The position is the kind and the name of the last group.
        const std::string prefix = absl::StrCat(static_cast<int>(kind), " ");
        const auto groups = groups_of(kind, insight.windows);
        auto next = groups.begin();
        if (!page.position.empty()) {
          if (!std::string_view(page.position).starts_with(prefix)) {
            return reply.fail(bad_page_token());
          }
          const std::string last = page.position.substr(prefix.size());
          // None ever goes.
          next = std::ranges::find(groups, last, [](const auto& one) { return one.first; });
          if (next == groups.end()) return reply.fail(bad_page_token());
          ++next;
        }
        const auto now = groups_now(kind, insight.board);
        v1::ListGroupStatsResponse list;
        PageFill fill(page.size);
        for (; next != groups.end() && !fill.full(); ++next) {
          v1::GroupStats* stats = list.add_groups();
          stats->set_group(next->first);
          encode_windows(insight, next->second, windows, ServiceLevelVariant::kAbandonedNegative,
                         stats->mutable_windows());
          if (const auto found = now.find(next->first); found != now.end()) {
            encode_now(found->second, stats);
          }
          fill.add(*stats);
        }
        if (next != groups.end()) {
          list.set_next_page_token(make_page_token(
              PageKind::kGroups, tenant, absl::StrCat(prefix, list.groups().rbegin()->group())));
        }
        set_duration(insight.board.now_ns(), list.mutable_now());
        reply.answer(list);
      });
  return call.reactor;
}

grpc::ServerUnaryReactor* WallboardService::ListDayPoints(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* bytes,
                                                          grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "WallboardService.ListDayPoints", context, response);
  v1::ListDayPointsRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  ResourceName name;
  if (request.name().find("/queues/") == std::string::npos) {
    name.tenant = take_tenant_name("name", request.name(), &violations);
  } else {
    name = take_resource_name("name", request.name(), "queues", &violations);
  }
  const std::string tenant = name.tenant;
  read_insight(&call, tenant, violations,
               [name = std::move(name)](const Insight& insight, UnaryReply& reply) {
                 StatsScope scope = StatsScope::tenant();
                 if (!name.id.empty()) {
                   const QueueView* queue = insight.board.find_queue(name.id);
                   if (queue == nullptr || !queue->index.valid()) {
                     return reply.fail(unknown(v1::ERROR_REASON_QUEUE_UNKNOWN, "queue", name));
                   }
                   scope = StatsScope::of(queue->index);
                 }
                 v1::ListDayPointsResponse list;
                 const int64_t now_ns = insight.board.now_ns();
                 for (const DayPoint& point : insight.windows.day_points(scope, now_ns)) {
                   encode_day_point(point, list.add_points());
                 }
                 set_duration(now_ns, list.mutable_now());
                 reply.answer(list);
               });
  return call.reactor;
}

}  // namespace acd
