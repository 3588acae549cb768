// SPDX-License-Identifier: Apache-2.0
#include "clients/acdctl/csv.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "daemon/config/text.h"

namespace acd::acdctl {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

class CsvParser {
 public:
  CsvParser(std::string_view text, char separator) : rest_(text), separator_(separator) {
    if (rest_.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
      rest_.remove_prefix(kByteOrderMark.size());
    }
  }

  absl::StatusOr<std::vector<CsvRecord>> parse() {
    while (!rest_.empty()) {
      if (take_line_end()) continue;  // An empty line.
      CsvRecord record;
      record.line = line_;
      do {
        if (record.fields.size() == kCsvColumnsMax) {
          return fault(absl::StrCat("has more than ", kCsvColumnsMax, " columns"));
        }
        const absl::Status status = take_field(&record.fields.emplace_back());
        if (!status.ok()) return status;
      } while (take(separator_));
      if (!rest_.empty() && !take_line_end()) {
        return fault("a quoted field goes on behind its quote");
      }
      if (records_.size() == kCsvRecordsMax) {
        return fault(absl::StrCat("there are more than ", kCsvRecordsMax, " records"));
      }
      records_.push_back(std::move(record));
    }
    return std::move(records_);
  }

 private:
  [[nodiscard]] absl::Status fault(const std::string& what) const {
    return absl::DataLossError(absl::StrCat("line ", line_, ": ", what));
  }
  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_line_end() {
    const size_t size = rest_.substr(0, 2) == "\r\n" ? 2 : (rest_.front() == '\n' ? 1 : 0);
    rest_.remove_prefix(size);
    line_ += size > 0 ? 1 : 0;
    return size > 0;
  }

  absl::Status take_field(std::string* field) {
    return take('"') ? take_quoted(field) : take_plain(field);
  }
  absl::Status take_plain(std::string* field) {
    size_t size = 0;
    while (size < rest_.size() && rest_[size] != separator_ && rest_[size] != '\n') {
      if (rest_[size] == '"') return fault("a quote stands inside a field that is not quoted");
      ++size;
    }
    *field = rest_.substr(0, size);
    rest_.remove_prefix(size);
    if (!rest_.empty() && rest_.front() == '\n' && !field->empty() && field->back() == '\r') {
      field->pop_back();
    } else if (rest_.empty() && !field->empty() && field->back() == '\r') {
      field->pop_back();
    }
    return check(*field);
  }
  absl::Status take_quoted(std::string* field) {
    const int begin = line_;
    while (!rest_.empty()) {
      if (take('"')) {
        if (!take('"')) return check(*field);
        *field += '"';
        continue;
      }
      line_ += rest_.front() == '\n' ? 1 : 0;
      *field += rest_.front();
      rest_.remove_prefix(1);
    }
    return absl::DataLossError(absl::StrCat("line ", begin, ": a quote is not closed"));
  }
  absl::Status check(const std::string& field) const {
    if (is_utf8(field)) return absl::OkStatus();
    return fault("is not valid UTF-8; save the file as UTF-8");
  }

  std::string_view rest_;
  const char separator_;
  int line_ = 1;
  std::vector<CsvRecord> records_;
};

}  // namespace

absl::StatusOr<std::vector<CsvRecord>> parse_csv(std::string_view text, char separator) {
  return CsvParser(text, separator).parse();
}

}  // namespace acd::acdctl
