// SPDX-License-Identifier: Apache-2.0
#include "daemon/history/queue_log.h"

#include <absl/strings/str_cat.h>

namespace acd {
namespace {

// Each arm finds its window by an index, and talks before their visits. Of one instant: who comes
// (0), what calls do in the order of their visits (1), who goes (2). A CONNECT ends where the part of
// who answered does: whoever joins a call later has no line.
constexpr char kLines[] = R"(
SELECT at_ms, call, queue, agent, event, d1, d2, d3, d4, d5 FROM (
SELECT ended_ms AS told_ms, entered_ms AS at_ms, 1 AS side, number, visit * 10 AS step, call, queue,
  'NONE' AS agent, 'ENTERQUEUE' AS event, '' AS d1, '' AS d2, position AS d3, NULL AS d4, NULL AS d5
  FROM visits WHERE tenant = ?1 AND entry <> 'consult' AND (?4 = '' OR medium = ?4)
UNION ALL
SELECT visits.ended_ms, offers.ended_ms, 1, offers.number, offers.visit * 10 + 1, offers.call,
  offers.queue, offers.agent, iif(outcome IN ('canceled', 'rescinded'), 'RINGCANCELED',
  'RINGNOANSWER'), ring_ms, NULL, NULL, NULL, NULL
  FROM visits CROSS JOIN offers ON offers.tenant = visits.tenant
    AND offers.number = visits.number AND offers.visit = visits.visit
  WHERE visits.tenant = ?1 AND visits.entry <> 'consult' AND outcome <> 'accepted'
    AND (?4 = '' OR visits.medium = ?4)
UNION ALL
SELECT ended_ms, ended_ms, 1, number, visit * 10 + 2, call, queue, agent, 'CONNECT', wait_ms / 1000,
  call, ifnull((SELECT ring_ms / 1000 FROM offers WHERE offers.tenant = visits.tenant
    AND offers.number = visits.number AND offers.visit = visits.visit
    AND offers.outcome = 'accepted' ORDER BY offer DESC LIMIT 1), 0), NULL, NULL
  FROM visits WHERE tenant = ?1 AND entry <> 'consult' AND ended = 'answered'
    AND (?4 = '' OR medium = ?4)
UNION ALL
SELECT ended_ms, ended_ms, 1, number, visit * 10 + 3, call, queue, 'NONE',
  CASE WHEN ended IN ('abandoned', 'short_abandoned') THEN 'ABANDON'
    WHEN ended = 'failed' AND "limit" IS NULL THEN 'ABANDON'
    WHEN ended IN ('withdrawn', 'transferred', 'callback_requested') THEN 'WITHDRAW'
    WHEN "limit" IN ('no_agents', 'none_ready') THEN 'EXITEMPTY'
    ELSE 'EXITWITHTIMEOUT' END,
  position, position, wait_ms / 1000, target, NULL
  FROM visits WHERE tenant = ?1 AND entry <> 'consult' AND ended <> 'answered'
    AND (?4 = '' OR medium = ?4)
UNION ALL
SELECT over_ms, talks.ended_ms, 1, talks.number, talks.visit * 10 + 4, talks.call, talks.queue,
  talks.agent,
  CASE WHEN talks.ended = 'transferred' THEN 'BLINDTRANSFER'
    WHEN talks.ended = 'consult_transferred' THEN 'ATTENDEDTRANSFER'
    WHEN talks.ended = 'left' THEN 'COMPLETEAGENT'
    WHEN (SELECT ended_by FROM calls WHERE calls.tenant = talks.tenant
      AND calls.number = talks.number) = 'agent' THEN 'COMPLETEAGENT'
    ELSE 'COMPLETECALLER' END,
  CASE talks.ended WHEN 'transferred' THEN talks.target WHEN 'consult_transferred' THEN 'BRIDGE'
    ELSE visits.wait_ms / 1000 END,
  CASE talks.ended WHEN 'transferred' THEN talks.target_kind
    WHEN 'consult_transferred' THEN talks.target ELSE (talk_ms + hold_ms) / 1000 END,
  iif(talks.target IS NULL, visits.position, visits.wait_ms / 1000),
  iif(talks.target IS NULL, NULL, (talk_ms + hold_ms) / 1000),
  iif(talks.target IS NULL, NULL, visits.position)
  FROM talks CROSS JOIN visits ON visits.tenant = talks.tenant AND visits.number = talks.number
    AND visits.visit = talks.visit AND visits.agent = talks.agent
    AND visits.ended_ms = talks.connected_ms
  WHERE talks.tenant = ?1 AND talks.parent IS NULL AND (?4 = '' OR talks.medium = ?4)
UNION ALL
SELECT at_ms, at_ms, iif(event IN ('logged_in', 'ready', 'member_added', 'member_unpaused'), 0, 2),
  sequence, 0, 'NONE', ifnull(queue, 'NONE'), agent,
  CASE event WHEN 'logged_in' THEN 'AGENTLOGIN' WHEN 'logged_out' THEN 'AGENTLOGOFF'
    WHEN 'ready' THEN 'UNPAUSEALL' WHEN 'not_ready' THEN 'PAUSEALL'
    WHEN 'member_added' THEN 'ADDMEMBER' WHEN 'member_removed' THEN 'REMOVEMEMBER'
    WHEN 'member_paused' THEN 'PAUSE' ELSE 'UNPAUSE' END,
  CASE event WHEN 'logged_in' THEN station WHEN 'not_ready' THEN number
    WHEN 'member_paused' THEN number ELSE '' END,
  iif(event = 'logged_out', duration_ms / 1000, NULL), NULL, NULL, NULL
  FROM agent_events WHERE tenant = ?1)
WHERE told_ms >= ?2 AND told_ms < ?3 ORDER BY at_ms, side, number, step)";

// What would be read as the end of a field or line is written as an underscore.
std::string field_of(const std::string& text) {
  std::string field = text;
  for (char& c : field) {
    if (c == '|' || static_cast<unsigned char>(c) < 0x20) c = '_';
  }
  return field;
}

}  // namespace

absl::Status read_queue_log(Database& database, const QueueLogFilter& filter,
                            absl::FunctionRef<absl::Status(const std::string& line)> visit) {
  absl::StatusOr<Statement> lines = database.prepare(kLines);
  if (!lines.ok()) return lines.status();
  lines->bind(filter.tenant);
  lines->bind(filter.since_ms);
  lines->bind(filter.until_ms);
  lines->bind(filter.medium);
  constexpr int kDataFirst = 5;
  for (;;) {
    const absl::StatusOr<bool> row = lines->step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    std::string line = absl::StrCat(lines->number(0) / 1'000);
    for (int column = 1; column < kDataFirst; ++column) {
      absl::StrAppend(&line, "|", field_of(lines->text(column)));
    }
    for (int column = kDataFirst; column < lines->column_count(); ++column) {
      if (!lines->is_null(column)) absl::StrAppend(&line, "|", field_of(lines->text(column)));
    }
    line += '\n';
    if (absl::Status status = visit(line); !status.ok()) return status;
  }
}

}  // namespace acd
