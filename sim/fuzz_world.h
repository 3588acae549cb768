// SPDX-License-Identifier: Apache-2.0
// Random call centres, most of them small: which features a world has, its configuration and its
// agents.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "routing/tenant_config.h"
#include "sim/draw.h"

namespace acd::sim {

// What a world may have, beside strategies and orders. Each is on in about half of them, so that
// every pair is often together and often apart.
enum class Feature : uint8_t {
  kCallRequirements,
  kBooleans,  // OR and NOT in requirements.
  kPrefers,
  kReplaces,
  kTeams,
  kRanks,
  kNamedMembers,
  kPauses,
  kTimeSteps,
  kConditions,
  kPreferred,
  kProtect,
  kRingAll,
  kEntryLimits,
  kEwt,
  kWaitLimit,
  kOffersLimit,
  kOverflow,
  kTreatments,
  kWrapUp,
  kExtensions,
  kLateAdoption,
  kLiveChange,
  kDrains,
  kNewSkills,
  kOpenClose,
  kTwoSwitches,
  kAgeCredit,
  kPriorities,
  kForcedLogOut,
  kTakeOvers,
  kBusyPhones,
  kMedia,  // Chats and the like, and agents who have several contacts in hand.
  kOutcomes,
  kTransfers,
  kConsults,  // And conferences.
  kLegs,
  kAnswerModes,
  kCallbacks,
  kReach,  // Between the two switches.
  kDesktops,
  kSupervisors,  // Who ask for what switches and agents else report.
  // Faults.
  kSwitchAway,
  kNewEpoch,
  kResync,
  kRestart,
  kStaleClaims,
  kRepeats,
  kGaps,
  kUnknownNames,
  kWrongSwitch,
  kAtDeadlines,
  kFailedLegs,
  // In few worlds: so many agents and calls, no two alike, that their classes are linked by the
  // hundred, and that bulk work takes several slices.
  kBigCentre,
};
inline constexpr size_t kFeatureCount = static_cast<size_t>(Feature::kBigCentre) + 1;

inline constexpr uint32_t kWorldAgentsMax = 12;
inline constexpr uint32_t kWorldQueuesMax = 6;
inline constexpr uint32_t kWorldCallsMax = 25;
inline constexpr uint32_t kBigCentreOdds = 40;

// Whom and what a world has at most, beside its queues.
struct WorldSize {
  uint32_t agents_max = kWorldAgentsMax;
  uint32_t calls_max = kWorldCallsMax;
};

class Features {
 public:
  [[nodiscard]] bool has(Feature feature) const { return on_[static_cast<size_t>(feature)]; }
  void set(Feature feature, bool on) { on_[static_cast<size_t>(feature)] = on; }
  // The strategies that queues of this world may have.
  std::vector<Strategy> strategies;
  CallOrder order = CallOrder::kPriority;
  WorldSize size;

 private:
  std::array<bool, kFeatureCount> on_{};
};

[[nodiscard]] Features draw_features(Draw& draw);
// Everybody whom the world may ever have: "a0" ...
[[nodiscard]] std::vector<AgentProfile> draw_agents(Draw& draw, const Features& features,
                                                    const TenantConfig& config);
// The one with skills, team or media of the other.
[[nodiscard]] AgentProfile with_one_change(Draw& draw, AgentProfile profile,
                                           const AgentProfile& other);
[[nodiscard]] AgentProfile draw_profile(Draw& draw, const Features& features,
                                        const TenantConfig& config, uint32_t number);
[[nodiscard]] TenantConfig draw_config(Draw& draw, const Features& features);
// The next configuration of a world: a few things of `config` changed. Queues may be left out,
// drained or not.
[[nodiscard]] TenantConfig draw_change(Draw& draw, const Features& features,
                                       const TenantConfig& config);
// What a call may need: names skills of `config` only.
[[nodiscard]] std::string draw_call_requirement(Draw& draw, const Features& features,
                                                const TenantConfig& config);

}  // namespace acd::sim
