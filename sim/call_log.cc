// SPDX-License-Identifier: Apache-2.0
// The reader of call logs: strict, bounded, and telling all it finds wrong.
#include "sim/call_log.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "sim/log_time.h"

namespace acd::sim {
namespace {

constexpr size_t kColumns = 9;
constexpr std::array<const char*, kColumns> kColumnNames = {
    "arrival_epoch", "date",   "arrival_sec", "skill", "priority",
    "outcome",       "wait_s", "handle_s",    "agent"};
enum Column { kEpoch, kDate, kArrival, kSkill, kPriority, kOutcome, kWait, kHandle, kAgent };

constexpr int32_t kDayMax = 84'005;  // 2199-12-31

std::optional<int64_t> parse_integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_id_character(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool is_id(std::string_view text, size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && std::ranges::all_of(text, is_id_character);
}

// A call type names a skill in a requirement, so it may be no word of that language.
bool is_type(const std::string& lower_case) {
  return is_id(lower_case, kIdBytesMax) && is_letter(lower_case[0]) && lower_case != "and" &&
         lower_case != "or" && lower_case != "not";
}

std::string lower_case_of(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// What may be shown of a field: short and printable.
std::string shown(std::string_view text) {
  constexpr size_t kShownBytesMax = 32;
  std::string copy(text.substr(0, kShownBytesMax));
  for (char& c : copy) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return absl::StrCat("\"", copy, text.size() > kShownBytesMax ? "..." : "", "\"");
}

// The file as lines, plain or gzipped.
class LineReader {
 public:
  enum class Result { kLine, kEnd, kTooLong, kBroken };

  explicit LineReader(const std::string& path) : file_(gzopen(path.c_str(), "rb")) {}
  ~LineReader() {
    if (file_ != nullptr) gzclose(file_);
  }
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  [[nodiscard]] bool is_open() const { return file_ != nullptr; }
  // After kBroken: why.
  [[nodiscard]] const std::string& error() const { return error_; }

  // The next line without its end. A carriage return before it is taken off. After kTooLong the
  // rest of that line has been skipped.
  Result next(std::string& line) {
    line.clear();
    bool is_too_long = false;
    for (int c = gzgetc(file_); c != '\n'; c = gzgetc(file_)) {
      if (c == -1) {
        if (is_broken()) return Result::kBroken;
        if (line.empty() && !is_too_long) return Result::kEnd;
        break;
      }
      if (line.size() < kCallLogLineBytesMax) {
        line.push_back(static_cast<char>(c));
      } else {
        is_too_long = true;
      }
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return is_too_long ? Result::kTooLong : Result::kLine;
  }

 private:
  // Whether the file ended before its compressed data did, or cannot be read.
  bool is_broken() {
    int code = Z_OK;
    const char* text = gzerror(file_, &code);
    if (code == Z_OK || code == Z_STREAM_END) return false;
    error_ = text;
    return true;
  }

  gzFile file_;
  std::string error_;
};

// Collects errors of one file and stops telling at the limit.
class Errors {
 public:
  explicit Errors(std::string path) : path_(std::move(path)) {}

  void add(size_t line, std::string_view field, const std::string& text) {
    if (++count_ > kCallLogErrorsMax) return;
    lines_.push_back(absl::StrCat(path_, ":", line, ": ", std::string(field), ": ", text));
  }

  [[nodiscard]] bool is_full() const { return count_ >= kCallLogErrorsMax; }
  [[nodiscard]] bool is_empty() const { return count_ == 0; }
  [[nodiscard]] absl::Status status() const {
    return absl::InvalidArgumentError(absl::StrJoin(lines_, "\n"));
  }

 private:
  std::string path_;
  std::vector<std::string> lines_;
  size_t count_ = 0;
};

// Reads rows, naming types and agents in the order they appear; finish() sorts them.
class Parser {
 public:
  explicit Parser(const std::string& path) : errors_(path) { log_.path = path; }

  absl::StatusOr<CallLog> read(LineReader& reader) {
    std::string line;
    size_t line_number = 0;
    for (auto result = reader.next(line); result != LineReader::Result::kEnd;
         result = reader.next(line)) {
      ++line_number;
      if (result == LineReader::Result::kBroken) {
        errors_.add(line_number, "file",
                    absl::StrCat("cannot be read to its end: ", reader.error()));
        break;
      }
      if (result == LineReader::Result::kTooLong) {
        errors_.add(
            line_number, "line",
            absl::StrCat("longer than ", kCallLogLineBytesMax, " bytes; is this a call log?"));
      } else if (line_number == 1) {
        read_header(line);
      } else {
        read_row(line_number, line);
      }
      // A wrong header makes every row wrong: one error says it.
      if (errors_.is_full() || (line_number == 1 && !errors_.is_empty())) break;
    }
    if (errors_.is_empty() && log_.rows.empty()) {
      errors_.add(line_number + 1, "file", line_number == 0 ? "empty" : "no calls");
    }
    if (!errors_.is_empty()) return errors_.status();
    finish();
    return std::move(log_);
  }

 private:
  void read_header(const std::string& line) {
    if (line == kCallLogHeader) return;
    errors_.add(1, "header", absl::StrCat("must be \"", kCallLogHeader, "\", is ", shown(line)));
  }

  void read_row(size_t line_number, std::string_view line) {
    if (log_.rows.size() == kCallLogRowsMax) {
      errors_.add(line_number, "file", absl::StrCat("more than ", kCallLogRowsMax, " calls"));
      return;
    }
    std::array<std::string_view, kColumns> fields;
    size_t count = 1;
    for (size_t begin = 0;; ++count) {
      const size_t comma = line.find(',', begin);
      if (count <= kColumns) fields[count - 1] = line.substr(begin, comma - begin);
      if (comma == std::string_view::npos) break;
      begin = comma + 1;
    }
    if (count != kColumns) {
      errors_.add(line_number, "line",
                  absl::StrCat("has ", count, " fields, must have ", kColumns));
      return;
    }
    const CallRow row = parse_row(line_number, fields);
    if (errors_.is_empty()) log_.rows.push_back(row);
  }

  CallRow parse_row(size_t line, const std::array<std::string_view, kColumns>& fields) {
    CallRow row;
    row.number = static_cast<uint32_t>(line - 1);
    const auto day = parse_date(std::string(fields[kDate]));
    if (!day.ok()) errors_.add(line, "date", std::string(day.status().message()));
    const auto arrival = integer(line, fields, kArrival, kDayS - 1);
    const auto epoch = integer(line, fields, kEpoch, (kDayMax + 1) * kDayS);
    const auto priority = integer(line, fields, kPriority, 2);
    const auto wait = integer(line, fields, kWait, kCallLogSecondsMax);
    const auto handle = integer(line, fields, kHandle, kCallLogSecondsMax);
    row.day = day.value_or(0);
    row.arrival_s = static_cast<int32_t>(arrival.value_or(0));
    row.priority = static_cast<int32_t>(priority.value_or(0));
    row.wait_s = wait.value_or(0);
    row.handle_s = handle.value_or(0);
    row.is_served = fields[kOutcome] == "SERVED";
    if (!row.is_served && fields[kOutcome] != "ABANDONED") {
      errors_.add(line, "outcome",
                  absl::StrCat("must be SERVED or ABANDONED, is ", shown(fields[kOutcome])));
    }
    if (!row.is_served && row.handle_s != 0) {
      errors_.add(line, "handle_s", "must be 0 for a call that was not served");
    }
    if (epoch && day.ok() && arrival) check_epoch(line, *epoch, *day * kDayS + *arrival);
    row.type = parse_type(line, fields[kSkill]);
    row.agent = parse_agent(line, fields[kAgent]);
    return row;
  }

  // The field as an integer of 0..max; an error and nothing otherwise.
  std::optional<int64_t> integer(size_t line, const std::array<std::string_view, kColumns>& fields,
                                 Column column, int64_t max) {
    const auto value = parse_integer(fields[column]);
    if (value && *value >= 0 && *value <= max) return value;
    errors_.add(line, kColumnNames[column],
                absl::StrCat("must be a whole number of 0..", max, ", is ", shown(fields[column])));
    return std::nullopt;
  }

  void check_epoch(size_t line, int64_t epoch, int64_t expected) {
    if (epoch != expected) {
      errors_.add(line, "arrival_epoch",
                  absl::StrCat("must be ", expected, " by date and arrival_sec, is ", epoch));
    }
    if (epoch < last_epoch_) {
      errors_.add(line, "arrival_epoch", "earlier than the row before; rows go by arrival");
    }
    last_epoch_ = std::max(last_epoch_, epoch);
  }

  uint32_t parse_type(size_t line, std::string_view field) {
    const std::string type = lower_case_of(field);
    if (!is_type(type)) {
      errors_.add(
          line, "skill",
          absl::StrCat("must be a letter and then 0..63 of a-z A-Z 0-9 . _ -, is ", shown(field)));
      return 0;
    }
    return index_of(line, "skill", types_, type, kCallLogTypesMax);
  }

  uint32_t parse_agent(size_t line, std::string_view field) {
    if (field.empty()) return CallRow::kNoAgent;
    if (!is_id(field, kCallLogAgentBytesMax)) {
      errors_.add(line, "agent",
                  absl::StrCat("must be 1..", kCallLogAgentBytesMax,
                               " of a-z A-Z 0-9 . _ -, or empty, is ", shown(field)));
      return CallRow::kNoAgent;
    }
    return index_of(line, "agent", agents_, std::string(field), kCallLogAgentsMax);
  }

  uint32_t index_of(size_t line, std::string_view field, std::map<std::string, uint32_t>& names,
                    const std::string& name, size_t limit) {
    const auto found = names.find(name);
    if (found != names.end()) return found->second;
    if (names.size() == limit) {
      errors_.add(line, field, absl::StrCat("more than ", limit, " different ones in this file"));
      return 0;
    }
    const auto index = static_cast<uint32_t>(names.size());
    names.emplace(name, index);
    return index;
  }

  // Renumbers types and agents in the order of their names.
  void finish() {
    std::vector<uint32_t> type_ranks(types_.size());
    for (const auto& [name, index] : types_) {
      type_ranks[index] = static_cast<uint32_t>(log_.types.size());
      log_.types.push_back(name);
    }
    std::vector<uint32_t> agent_ranks(agents_.size());
    for (const auto& [name, index] : agents_) {
      agent_ranks[index] = static_cast<uint32_t>(log_.agents.size());
      log_.agents.push_back(name);
    }
    std::vector<std::set<uint32_t>> served(agents_.size());
    for (CallRow& row : log_.rows) {
      row.type = type_ranks[row.type];
      if (row.agent == CallRow::kNoAgent) continue;
      row.agent = agent_ranks[row.agent];
      if (row.is_served) served[row.agent].insert(row.type);
    }
    for (const auto& types : served) log_.agent_types.emplace_back(types.begin(), types.end());
  }

  CallLog log_;
  Errors errors_;
  std::map<std::string, uint32_t> types_;
  std::map<std::string, uint32_t> agents_;
  int64_t last_epoch_ = 0;
};

}  // namespace

absl::StatusOr<CallLog> read_call_log(const std::string& path) {
  errno = 0;
  LineReader reader(path);
  if (!reader.is_open()) {
    return absl::NotFoundError(absl::StrCat(path, ": cannot be opened: ", std::strerror(errno)));
  }
  return Parser(path).read(reader);
}

absl::StatusOr<int32_t> parse_date(const std::string& text) {
  const auto bad = absl::InvalidArgumentError(
      absl::StrCat("must be a date YYYY-MM-DD of 1970..2199, is ", shown(text)));
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return bad;
  const std::string_view view = text;
  const auto year = parse_integer(view.substr(0, 4));
  const auto month = parse_integer(view.substr(5, 2));
  const auto day = parse_integer(view.substr(8, 2));
  if (!year || !month || !day || *month < 1 || *day < 1) return bad;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return bad;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  if (days < 0 || days > kDayMax) return bad;
  return static_cast<int32_t>(days);
}

std::string format_date(int32_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return absl::StrFormat("%04d-%02u-%02u", static_cast<int>(date.year()),
                         static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

}  // namespace acd::sim
