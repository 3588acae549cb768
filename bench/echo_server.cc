// SPDX-License-Identifier: Apache-2.0
// Raw gRPC echo: answers each message of SwitchService.Connect by one of a fixed size and looks
// into none. It is the ceiling that the daemon is measured against, so it does nothing that could
// be left out.
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>
#include <pthread.h>
#include <signal.h>

#include <boost/program_options.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>

#include "acd/v1/switch_service.grpc.pb.h"

namespace acd::bench {
namespace {

namespace po = boost::program_options;

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr uint32_t kReplyBytesMax = 1 << 20;

// One stream. Reads go on while a reply is written.
//
// Threads:  gRPC's; mutex_ protects what both sides touch.
// Bounds:   replies owed are a number, not buffers; the client's window keeps it small.
class EchoStream : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  // `reply` outlives the stream.
  explicit EchoStream(const grpc::ByteBuffer& reply) : reply_(reply) { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    if (ok) {
      if (owed_++ == 0) StartWrite(&reply_);
      StartRead(&request_);
      return;
    }
    reading_ = false;
    if (owed_ == 0) finish();
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    owed_ = ok ? owed_ - 1 : 0;
    if (owed_ > 0) {
      StartWrite(&reply_);
    } else if (!reading_) {
      finish();
    }
  }

  void OnDone() override { delete this; }

 private:
  void finish() {
    if (!finished_) Finish(grpc::Status::OK);
    finished_ = true;
  }

  const grpc::ByteBuffer& reply_;
  grpc::ByteBuffer request_;
  std::mutex mutex_;
  uint64_t owed_ = 0;  // Replies not yet written, the one under way included.
  bool reading_ = true;
  bool finished_ = false;
};

class EchoService
    : public v1::SwitchService::WithRawCallbackMethod_Connect<v1::SwitchService::Service> {
 public:
  explicit EchoService(uint32_t reply_bytes) {
    const grpc::Slice slice(std::string(reply_bytes, 'x'));
    reply_ = grpc::ByteBuffer(&slice, 1);
  }

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Connect(
      grpc::CallbackServerContext*) override {
    return new EchoStream(reply_);
  }

 private:
  grpc::ByteBuffer reply_;
};

// "127.0.0.1:0" with the port that was taken.
std::string bound_address(const std::string& listen, int port) {
  if (listen.starts_with("unix:")) return listen;
  return listen.substr(0, listen.rfind(':') + 1) + std::to_string(port);
}

int serve(const std::string& listen, uint32_t reply_bytes, const std::string& port_file) {
  // Blocked before gRPC starts its threads, so that only sigwait() sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  EchoService service(reply_bytes);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    std::fprintf(stderr, "acd_echo_server: cannot listen on %s\n", listen.c_str());
    return kExitFailed;
  }
  std::ofstream file(port_file, std::ios::trunc);
  file << bound_address(listen, port) << '\n';
  file.close();
  if (!file) {
    std::fprintf(stderr, "acd_echo_server: cannot write %s\n", port_file.c_str());
    return kExitFailed;
  }
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

int run_main(int argc, char** argv) {
  std::string listen;
  std::string port_file;
  uint32_t reply_bytes = 0;
  po::options_description description("acd_echo_server: raw gRPC echo for the echo ratio");
  auto add = description.add_options();
  add("help", "print this");
  add("listen", po::value(&listen)->default_value("127.0.0.1:0"),
      "address; port 0 takes a free one");
  add("port-file", po::value(&port_file)->required(), "file that gets the bound address");
  add("reply-bytes", po::value(&reply_bytes)->required(), "size of each reply, 1..1048576");
  try {
    po::variables_map values;
    po::store(po::parse_command_line(argc, argv, description), values);
    if (values.count("help") != 0) {
      std::ostringstream text;
      text << description;
      std::fputs(text.str().c_str(), stdout);
      return 0;
    }
    po::notify(values);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "acd_echo_server: %s\n", error.what());
    return kExitUsage;
  }
  if (reply_bytes < 1 || reply_bytes > kReplyBytesMax) {
    std::fprintf(stderr, "acd_echo_server: --reply-bytes must be 1..%u\n", kReplyBytesMax);
    return kExitUsage;
  }
  return serve(listen, reply_bytes, port_file);
}

}  // namespace
}  // namespace acd::bench

int main(int argc, char** argv) { return acd::bench::run_main(argc, argv); }
