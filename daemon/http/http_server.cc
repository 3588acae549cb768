// SPDX-License-Identifier: Apache-2.0
// Accepts connections; all of them live on one thread.
#include "daemon/http/http_server.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <functional>
#include <future>
#include <map>
#include <thread>
#include <utility>

#include "daemon/http/http_connection.h"

namespace acd {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// At a stop, until calls under way are answered.
constexpr std::chrono::seconds kHttpStopWaitMax{1};
// After an error of accept(), which for want of descriptors would come again at once.
constexpr std::chrono::milliseconds kAcceptPause{100};

absl::Status wrong_address(const std::string& address, const char* why) {
  return absl::InvalidArgumentError(absl::StrCat("\"", address, "\" is ", why));
}

// "127.0.0.1:7711", "[::1]:0", "localhost:7711".
absl::Status parse_endpoint(const std::string& address, tcp::endpoint* endpoint) {
  constexpr char kForm[] = "not HOST:PORT, as in 127.0.0.1:7711";
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return wrong_address(address, kForm);
  uint32_t port = 0;
  if (!absl::SimpleAtoi(address.substr(colon + 1), &port) || port > UINT16_MAX) {
    return wrong_address(address, "without a port from 0 to 65535");
  }
  std::string host = address.substr(0, colon);
  if (host == "localhost") host = "127.0.0.1";
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const asio::ip::address parsed = asio::ip::make_address(host, error);
  if (error) return wrong_address(address, kForm);
  if (!parsed.is_loopback()) {
    return wrong_address(address,
                         "no loopback address; others are refused until authentication exists");
  }
  *endpoint = tcp::endpoint(parsed, static_cast<uint16_t>(port));
  return absl::OkStatus();
}

}  // namespace

class HttpServer::Parts {
 public:
  explicit Parts(HttpOptions options) : options_(std::move(options)) {}

  [[nodiscard]] absl::Status start();
  void serve_calls(const std::shared_ptr<grpc::Channel>& channel);
  void end_calls();
  void stop();
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  void run();
  void accept();
  void serve(tcp::socket socket);

  const HttpOptions options_;
  std::string address_;
  asio::io_context io_{1};
  // Of the server's thread while it runs. Destroyed before io_, which drops their handlers unrun.
  tcp::acceptor acceptor_{io_};
  asio::steady_timer pause_{io_};
  HttpShared shared_{options_, ServiceCalls([this](std::function<void()> work) {
                       asio::post(io_, std::move(work));
                     }),
                     FiguresDesk(options_, &io_)};
  std::map<const HttpConnection*, std::shared_ptr<HttpConnection>> connections_;
  std::thread thread_;
};

absl::Status HttpServer::Parts::start() {
  tcp::endpoint endpoint;
  absl::Status status = parse_endpoint(options_.listen, &endpoint);
  if (!status.ok()) return status;
  boost::system::error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", options_.listen,
                                               " for HTTP: ", error.message(),
                                               "; --http takes another address, or none"));
  }
  const std::string host = options_.listen.substr(0, options_.listen.rfind(':'));
  address_ = absl::StrCat(host, ":", acceptor_.local_endpoint(error).port());
  accept();
  thread_ = std::thread([this] { run(); });
  ::pthread_setname_np(thread_.native_handle(), "http");
  return absl::OkStatus();
}

void HttpServer::Parts::run() {
  try {
    io_.run();
  } catch (const std::exception& stray) {
    spdlog::critical("http ended unexpectedly: error=\"{}\"", stray.what());
    std::abort();
  }
}

void HttpServer::Parts::accept() {
  acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
    if (!error) {
      serve(std::move(socket));
      return accept();
    }
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](boost::system::error_code ended) {
      if (!ended) accept();
    });
  });
}

void HttpServer::Parts::serve(tcp::socket socket) {
  if (connections_.size() - shared_.streams >= kHttpConnectionsMax)
    return;  // Closed with `socket`.
  const auto connection = std::make_shared<HttpConnection>(
      std::move(socket), &shared_,
      [this](const HttpConnection* over) { connections_.erase(over); });
  connections_.emplace(connection.get(), connection);
  connection->read();
}

void HttpServer::Parts::serve_calls(const std::shared_ptr<grpc::Channel>& channel) {
  asio::post(io_, [this, channel] { shared_.calls.open(channel); });
}

void HttpServer::Parts::end_calls() {
  if (!thread_.joinable()) return;
  const auto closed = std::make_shared<std::promise<void>>();
  asio::post(io_, [this, closed] {
    shared_.calls.close([closed] { closed->set_value(); });
    shared_.calls.end_streams(stopping_status());
  });
  const std::future<void> over = closed->get_future();
  if (over.wait_for(kHttpStopWaitMax) == std::future_status::ready) return;
  asio::post(io_, [this] { shared_.calls.end_all(starting_status()); });
  over.wait();
}

void HttpServer::Parts::stop() {
  if (!thread_.joinable()) return;
  end_calls();
  io_.stop();
  thread_.join();
  const auto open = connections_;  // Each goes as it is closed.
  for (const auto& [key, connection] : open) connection->close();
  boost::system::error_code ignored;
  acceptor_.close(ignored);
}

absl::Status check_http_address(const std::string& address) {
  tcp::endpoint endpoint;
  return parse_endpoint(address, &endpoint);
}

// A request's header is read into one buffer and kept in another; its body becomes its message.
MemoryLimit http_memory_limit(const HttpOptions& options) {
  constexpr uint64_t kOwnBytesMax =
      2 * kHttpHeaderBytesMax + kCallBodyBytesMax + kHttpOwnAnswerBytesMax;
  return {"http",
          (kHttpConnectionsMax + kHttpStreamsMax) * kOwnBytesMax + options.answers_bytes_max};
}

HttpServer::HttpServer(HttpOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {}

HttpServer::~HttpServer() { parts_->stop(); }

absl::Status HttpServer::start() { return parts_->start(); }

void HttpServer::serve_calls(const std::shared_ptr<grpc::Channel>& channel) {
  parts_->serve_calls(channel);
}

void HttpServer::end_calls() { parts_->end_calls(); }

void HttpServer::stop() { parts_->stop(); }

const std::string& HttpServer::address() const { return parts_->address(); }

}  // namespace acd
