// SPDX-License-Identifier: Apache-2.0
// Shares of a log's calls, and who is in them.
#include "sim/replay_mix.h"

#include <absl/status/status.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <set>
#include <vector>

#include "routing/hash64.h"

namespace acd::sim {
namespace {

struct Share {
  const char* name;
  int32_t ReplayMix::*percent;
};

constexpr std::array<Share, 15> kShares = {{{"chat", &ReplayMix::chat},
                                            {"email", &ReplayMix::email},
                                            {"transfer", &ReplayMix::transfer},
                                            {"consult", &ReplayMix::consult},
                                            {"supervisor", &ReplayMix::supervisor},
                                            {"outside", &ReplayMix::outside},
                                            {"callback", &ReplayMix::callback},
                                            {"outcome", &ReplayMix::outcome},
                                            {"label", &ReplayMix::label},
                                            {"quality", &ReplayMix::quality},
                                            {"followup", &ReplayMix::followup},
                                            {"desktop", &ReplayMix::desktop},
                                            {"auto", &ReplayMix::auto_answer},
                                            {"nailed_up", &ReplayMix::nailed_up},
                                            {"wrapup", &ReplayMix::wrapup}}};

std::string names() {
  return absl::StrJoin(kShares, ", ", [](std::string* out, const Share& share) {
    absl::StrAppend(out, share.name);
  });
}

// Independent of the draws of other purposes.
uint64_t draw(std::string_view purpose, std::string_view id) {
  Hash64 hash;
  hash.add_text(purpose);
  hash.add_text(id);
  hash.add(id.size());
  return hash.value() >> 8;
}

int32_t percent_of(std::string_view purpose, std::string_view id) {
  return static_cast<int32_t>(draw(purpose, id) % 100);
}

// Of these each call or agent has one at most.
const std::vector<std::vector<std::string>> kAlternatives = {
    {"chat", "email"},
    {"transfer", "consult", "supervisor", "outside"},
    {"desktop", "auto", "nailed_up"}};

absl::Status check_sums(const ReplayMix& mix) {
  for (const std::vector<std::string>& group : kAlternatives) {
    int32_t sum = 0;
    for (const Share& share : kShares) {
      if (std::ranges::find(group, share.name) != group.end()) sum += mix.*share.percent;
    }
    if (sum <= 100) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(absl::StrJoin(group, " and "), ": must be 100 at most together, not ", sum));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ReplayMix> parse_mix(std::string_view text) {
  ReplayMix mix;
  std::set<std::string> seen;
  const std::vector<std::string> parts = absl::StrSplit(std::string(text), ',');
  for (const std::string& part : parts) {
    const size_t sign = part.find('=');
    const std::string name = part.substr(0, sign);
    const auto share =
        std::ranges::find_if(kShares, [&](const Share& one) { return name == one.name; });
    if (share == kShares.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("no share \"", name, "\": there are ", names()));
    }
    if (sign == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": how many percent? ", name, "=N"));
    }
    const std::string number = part.substr(sign + 1);
    int32_t percent = 0;
    const bool is_whole =
        std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; }) &&
        absl::SimpleAtoi(number, &percent);
    if (!is_whole || percent > 100) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ": must be a whole number of percent, 0..100, not \"", number, "\""));
    }
    if (!seen.insert(name).second) return absl::InvalidArgumentError(absl::StrCat(name, ": twice"));
    mix.*share->percent = percent;
  }
  if (absl::Status status = check_sums(mix); !status.ok()) return status;
  return mix;
}

bool UtcHours::contains(int64_t unix_ns) const {
  const int64_t of_day_ns = unix_ns % (24 * 3'600 * kNsPerS);
  return of_day_ns >= from * 3'600 * kNsPerS && of_day_ns < until * 3'600 * kNsPerS;
}

absl::StatusOr<UtcHours> parse_utc_hours(std::string_view text) {
  UtcHours hours;
  const size_t dash = text.find('-');
  const auto is_hour = [](std::string_view part, int32_t* hour) {
    return !part.empty() && part.size() <= 2 &&
           std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; }) &&
           absl::SimpleAtoi(std::string(part), hour) && *hour <= 24;
  };
  if (dash == std::string_view::npos || !is_hour(text.substr(0, dash), &hours.from) ||
      !is_hour(text.substr(dash + 1), &hours.until) || hours.from >= hours.until) {
    return absl::InvalidArgumentError(absl::StrCat(
        "must be two hours of a day, the first before the second, such as 8-18, not \"",
        std::string(text), "\""));
  }
  return hours;
}

std::string mix_text(const ReplayMix& mix) {
  std::vector<std::string> parts;
  for (const Share& share : kShares) {
    if (mix.*share.percent == 0) continue;
    parts.push_back(absl::StrCat(share.name, "=", mix.*share.percent));
  }
  return absl::StrJoin(parts, ",");
}

CallPart part_of(const ReplayMix& mix, std::string_view call_id) {
  CallPart part;
  const int32_t medium = percent_of("medium", call_id);
  if (medium < mix.chat) {
    part.medium = Medium::kChat;
  } else if (medium < mix.chat + mix.email) {
    part.medium = Medium::kEmail;
  }
  const int32_t turn = percent_of("turn", call_id);
  const uint64_t way = draw("way", call_id);
  if (turn < mix.transfer) {
    part.turn = way % 2 == 0 ? Turn::kToQueue : Turn::kToAgent;
  } else if (turn < mix.transfer + mix.consult) {
    constexpr std::array<Turn, 4> kWays = {Turn::kMerge, Turn::kConference, Turn::kConsultEnds,
                                           Turn::kConsultEnds};
    part.turn = kWays[way % kWays.size()];
    part.ends_over_consult = way / kWays.size() % 2 == 0;
  } else if (turn < mix.transfer + mix.consult + mix.supervisor) {
    part.turn = Turn::kToSupervisor;
  } else if (turn < mix.transfer + mix.consult + mix.supervisor + mix.outside) {
    part.turn = Turn::kOutside;
  }
  part.asks_callback =
      part.medium == Medium::kVoice && percent_of("callback", call_id) < mix.callback;
  if (part.asks_callback) {
    // Of eight customers one is reached by the second attempt, and one never.
    const uint64_t luck = draw("dial", call_id) % 8;
    part.dials_failing = luck == 0 ? kMixDialsMax : luck == 1 ? 1 : 0;
  }
  if (percent_of("outcome", call_id) < mix.outcome) {
    const uint64_t told = draw("told", call_id);
    part.outcome = told % 2 == 0 ? OutcomeTime::kOnCall : OutcomeTime::kAfterwards;
    part.code = static_cast<int32_t>(told / 2 % kMixCodes.size());
    part.is_resolved = told / 16 % 2 == 0;
    part.survey_score = static_cast<int32_t>(told / 32 % 11);
  }
  if (percent_of("label", call_id) < mix.label) {
    part.labels = static_cast<int32_t>(1 + draw("labels", call_id) % kMixLabels.size());
  }
  if (percent_of("quality", call_id) < mix.quality) {
    const uint64_t judged = draw("judged", call_id);
    part.quality_score = static_cast<int32_t>(judged % 101);
    part.is_survey_late = judged / 128 % 2 == 0;
  }
  if (percent_of("followup", call_id) < mix.followup) {
    part.followup_after_ns =
        static_cast<int64_t>(1 + draw("ahead", call_id) % 10) * kMixFollowUpStepNs;
  }
  if (percent_of("wrapup", call_id) < mix.wrapup) {
    constexpr std::array<WrapUpAct, 3> kActs = {WrapUpAct::kEnds, WrapUpAct::kExtends,
                                                WrapUpAct::kExtendsAndEnds};
    part.wrap_up = kActs[draw("acts", call_id) % kActs.size()];
  }
  // Who talks by phone is offered nothing meanwhile.
  part.loses_leg =
      mix.nailed_up > 0 && part.medium == Medium::kVoice && draw("leg", call_id) % 8 == 0;
  part.asks_by_request = draw("asks", call_id) % 2 == 0;
  return part;
}

AnswerMode answer_mode_of(const ReplayMix& mix, std::string_view agent_id) {
  const int32_t drawn = percent_of("desktop", agent_id);
  if (drawn < mix.desktop) return AnswerMode::kDesktop;
  if (drawn < mix.desktop + mix.auto_answer) return AnswerMode::kAuto;
  if (drawn < mix.desktop + mix.auto_answer + mix.nailed_up) return AnswerMode::kNailedUp;
  return AnswerMode::kPhone;
}

std::string request_id_of(std::string_view what, std::string_view id, int64_t number) {
  Hash64 hash;
  hash.add_text(what);
  hash.add_text(id);
  hash.add_signed(number);
  const uint64_t high = hash.value();
  hash.add(1);
  const uint64_t low = hash.value();
  return absl::StrFormat("%08x-%04x-4%03x-8%03x-%012x", high >> 32, high >> 16 & 0xffff,
                         high & 0xfff, low >> 48 & 0xfff, low & 0xffffffffffff);
}

}  // namespace acd::sim
