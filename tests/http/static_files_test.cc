// SPDX-License-Identifier: Apache-2.0
// The page's files: what is kept by browsers, and what is packed.
#include "daemon/http/static_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace acd {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

constexpr StaticFile kFiles[] = {
    {"/index.html", "text/html; charset=utf-8", "\"abc\"", "<!doctype html>", ""},
    {"/assets/main-3f2a.js", "text/javascript; charset=utf-8", "\"def\"", "let a = 1;", "packed"},
};

std::optional<HttpAnswer> get(std::string_view target, std::string_view accept_encoding = "",
                              std::string_view if_none_match = "") {
  HttpRequest request;
  request.method = "GET";
  request.target = target;
  request.accept_encoding = accept_encoding;
  request.if_none_match = if_none_match;
  return answer_static(request, kFiles);
}

TEST(StaticFilesTest, ShowsThePageAtTheRoot) {
  for (const char* target : {"/", "/?queue=sales", "/index.html"}) {
    const std::optional<HttpAnswer> answer = get(target);
    ASSERT_TRUE(answer.has_value()) << target;
    EXPECT_EQ(answer->status, 200u);
    EXPECT_EQ(answer->content_type, "text/html; charset=utf-8");
    EXPECT_EQ(answer->body, "<!doctype html>");
    EXPECT_THAT(answer->fields, Contains(Pair("Cache-Control", "no-cache")));
    EXPECT_THAT(answer->fields, Contains(Pair("Content-Security-Policy",
                                              "default-src 'self'; frame-ancestors 'none'; "
                                              "base-uri 'none'")));
  }
  EXPECT_FALSE(get("/favicon.ico").has_value());
  EXPECT_FALSE(get("/assets/").has_value());
  EXPECT_FALSE(get("/assets/../index.html").has_value());
}

TEST(StaticFilesTest, HasNamesWithAHashKeptForever) {
  EXPECT_THAT(get("/assets/main-3f2a.js")->fields,
              Contains(Pair("Cache-Control", "public, max-age=31536000, immutable")));
}

TEST(StaticFilesTest, SendsNothingThatTheBrowserHas) {
  for (const char* kept : {"\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*"}) {
    const std::optional<HttpAnswer> answer = get("/", "", kept);
    EXPECT_EQ(answer->status, 304u) << kept;
    EXPECT_EQ(answer->body, "");
    EXPECT_THAT(answer->fields, Contains(Pair("ETag", "\"abc\"")));
  }
  EXPECT_EQ(get("/", "", "\"abcd\"")->status, 200u);
}

TEST(StaticFilesTest, SendsPackedWhatMayBe) {
  for (const char* takes : {"gzip", "deflate, GZIP;q=0.5, br"}) {
    const std::optional<HttpAnswer> answer = get("/assets/main-3f2a.js", takes);
    EXPECT_EQ(answer->body, "packed") << takes;
    EXPECT_THAT(answer->fields, Contains(Pair("Content-Encoding", "gzip")));
    EXPECT_THAT(answer->fields, Contains(Pair("ETag", "\"def-gzip\"")));
  }
  for (const char* takes : {"", "br", "gzip;q=0", "gzip; q=none"}) {
    const std::optional<HttpAnswer> answer = get("/assets/main-3f2a.js", takes);
    EXPECT_EQ(answer->body, "let a = 1;") << takes;
    EXPECT_THAT(answer->fields, Not(Contains(Key("Content-Encoding"))));
    EXPECT_THAT(answer->fields, Contains(Pair("Vary", "Accept-Encoding")));
  }
  EXPECT_EQ(get("/assets/main-3f2a.js", "gzip", "\"def-gzip\"")->status, 304u);
  EXPECT_THAT(get("/", "gzip")->fields, Not(Contains(Key("Content-Encoding"))));
}

TEST(StaticFilesTest, SaysHowToGetThePageWhereThereIsNone) {
  HttpRequest request;
  request.target = "/";
  const std::optional<HttpAnswer> answer = answer_static(request, {});
  EXPECT_EQ(answer->status, 404u);
  EXPECT_THAT(answer->body, HasSubstr("-DACD_WALLBOARD=ON"));
}

}  // namespace
}  // namespace acd
