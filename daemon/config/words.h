// SPDX-License-Identifier: Apache-2.0
// The words of the configuration file for the values of the public enums.
#pragma once

#include <span>
#include <string_view>

#include "acd/v1/config_service.pb.h"

namespace acd {

struct ConfigWord {
  std::string_view word;
  int value = 0;
};

inline constexpr ConfigWord kCallOrderWords[] = {
    {"priority", v1::CALL_ORDER_PRIORITY},
    {"score", v1::CALL_ORDER_SCORE},
    {"service_objective", v1::CALL_ORDER_SERVICE_OBJECTIVE}};
inline constexpr ConfigWord kStrategyWords[] = {
    {"longest_idle", v1::STRATEGY_LONGEST_IDLE},
    {"least_occupied", v1::STRATEGY_LEAST_OCCUPIED},
    {"fewest_calls", v1::STRATEGY_FEWEST_CALLS},
    {"round_robin", v1::STRATEGY_ROUND_ROBIN},
    {"ordered", v1::STRATEGY_ORDERED},
    {"random", v1::STRATEGY_RANDOM},
    {"weighted_random", v1::STRATEGY_WEIGHTED_RANDOM},
    {"most_skilled", v1::STRATEGY_MOST_SKILLED},
    {"least_skilled", v1::STRATEGY_LEAST_SKILLED},
    {"skill_weight", v1::STRATEGY_SKILL_WEIGHT},
    {"percent_allocation", v1::STRATEGY_PERCENT_ALLOCATION},
    {"ring_all", v1::STRATEGY_RING_ALL}};
inline constexpr ConfigWord kWrapUpModeWords[] = {{"none", v1::WRAP_UP_MODE_NONE},
                                                  {"timed", v1::WRAP_UP_MODE_TIMED},
                                                  {"manual", v1::WRAP_UP_MODE_MANUAL}};
inline constexpr ConfigWord kServiceLevelVariantWords[] = {
    {"abandoned_negative", v1::SERVICE_LEVEL_VARIANT_ABANDONED_NEGATIVE},
    {"ignore_abandoned", v1::SERVICE_LEVEL_VARIANT_IGNORE_ABANDONED},
    {"abandoned_positive", v1::SERVICE_LEVEL_VARIANT_ABANDONED_POSITIVE}};
inline constexpr ConfigWord kDayOfWeekWords[] = {
    {"mon", v1::DAY_OF_WEEK_MONDAY},    {"tue", v1::DAY_OF_WEEK_TUESDAY},
    {"wed", v1::DAY_OF_WEEK_WEDNESDAY}, {"thu", v1::DAY_OF_WEEK_THURSDAY},
    {"fri", v1::DAY_OF_WEEK_FRIDAY},    {"sat", v1::DAY_OF_WEEK_SATURDAY},
    {"sun", v1::DAY_OF_WEEK_SUNDAY}};

inline constexpr ConfigWord kCallbackModeWords[] = {
    {"agent_first", v1::CALLBACK_MODE_AGENT_FIRST},
    {"customer_first", v1::CALLBACK_MODE_CUSTOMER_FIRST}};
inline constexpr ConfigWord kMediumWords[] = {{"voice", v1::MEDIUM_VOICE},
                                              {"chat", v1::MEDIUM_CHAT},
                                              {"email", v1::MEDIUM_EMAIL},
                                              {"callback", v1::MEDIUM_CALLBACK},
                                              {"task", v1::MEDIUM_TASK}};

// The word for `value`; empty when there is none.
[[nodiscard]] constexpr std::string_view config_word(std::span<const ConfigWord> words, int value) {
  for (const ConfigWord& known : words) {
    if (known.value == value) return known.word;
  }
  return {};
}

}  // namespace acd
