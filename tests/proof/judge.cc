// SPDX-License-Identifier: Apache-2.0
#include "tests/proof/judge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace acd::proof {
namespace {

constexpr double kPrecision = .05;

struct Comparison {
  std::string what;
  Estimate estimate;
  double exact = 0;
};

std::vector<Comparison> comparisons(const Measured& measured, const Forecast& exact) {
  std::vector<Comparison> all;
  for (size_t i = 0; i < exact.wait_probability.size(); ++i) {
    const std::string of_type = " of type " + std::to_string(i);
    all.push_back(
        {"chance to wait" + of_type, measured.wait_probability(i), exact.wait_probability[i]});
    all.push_back({"mean wait" + of_type, measured.mean_wait_s(i), exact.mean_wait_s[i]});
    all.push_back({"share in target" + of_type, measured.in_target(i), exact.in_target[i]});
  }
  for (size_t i = 0; i < exact.occupancy.size(); ++i) {
    all.push_back(
        {"occupancy of agent " + std::to_string(i), measured.occupancy(i), exact.occupancy[i]});
  }
  return all;
}

}  // namespace

double furthest_off(const Measured& measured, const Forecast& exact) {
  double furthest = 0;
  for (const Comparison& one : comparisons(measured, exact)) {
    furthest = std::max(furthest, one.estimate.off(one.exact));
  }
  return furthest;
}

void expect_close(const Measured& measured, const Forecast& exact) {
  for (const Comparison& one : comparisons(measured, exact)) {
    expect_near(one.what.c_str(), one.estimate, one.exact, kPrecision);
  }
}

void expect_near(const char* what, const Estimate& estimate, double exact, double precision) {
  EXPECT_LE(estimate.off(exact), kErrorsMax)
      << what << ": " << estimate.value << " +- " << estimate.error << ", exactly " << exact;
  EXPECT_LE(estimate.error, precision * exact) << what << " is measured too roughly";
}

}  // namespace acd::proof
