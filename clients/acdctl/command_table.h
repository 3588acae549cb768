// SPDX-License-Identifier: Apache-2.0
// The commands and options of acdctl: one table that parsing, help and completion read.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace acd::acdctl {

enum class Command {
  kQueues,
  kQueuesOpen,
  kQueuesClose,
  kQueuesFollow,
  kAgents,
  kAgentsUpsert,
  kAgentsImport,
  kAgentsAccept,
  kAgentsReject,
  kAgentsReady,
  kAgentsNotReady,
  kAgentsLogOut,
  kAgentsEndWrapUp,
  kAgentsExtendWrapUp,
  kAgentsPause,
  kAgentsUnpause,
  kCalls,
  kCallsOutcome,
  kCallsCallback,
  kCallsCancel,
  kCallsSchedule,
  kCallsScheduled,
  kCallsReschedule,
  kCallsTransfer,
  kCallsRequeue,
  kCallsPriority,
  kCallsWithdraw,
  kCallsMonitor,
  kCallsWhisper,
  kCallsBarge,
  kCallsLeave,
  kCallsRecord,
  kCallsConsult,
  kCallsMerge,
  kCallsConference,
  kWhy,
  kWhyIdle,
  kWatch,
  kTop,
  kEvents,
  kTenants,
  kConfigGet,
  kConfigExport,
  kConfigDiff,
  kConfigApply,
  kConfigValidate,
  kJournalVerify,
  kJournalDump,
  kJournalStats,
  kBackup,
  kRestore,
  kHistoryCalls,
  kHistoryTalks,
  kHistoryQueues,
  kHistoryAgents,
  kHistoryTenant,
  kHistorySkills,
  kHistoryBands,
  kHistoryTeams,
  kHistoryExport,
  kHealth,
  kCompletion,
  kHelp,
};

struct OptionInfo {
  std::string_view name;
  // What stands for its value in help; empty for a flag.
  std::string_view value;
  std::string_view text;
};

struct CommandInfo {
  Command command;
  // One or two words.
  std::string_view name;
  // What stands for its arguments in help.
  std::string_view arguments;
  size_t arguments_min;
  size_t arguments_max;
  std::string_view summary;
  // More than the summary, in lines.
  std::string_view details;
  // Names of its own options, beside the global ones.
  std::vector<std::string_view> options;
  // Words that its arguments may be; empty where they are free.
  std::vector<std::string_view> choices;
  // Its arguments are paths, which need be no text.
  bool takes_paths = false;
};

[[nodiscard]] const std::vector<CommandInfo>& commands();  // In command_list.cc.
[[nodiscard]] const CommandInfo& command_info(Command command);

// Options of every command, then those of some.
[[nodiscard]] std::span<const OptionInfo> global_options();
[[nodiscard]] std::span<const OptionInfo> command_options();

// Help over all commands.
[[nodiscard]] std::string help_text();
// Help on the commands that begin with `words`, or none when there is no such command.
[[nodiscard]] std::optional<std::string> help_text(std::span<const std::string> words);

// The candidate that `word` was probably meant to be, or none when nothing is near.
[[nodiscard]] std::optional<std::string_view> nearest_word(
    std::string_view word, std::span<const std::string_view> candidates);

}  // namespace acd::acdctl
