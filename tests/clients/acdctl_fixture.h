// SPDX-License-Identifier: Apache-2.0
// acdctl's whole program against a service that is made up, with what it printed.
#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "clients/acdctl/commands.h"

namespace acd::acdctl {

// A test and the Service it asks, on a free port of loopback.
template <typename Service>
class AcdctlTest : public ::testing::Test {
 protected:
  AcdctlTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
  }

  // For tenant "bank". What is printed stands in out_ and err_ until the next run.
  ExitCode run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--target", target(), "--tenant", "bank"});
    out_.str("");
    err_.str("");
    console_.environment["NO_COLOR"] = "1";
    return run_acdctl(arguments, console_);
  }

  [[nodiscard]] std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

  Service service_;
  std::ostringstream out_;
  std::ostringstream err_;
  Console console_{out_, err_, {}};

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace acd::acdctl
