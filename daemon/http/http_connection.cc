// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/http_connection.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <utility>

#include "daemon/http/connect_transcoder.h"
#include "daemon/http/http_pages.h"

namespace acd {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr unsigned kHttp11 = 11;

std::string_view to_view(beast::string_view text) { return {text.data(), text.size()}; }

// As daemon/rpc/auth.h names who comes over that address.
std::string principal_of(const tcp::socket& socket) {
  boost::system::error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return "unknown";
  const std::string address = peer.address().to_string();
  return peer.address().is_v6() ? absl::StrCat("local:[", address, "]")
                                : absl::StrCat("local:", address);
}

HttpAnswer body_too_large() {
  HttpAnswer answer = error_answer(body_too_large_status());
  answer.status = 413;
  return answer;
}

bool is_parse_error(beast::error_code error) {
  return error.category() == http::make_error_code(http::error::bad_method).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

// With its memory, which an assignment would keep.
void release(std::string* text) { std::string().swap(*text); }

// What every answer says.
template <typename Response>
void set_common(Response* response) {
  response->set(http::field::cache_control, "no-store");
  response->set("X-Content-Type-Options", "nosniff");
}

}  // namespace

HttpRequest request_of(const http::request_header<>& header) {
  HttpRequest request;
  request.method = to_view(header.method_string());
  request.target = to_view(header.target());
  request.host = to_view(header[http::field::host]);
  request.accept_encoding = to_view(header[http::field::accept_encoding]);
  request.if_none_match = to_view(header[http::field::if_none_match]);
  request.origin = to_view(header[http::field::origin]);
  request.fetch_site = to_view(header["Sec-Fetch-Site"]);
  request.content_type = to_view(header[http::field::content_type]);
  request.content_encoding = to_view(header[http::field::content_encoding]);
  request.message_encoding = to_view(header["Connect-Content-Encoding"]);
  request.protocol_version = to_view(header["Connect-Protocol-Version"]);
  request.timeout_ms = to_view(header["Connect-Timeout-Ms"]);
  return request;
}

HttpConnection::HttpConnection(tcp::socket socket, HttpShared* shared, Over over)
    : stream_(std::move(socket)),
      shared_(shared),
      over_(std::move(over)),
      principal_(principal_of(stream_.socket())) {
  Error ignored;  // It is slower without, and no more.
  stream_.socket().set_option(asio::socket_base::send_buffer_size(kHttpSendBufferBytes), ignored);
  stream_.socket().set_option(tcp::no_delay(true), ignored);
  stream_.socket().non_blocking(true, ignored);
}

void HttpConnection::read() {
  request_ = {};  // It views what the parser of the one before held.
  body_.reset();
  head_.emplace();
  head_->header_limit(kHttpHeaderBytesMax);
  head_->body_limit(boost::none);  // read_body() looks.
  stream_.expires_after(kHttpRequestTimeMax);
  http::async_read_header(
      stream_, buffer_, *head_,
      [self = shared_from_this()](Error error, size_t) { self->on_head(error); });
}

void HttpConnection::on_head(Error error) {
  if (is_closed_) return;
  keeps_alive_ = false;
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return write(http_refusal(431, "the request's header is too large"));
  }
  if (error && is_parse_error(error)) return write(http_refusal(400, "this is no HTTP request"));
  if (error) return close();  // Gone, or too slow.
  const auto& fields = head_->get();
  if (fields.count(http::field::host) > 1) {
    return write(http_refusal(400, "the request has several Host fields"));
  }
  const std::string coding(fields[http::field::transfer_encoding]);
  if (!coding.empty() && !absl::EqualsIgnoreCase(coding, "chunked")) {
    return write(http_refusal(501, "of transfer codings only \"chunked\" is known"));
  }
  request_ = request_of(fields);
  const bool has_body = head_->chunked() || head_->content_length_remaining().value_or(0) > 0;
  if (auto refusal = refuse_host(request_, shared_->options.hosts)) {
    keeps_alive_ = head_->get().keep_alive() && !has_body;
    return write(*std::move(refusal));
  }
  if (is_service_path(request_.path())) return read_body();
  if (has_body) return write(http_refusal(413, "no page takes a body"));
  keeps_alive_ = head_->get().keep_alive();
  if (!shows_tenants(request_)) {
    return write(answer_request(request_, shared_->options.files, shared_->options.figures));
  }
  stream_.expires_never();
  shared_->desk.ask([self = shared_from_this()](const DaemonFigures& figures) {
    if (self->is_closed_) return;
    self->write(
        answer_request(self->request_, self->shared_->options.files, [&] { return figures; }));
  });
}

void HttpConnection::read_body() {
  if (head_->content_length_remaining().value_or(0) > kCallBodyBytesMax) {
    return write(body_too_large());
  }
  const bool is_asked =
      absl::EqualsIgnoreCase(std::string(head_->get()[http::field::expect]), "100-continue");
  body_.emplace(*std::move(head_));
  head_.reset();
  body_->body_limit(kCallBodyBytesMax);
  if (!is_asked) return continue_body();
  chunk_ = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(stream_, asio::buffer(chunk_),
                    [self = shared_from_this()](Error error, size_t) {
                      if (self->is_closed_) return;
                      if (error) return self->close();
                      self->continue_body();
                    });
}

void HttpConnection::continue_body() {
  http::async_read(stream_, buffer_, *body_,
                   [self = shared_from_this()](Error error, size_t) { self->on_body(error); });
}

void HttpConnection::on_body(Error error) {
  if (is_closed_) return;
  if (error == http::error::body_limit) return write(body_too_large());
  if (error && is_parse_error(error)) return write(http_refusal(400, "this is no HTTP request"));
  if (error) return close();
  request_ = request_of(body_->get());
  keeps_alive_ = body_->get().keep_alive();
  if (auto refusal = refuse_call(request_)) return write(*std::move(refusal));
  start_call();
}

void HttpConnection::start_call() {
  method_ = find_service_method(request_.path());
  const bool is_stream = method_->server_streaming();
  if (is_stream && body_->get().version() < kHttp11) {
    keeps_alive_ = false;
    return write(http_refusal(505, "a stream needs HTTP/1.1"));
  }
  CallRequest request;
  request.method = request_.path();
  request.principal = principal_;
  request.is_stream = is_stream;
  grpc::Status status = read_call_header(request_, &request.timeout);
  if (status.ok()) status = read_call_body(*method_, body_->get().body(), &request.message);
  if (status.ok() && is_stream && shared_->streams >= kHttpStreamsMax) {
    status = too_many_streams_status(kHttpStreamsMax);
  }
  release(&body_->get().body());
  if (!status.ok()) return fail_call(status);
  json_.reset();
  ended_.reset();
  call_ = shared_->calls.start(std::move(request), this);
  if (call_ == nullptr) return fail_call(starting_status());
  stream_.expires_never();
  watch_peer();
  if (is_stream) return begin_stream();
  call_->read();
}

// Before anything of the answer is written.
void HttpConnection::fail_call(const grpc::Status& status) {
  if (!method_->server_streaming()) return write(error_answer(status));
  HttpAnswer answer;
  answer.content_type = kStreamContentType;
  answer.body = end_frame(status);
  write(std::move(answer));
}

void HttpConnection::begin_stream() {
  ++shared_->streams;
  is_stream_ = true;
  is_writing_ = true;
  stream_head_ = {};
  stream_head_.result(http::status::ok);
  stream_head_.set(http::field::content_type, kStreamContentType);
  set_common(&stream_head_);
  stream_head_.chunked(true);
  stream_head_.keep_alive(keeps_alive_);
  stream_head_writer_.emplace(stream_head_);
  stream_.expires_after(shared_->options.answer_time_max);
  http::async_write_header(
      stream_, *stream_head_writer_,
      [self = shared_from_this()](Error error, size_t) { self->on_frame(error, false); });
}

void HttpConnection::write_frame(const std::string& frame, bool is_last) {
  is_writing_ = true;
  chunk_ = absl::StrCat(absl::Hex(frame.size()), "\r\n", frame, "\r\n", is_last ? "0\r\n\r\n" : "");
  stream_.expires_after(shared_->options.answer_time_max);
  asio::async_write(stream_, asio::buffer(chunk_),
                    [self = shared_from_this(), is_last](Error error, size_t) {
                      self->on_frame(error, is_last);
                    });
}

void HttpConnection::on_frame(Error error, bool is_last) {
  if (is_closed_) return;
  is_writing_ = false;
  if (error) return close();
  release(&chunk_);
  static_cast<void>(hold_answer(0));
  if (is_last) {
    is_stream_ = false;
    --shared_->streams;
    return on_answered();
  }
  if (ended_) return end_stream(*ended_);
  stream_.expires_never();
  call_->read();
}

void HttpConnection::end_stream(const grpc::Status& status) {
  write_frame(end_frame(status), true);
}

void HttpConnection::on_message(const grpc::ByteBuffer& message) {
  std::string json;
  grpc::Status status = write_json(*method_->output_type(), message, &json);
  // The message stays until the next one is read.
  if (status.ok() && !hold_answer(message.Length() + json.size())) status = answers_full_status();
  if (!status.ok()) {
    std::exchange(call_, nullptr)->drop();
    return is_stream_ ? end_stream(status) : fail_call(status);
  }
  if (is_stream_) return write_frame(message_frame(json), false);
  json_ = std::move(json);
  call_->read();  // How it ended.
}

void HttpConnection::on_over(const grpc::Status& status) {
  call_ = nullptr;
  if (is_stream_) {
    if (!is_writing_) return end_stream(status);
    ended_ = status;
    return;
  }
  if (!status.ok()) return fail_call(status);
  if (!json_) return fail_call({grpc::INTERNAL, "The call ended without an answer."});
  HttpAnswer answer;
  answer.content_type = kUnaryContentType;
  answer.body = *std::exchange(json_, std::nullopt);
  write(std::move(answer));
}

bool HttpConnection::hold_answer(size_t bytes) {
  const size_t above = bytes - std::min(bytes, kHttpOwnAnswerBytesMax);
  const size_t others = shared_->answers_bytes - answer_bytes_;
  if (above > 0 && others + above > shared_->options.answers_bytes_max) return false;
  shared_->answers_bytes = others + above;
  answer_bytes_ = above;
  return true;
}

void HttpConnection::write(HttpAnswer answer) {
  if (!hold_answer(answer.body.size())) {
    answer = http_refusal(503, "too many answers wait for their clients to take them; ask again");
  }
  response_ = {};
  response_.result(answer.status);
  response_.set(http::field::content_type, answer.content_type);
  set_common(&response_);
  for (const auto& [name, value] : answer.fields) response_.set(name, value);
  response_.content_length(answer.body.size());
  response_.keep_alive(keeps_alive_);
  if (request_.method != "HEAD") response_.body() = std::move(answer.body);
  stream_.expires_after(shared_->options.answer_time_max);
  http::async_write(stream_, response_, [self = shared_from_this()](Error error, size_t) {
    if (self->is_closed_) return;
    if (error) return self->close();
    self->on_answered();
  });
}

void HttpConnection::on_answered() {
  release(&response_.body());
  static_cast<void>(hold_answer(0));
  if (keeps_alive_) return read();
  Error ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  close();
}

void HttpConnection::watch_peer() {
  if (std::exchange(is_watching_, true)) return;
  stream_.socket().async_wait(tcp::socket::wait_read, [self = shared_from_this()](Error error) {
    self->is_watching_ = false;
    if (!error && !self->is_closed_ && self->call_ != nullptr) self->on_peer();
  });
}

// Something can be read: the next request, which waits, or the end. Behind a stream nobody asks for
// anything, and what lay there would hide the end.
void HttpConnection::on_peer() {
  char next = 0;
  Error error;
  const size_t size =
      stream_.socket().receive(asio::buffer(&next, 1), tcp::socket::message_peek, error);
  if (error == asio::error::would_block) return watch_peer();
  if (error || size == 0 || method_->server_streaming()) close();
}

void HttpConnection::close() {
  if (std::exchange(is_closed_, true)) return;
  if (call_ != nullptr) std::exchange(call_, nullptr)->drop();
  if (std::exchange(is_stream_, false)) --shared_->streams;
  static_cast<void>(hold_answer(0));
  stream_.close();
  over_(this);
}

}  // namespace acd
