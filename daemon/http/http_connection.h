// SPDX-License-Identifier: Apache-2.0
// One client of the HTTP server. Asio is seen here and in http_server.cc alone.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/http/connect_transcoder.h"
#include "daemon/http/figures_desk.h"
#include "daemon/http/http_message.h"
#include "daemon/http/http_server.h"
#include "daemon/http/service_calls.h"

namespace acd {

// Request line and fields. A page takes no body, a service one of kCallBodyBytesMax.
inline constexpr uint32_t kHttpHeaderBytesMax = 8 << 10;
// From the answer before, or from the begin, to the end of a request.
inline constexpr std::chrono::seconds kHttpRequestTimeMax{30};
// Of the answer that a connection holds, beside HttpOptions.answers_bytes_max: a refusal has room.
inline constexpr size_t kHttpOwnAnswerBytesMax = 64 << 10;
// Connections whose call is a stream, at once.
inline constexpr size_t kHttpStreamsMax = 256;
// What the kernel holds of what a client does not take: a stalled stream shows that soon.
inline constexpr int kHttpSendBufferBytes = 128 << 10;

// Views into `header`.
[[nodiscard]] HttpRequest request_of(const boost::beast::http::request_header<>& header);

// What the connections of a server share. Of its thread.
struct HttpShared {
  const HttpOptions& options;
  ServiceCalls calls;
  FiguresDesk desk;
  size_t streams = 0;        // Under way.
  size_t answers_bytes = 0;  // Above kHttpOwnAnswerBytesMax of each connection.
};

// Takes request after request: of a page, a file or a service.
//
// Threads:  the server's.
// Owns:     its socket. What is under way holds it; `over` is called once, when nothing is to come.
class HttpConnection final : public CallReader,
                             public std::enable_shared_from_this<HttpConnection> {
 public:
  using Over = std::function<void(const HttpConnection*)>;

  HttpConnection(boost::asio::ip::tcp::socket socket, HttpShared* shared, Over over);
  ~HttpConnection() override = default;
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void read();
  // Cuts what is under way. Idempotent.
  void close();

  void on_message(const grpc::ByteBuffer& message) override;
  void on_over(const grpc::Status& status) override;

 private:
  using Error = boost::system::error_code;
  using Head = boost::beast::http::request_parser<boost::beast::http::empty_body>;
  using Body = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void on_head(Error error);
  void on_body(Error error);
  void read_body();
  void continue_body();
  void start_call();
  void fail_call(const grpc::Status& status);
  void begin_stream();
  void on_frame(Error error, bool is_last);
  void write_frame(const std::string& frame, bool is_last);
  void end_stream(const grpc::Status& status);
  void write(HttpAnswer answer);
  // So much of an answer, instead of what it held before. False: there is no room; nothing changes.
  [[nodiscard]] bool hold_answer(size_t bytes);
  void on_answered();
  void watch_peer();  // While a call is under way: it ends with its caller.
  void on_peer();

  boost::beast::tcp_stream stream_;
  HttpShared* const shared_;
  const Over over_;
  std::string principal_;
  // The parser takes what it needs of it; so the header's limit is its limit.
  boost::beast::flat_buffer buffer_{kHttpHeaderBytesMax};
  std::optional<Head> head_;
  std::optional<Body> body_;
  HttpRequest request_;  // Of the parser.
  bool keeps_alive_ = false;
  bool is_closed_ = false;
  size_t answer_bytes_ = 0;  // Of HttpShared.answers_bytes.

  // Of a call.
  ServiceCall* call_ = nullptr;  // Null: none under way.
  const google::protobuf::MethodDescriptor* method_ = nullptr;
  bool is_stream_ = false;  // Its answer has begun, and is one of kHttpStreamsMax.
  bool is_writing_ = false;
  bool is_watching_ = false;
  std::optional<std::string> json_;    // Of the unary answer.
  std::optional<grpc::Status> ended_;  // While a frame is written.

  boost::beast::http::response<boost::beast::http::string_body> response_;
  boost::beast::http::response<boost::beast::http::empty_body> stream_head_;
  std::optional<boost::beast::http::response_serializer<boost::beast::http::empty_body>>
      stream_head_writer_;
  std::string chunk_;
};

}  // namespace acd
