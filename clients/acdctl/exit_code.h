// SPDX-License-Identifier: Apache-2.0
// How acdctl ends. The numbers are part of its contract with scripts; --help lists them.
#pragma once

namespace acd::acdctl {

enum class ExitCode : int {
  kOk = 0,
  // The daemon refused the request, or says that it is not serving.
  kRefused = 1,
  // Of `config diff`: something differs. There a refusal is kUsage.
  kDiffers = 1,
  // The command line is wrong.
  kUsage = 2,
  // The daemon does not answer, or is stopping.
  kUnreachable = 3,
  // A local file is invalid, or the output cannot be written.
  kLocalFile = 4,
};

}  // namespace acd::acdctl
