// SPDX-License-Identifier: Apache-2.0
// What waits to be written to one desktop session.
#pragma once

#include <string>

#include "acd/v1/agent_service.pb.h"
#include "daemon/rpc/response_buffer.h"

namespace acd {

// Of a desktop session; updates in their order.
class AgentQueue final : public ResponseBuffer {
 public:
  void add(const Delivery& delivery, const RpcOptions& options) override;

 private:
  [[nodiscard]] google::protobuf::Message* response() override { return &response_; }
  [[nodiscard]] v1::Ack* ack() override { return response_.mutable_ack(); }
  void set_number(int64_t number) override { response_.set_number(number); }
  [[nodiscard]] std::string field_of(const Refused& refused) const override;

  v1::AgentConnectResponse response_;
};

}  // namespace acd
