// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/wallboard_feed.h"

#include <absl/strings/str_cat.h>
#include <grpcpp/support/slice.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <tuple>

#include "daemon/rpc/board_codec.h"
#include "daemon/rpc/board_reads.h"
#include "daemon/rpc/durations.h"
#include "daemon/rpc/pulse.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/resume_token.h"
#include "routing/insight/wait_predictor.h"
#include "routing/limits.h"

namespace acd {
namespace {

std::chrono::milliseconds take_interval(const v1::WatchRequest& request, Violations* violations) {
  if (!request.has_interval()) return kWatchIntervalDefault;
  const google::protobuf::Duration& given = request.interval();
  if (given.nanos() < 0 || given.nanos() >= kNsPerS || given.nanos() % kNsPerMs != 0) {
    violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "interval",
                    absl::StrCat("has ", given.nanos(),
                                 " nanos; must be whole milliseconds, 0 to 999,000,000"));
    return kWatchIntervalDefault;
  }
  // Past that it is too long whatever the rest says, and below nothing too short.
  constexpr int64_t kTooManySeconds = 1'000;
  const int64_t seconds = std::clamp<int64_t>(given.seconds(), -kTooManySeconds, kTooManySeconds);
  const auto interval = std::chrono::milliseconds(seconds * 1'000 + given.nanos() / kNsPerMs);
  if (interval >= kWatchIntervalMin && interval <= kWatchIntervalMax) return interval;
  violations->add(v1::ERROR_REASON_FIELD_OUT_OF_RANGE, "interval", "must be 100 ms to 1 min");
  return kWatchIntervalDefault;
}

// One entry of a repeated field that is encoded already.
void append_entry(int field, const std::string& bytes, std::string* body) {
  const auto put = [body](uint64_t value) {
    for (; value >= 0x80; value >>= 7) *body += static_cast<char>(value | 0x80);
    *body += static_cast<char>(value);
  };
  constexpr int kLengthDelimited = 2;
  put(static_cast<uint64_t>(field) << 3 | kLengthDelimited);
  put(bytes.size());
  *body += bytes;
}

}  // namespace

WallboardView take_view(const v1::WatchRequest& request, Violations* violations) {
  WallboardView view;
  WallboardFilter& filter = view.filter;
  filter.queues = take_ids("queue_ids", request.queue_ids(), violations);
  filter.teams = take_ids("team_ids", request.team_ids(), violations);
  filter.all_queues = request.all_queues();
  filter.total = request.total();
  filter.all_agents = request.all_agents();
  filter.waiting_calls = request.waiting_calls();
  if (filter == WallboardFilter()) filter.all_queues = filter.total = true;
  filter.asked = {take_windows("windows", request.windows(), violations), request.ewt()};
  view.interval = take_interval(request, violations);
  return view;
}

void WallboardFeed::add(const WallboardView& view, std::weak_ptr<WallboardReader> reader,
                        StreamClock::time_point now) {
  {
    const MutexLock lock(&mutex_);
    newcomers_.push_back({view, std::move(reader)});
    now_ = std::max(now_, now);
  }
  ask();
}

void WallboardFeed::tick(StreamClock::time_point now) {
  {
    const MutexLock lock(&mutex_);
    now_ = std::max(now_, now);
    if (newcomers_.empty() && due_ > now_) return;
  }
  ask();
}

void WallboardFeed::ask() {
  {
    const MutexLock lock(&mutex_);
    if (is_asked_) return;
    is_asked_ = true;
    // Who comes later may know of more than this read sees.
    invited_ = newcomers_.size();
  }
  if (port_->read([feed = shared_from_this()](const Insight& insight) { feed->visit(insight); })) {
    return;
  }
  // Too many reads wait; the next tick asks again.
  const MutexLock lock(&mutex_);
  is_asked_ = false;
}

void WallboardFeed::visit(const Insight& insight) {
  std::vector<Newcomer> newcomers;
  StreamClock::time_point now;
  {
    const MutexLock lock(&mutex_);
    const auto end = newcomers_.begin() + static_cast<std::ptrdiff_t>(invited_);
    newcomers.assign(std::make_move_iterator(newcomers_.begin()), std::make_move_iterator(end));
    newcomers_.erase(newcomers_.begin(), end);
    now = now_;
  }
  const StreamClock::time_point due = show(insight, std::move(newcomers), now);
  {
    const MutexLock lock(&mutex_);
    due_ = due;
    is_asked_ = false;
    if (newcomers_.empty() && due_ > now_) return;
  }
  ask();
}

void WallboardFeed::welcome(std::vector<Newcomer> newcomers, StreamClock::time_point now) {
  for (Newcomer& newcomer : newcomers) {
    const auto [found, is_new] = groups_.try_emplace(std::move(newcomer.view));
    Group& group = found->second;
    group.members.push_back({std::move(newcomer.reader)});
    if (is_new) {
      group.due = now + found->first.interval;
      group.turn = agenda_.emplace(now, found);
    } else if (group.turn->first > now) {
      agenda_.erase(group.turn);
      group.turn = agenda_.emplace(now, found);
    }
  }
}

StreamClock::time_point WallboardFeed::show(const Insight& insight, std::vector<Newcomer> newcomers,
                                            StreamClock::time_point now) {
  ++visit_;
  welcome(std::move(newcomers), now);
  note_layout(insight.board);
  Encoded encoded(
      [](For a, For b) { return std::tie(a.second, *a.first) < std::tie(b.second, *b.first); });
  const size_t enough = looked_ + kVisitBudget;
  std::vector<Groups::iterator> over;  // Their filters are keys of what is encoded.
  while (!agenda_.empty() && agenda_.begin()->first <= now && looked_ < enough) {
    const Groups::iterator next = agenda_.begin()->second;
    const auto& [view, group] = *next;
    agenda_.erase(agenda_.begin());
    const bool is_due = group.due <= now;
    const bool lacks_room = show_group(insight, view.filter, is_due, &next->second, &encoded);
    if (group.members.empty()) {
      over.push_back(next);
      continue;
    }
    if (is_due) {
      next->second.due += view.interval;
      // Who is late does not hurry afterwards.
      if (group.due <= now) next->second.due = now + view.interval;
    }
    // Who had no room does not wait for a beat that may be a minute away.
    const StreamClock::time_point turn =
        lacks_room ? std::min(group.due, now + kPulsePeriod) : group.due;
    next->second.turn = agenda_.emplace(turn, next);
  }
  encoded.clear();
  members_.reset();
  for (const Groups::iterator group : over) groups_.erase(group);
  forget_unwatched(now);
  return agenda_.empty() ? StreamClock::time_point::max() : agenda_.begin()->first;
}

void WallboardFeed::forget_unwatched(StreamClock::time_point now) {
  if (groups_.empty()) {
    shown_.clear();
    predictions_.clear();
  }
  if (now < swept_ + kWatchIntervalMax) return;
  // Who is watched was looked at since: no interval is longer.
  const auto is_unseen = [&](const auto& entry) { return entry.second.seen < swept_visit_; };
  for (auto& [asked, shown] : shown_) std::erase_if(shown.queues, is_unseen);
  std::erase_if(shown_, [&](const auto& entry) {
    return entry.second.queues.empty() && entry.second.total.seen < swept_visit_;
  });
  std::erase_if(predictions_, is_unseen);
  swept_ = now;
  swept_visit_ = visit_;
}

void WallboardFeed::note_layout(const Board& board) {
  const auto& queues = board.queues();
  if (std::ranges::equal(queues, layout_, {},
                         [](const QueueView* queue) -> const std::string& { return queue->id; })) {
    return;
  }
  layout_.clear();
  for (const QueueView* queue : queues) layout_.push_back(queue->id);
  layout_changed_ = visit_;
  for (auto& [asked, shown] : shown_) {
    std::erase_if(shown.queues,
                  [&](const auto& entry) { return board.find_queue(entry.first) == nullptr; });
  }
}

bool WallboardFeed::show_group(const Insight& insight, const WallboardFilter& filter, bool is_due,
                               Group* group, Encoded* encoded) {
  const Board& board = insight.board;
  looked_ += kGroupCost;
  bool lacks_room = false;
  const auto is_over = [&](Member& member) {
    ++looked_;
    const std::shared_ptr<WallboardReader> reader = member.reader.lock();
    if (reader == nullptr) return true;
    const bool is_new = member.told.visit == 0;
    if (!is_due && !is_new && !member.lacks_room) return false;
    if (is_new) {
      if (const auto refusal = refuse(board, filter)) {
        reader->fail(*refusal);
        return true;
      }
    }
    // Who still writes is shown all at once later.
    if (!reader->is_ready()) return false;
    const auto [pages, is_first] = encoded->try_emplace({&filter, member.told});
    if (is_first) {
      refresh(insight, filter);
      pages->second = encode(insight, filter, member.told);
    }
    member.lacks_room = pages->second == nullptr;
    if (member.lacks_room) {
      lacks_room = true;
      return false;
    }
    reader->show(pages->second);
    member.told = {visit_, board.sequence()};
    return false;
  };
  std::erase_if(group->members, is_over);
  return lacks_room;
}

std::optional<RpcError> WallboardFeed::refuse(const Board& board,
                                              const WallboardFilter& filter) const {
  for (const std::string& id : filter.queues) {
    if (board.has_known_queue(id)) continue;
    return unknown(v1::ERROR_REASON_QUEUE_UNKNOWN, "queue", {tenant_, id});
  }
  if (shown_.contains(filter.asked) || shown_.size() < kFiguresMax) return std::nullopt;
  return RpcError{v1::ERROR_REASON_LIMIT_REACHED,
                  absl::StrCat("Those who watch tenants/", tenant_, " ask for ", kFiguresMax,
                               " different sets of `windows` and `ewt` already; ask for one of "
                               "these, or later."),
                  {{"tenant", tenant_}},
                  {}};
}

void WallboardFeed::refresh(const Insight& insight, const WallboardFilter& filter) {
  const Board& board = insight.board;
  if (filter.all_queues) {
    for (const QueueView* queue : board.queues()) refresh_queue(insight, filter.asked, *queue);
  } else {
    for (const std::string& id : filter.queues) {
      if (const QueueView* queue = board.find_queue(id)) {
        refresh_queue(insight, filter.asked, *queue);
      }
    }
  }
  if (filter.total) {
    QueueEntry& total = shown_[filter.asked].total;
    if (total.seen != visit_) {
      v1::QueueStats stats;
      encode_total(board, tenant_, &stats);
      encode_total_figures(insight, filter.asked, &stats);
      note(stats.SerializeAsString(), visit_, &total);
    }
  }
  if (filter.waiting_calls && filter.asked.ewt) refresh_predictions(insight, filter);
}

void WallboardFeed::refresh_queue(const Insight& insight, const AskedFigures& asked,
                                  const QueueView& queue) {
  QueueEntry& entry = shown_[asked].queues[queue.id];
  if (entry.seen == visit_) return;
  looked_ += 1 + static_cast<size_t>(std::popcount(asked.windows)) + (asked.ewt ? 1 : 0);
  if (!members_) members_ = member_states(insight);
  v1::QueueStats stats;
  encode_queue(insight.board, tenant_, queue, &stats);
  encode_queue_figures(insight, queue, asked, *members_, &stats);
  note(stats.SerializeAsString(), visit_, &entry);
}

void WallboardFeed::refresh_predictions(const Insight& insight, const WallboardFilter& filter) {
  const WaitingCalls calls = waiting_calls(insight.board, filter);
  const auto turns = static_cast<Visit>(calls.size() / kPredictionsMax + 1);
  for (const auto& [entered_ns, index] : calls) {
    EwtEntry& entry = predictions_[insight.board.call(index).id];
    const bool is_new = entry.changed == 0;
    const bool has_turn = index.value() % turns == visit_ % turns && entry.seen != visit_;
    entry.seen = visit_;
    if (!is_new && !has_turn) continue;
    ++looked_;
    const WaitPrediction now = insight.predictor.predict_call(index, insight.board.now_ns());
    const int64_t change_ns = std::abs(now.p80_ns - entry.p80_ns);
    const bool has_moved =
        change_ns >= kEwtChangeNs && change_ns >= entry.p80_ns / 100 * kEwtChangePercent;
    if (!is_new && !has_moved && now.unknown == entry.unknown && now.position == entry.position) {
      continue;
    }
    entry = {now.unknown, now.position, now.p80_ns, visit_, visit_};
  }
}

void WallboardFeed::note(std::string bytes, Visit visit, QueueEntry* entry) {
  entry->seen = visit;
  if (entry->bytes == bytes) return;
  entry->bytes = std::move(bytes);
  entry->changed = visit;
}

std::vector<const AgentView*> WallboardFeed::changed_agents(const Board& board,
                                                            const WallboardFilter& filter,
                                                            int64_t told) {
  std::vector<const AgentView*> changed;
  const auto add = [&](const AgentsOfTeam& team) {
    for (const AgentIndex agent : team.agents) {
      ++looked_;
      if (board.agent_changed(agent) <= told) break;
      changed.push_back(&board.agent(agent));
    }
  };
  if (filter.all_agents) {
    for (const auto& [id, team] : board.teams()) add(team);
  } else {
    for (const std::string& id : filter.teams) {
      const auto team = board.teams().find(id);
      if (team != board.teams().end()) add(team->second);
    }
  }
  std::ranges::sort(changed, {},
                    [](const AgentView* agent) { return std::string_view(agent->id); });
  return changed;
}

WallboardFeed::WaitingCalls WallboardFeed::waiting_calls(const Board& board,
                                                         const WallboardFilter& filter) {
  WaitingCalls calls;
  const auto add = [&](const QueueView& queue) {
    calls.insert(calls.end(), queue.waiting_calls.begin(), queue.waiting_calls.end());
  };
  if (filter.queues.empty()) {
    for (const QueueView* queue : board.queues()) add(*queue);
  } else {
    for (const std::string& id : filter.queues) {
      if (const QueueView* queue = board.find_queue(id)) add(*queue);
    }
  }
  std::ranges::sort(calls);
  return calls;
}

std::vector<std::string> WallboardFeed::gone_calls(const Board& board,
                                                   const WallboardFilter& filter, int64_t told) {
  const auto is_watched = [&](QueueIndex queue) {
    return filter.queues.empty() || filter.queues.contains(board.queue(queue).id);
  };
  std::vector<std::string> names;
  const auto& gone = board.gone_calls();
  for (auto one = gone.rbegin(); one != gone.rend() && one->sequence > told; ++one) {
    ++looked_;
    if (one->since > told || !is_watched(one->queue)) continue;
    // One that waits elsewhere by now is told as what it is.
    if (const CallView* call = board.find_call(one->id);
        call != nullptr && is_waiting(*call) && is_watched(call->queue)) {
      continue;
    }
    names.push_back(resource_name(tenant_, "calls", one->id));
  }
  std::ranges::sort(names);
  return names;
}

std::shared_ptr<const WallboardPages> WallboardFeed::encode(const Insight& insight,
                                                            const WallboardFilter& filter,
                                                            Told told) {
  const Board& board = insight.board;
  const bool has_queues = filter.all_queues || !filter.queues.empty();
  const bool is_snapshot =
      told.visit == 0 || (has_queues && told.visit < layout_changed_) ||
      (!filter.all_agents && std::ranges::any_of(filter.teams,
                                                 [&](const std::string& team) {
                                                   return board.team_left(team) > told.sequence;
                                                 })) ||
      (filter.waiting_calls && told.sequence < board.gone_floor());
  constexpr int64_t kBeforeAll = -1;
  if (is_snapshot) told = {0, kBeforeAll};
  auto pages = std::make_shared<WallboardPages>(pool_);
  std::string body;
  size_t bytes = 0;
  bool has_room = true;
  const auto end_page = [&](bool more) {
    v1::WatchResponse head;
    head.set_snapshot(is_snapshot && pages->empty());
    head.set_more(more);
    head.set_sequence(board.sequence());
    head.set_resume_token(make_resume_token(history_id_, tenant_, board.sequence()));
    set_duration(board.now_ns(), head.mutable_now());
    body += head.SerializeAsString();
    bytes += body.size();
    has_room = pages->share.cover(bytes);
    const grpc::Slice slice(body);
    pages->emplace_back(&slice, 1);
    body.clear();
  };
  const auto add = [&](int field, const std::string& entry) {
    if (!body.empty() && body.size() + entry.size() > kWallboardBytesMax) end_page(true);
    append_entry(field, entry, &body);
  };
  const Shown& shown = shown_[filter.asked];
  const auto add_queue = [&](const std::string& id) {
    if (!has_room) return;
    ++looked_;
    const auto found = shown.queues.find(id);
    if (found == shown.queues.end() || found->second.changed <= told.visit) return;
    add(v1::WatchResponse::kQueuesFieldNumber, found->second.bytes);
  };
  if (filter.all_queues) {
    for (const std::string& id : layout_) add_queue(id);
  } else {
    for (const std::string& id : filter.queues) add_queue(id);
  }
  if (filter.total && shown.total.changed > told.visit) {
    add(v1::WatchResponse::kTotalFieldNumber, shown.total.bytes);
  }
  for (const AgentView* agent : changed_agents(board, filter, told.sequence)) {
    if (!has_room) break;
    ++looked_;
    v1::AgentStatus status;
    encode_agent(board, tenant_, *agent, &status);
    add(v1::WatchResponse::kAgentsFieldNumber, status.SerializeAsString());
  }
  if (filter.waiting_calls && !is_snapshot) {
    for (const std::string& name : gone_calls(board, filter, told.sequence)) {
      if (!has_room) break;
      add(v1::WatchResponse::kGoneCallsFieldNumber, name);
    }
  }
  if (filter.waiting_calls) {
    for (const auto& [entered_ns, index] : waiting_calls(board, filter)) {
      if (!has_room) break;
      ++looked_;
      const CallView& call = board.call(index);
      const bool has_news =
          board.call_changed(index) > told.sequence ||
          (filter.asked.ewt && predictions_.find(call.id)->second.changed > told.visit);
      if (!has_news) continue;
      v1::CallStatus status;
      encode_call(board, tenant_, call, &status);
      if (filter.asked.ewt) encode_call_ewt(insight, index, &status);
      add(v1::WatchResponse::kCallsFieldNumber, status.SerializeAsString());
    }
  }
  if (has_room) end_page(false);
  if (!has_room) return nullptr;
  return pages;
}

}  // namespace acd
