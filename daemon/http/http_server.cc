// SPDX-License-Identifier: Apache-2.0
// Accepts connections and carries requests to the pages, all on one thread.
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
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <list>
#include <optional>
#include <thread>
#include <utility>

#include "daemon/http/http_pages.h"

namespace acd {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

// At once; one more is closed when it comes.
constexpr size_t kHttpConnectionsMax = 64;
// Request line and fields. A request with a body is refused.
constexpr uint32_t kHttpHeaderBytesMax = 8 << 10;
// From the answer before, or from the begin, to the end of a request.
constexpr std::chrono::seconds kHttpRequestTimeMax{30};
constexpr std::chrono::seconds kHttpAnswerTimeMax{10};
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

// One client, request after request.
//
// Threads:  the server's.
// Owns:     its socket. It may go only by `over`, when nothing of it is under way.
class HttpConnection {
 public:
  HttpConnection(tcp::socket socket, const HttpOptions& options, std::function<void()> over)
      : stream_(std::move(socket)), options_(options), over_(std::move(over)) {}
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void read() {
    parser_.emplace();
    parser_->header_limit(kHttpHeaderBytesMax);
    stream_.expires_after(kHttpRequestTimeMax);
    http::async_read(stream_, buffer_, *parser_,
                     [this](beast::error_code error, size_t) { on_read(error); });
  }

 private:
  void on_read(beast::error_code error) {
    if (!error) {
      const http::request<http::empty_body>& request = parser_->get();
      const HttpRequest asked{to_view(request.method_string()), to_view(request.target()),
                              to_view(request[http::field::host])};
      write(answer_request(asked, options_.hosts, options_.figures),
            request.method() == http::verb::head, request.keep_alive());
    } else if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      refuse(431, "the request's header is too large");
    } else if (error == http::error::unexpected_body || error == http::error::body_limit) {
      refuse(413, "no page takes a body");
    } else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
               error != http::error::end_of_stream && error != http::error::partial_message) {
      refuse(400, "this is no HTTP request");
    } else {
      over_();  // Gone, or too slow.
    }
  }

  static std::string_view to_view(beast::string_view text) { return {text.data(), text.size()}; }

  void refuse(unsigned status, const char* text) {
    HttpAnswer answer;
    answer.status = status;
    answer.body = absl::StrCat(text, "\n");
    write(std::move(answer), false, false);
  }

  void write(HttpAnswer answer, bool is_head, bool keeps_alive) {
    response_ = {};
    response_.result(answer.status);
    response_.set(http::field::content_type, answer.content_type);
    response_.set(http::field::cache_control, "no-store");
    response_.set("X-Content-Type-Options", "nosniff");
    if (!answer.allow.empty()) response_.set(http::field::allow, answer.allow);
    response_.content_length(answer.body.size());
    response_.keep_alive(keeps_alive);
    if (!is_head) response_.body() = std::move(answer.body);
    stream_.expires_after(kHttpAnswerTimeMax);
    http::async_write(stream_, response_, [this](beast::error_code error, size_t) {
      if (!error && response_.keep_alive()) return read();
      boost::system::error_code ignored;
      stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
      over_();
    });
  }

  beast::tcp_stream stream_;
  const HttpOptions& options_;
  const std::function<void()> over_;
  // The parser takes what it needs of it; so the header's limit is its limit.
  beast::flat_buffer buffer_{kHttpHeaderBytesMax};
  std::optional<http::request_parser<http::empty_body>> parser_;
  http::response<http::string_body> response_;
};

}  // namespace

class HttpServer::Parts {
 public:
  explicit Parts(HttpOptions options) : options_(std::move(options)) {}

  [[nodiscard]] absl::Status start();
  void stop();
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  using Connections = std::list<std::unique_ptr<HttpConnection>>;

  void run();
  void accept();
  void serve(tcp::socket socket);

  const HttpOptions options_;
  std::string address_;
  asio::io_context io_{1};
  // Of the server's thread while it runs. Destroyed before io_, which drops their handlers unrun.
  tcp::acceptor acceptor_{io_};
  asio::steady_timer pause_{io_};
  Connections connections_;
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
  if (connections_.size() >= kHttpConnectionsMax) return;  // Closed with `socket`.
  const auto place = connections_.insert(connections_.end(), nullptr);
  *place = std::make_unique<HttpConnection>(std::move(socket), options_, [this, place] {
    // Not from within one of its own functions.
    asio::post(io_, [this, place] { connections_.erase(place); });
  });
  (*place)->read();
}

void HttpServer::Parts::stop() {
  if (!thread_.joinable()) return;
  io_.stop();
  thread_.join();
  connections_.clear();
  boost::system::error_code ignored;
  acceptor_.close(ignored);
}

absl::Status check_http_address(const std::string& address) {
  tcp::endpoint endpoint;
  return parse_endpoint(address, &endpoint);
}

HttpServer::HttpServer(HttpOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {}

HttpServer::~HttpServer() { parts_->stop(); }

absl::Status HttpServer::start() { return parts_->start(); }

void HttpServer::stop() { parts_->stop(); }

const std::string& HttpServer::address() const { return parts_->address(); }

}  // namespace acd
