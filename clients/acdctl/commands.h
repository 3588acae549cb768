// SPDX-License-Identifier: Apache-2.0
// acdctl as a function: from a command line to text and an exit code.
#pragma once

#include <absl/status/statusor.h>
#include <google/protobuf/message.h>

#include <span>
#include <string>

#include "clients/acdctl/arguments.h"
#include "clients/acdctl/client.h"
#include "clients/acdctl/console.h"
#include "clients/acdctl/exit_code.h"

namespace acd::acdctl {

// Runs one command line, given without the program's name.
[[nodiscard]] ExitCode run_acdctl(std::span<const std::string> arguments, const Console& console);

// What the lists show now, as text or JSON: `arguments.subject`, or the one resource that `id`
// names.
[[nodiscard]] absl::StatusOr<std::string> look(Client& client, const Arguments& arguments,
                                               const std::string& tenant, const std::string& id,
                                               bool is_colored);

// Those that `arguments.states` asks for.
[[nodiscard]] v1::ListAgentsResponse in_states(v1::ListAgentsResponse agents,
                                               const Arguments& arguments);

// Writes `text`, or says that it cannot.
[[nodiscard]] ExitCode print(const Console& console, const std::string& text);

// Writes `text` for people or `message` for programs, as the arguments want it.
[[nodiscard]] ExitCode print_message(const Console& console, const Arguments& arguments,
                                     const google::protobuf::Message& message,
                                     const std::string& text);

// Writes every line of the status's message as an error, and gives its exit code.
[[nodiscard]] ExitCode fail(const Console& console, const absl::Status& status);

// Shows queues or agents as their wallboard tells them, calls by one look() after another, until
// console.wait() says no.
[[nodiscard]] ExitCode run_watch(Client& client, const Arguments& arguments,
                                 const std::string& tenant, const Console& console);

}  // namespace acd::acdctl
