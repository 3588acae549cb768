// SPDX-License-Identifier: Apache-2.0
// Names the first value of a saved tenant that its parts would stumble over.
#include "daemon/snapshot_check.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "routing/callback.h"
#include "routing/decision.h"
#include "routing/insight/wait_predictor.h"
#include "routing/limits.h"
#include "routing/requirement.h"

namespace acd {
namespace {

// Ids of one kind, each once.
using SeenIds = absl::flat_hash_set<std::string_view>;

class TenantCheck {
 public:
  explicit TenantCheck(const SavedTenant& tenant) : tenant_(tenant), router_(tenant.router) {
    for (uint32_t i = 0; i < router_.skills.size(); ++i) {
      skill_by_name_.emplace(router_.skills[i], SkillIndex(i));
    }
  }

  [[nodiscard]] std::string find(bool has_history) {
    std::string found = find_count();
    if (found.empty()) found = find_queue();
    if (found.empty()) found = find_agent();
    if (found.empty()) found = find_call();
    if (found.empty()) found = find_scheduled();
    if (found.empty()) found = find_board();
    if (found.empty()) found = find_decision();
    if (found.empty()) found = find_predictor();
    if (found.empty()) found = find_tail();
    if (found.empty() && has_history) found = find_history();
    if (found.empty() && has_history) found = find_windows();
    return found;
  }

 private:
  template <typename Tag>
  static bool fits(const Index<Tag>& index, size_t count) {
    return index.valid() && index.value() < count;
  }
  template <typename Tag>
  static bool fits_or_none(const Index<Tag>& index, size_t count) {
    return !index.valid() || index.value() < count;
  }
  [[nodiscard]] bool is_queue(QueueIndex index) const { return fits(index, router_.queues.size()); }
  [[nodiscard]] bool is_agent(AgentIndex index) const { return fits(index, router_.agents.size()); }
  [[nodiscard]] bool is_of_kind(SourceIndex index, SourceKind kind) const {
    return fits(index, router_.sources.size()) && router_.sources[index.value()].kind == kind;
  }
  [[nodiscard]] bool is_source(SourceIndex index) const {
    return is_of_kind(index, SourceKind::kSwitch);
  }
  [[nodiscard]] bool are_queues(const std::vector<QueueIndex>& all) const {
    return std::all_of(all.begin(), all.end(), [this](QueueIndex one) { return is_queue(one); });
  }
  [[nodiscard]] bool are_agents(const std::vector<AgentIndex>& all) const {
    return std::all_of(all.begin(), all.end(), [this](AgentIndex one) { return is_agent(one); });
  }
  static bool is_medium(Medium medium) { return static_cast<size_t>(medium) < kMediumCount; }
  template <typename Figures>
  static bool are_media(const MediaFigures<Figures>& media) {
    const auto disorder =
        std::adjacent_find(media.all.begin(), media.all.end(),
                           [](const auto& a, const auto& b) { return a.first >= b.first; });
    return disorder == media.all.end() && (media.all.empty() || is_medium(media.all.back().first));
  }
  static bool is_fresh_id(std::string_view id, SeenIds* seen) {
    return !id.empty() && id.size() <= kIdBytesMax && seen->insert(id).second;
  }
  // As "calls/c1: offered".
  static std::string at(std::string_view kind, std::string_view id, std::string_view field) {
    return absl::StrCat(std::string(kind), "/", std::string(id), ": ", std::string(field));
  }

  // Numbers of the work items in wrap-up, as they began and as somebody else knows them.
  static std::set<int32_t> wrap_ups_of(const SavedAgent& agent) {
    std::set<int32_t> numbers;
    for (const WorkItem& item : agent.items) {
      if (item.work == Work::kWrapUp) numbers.insert(static_cast<int32_t>(item.number));
    }
    return numbers;
  }
  template <typename Known>
  static std::set<int32_t> numbers_of(const std::vector<Known>& known) {
    std::set<int32_t> numbers;
    for (const Known& one : known) numbers.insert(one.number);
    return numbers;
  }

  [[nodiscard]] std::string find_count() const {
    const struct {
      const char* what;
      size_t count;
      size_t max;
    } kCounts[] = {{"skills", router_.skills.size(), kSkillsMax},
                   {"queues", router_.queues.size(), kQueuesMax},
                   {"sources", router_.sources.size(), kSessionsMax},
                   {"ended_calls", router_.ended_calls.size(), kEndedCallsMax},
                   {"agents", router_.agents.size(), kAgentsMax},
                   {"calls", router_.calls.size(), kCallsMax},
                   {"scheduled", router_.scheduled.size(), kScheduledMax}};
    for (const auto& one : kCounts) {
      if (one.count <= one.max) continue;
      return absl::StrCat(one.what, ": there are ", one.count, ", more than ", one.max);
    }
    if (skill_by_name_.size() != router_.skills.size()) return "skills: one is there twice";
    SeenIds seen;
    SeenIds seen_desktops;
    for (const Source& source : router_.sources) {
      if (source.kind > SourceKind::kDesktop) return at("sources", source.id.view(), "kind");
      const bool is_desktop = source.kind == SourceKind::kDesktop;
      if (!is_fresh_id(source.id.view(), is_desktop ? &seen_desktops : &seen)) {
        return at("sources", source.id.view(), "id");
      }
    }
    for (const EndedCalls::Ended& ended : router_.ended_calls) {
      if (!is_medium(ended.medium)) return "ended_calls: medium";
    }
    for (const auto* orders : {&tenant_.ends, &tenant_.live_orders, &tenant_.unanswered}) {
      for (const auto& [source, order] : *orders) {
        bool is_whole =
            order.command.kind <= SwitchCommandKind::kSuperviseCall && order.command.id > 0;
        for_each_text(order.command, [&](const TextRef& ref) {
          is_whole = is_whole && uint64_t{ref.offset} + ref.size <= order.texts.size();
        });
        if (!is_whole) return "orders: one cannot be read";
        if (!is_source(source)) return at("calls", order.call(), "its switch");
      }
    }
    for (const SourceIndex source : tenant_.answering) {
      if (!is_source(source)) return "answering: a switch";
    }
    absl::flat_hash_set<int64_t> ids;
    for (const auto* orders : {&tenant_.ends, &tenant_.unanswered}) {
      for (const auto& [source, order] : *orders) {
        if (!ids.insert(order.command.id).second) return "orders: one is there twice";
      }
    }
    return {};
  }

  [[nodiscard]] std::string find_queue() const {
    SeenIds seen;
    for (const SavedQueue& queue : router_.queues) {
      const std::string& id = queue.config.id;
      if (!is_fresh_id(id, &seen)) return at("queues", id, "id");
      if (!fits_or_none(queue.drain_target, router_.queues.size())) {
        return at("queues", id, "drain_target");
      }
      if (!fits_or_none(queue.rang_last, router_.agents.size())) {
        return at("queues", id, "rang_last");
      }
      for (const auto& [agent, count] : queue.share_counts) {
        if (!is_agent(agent)) return at("queues", id, "share_counts");
      }
    }
    return {};
  }

  [[nodiscard]] std::string find_agent() {
    SeenIds seen;
    absl::flat_hash_set<std::pair<uint32_t, std::string_view>> stations;
    for (const SavedAgent& agent : router_.agents) {
      const auto of_agent = [&](std::string_view field) { return at("agents", agent.id, field); };
      if (!is_fresh_id(agent.id, &seen)) return of_agent("id");
      if (agent.station.size() > kIdBytesMax) return of_agent("station");
      if (agent.dial_prefix.size() > kDialPrefixBytesMax) return of_agent("dial_prefix");
      if (agent.presence > Presence::kReady) return of_agent("presence");
      if (!is_station(agent)) return of_agent("answer_mode");
      if (!are_items(agent)) return of_agent("items");
      if (!are_queues(agent.paused)) return of_agent("paused");
      if (!are_skills(agent.skills)) return of_agent("skills");
      if (agent.desktop.valid() && !is_of_kind(agent.desktop, SourceKind::kDesktop)) {
        return of_agent("desktop");
      }
      if (agent.log_out_on_behalf && !agent.log_out_pending) return of_agent("log_out_on_behalf");
      if (agent.presence == Presence::kLoggedOut) {
        if (!agent.items.empty() || agent.log_out_pending) return of_agent("items");
        continue;
      }
      if (!is_source(agent.source)) return of_agent("source");
      if (!stations.emplace(agent.source.value(), agent.station).second) {
        return of_agent("station");
      }
    }
    return {};
  }

  // What was given at log-in, and is not there without one.
  static bool is_station(const SavedAgent& agent) {
    const bool is_nailed_up = agent.answer_mode == AnswerMode::kNailedUp;
    if (static_cast<size_t>(agent.answer_mode) >= kAnswerModeCount) return false;
    if (agent.station_media == 0 || agent.station_media > kAllMedia) return false;
    if (agent.presence == Presence::kReady && is_nailed_up && !agent.is_leg_up) return false;
    if (agent.is_leg_up && !is_nailed_up) return false;
    return agent.presence != Presence::kLoggedOut ||
           (agent.answer_mode == AnswerMode::kPhone && agent.station_media == kAllMedia);
  }

  // Each of a call is of one that knows its agent; find_of_call() looks at it the other way round.
  [[nodiscard]] bool are_items(const SavedAgent& agent) {
    const size_t at = static_cast<size_t>(&agent - router_.agents.data());
    for (size_t i = 0; i < kMediumCount; ++i) {
      if (agent.media.capacity[i] > kMediumCapacityMax) return false;
      if ((agent.media.excludes[i] | agent.media.interrupted_by[i]) > kAllMedia) return false;
    }
    if (agent.items.size() > kMediumCount * kMediumCapacityMax + 1) return false;
    size_t offers = 0;
    for (const WorkItem& item : agent.items) {
      offers += item.is_offer() ? 1 : 0;
      if (item.work == Work::kNone || item.work > Work::kBusyOther) return false;
      if (!is_medium(item.medium)) return false;
      if (!fits_or_none(item.wrap_up_queue, router_.queues.size())) return false;
      if (item.work == Work::kWrapUp && !item.wrap_up_queue.valid()) return false;
      const bool has_call = item.work != Work::kWrapUp && item.work != Work::kBusyOther;
      if (item.call.valid() != has_call) return false;
      const HeldCall held{item.work, item.medium};
      if (has_call && !items_.emplace(std::pair(item.call.value(), at), held).second) return false;
      if (!item.consult.valid()) continue;
      const bool may_consult = item.work == Work::kOnCall || item.work == Work::kOnHold;
      const std::pair consult(item.consult.value(), item.call.value());
      if (!may_consult || !consults_.insert(consult).second) return false;
    }
    return offers <= 1;
  }

  [[nodiscard]] bool are_skills(const std::vector<SkillLevel>& all) const {
    for (size_t i = 0; i < all.size(); ++i) {
      if (!fits(all[i].skill, router_.skills.size())) return false;
      if (all[i].level < kSkillLevelMin || all[i].level > kSkillLevelMax) return false;
      if (i > 0 && all[i].skill.value() <= all[i - 1].skill.value()) return false;
    }
    return true;
  }

  [[nodiscard]] std::string find_call() {
    SeenIds seen;
    absl::flat_hash_set<std::string_view> requirements;
    for (const SavedCall& call : router_.calls) {
      std::string found;
      if (!is_fresh_id(call.id, &seen)) {
        found = "id";
      } else if (call.slot >= kCallsMax || !slots_.insert(call.slot).second) {
        found = "slot";
      } else {
        found = find_of_call(call);
      }
      if (found.empty() && requirements.insert(call.requirement).second) {
        found = find_of_requirement(call.requirement);
        if (requirements.size() > kRequirementsMax) found = "requirement: there are too many";
      }
      if (!found.empty()) return at("calls", call.id, found);
    }
    if (!items_.empty()) return "agents: items: one is of a call that is not theirs";
    if (!consults_.empty()) return "agents: items: one has a consult that is none";
    for (const SavedCall& call : router_.calls) {
      if (call.parent.valid() && !are_consulted_.contains(call.parent.value())) {
        return at("calls", call.id, "parent");
      }
    }
    return {};
  }

  // Whoever follows is told what stands there: dense up to the board, and of what there is.
  [[nodiscard]] std::string find_tail() const {
    size_t count = 0;
    for (const TailBlock& block : tenant_.tail) count += block.events.size();
    int64_t sequence = tenant_.board.sequence - static_cast<int64_t>(count);
    for (const TailBlock& block : tenant_.tail) {
      // at() finds an event by that.
      const bool is_last = &block == &tenant_.tail.back();
      const bool is_filled = !block.events.empty() &&
                             block.events.size() <= WatchTail::kBlockEventsMax &&
                             (is_last || block.events.size() == WatchTail::kBlockEventsMax);
      if (!is_filled || tenant_.tail.size() > WatchTail::kSavedMax / WatchTail::kBlockEventsMax) {
        return "tail: its blocks";
      }
      for (const TailEvent& one : block.events) {
        const Event& event = one.event;
        if (event.sequence != ++sequence) return "tail: sequence";
        if (event_name(event.kind, event.detail) == "unknown") return "tail: kind";
        const auto& agents = tenant_.board.agents;
        const bool is_agent_known =
            !event.agent.valid() ||
            (fits(event.agent, agents.size()) && !agents[event.agent.value()].view.id.empty());
        const bool are_known = is_agent_known &&
                               fits_or_none(one.queue, tenant_.board.queue_at.size()) &&
                               fits_or_none(event.queue, tenant_.board.queue_at.size()) &&
                               fits_or_none(event.source, tenant_.board.source_ids.size());
        if (!are_known || !is_medium(event.medium)) return "tail: whom it names";
        for (const TextRef& text :
             {event.text, event.text2, event.text3, one.call_id, one.desktop_id}) {
          if (uint64_t{text.offset} + text.size > block.arena.size()) return "tail: text";
        }
      }
    }
    return {};
  }

  [[nodiscard]] std::string find_scheduled() const {
    SeenIds seen;
    for (const SavedCall& call : router_.calls) seen.insert(call.id);
    for (const auto& [id, scheduled] : router_.scheduled) {
      if (!is_fresh_id(id, &seen)) return at("scheduled", id, "id");
      if (!is_source(scheduled.source)) return at("scheduled", id, "source");
      const bool is_known = std::ranges::any_of(router_.queues, [&](const SavedQueue& queue) {
        return queue.config.id == scheduled.queue;
      });
      if (!is_known) return at("scheduled", id, "queue");
      if (scheduled.due_ms < 0 || scheduled.due_ms > kScheduleMaxMs) {
        return at("scheduled", id, "due_ms");
      }
      const bool is_callback = !scheduled.number.empty();
      if (is_callback && normalised_number(scheduled.number) != scheduled.number) {
        return at("scheduled", id, "number");
      }
    }
    return {};
  }

  // Takes what an agent has in hand of the call off the list; false if it is not so.
  bool take_item(const SavedCall& call, AgentIndex agent) {
    const auto item = items_.find({call.slot, agent.value()});
    if (item == items_.end() || item->second.medium != call.medium) return false;
    const Work work = item->second.work;
    items_.erase(item);
    switch (call.stage) {
      case CallStage::kAlerting:
        return work == Work::kReserved || work == Work::kRinging;
      case CallStage::kConnecting:
        return work == Work::kConnecting;
      case CallStage::kConnected:
        return work == Work::kOnCall || work == Work::kOnHold;
      case CallStage::kFree:
      case CallStage::kEnqueued:
      case CallStage::kScheduled:
      case CallStage::kDialing:
      case CallStage::kDialingOutside:
      case CallStage::kOutside:
        break;
    }
    return false;
  }

  [[nodiscard]] std::string find_of_call(const SavedCall& call) {
    const bool is_taken =
        call.stage == CallStage::kConnecting || call.stage == CallStage::kConnected;
    const bool is_outside =
        call.stage == CallStage::kDialingOutside || call.stage == CallStage::kOutside;
    if (call.stage == CallStage::kConnected && !call.parent.valid()) {
      are_consulted_.insert(call.slot);
    }
    if (call.stage == CallStage::kFree || call.stage > CallStage::kOutside) return "stage";
    if (!is_source(call.source)) return "source";
    if (!is_queue(call.queue)) return "queue";
    if (!is_medium(call.medium)) return "medium";
    if (call.leg != 0 && call.line_ns == kNeverNs) return "leg";  // Nobody's.
    if (call.leg != 0 && !legs_.insert(call.leg).second) return "leg";
    if (is_taken ? !take_item(call, call.agent) : call.agent.valid()) return "agent";
    const bool may_have_several = call.stage == CallStage::kConnected;
    if (call.further_parties.size() >= (may_have_several ? kPartiesMax : 1)) {
      return "further_parties";
    }
    for (const AgentIndex agent : call.further_parties) {
      if (!take_item(call, agent)) return "further_parties";
    }
    if (call.parent.valid() && consults_.erase({call.slot, call.parent.value()}) == 0) {
      return "parent";
    }
    if (is_outside ? !call.parent.valid() || call.outside_number.empty()
                   : !call.outside_number.empty()) {
      return "outside_number";
    }
    if ((call.stage == CallStage::kAlerting) == call.offered.empty()) return "offered";
    for (const AgentIndex agent : call.offered) {
      if (!take_item(call, agent)) return "offered";
    }
    const bool is_on_line = call.line_ns != kNeverNs;
    const bool is_between =
        call.stage == CallStage::kScheduled || call.stage == CallStage::kDialing;
    const CallbackFacts& callback = call.callback;
    const std::optional<std::string> number = normalised_number(callback.number);
    const bool is_callback = !callback.number.empty();
    if (is_callback ? number != callback.number || callback.attempts < 0 ||
                          !is_queue(callback.asked_queue) ||
                          !open_numbers_.emplace(callback.asked_queue, callback.number).second
                    : !is_on_line) {
      return "callback";
    }
    if (is_on_line ? is_between : call.stage == CallStage::kConnected) return "line_ns";
    if (!source_orders_.insert(call.source_order).second) return "source_order";
    const bool is_boxed = call.is_boxed;
    if (is_boxed ? !is_agent(call.preferred)
                 : !fits_or_none(call.preferred, router_.agents.size())) {
      return "preferred";
    }
    if (call.stage == CallStage::kEnqueued && call.class_version == 0) return "class_version";
    if (!are_queues(call.visited)) return "visited";
    for (const Exclusion& exclusion : call.exclusions) {
      if (!is_agent(exclusion.agent)) return "exclusions";
    }
    return {};
  }

  [[nodiscard]] std::string find_of_requirement(const std::string& text) const {
    const auto parsed = parse_requirement(text, [this](std::string_view name) {
      const auto known = skill_by_name_.find(name);
      return known == skill_by_name_.end() ? SkillIndex() : known->second;
    });
    const auto* error = std::get_if<RequirementError>(&parsed);
    if (error == nullptr) return {};
    return absl::StrCat("requirement: \"", text, "\", column ", error->column, ": ",
                        error->description);
  }

  [[nodiscard]] std::string find_board() const {
    const SavedBoard& board = tenant_.board;
    const size_t queues = board.queues.size();
    const auto is_place = [&](uint32_t place) { return place < queues; };
    if (board.queue_at.size() < router_.queues.size() ||
        !std::all_of(board.queue_at.begin(), board.queue_at.end(), is_place) ||
        !std::all_of(board.listed.begin(), board.listed.end(), is_place)) {
      return "board: queues";
    }
    if (board.agents.size() < router_.agents.size()) return "board: agents";
    for (size_t i = 0; i < router_.agents.size(); ++i) {
      const SavedAgent& agent = router_.agents[i];
      if (wrap_ups_of(agent) == numbers_of(board.agents[i].wrap_ups)) continue;
      return at("board: agents", agent.id, "wrap_ups");
    }
    for (const SavedBoardAgent& agent : board.agents) {
      if (agent.view.state < AgentState::kLoggedOut || agent.view.state > AgentState::kBusyOther ||
          static_cast<size_t>(agent.view.answer_mode) >= kAnswerModeCount ||
          agent.view.station_media > kAllMedia ||
          (agent.handled_queue && !is_place(*agent.handled_queue))) {
        return at("board: agents", agent.view.id, "state");
      }
      for (const SavedBoardWrapUp& one : agent.wrap_ups) {
        if (!is_place(one.queue)) return at("board: agents", agent.view.id, "wrap_ups");
      }
      for (const CallIndex call : agent.view.calls) {
        if (!slots_.contains(call.value())) return at("board: agents", agent.view.id, "calls");
      }
    }
    for (const SavedBoardCall& call : board.calls) {
      if (call.slot >= kCallsMax || !fits(call.view.queue, board.queue_at.size()) ||
          !fits_or_none(call.view.agent, board.agents.size()) ||
          !fits_or_none(call.view.consulting, board.agents.size())) {
        return at("board: calls", call.view.id, "queue");
      }
      for (const CallParty& party : call.view.parties) {
        if (!fits(party.agent, board.agents.size())) {
          return at("board: calls", call.view.id, "parties");
        }
      }
    }
    return {};
  }

  // Whoever asks why is told what stands there.
  [[nodiscard]] std::string find_decision() const {
    const SavedBoard& board = tenant_.board;
    std::map<uint32_t, std::string_view> live;
    for (const SavedBoardCall& call : board.calls) live.emplace(call.slot, call.view.id);
    const auto is_known = [&](AgentIndex agent) {
      return fits(agent, board.agents.size()) && !board.agents[agent.value()].view.id.empty();
    };
    size_t ended = 0;
    for (const auto& [call, decision] : board.decisions) {
      if (!call.valid() && ++ended > DecisionRing::kEndedMax) return "board: decisions: too many";
      const auto known = call.valid() ? live.find(call.value()) : live.end();
      const bool is_whose =
          !call.valid() || (known != live.end() && known->second == decision.call);
      if (!is_whose || !fits(decision.queue, board.queue_at.size())) {
        return at("board: decisions", decision.call, "call");
      }
      const std::optional<Decision> record = decode_decision(decision.record);
      if (!record || record->candidate_count == 0) {
        return at("board: decisions", decision.call, "record");
      }
      bool are_known = true;
      for (size_t i = 0; i < record->candidate_count; ++i) {
        are_known = are_known && is_known(record->candidates[i].agent);
      }
      for (size_t i = 0; i < record->group_count; ++i) {
        are_known = are_known && is_known(record->groups[i].example);
      }
      if (!are_known) return at("board: decisions", decision.call, "whom it names");
    }
    return {};
  }

  // It is told by the fold of history, by the same numbers.
  [[nodiscard]] std::string find_windows() const {
    const SavedWindows& windows = tenant_.windows;
    if (windows.since_ns < 0) {
      return router_.event_sequence == 0 ? std::string() : "windows: since";
    }
    const char* const fault = WindowStats::fault_of(windows);
    if (fault != nullptr) return absl::StrCat("windows: ", fault);
    std::set<uint32_t> waiting;
    for (const SavedStatsVisit& visit : windows.visits) {
      if (!visit.is_on_line) waiting.insert(visit.call);
    }
    for (uint32_t slot = 0; slot < tenant_.history.calls.size(); ++slot) {
      const HistoryState::Call& call = tenant_.history.calls[slot];
      const bool is_silent = call.is_live && call.is_waiting && !call.is_on_line;
      if (is_silent && !waiting.contains(slot)) return at("windows: visits", call.row.call, "call");
    }
    return {};
  }

  [[nodiscard]] std::string find_predictor() const {
    const SavedPredictor& predictor = tenant_.predictor;
    const SavedBoard& board = tenant_.board;
    if (predictor.bands.size() > kArrivalBandsMax) return "predictor: bands";
    if (predictor.queues.size() > board.queue_at.size()) return "predictor: queues";
    const auto are_strata = [](const std::vector<SavedStratum>& strata) {
      return std::ranges::all_of(strata, [](const SavedStratum& one) {
        return one.mass.size() == ResidualHistogram::kBins;
      });
    };
    for (size_t i = 0; i < predictor.queues.size(); ++i) {
      const SavedWaitQueue& queue = predictor.queues[i];
      const bool are_shares = std::ranges::all_of(queue.shares, [](const SavedShare& share) {
        return share.queue < WaitPredictor::kSharingQueuesMax;
      });
      if (queue.media > kAllMedia || !are_strata(queue.at_entry) || !are_strata(queue.in_wait) ||
          !are_shares) {
        return at("predictor: queues", std::to_string(i), "what it learned");
      }
    }
    std::set<uint32_t> live;
    for (const SavedBoardCall& call : board.calls) live.insert(call.slot);
    for (const SavedWaitCall& call : predictor.calls) {
      const bool fits_promise =
          !call.promise || (call.promise->features.size() == WaitRidge::kFeatures &&
                            call.promise->looked <= kWaitLooksS.size());
      if (!live.contains(call.slot) || !fits(call.queue, predictor.queues.size()) ||
          !fits_promise) {
        return at("predictor: calls", std::to_string(call.slot), "queue");
      }
    }
    return {};
  }

  // Its fold goes on with the Router's next event.
  [[nodiscard]] std::string find_history() const {
    const HistoryState& history = tenant_.history;
    if (history.sequence != router_.event_sequence) return "history: sequence";
    if (history.queues.size() < router_.queues.size()) return "history: queues";
    if (!fits_or_none(history.just_ended, history.agents.size())) return "history: just_ended";
    for (size_t i = 0; i < router_.agents.size(); ++i) {
      const std::string& id = router_.agents[i].id;
      if (i >= history.agents.size() || history.agents[i].id != id) {
        return at("history: agents", id, "id");
      }
      std::vector<HistoryState::EndedCall> ended = history.agents[i].ended_calls;
      // The one that ended with the last event is told of with the next.
      const bool has_fresh = history.just_ended == AgentIndex(static_cast<uint32_t>(i));
      if (has_fresh && ended.empty()) return at("history: agents", id, "ended_calls");
      if (has_fresh) ended.pop_back();
      if (wrap_ups_of(router_.agents[i]) != numbers_of(ended)) {
        return at("history: agents", id, "ended_calls");
      }
    }
    for (const HistoryState::Agent& agent : history.agents) {
      if (!are_queues(agent.queues) || !are_queues(agent.paused) ||
          agent.state < AgentState::kLoggedOut || agent.state > AgentState::kBusyOther) {
        return at("history: agents", agent.id, "state");
      }
      if (!are_media(agent.interval.media)) return at("history: agents", agent.id, "interval");
      for (const HistoryState::EndedCall& ended : agent.ended_calls) {
        if (!is_queue(ended.queue) || !is_medium(ended.talk.medium) ||
            !is_medium(ended.row.medium)) {
          return at("history: agents", agent.id, "ended_calls");
        }
      }
    }
    for (const HistoryState::Queue& queue : history.queues) {
      if (!are_media(queue.interval.media)) return at("history: queues", queue.id, "interval");
    }
    for (const SavedCall& call : router_.calls) {
      if (call.slot >= history.calls.size() || !history.calls[call.slot].is_live) {
        return at("history: calls", call.id, "slot");
      }
    }
    for (const HistoryState::Call& call : history.calls) {
      if (!fits_or_none(call.queue, history.queues.size()) ||
          !fits_or_none(call.agent, history.agents.size()) || !is_medium(call.row.medium)) {
        return at("history: calls", call.row.call, "queue");
      }
      for (const HistoryState::Party& party : call.parties) {
        if (!fits(party.agent, history.agents.size())) {
          return at("history: calls", call.row.call, "parties");
        }
      }
    }
    return {};
  }

  const SavedTenant& tenant_;
  const SavedRouter& router_;
  std::map<std::string_view, SkillIndex> skill_by_name_;
  absl::flat_hash_set<uint32_t> slots_;  // Of live calls.
  absl::flat_hash_set<uint64_t> legs_;   // Of their callers.
  std::set<std::pair<QueueIndex, std::string>> open_numbers_;
  absl::flat_hash_set<uint64_t> source_orders_;
  // What agents have in hand, by slot of the call, and whose; each once a call has claimed it.
  struct HeldCall {
    Work work = Work::kNone;
    Medium medium = Medium::kVoice;
  };
  absl::flat_hash_map<std::pair<uint32_t, size_t>, HeldCall> items_;
  // Consults that agents have, each with the call that it is about; until the consult has claimed it.
  absl::flat_hash_set<std::pair<uint32_t, uint32_t>> consults_;
  absl::flat_hash_set<uint32_t> are_consulted_;  // Connected calls that are no consults, by slot.
};

}  // namespace

std::string find_unrestorable(const SavedTenant& tenant, bool has_history) {
  return TenantCheck(tenant).find(has_history);
}

}  // namespace acd
