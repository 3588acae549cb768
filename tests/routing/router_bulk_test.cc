// SPDX-License-Identifier: Apache-2.0
// Bulk work beside what happens meanwhile.
#include <string>
#include <vector>

#include "routing/limits.h"
#include "tests/routing/router_fixture.h"

namespace acd {
namespace {

class RouterBulkTest : public RouterFixture {};

