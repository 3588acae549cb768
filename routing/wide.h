// SPDX-License-Identifier: Apache-2.0
// 128 bits: for products of times with rates, and for sums of times over years and thousands of
// agents, which 64 bits of ns do not hold (10,000 agents at work for a month).
#pragma once

namespace acd {

__extension__ typedef __int128 Wide;

}  // namespace acd
