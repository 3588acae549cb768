// SPDX-License-Identifier: Apache-2.0
// Who calls, and whether they may.
#pragma once

#include <grpcpp/server_context.h>

#include <string>
#include <string_view>

namespace acd {

// The principal behind gRPC's name of a peer: "local:unix", "local:127.0.0.1", "local:[::1]" or,
// for the daemon's own connection (own_server.h), "local:daemon". Listeners take no other peers until authentication
// exists.
[[nodiscard]] std::string principal_of(std::string_view peer);

// The principal behind a call: that of its peer, and where the peer is the daemon itself, the one that
// it calls for (daemon/principal.h).
[[nodiscard]] std::string principal_of(const grpc::ServerContextBase& context);

// Whether `principal` may call `method` ("SwitchService.Connect") on `tenant` (an id; empty where
// the method names none). The one place that decides. Today everybody who can connect may do
// everything, because only this machine can connect.
[[nodiscard]] bool authorize(std::string_view principal, std::string_view method,
                             std::string_view tenant);

}  // namespace acd
