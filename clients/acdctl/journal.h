// SPDX-License-Identifier: Apache-2.0
// Commands that look at journals on disk, copy them and bring them back. They ask no daemon.
#pragma once

#include "clients/acdctl/arguments.h"
#include "clients/acdctl/console.h"
#include "clients/acdctl/exit_code.h"

namespace acd::acdctl {

[[nodiscard]] ExitCode run_journal_verify(const Arguments& arguments, const Console& console);
[[nodiscard]] ExitCode run_journal_dump(const Arguments& arguments, const Console& console);
[[nodiscard]] ExitCode run_journal_stats(const Arguments& arguments, const Console& console);
[[nodiscard]] ExitCode run_backup(const Arguments& arguments, const Console& console);
[[nodiscard]] ExitCode run_restore(const Arguments& arguments, const Console& console);

}  // namespace acd::acdctl
