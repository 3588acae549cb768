// SPDX-License-Identifier: Apache-2.0
// EventService: the streams of those who follow what happens.
#include "daemon/rpc/event_service.h"

#include <grpcpp/server_context.h>

#include <optional>
#include <utility>

#include "daemon/rpc/auth.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/resume_token.h"
#include "daemon/rpc/status.h"
#include "daemon/rpc/unary.h"

namespace acd {
namespace {

constexpr const char* kMethod = "EventService.WatchEvents";

// Finds the tenant's port and what the request asks for; the error that it is refused with, if any.
std::optional<RpcError> take_request(const Edge& edge, std::string_view principal,
                                     const grpc::ByteBuffer& bytes, std::string* tenant,
                                     TenantPort** port, WatchStart* start) {
  v1::WatchEventsRequest request;
  if (auto error = parse_request(edge, bytes, edge.options().message_bytes_max, &request)) {
    return error;
  }
  Violations violations;
  *tenant = take_tenant_name("parent", request.parent(), &violations);
  start->filter = take_filter(request, &violations);
  start->oldest = request.oldest();
  std::optional<ResumePoint> resumed;
  if (request.start_case() == v1::WatchEventsRequest::kResumeToken) {
    resumed = take_resume_token(request.resume_token(), *tenant, &violations);
  }
  if (!violations.empty()) return violations.error();
  if (auto error = find_port(edge, principal, kMethod, *tenant, port)) return error;
  if (!resumed) return std::nullopt;
  if (resumed->history_id != (*port)->history_id()) return history_changed();
  start->after = resumed->sequence;
  return std::nullopt;
}

}  // namespace

WriteReactor* EventService::WatchEvents(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request) {
  std::string tenant;
  TenantPort* port = nullptr;
  WatchStart start;
  const std::string principal = principal_of(*context);
  const auto error = take_request(edge_, principal, *request, &tenant, &port, &start);
  if (error) return new RefusedStream<WriteReactor>(make_status(*error));
  grpc::Status refusal;
  auto ticket = take_ticket(edge_, slots_, StreamKind::kWatch, principal, &refusal);
  if (ticket == nullptr) return new RefusedStream<WriteReactor>(refusal);
  auto watch = std::make_shared<EventWatch>(port, pages_of(tenant, *port), std::move(start),
                                            &streams_, std::move(ticket), context);
  streams_.add(watch);
  watch->begin();
  // A stop that began meanwhile may have missed this stream.
  if (edge_.stopping()) watch->finish_for_stop();
  return watch.get();
}

std::shared_ptr<EventPages> EventService::pages_of(const std::string& tenant,
                                                   const TenantPort& port) {
  const MutexLock lock(&mutex_);
  std::shared_ptr<EventPages>& pages = pages_[tenant];
  if (pages == nullptr) {
    pages = std::make_shared<EventPages>(tenant, port.history_id(), edge_.watch_pending());
  }
  return pages;
}

}  // namespace acd
