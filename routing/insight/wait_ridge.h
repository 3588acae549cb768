// SPDX-License-Identifier: Apache-2.0
// Linear regression that learns case by case.
#pragma once

#include <array>
#include <cstddef>

namespace acd {

// Weighted ridge regression in information form: it keeps Σ w f f' and Σ w f y, each case counting
// less with every one that follows, and solves anew after each. The identity that is added again
// each time keeps it from winding up where the features say little, as recursive least squares with
// forgetting does (Åström and Wittenmark, Adaptive Control, 2.6).
class WaitRidge {
 public:
  static constexpr size_t kFeatures = 5;
  using Features = std::array<double, kFeatures>;

  // What the answer leans on until it knows better: the second feature as it is.
  static constexpr size_t kPriorFeature = 1;

  struct State {
    std::array<double, kFeatures * kFeatures> squares{};  // Row by row.
    Features products{};
    Features weights{0, 1, 0, 0, 0};
    bool operator==(const State&) const = default;
  };

  [[nodiscard]] double predict(const Features& features) const;
  void learn(const Features& features, double outcome, double weight);

  [[nodiscard]] const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  State state_;
};

}  // namespace acd
