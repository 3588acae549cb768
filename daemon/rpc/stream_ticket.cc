// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/stream_ticket.h"

namespace acd {
namespace {

const char* too_many(StreamKind kind) {
  switch (kind) {
    case StreamKind::kSwitch:
      return "As many switches are connected as may be.";
    case StreamKind::kAgent:
      return "As many desktops are connected as may be.";
    case StreamKind::kWatch:
      return "As many streams of watchers are open as may be.";
  }
  return "";
}

}  // namespace

std::unique_ptr<StreamTicket> take_ticket(const Edge& edge,
                                          const std::shared_ptr<StreamSlots>& slots,
                                          StreamKind kind, const std::string& principal,
                                          grpc::Status* refusal) {
  if (edge.stopping()) {
    *refusal = shutting_down_status();
    return nullptr;
  }
  if (!slots->take()) {
    *refusal = overloaded_status(too_many(kind));
    return nullptr;
  }
  RpcError error;
  auto place = edge.principals().take_stream(kind, principal, &error);
  if (place == nullptr) {
    slots->give_back();
    *refusal = make_status(error);
    return nullptr;
  }
  return std::make_unique<StreamTicket>(slots, std::move(place));
}

}  // namespace acd
