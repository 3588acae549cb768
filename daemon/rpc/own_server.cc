// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/own_server.h"

#include <grpc/grpc.h>
#include <grpcpp/create_channel_posix.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>
#include <grpcpp/support/channel_arguments.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "routing/check.h"

namespace acd {

OwnServer::~OwnServer() { ACD_CHECK(server_ == nullptr); }

absl::Status OwnServer::start(const std::vector<grpc::Service*>& services, int receive_bytes_max) {
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(receive_bytes_max);
  builder.SetMaxSendMessageSize(-1);  // What we send is bounded by its makers.
  // Else a stream's window grows with what is sent, to many times of what is read of a stream.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  // Reflection, which every server has, is not asked here.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 1);
  for (grpc::Service* const service : services) builder.RegisterService(service);
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return absl::ErrnoToStatus(errno, "cannot make a pair of sockets");
  }
  server_ = builder.BuildAndStart();
  ACD_CHECK(server_ != nullptr);  // It has no address that could be taken.
  grpc::AddInsecureChannelFromFd(server_.get(), ends[0]);
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  channel_ = grpc::CreateCustomInsecureChannelFromFd("acdd", ends[1], arguments);
  return absl::OkStatus();
}

void OwnServer::stop(std::chrono::system_clock::time_point limit) {
  if (server_ == nullptr) return;
  channel_.reset();
  server_->Shutdown(limit);
  server_->Wait();
  server_.reset();
}

}  // namespace acd
