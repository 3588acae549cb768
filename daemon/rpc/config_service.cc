// SPDX-License-Identifier: Apache-2.0
// ConfigService: checks and reads of the routing configuration. Changes stand in
// config_changes.cc.
#include "daemon/rpc/config_service.h"

#include <string>
#include <utility>
#include <vector>

#include "daemon/config/config_tables.h"
#include "daemon/rpc/request_fields.h"
#include "daemon/rpc/unary.h"

namespace acd {

grpc::ServerUnaryReactor* ConfigService::ValidateConfig(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* bytes,
                                                        grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "ConfigService.ValidateConfig", context, response);
  const std::shared_ptr<Changes::Place> place = changes_.take_place(call);
  if (place == nullptr) return call.reactor;
  v1::ValidateConfigRequest request;
  if (!call.parse(*bytes, &request, kConfigRequestBytesMax) ||
      !call.authorize_for(tenant_id_of(request.config().name()))) {
    return call.reactor;
  }
  v1::ValidateConfigResponse answer;
  if (!request.has_config()) {
    v1::ConfigViolation* violation = answer.add_violations();
    violation->set_field("config");
    violation->set_description("is required");
  } else {
    std::vector<Violation> violations = validate_config(request.config());
    for (Violation& found : validate_zones(request.config())) {
      violations.push_back(std::move(found));
    }
    for (Violation& found : violations) {
      v1::ConfigViolation* violation = answer.add_violations();
      violation->set_field(std::move(found.field));
      violation->set_description(std::move(found.description));
    }
  }
  call.reply->answer(answer);
  return call.reactor;
}

grpc::ServerUnaryReactor* ConfigService::GetConfig(grpc::CallbackServerContext* context,
                                                   const grpc::ByteBuffer* bytes,
                                                   grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "ConfigService.GetConfig", context, response);
  v1::GetConfigRequest request;
  if (!call.parse(*bytes, &request)) return call.reactor;
  Violations violations;
  const std::string tenant = take_tenant_name("name", request.name(), &violations);
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  TenantPort* port = call.find_tenant(tenant);
  if (port == nullptr) return call.reactor;
  call.read(port,
            [reply = call.reply](const Insight& insight) { reply->answer_bytes(insight.config); });
  return call.reactor;
}

grpc::ServerUnaryReactor* ConfigService::ListTenants(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* bytes,
                                                     grpc::ByteBuffer* response) {
  UnaryCall call(edge_, "ConfigService.ListTenants", context, response);
  v1::ListTenantsRequest request;
  if (!call.parse(*bytes, &request) || !call.authorize_for("")) return call.reactor;
  Violations violations;
  const Page page =
      take_page(PageKind::kTenants, "", request.page_size(), request.page_token(), &violations);
  if (!violations.empty()) {
    call.reply->fail(violations.error());
    return call.reactor;
  }
  v1::ListTenantsResponse list;
  std::string last_id;
  auto next = edge_.directory().upper_bound(page.position);
  for (; next != edge_.directory().end() && std::cmp_less(list.names_size(), page.size); ++next) {
    last_id = next->first;
    list.add_names("tenants/" + last_id);
  }
  if (next != edge_.directory().end()) {
    list.set_next_page_token(make_page_token(PageKind::kTenants, "", last_id));
  }
  call.reply->answer(list);
  return call.reactor;
}

}  // namespace acd
