// SPDX-License-Identifier: Apache-2.0
// The hash over the logical state, in the order of ids and arrivals.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "routing/hash64.h"
#include "routing/router.h"

namespace acd {
namespace {

void add_count(Hash64& hash, const DecayedCount& count) {
  hash.add_signed(count.exponent());
  hash.add(count.mantissa());
}

}  // namespace

uint64_t Router::state_hash() const {
  Hash64 hash;
  hash_tenant(hash);
  hash_bulk(hash);
  hash_queues(hash);
  sessions_.add_to(hash);
  ended_calls_.add_to(hash);
  hash_agents(hash);
  hash_calls(hash);
  return hash.value();
}

void Router::hash_tenant(Hash64& hash) const {
  hash.add_signed(now_ns_);
  hash.add_signed(event_sequence_);
  hash.add(next_order_);
  hash.add(config_version_);
  hash.add(config_hash_);
  hash.add(skills_.size());
  for (const std::string& skill : skills_) hash.add_text(skill);
  hash.add(codes_.size());
  for (const std::string& code : codes_) hash.add_text(code);
  hash.add(random_.state());
  add_count(hash, fewest_calls_floor_);
  hash.add_signed(least_occupied_floor_ppm_);
  hash.add(scheduled_.size());
  for (const auto& [id, scheduled] : scheduled_) {
    hash.add_text(id);
    hash.add_text(scheduled.queue);
    hash.add_text(scheduled.number);
    hash.add(scheduled.source.value());
    hash.add(scheduled.has_priority);
    hash.add_signed(scheduled.priority);
    hash.add_signed(scheduled.due_ms);
  }
}

// What bulk work has still to do, in the order in which it will.
void Router::hash_bulk(Hash64& hash) const {
  hash.add(static_cast<uint64_t>(bulk_) << 32 | bulk_agent_);
  hash.add_signed(bulk_deadline_ns_);
  hash.add_signed(half_life_before_ns_);
  for (const ClassRef& one : stale_classes_) {
    const CallClass& stale = calls_.class_at(one.index);
    const bool has_calls = !stale.waiting.empty() || !stale.boxed.empty();
    if (stale.stamp != one.stamp || !has_calls) continue;
    hash.add(stale.key.queue.value());
    hash.add(stale.key.version < queue(stale.key.queue).configured_version);
    hash.add(stale.key.steps);
    hash.add_text(calls_.requirement_at(stale.key.requirement).text);
    hash.add(stale.key.source.value());
  }
}

void Router::hash_queues(Hash64& hash) const {
  hash.add(queues_.size());
  for (const Queue& queue : queues_) {
    hash.add(queue.config_hash);
    hash.add(static_cast<uint64_t>(!queue.are_callbacks_open) << 3 |
             static_cast<uint64_t>(queue.is_counted_anew) << 2 |
             static_cast<uint64_t>(queue.is_removed) << 1 | static_cast<uint64_t>(queue.is_open));
    hash.add(queue.condition_mask);
    hash.add(queue.drain_target.value());
    hash.add_signed(queue.live_calls);
    hash.add_signed(queue.waiting_calls);
    hash.add_signed(queue.off_line_calls);
    hash.add_signed(queue.dialing_calls);
    hash.add_signed(queue.ewt_ns);
    hash.add(queue.rang_last.value());
    add_count(hash, queue.shares.floor());
    for (const auto& [agent, count] : queue.shares.counts()) {
      hash.add(agent.value());
      add_count(hash, count);
    }
  }
}

void Router::hash_agents(Hash64& hash) const {
  hash.add(roster_.count());
  for (uint32_t i = 0; i < roster_.count(); ++i) {
    const Agent& agent = roster_.at(AgentIndex(i));
    hash.add_text(agent.id.view());
    hash.add_text(agent.station.view());
    hash.add_text(agent.dial_prefix.view());
    hash.add_text(agent.team.valid() ? teams_[agent.team.value()] : std::string());
    for (const PackedSkill one : roster_.skills_of(agent)) {
      hash.add(static_cast<uint64_t>(one.skill().value()) << 8 | one.level());
    }
    for (const QueueIndex paused : agent.paused) hash.add(paused.value());
    hash.add(agent.source.value());
    hash.add(static_cast<uint64_t>(agent.presence));
    hash.add(static_cast<uint64_t>(agent.log_out_on_behalf) << 5 |
             static_cast<uint64_t>(agent.is_box_dirty) << 4 |
             static_cast<uint64_t>(agent.log_out_pending) << 3 |
             static_cast<uint64_t>(agent.log_out_forced) << 2 |
             static_cast<uint64_t>(agent.is_phone_busy) << 1);
    hash.add_signed(agent.reason);
    hash.add(agent.desktop.value());
    hash.add(agent.attach_order);
    hash.add(static_cast<uint64_t>(agent.answer_mode) << 16 |
             static_cast<uint64_t>(agent.station_media) << 8 |
             static_cast<uint64_t>(agent.is_leg_up));
    for (size_t medium = 0; medium < kMediumCount; ++medium) {
      hash.add(static_cast<uint64_t>(agent.media.capacity[medium]) << 16 |
               static_cast<uint64_t>(agent.media.excludes[medium]) << 8 |
               agent.media.interrupted_by[medium]);
    }
    hash.add(static_cast<uint64_t>(agent.items_begun) << 32 | agent.items.size());
    for (const WorkItem& one : agent.items) hash_item(hash, one);
    hash.add_signed(agent.idle_since_ns);
    hash.add_signed(agent.since_ns);
    hash.add_signed(agent.rejects);
    hash.add_signed(agent.no_answers);
    hash.add(agent.log_in_order);
    add_count(hash, agent.connected_calls);
    add_count(hash, agent.work_time);
    add_count(hash, agent.free_time);
    hash.add_signed(agent.occupancy_ppm);
  }
}

void Router::hash_item(Hash64& hash, const WorkItem& item) const {
  hash.add(static_cast<uint64_t>(item.work) << 16 | static_cast<uint64_t>(item.medium) << 8 |
           static_cast<uint64_t>(item.needs_code) << 1 | static_cast<uint64_t>(item.ringing_seen));
  hash.add(static_cast<uint64_t>(item.number) << 32 | item.generation);
  hash.add_text(item.call.valid() ? calls_.at(item.call).id.view() : std::string_view());
  hash.add(item.wrap_up_queue.value());
  hash.add_signed(item.extensions_left);
  hash.add_signed(item.extension_ns);
  hash.add(item.wrap_up_call);
  hash.add_signed(item.deadline_ns);
  if (item.consult.valid()) hash.add_text(calls_.at(item.consult).id.view());
}

void Router::hash_calls(Hash64& hash) const {
  // In the order of arrival: slots differ between Routers that went different ways.
  std::vector<CallIndex> live;
  for (uint32_t i = 0; i < calls_.slot_count(); ++i) {
    if (calls_.at(CallIndex(i)).stage != CallStage::kFree) live.emplace_back(i);
  }
  std::sort(live.begin(), live.end(),
            [&](CallIndex a, CallIndex b) { return calls_.at(a).order < calls_.at(b).order; });
  hash.add(live.size());
  for (const CallIndex index : live) {
    const Call& call = calls_.at(index);
    hash.add_text(call.id.view());
    hash.add(static_cast<uint64_t>(call.medium) << 40 | static_cast<uint64_t>(call.stage) << 32 |
             static_cast<uint64_t>(call.is_for_owner) << 5 |
             static_cast<uint64_t>(call.is_reminder) << 4 |
             static_cast<uint64_t>(call.on_hold) << 3 |
             static_cast<uint64_t>(call.has_priority) << 2 |
             static_cast<uint64_t>(call.waits_if_busy) << 1 | static_cast<uint64_t>(call.is_boxed));
    hash.add(static_cast<uint64_t>(call.transfers) << 48 |
             static_cast<uint64_t>(call.overflows) << 40 |
             static_cast<uint64_t>(call.actions_taken) << 32 |
             static_cast<uint64_t>(call.steps) << 16 | call.offers);
    hash.add(call.source.value());
    hash.add(call.queue.value());
    hash.add_text(calls_.requirement_at(call.requirement).text);
    hash.add_signed(call.priority);
    hash.add(call.generation);
    hash.add(call.agent.value());
    if (call.agent.valid()) {
      for (AgentIndex a = next_party(call.agent, index); a.valid(); a = next_party(a, index)) {
        hash.add(a.value());
      }
    }
    if (call.parent.valid()) hash.add_text(calls_.at(call.parent).id.view());
    hash.add(call.preferred.value());
    hash.add(call.order);
    hash.add(call.leg);
    hash.add_signed(call.number);
    call.outcome.add_to(hash);
    if (call.is_outside()) hash.add_text(outside_number(call));
    if (const CallbackFacts* facts = callback_of(call); facts != nullptr) {
      hash.add_text(facts->number);
      hash.add(facts->asked_queue.value());
      hash.add_signed(facts->attempts);
      hash.add(facts->dial);
      hash.add(facts->dials);
    }
    hash.add_signed(call.enqueued_ns);
    hash.add_signed(call.key_ns);
    hash.add_signed(call.deadline_ns);
    hash.add_signed(call.preferred_until_ns);
    hash.add_signed(call.steps_seen_ns);
    hash.add_signed(call.line_ns);
    hash.add(call.source_order);
    hash.add_signed(call.treated_ns);
    hash.add_signed(call.limits_at_ns);
    hash.add_signed(call.not_before_ns);
    hash.add(call.round_failed);
    for (AgentIndex a = call.first_offered; a.valid(); a = next_offered(a, index)) {
      hash.add(a.value());
    }
    std::vector<QueueIndex> visited = calls_.visited(call);
    std::sort(visited.begin(), visited.end());
    for (const QueueIndex queue : visited) hash.add(queue.value());
    std::vector<std::pair<AgentIndex, uint64_t>> excluded;
    for (uint32_t i = call.first_exclusion; i != OrderedNode::kNone;
         i = calls_.exclusion_at(i).next) {
      const Exclusion& one = calls_.exclusion_at(i);
      Hash64 part;
      part.add_signed(one.until_ns);
      part.add(static_cast<uint64_t>(one.is_firm) << 32 | one.generation);
      excluded.emplace_back(one.agent, part.value());
    }
    std::sort(excluded.begin(), excluded.end());
    for (const auto& [agent, rest] : excluded) {
      hash.add(agent.value());
      hash.add(rest);
    }
  }
}

}  // namespace acd
