// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/outcome_fields.h"

#include <absl/strings/str_cat.h>

#include <string_view>
#include <utility>

#include "daemon/config/config_tables.h"
#include "daemon/config/findings.h"
#include "daemon/config/text.h"
#include "routing/limits.h"
#include "routing/outcome.h"

namespace acd {
namespace {

constexpr v1::ErrorReason kOutOfRange = v1::ERROR_REASON_FIELD_OUT_OF_RANGE;

// Fills a command part by part, until one is wrong.
class OutcomeDecoder {
 public:
  OutcomeDecoder(std::string* arena, Command* command) : arena_(arena), command_(command) {}

  void decode(const v1::CallOutcome& outcome) {
    if (outcome.has_wrap_up_code()) take_code(outcome.wrap_up_code());
    if (outcome.has_labels()) take_labels(outcome.labels());
    if (outcome.has_reference()) take_reference(outcome.reference());
    if (outcome.has_resolved()) {
      command_->detail |= kSaysResolved;
      command_->flag = outcome.resolved();
    }
    if (outcome.has_survey_score() &&
        is_score("survey_score", outcome.survey_score(), kSurveyScoreMax)) {
      command_->detail |= kSaysSurvey;
      command_->number = outcome.survey_score();
    }
    if (outcome.has_quality_score() &&
        is_score("quality_score", outcome.quality_score(), kQualityScoreMax)) {
      command_->detail |= kSaysQuality;
      command_->generation = static_cast<uint32_t>(outcome.quality_score());
    }
    if (command_->detail == 0) {
      refuse(v1::ERROR_REASON_FIELD_REQUIRED, "", "says nothing; set at least one of its fields");
    }
  }
  [[nodiscard]] std::optional<FieldFault>& fault() { return fault_; }

 private:
  void refuse(v1::ErrorReason reason, std::string field, std::string message) {
    if (!fault_) fault_ = {reason, std::move(field), std::move(message)};
  }

  [[nodiscard]] bool is_score(const char* field, int32_t score, int32_t max) {
    if (score >= 0 && score <= max) return true;
    refuse(kOutOfRange, field, absl::StrCat("is ", score, "; must be 0..", max));
    return false;
  }

  void take_code(const std::string& code) {
    command_->detail |= kSaysCode;
    if (code.empty()) return refuse(v1::ERROR_REASON_FIELD_REQUIRED, "wrap_up_code", "is empty");
    if (!is_resource_id(code)) {
      return refuse(kOutOfRange, "wrap_up_code",
                    absl::StrCat("must be ", kIdRule, "; is ", quote(code)));
    }
    command_->name = add_text(code, arena_);
  }

  void take_labels(const v1::CallLabels& labels) {
    command_->detail |= kSaysLabels;
    if (static_cast<size_t>(labels.labels_size()) > kOutcomeLabelsMax) {
      return refuse(
          kOutOfRange, "labels.labels",
          absl::StrCat("has ", labels.labels_size(), " entries; must be 0..", kOutcomeLabelsMax));
    }
    std::string list;
    for (int i = 0; i < labels.labels_size(); ++i) {
      const std::string& label = labels.labels(i);
      const std::string field = absl::StrCat("labels.labels[", i, "]");
      if (!is_resource_id(label)) {
        return refuse(kOutOfRange, field, absl::StrCat("must be ", kIdRule, "; is ", quote(label)));
      }
      for (int before = 0; before < i; ++before) {
        if (labels.labels(before) != label) continue;
        return refuse(kOutOfRange, field, absl::StrCat("repeats entry ", before, ", ", label));
      }
      absl::StrAppend(&list, list.empty() ? "" : ",", label);
    }
    command_->preferred = add_text(list, arena_);
  }

  void take_reference(const std::string& reference) {
    command_->detail |= kSaysReference;
    if (auto fault = text_fault("reference", reference, kReferenceBytesMax)) {
      return refuse(fault->reason, std::move(fault->field), std::move(fault->message));
    }
    command_->text = add_text(reference, arena_);
  }

  std::string* const arena_;
  Command* const command_;
  std::optional<FieldFault> fault_;
};

}  // namespace

std::optional<FieldFault> decode_outcome(const v1::CallOutcome& outcome, std::string* arena,
                                         Command* command) {
  OutcomeDecoder decoder(arena, command);
  decoder.decode(outcome);
  return std::move(decoder.fault());
}

}  // namespace acd
