// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/wallboard_feed.h"

#include <absl/strings/str_cat.h>
#include <grpcpp/support/slice.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <tuple>

#include "daemon/rpc/board_codec.h"
#include "daemon/rpc/board_reads.h"
#include "daemon/rpc/durations.h"
#include "daemon/rpc/pulse.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/resume_token.h"
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
  if (filter == WallboardFilter()) filter.all_queues = filter.total = true;
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
  if (port_->read([feed = shared_from_this()](const Board& board, const std::string&) {
        feed->visit(board);
      })) {
    return;
  }
  // Too many reads wait; the next tick asks again.
  const MutexLock lock(&mutex_);
  is_asked_ = false;
}

void WallboardFeed::visit(const Board& board) {
  std::vector<Newcomer> newcomers;
  StreamClock::time_point now;
  {
    const MutexLock lock(&mutex_);
    const auto end = newcomers_.begin() + static_cast<std::ptrdiff_t>(invited_);
    newcomers.assign(std::make_move_iterator(newcomers_.begin()), std::make_move_iterator(end));
    newcomers_.erase(newcomers_.begin(), end);
    now = now_;
  }
  const StreamClock::time_point due = show(board, std::move(newcomers), now);
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

StreamClock::time_point WallboardFeed::show(const Board& board, std::vector<Newcomer> newcomers,
                                            StreamClock::time_point now) {
  ++visit_;
  welcome(std::move(newcomers), now);
  note_layout(board);
  Encoded encoded(
      [](For a, For b) { return std::tie(a.second, *a.first) < std::tie(b.second, *b.first); });
  const size_t enough = looked_ + kVisitBudget;
  std::vector<Groups::iterator> over;  // Their filters are keys of what is encoded.
  while (!agenda_.empty() && agenda_.begin()->first <= now && looked_ < enough) {
    const Groups::iterator next = agenda_.begin()->second;
    const auto& [view, group] = *next;
    agenda_.erase(agenda_.begin());
    const bool is_due = group.due <= now;
    const bool lacks_room = show_group(board, view.filter, is_due, &next->second, &encoded);
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
  for (const Groups::iterator group : over) groups_.erase(group);
  forget_unwatched(now);
  return agenda_.empty() ? StreamClock::time_point::max() : agenda_.begin()->first;
}

void WallboardFeed::forget_unwatched(StreamClock::time_point now) {
  if (groups_.empty()) queues_.clear();
  if (now < swept_ + kWatchIntervalMax) return;
  // Who is watched was looked at since: no interval is longer.
  std::erase_if(queues_, [&](const auto& entry) { return entry.second.seen < swept_visit_; });
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
  std::erase_if(queues_,
                [&](const auto& entry) { return board.find_queue(entry.first) == nullptr; });
}

bool WallboardFeed::show_group(const Board& board, const WallboardFilter& filter, bool is_due,
                               Group* group, Encoded* encoded) {
  looked_ += kGroupCost;
  bool lacks_room = false;
  const auto is_over = [&](Member& member) {
    ++looked_;
    const std::shared_ptr<WallboardReader> reader = member.reader.lock();
    if (reader == nullptr) return true;
    const bool is_new = member.told.visit == 0;
    if (!is_due && !is_new && !member.lacks_room) return false;
    if (is_new) {
      for (const std::string& id : filter.queues) {
        if (board.has_known_queue(id)) continue;
        reader->fail(unknown(v1::ERROR_REASON_QUEUE_UNKNOWN, "queue", {tenant_, id}));
        return true;
      }
    }
    // Who still writes is shown all at once later.
    if (!reader->is_ready()) return false;
    const auto [pages, is_first] = encoded->try_emplace({&filter, member.told});
    if (is_first) {
      refresh(board, filter);
      pages->second = encode(board, filter, member.told);
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

void WallboardFeed::refresh(const Board& board, const WallboardFilter& filter) {
  if (filter.all_queues) {
    for (const QueueView* queue : board.queues()) refresh_queue(board, *queue);
  } else {
    for (const std::string& id : filter.queues) {
      if (const QueueView* queue = board.find_queue(id)) refresh_queue(board, *queue);
    }
  }
  if (filter.total && total_.seen != visit_) {
    v1::QueueStats stats;
    encode_total(board, tenant_, &stats);
    note(stats.SerializeAsString(), visit_, &total_);
  }
}

void WallboardFeed::refresh_queue(const Board& board, const QueueView& queue) {
  QueueEntry& entry = queues_[queue.id];
  if (entry.seen == visit_) return;
  ++looked_;
  v1::QueueStats stats;
  encode_queue(board, tenant_, queue, &stats);
  note(stats.SerializeAsString(), visit_, &entry);
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

std::shared_ptr<const WallboardPages> WallboardFeed::encode(const Board& board,
                                                            const WallboardFilter& filter,
                                                            Told told) {
  const bool has_queues = filter.all_queues || !filter.queues.empty();
  const bool is_snapshot =
      told.visit == 0 || (has_queues && told.visit < layout_changed_) ||
      (!filter.all_agents && std::ranges::any_of(filter.teams, [&](const std::string& team) {
        return board.team_left(team) > told.sequence;
      }));
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
  const auto add_queue = [&](const std::string& id) {
    if (!has_room) return;
    ++looked_;
    const auto found = queues_.find(id);
    if (found == queues_.end() || found->second.changed <= told.visit) return;
    add(v1::WatchResponse::kQueuesFieldNumber, found->second.bytes);
  };
  if (filter.all_queues) {
    for (const std::string& id : layout_) add_queue(id);
  } else {
    for (const std::string& id : filter.queues) add_queue(id);
  }
  if (filter.total && total_.changed > told.visit) {
    add(v1::WatchResponse::kTotalFieldNumber, total_.bytes);
  }
  for (const AgentView* agent : changed_agents(board, filter, told.sequence)) {
    if (!has_room) break;
    ++looked_;
    v1::AgentStatus status;
    encode_agent(board, tenant_, *agent, &status);
    add(v1::WatchResponse::kAgentsFieldNumber, status.SerializeAsString());
  }
  if (has_room) end_page(false);
  if (!has_room) return nullptr;
  return pages;
}

}  // namespace acd
