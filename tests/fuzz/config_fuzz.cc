// SPDX-License-Identifier: Apache-2.0
// Any bytes as the configuration file. Must never happen: a crash, an error that does not name the
// file and one of its lines, or an accepted file that the Router's tables cannot be made of.
#include <absl/status/status.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/config/config_file.h"
#include "daemon/config/config_tables.h"
#include "daemon/config/text.h"
#include "routing/check.h"
#include "routing/limits.h"
#include "routing/router.h"

namespace acd {
namespace {

constexpr char kName[] = "f.yaml";

// Each line of the message is "f.yaml:LINE: FIELD: what is wrong".
void check_error(const std::string& text, const absl::Status& status) {
  ACD_CHECK(absl::IsInvalidArgument(status));
  const auto line_count = std::count(text.begin(), text.end(), '\n') + 1;
  for (const absl::string_view entry : absl::StrSplit(status.message(), '\n')) {
    ACD_CHECK(is_text({entry.data(), entry.size()}));
    const std::vector<absl::string_view> parts = absl::StrSplit(entry, absl::MaxSplits(": ", 2));
    ACD_CHECK(parts.size() == 3 && !parts[1].empty() && !parts[2].empty());
    const std::vector<absl::string_view> place = absl::StrSplit(parts[0], ':');
    int64_t line = 0;
    ACD_CHECK(place.size() == 2 && place[0] == kName && absl::SimpleAtoi(place[1], &line));
    ACD_CHECK(line >= 1 && line <= line_count + 1);
  }
}

// An accepted tenant goes all the way into a Router.
void check_seed(const TenantSeed& seed) {
  ACD_CHECK(validate_config(seed.config).empty());
  ACD_CHECK(validate_agents(seed.agents, seed.config).empty());
  ACD_CHECK(seed.agents.empty() || validate_targets(seed.config, seed.agents).empty());
  Router router;
  ACD_CHECK(router.configure(to_tables(seed.config), 0) == Reject::kNone);
  std::vector<AgentProfile> profiles;
  for (const v1::Agent& agent : seed.agents) {
    profiles.push_back(to_profile(agent));
    for (const auto& [skill, level] : profiles.back().skills) {
      ACD_CHECK(level >= kSkillLevelMin && level <= kSkillLevelMax);
    }
  }
  ACD_CHECK(router.upsert_agents(profiles, 0) == Reject::kNone);
  ACD_CHECK(router.agent_count() == seed.agents.size());
  ACD_CHECK(router.check_invariants().empty());
}

}  // namespace
}  // namespace acd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto seeds = acd::parse_config(text, acd::kName);
  if (!seeds.ok()) {
    acd::check_error(text, seeds.status());
    return 0;
  }
  ACD_CHECK(!seeds->empty());
  for (const acd::TenantSeed& seed : *seeds) acd::check_seed(seed);
  return 0;
}
