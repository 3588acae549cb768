// SPDX-License-Identifier: Apache-2.0
// What all requests have in common that become one command about a call.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "daemon/rpc/changes.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/unary.h"
#include "daemon/table_change.h"

namespace acd {

// Checks the request and hands it to its tenant's shard as a command of that kind. `name` of the
// request is one of `collection`. `take(request, name, &arena, &command, &violations)` notes what is
// wrong with the rest, fills the command, and returns the id by which a repeat is known.
template <typename Request, typename Response, typename Take>
grpc::ServerUnaryReactor* change_call(UnaryCall& call, const grpc::ByteBuffer& bytes,
                                      Changes& changes, CommandKind kind, const char* collection,
                                      Take&& take) {
  std::shared_ptr<Changes::Place> place = changes.take_place(call);
  if (place == nullptr) return call.reactor;
  Request request;
  if (!call.parse(bytes, &request)) return call.reactor;
  Violations violations;
  const ResourceName name = take_resource_name("name", request.name(), collection, &violations);
  if (!call.authorize_for(name.tenant)) return call.reactor;
  Command command;
  command.kind = kind;
  std::string arena;
  const std::string& id = take(request, name, &arena, &command, &violations);
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  Changes::submit(call, name.tenant, std::move(place),
                  make_call_change(command, std::move(arena), id),
                  [](const TableAnswer&, UnaryReply* reply) { reply->answer(Response()); });
  return call.reactor;
}

}  // namespace acd
