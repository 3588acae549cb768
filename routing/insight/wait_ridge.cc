// SPDX-License-Identifier: Apache-2.0
#include "routing/insight/wait_ridge.h"

#include <algorithm>
#include <cmath>

namespace acd {
namespace {

constexpr size_t kFeatureCount = WaitRidge::kFeatures;
constexpr double kCasesMemory = 10'000;  // Cases.
constexpr double kRidge = 10;            // Weight of the prior.
constexpr double kPivotLeast = 1e-12;

}  // namespace

double WaitRidge::predict(const Features& features) const {
  double sum = 0;
  for (size_t i = 0; i < kFeatureCount; ++i) sum += state_.weights[i] * features[i];
  return sum;
}

// weights = (squares + ridge I)^-1 (products + ridge e), by Cholesky: the matrix is positive
// definite.
void WaitRidge::learn(const Features& features, double outcome, double weight) {
  const double kept = 1 - 1 / kCasesMemory;
  std::array<double, kFeatureCount* kFeatureCount>& squares = state_.squares;
  for (size_t i = 0; i < kFeatureCount; ++i) {
    state_.products[i] = state_.products[i] * kept + weight * features[i] * outcome;
    for (size_t j = 0; j < kFeatureCount; ++j) {
      double& at = squares[i * kFeatureCount + j];
      at = at * kept + weight * features[i] * features[j];
    }
  }
  std::array<double, kFeatureCount * kFeatureCount> lower{};
  for (size_t i = 0; i < kFeatureCount; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = squares[i * kFeatureCount + j] + (i == j ? kRidge : 0);
      for (size_t k = 0; k < j; ++k)
        sum -= lower[i * kFeatureCount + k] * lower[j * kFeatureCount + k];
      lower[i * kFeatureCount + j] =
          i == j ? std::sqrt(std::max(sum, kPivotLeast)) : sum / lower[j * kFeatureCount + j];
    }
  }
  Features& solved = state_.weights;
  for (size_t i = 0; i < kFeatureCount; ++i) {
    double sum = state_.products[i] + (i == kPriorFeature ? kRidge : 0);
    for (size_t k = 0; k < i; ++k) sum -= lower[i * kFeatureCount + k] * solved[k];
    solved[i] = sum / lower[i * kFeatureCount + i];
  }
  for (size_t i = kFeatureCount; i-- > 0;) {
    double sum = solved[i];
    for (size_t k = i + 1; k < kFeatureCount; ++k) sum -= lower[k * kFeatureCount + i] * solved[k];
    solved[i] = sum / lower[i * kFeatureCount + i];
  }
}

}  // namespace acd
