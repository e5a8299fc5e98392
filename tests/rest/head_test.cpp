// The reading of a head, row by row.
#include "apps/amendsd/rest/front/head.hpp"

#include <gtest/gtest.h>

#include <string>

namespace amends::rest {
namespace {

constexpr const char* host = "Host: 127.0.0.1:7425\r\n";

std::string get(const std::string& target, const std::string& headers = host) {
  return "GET " + target + " HTTP/1.1\r\n" + headers + "\r\n";
}
std::string get_with(const std::string& headers) {
  return get("/", host + headers);
}
std::string post_with(const std::string& headers) {
  return std::string("POST / HTTP/1.1\r\n") + host + headers + "\r\n";
}
std::string many_headers(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += "X-" + std::to_string(i) + ": 1\r\n";
  return out;
}

struct Row {
  const char* name;
  std::string bytes;
  int status;  // 0: needs more; 200: a request
  const char* slug = "";
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

class HeadRow : public testing::TestWithParam<Row> {};

TEST_P(HeadRow, is_judged) {
  const Row& row = GetParam();

  ParsedHead parsed = parse_head(row.bytes, HeadLimits{});

  if (auto* found = std::get_if<Problem>(&parsed)) {
    EXPECT_EQ(found->status, row.status) << found->detail;
    EXPECT_EQ(found->slug, row.slug);
    EXPECT_FALSE(found->title.empty() || found->detail.empty());
  } else if (auto* request = std::get_if<Request>(&parsed)) {
    EXPECT_EQ(row.status, 200);
    EXPECT_EQ(request->head_bytes, row.bytes.find("\r\n\r\n") + 4);
  } else {
    EXPECT_EQ(row.status, 0);
  }
}

constexpr const char* malformed = "malformed-request";
constexpr const char* target = "bad-target";

const Row accepted[] = {
    {"plain", get("/livez"), 200},
    {"with_body_after", get("/livez") + "surplus", 200},
    {"http_1_0", "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n", 200},
    {"host_upper_case", get("/", "HOST: LOCALHOST:1\r\n"), 200},
    {"host_without_port", get("/", "Host: localhost\r\n"), 200},
    {"host_ipv6", get("/", "Host: [::1]:7425\r\n"), 200},
    {"host_ipv6_without_port", get("/", "Host: [::1]\r\n"), 200},
    {"length_zero", get_with("Content-Length: 0\r\n"), 200},
    {"json_body", post_with("Content-Type: application/json\r\nContent-Length: 2\r\n"), 200},
    {"json_with_charset", post_with("Content-Type: Application/JSON; charset=utf-8\r\nContent-Length: 2\r\n"),
     200},
    {"post_without_body", post_with(""), 200},
    {"percent_in_value", get_with("X-Rate: 50%25 of 100%\r\n"), 200},
    {"empty_value", get_with("X-Empty:\r\n"), 200},
    {"utf8_value", get_with("X-Name: \xc3\xa4\r\n"), 200},
    {"encoded_blank_in_path", get("/v1/a%20b?q=%3F%2F"), 200},
    {"sixty_four_headers", get_with(many_headers(63)), 200},
    {"body_at_the_limit", post_with("Content-Type: application/json\r\nContent-Length: 1048576\r\n"), 200},
};

const Row incomplete[] = {
    {"nothing", "", 0},
    {"half_a_method", "GE", 0},
    {"half_a_line", "GET / HTTP/1.1\r", 0},
    {"half_a_head", "GET / HTTP/1.1\r\nHost: localhost\r\n", 0},
    {"half_an_end", "GET / HTTP/1.1\r\nHost: localhost\r\n\r", 0},
};

const Row bad_lines[] = {
    {"http_0_9", "GET /\r\n", 400, malformed},
    {"lower_case_version", "GET / http/1.1\r\n\r\n", 400, malformed},
    {"http_2", "GET / HTTP/2.0\r\n\r\n", 505, "version-not-supported"},
    {"http_1_2", "GET / HTTP/1.2\r\n\r\n", 505, "version-not-supported"},
    {"preface_of_http_2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "version-not-supported"},
    {"tls_hello", "\x16\x03\x01", 400, malformed},
    {"empty_line_first", "\r\nGET / HTTP/1.1\r\n", 400, malformed},
    {"bare_lf", "GET / HTTP/1.1\nHost: localhost\n\n", 400, malformed},
    {"bare_lf_in_headers", get_with("X: 1\nY: 2\r\n"), 400, malformed},
    {"bare_cr", get_with("X: 1\rY: 2\r\n"), 400, malformed},
    {"two_blanks", "GET  / HTTP/1.1\r\n", 400, target},
    {"blank_in_target", "GET /a b HTTP/1.1\r\n", 400, target},
    {"method_not_a_token", "GE(T / HTTP/1.1\r\n", 400, malformed},
    {"unknown_method", "BREW / HTTP/1.1\r\n", 501, "method-not-supported"},
    {"lower_case_method", "get / HTTP/1.1\r\n", 501, "method-not-supported"},
    {"connect", "CONNECT localhost:22 HTTP/1.1\r\n", 501, "method-not-supported"},
    {"trace", "TRACE / HTTP/1.1\r\n", 501, "method-not-supported"},
    {"absolute_form", get("http://localhost/"), 400, target},
    {"asterisk_form", "OPTIONS * HTTP/1.1\r\n", 400, target},
    {"fragment", get("/a#b"), 400, target},
    {"raw_utf8_target", get("/\xc3\xa4"), 400, target},
    {"encoded_nul", get("/a%00b"), 400, target},
    {"encoded_line_break", get("/a%0d%0ab"), 400, target},
    {"encoded_delete", get("/a%7f"), 400, target},
    {"encoded_nul_in_query", get("/a?b=%00"), 400, target},
    {"encoded_broken_utf8", get("/a%ff"), 400, target},
    {"encoded_slash", get("/v1%2fsagas"), 400, target},
    {"percent_u", get("/%u0000"), 400, target},
    {"half_percent", get("/a%2"), 400, target},
    {"long_target", get("/" + std::string(4096, 'a')), 414, "target-too-long"},
    {"endless_line", "GET /" + std::string(20'000, 'a'), 431, "head-too-large"},
};

const Row bad_headers[] = {
    {"no_host", get("/", ""), 400, malformed},
    {"two_hosts", get_with("Host: 127.0.0.1\r\n"), 400, malformed},
    {"foreign_host", get("/", "Host: evil.example\r\n"), 421, "host-not-allowed"},
    {"empty_host", get("/", "Host:\r\n"), 421, "host-not-allowed"},
    {"host_with_user", get("/", "Host: localhost:1@evil.example\r\n"), 400, malformed},
    {"host_list", get("/", "Host: localhost, evil.example\r\n"), 421, "host-not-allowed"},
    {"chunked", post_with("Transfer-Encoding: chunked\r\n"), 501, "transfer-encoding-not-supported"},
    {"length_and_chunked",
     post_with("Content-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 501,
     "transfer-encoding-not-supported"},
    {"chunked_in_disguise", post_with("Transfer-Encoding : chunked\r\n"), 400, malformed},
    {"two_lengths", post_with("Content-Length: 5\r\nContent-Length: 5\r\n"), 400, malformed},
    {"length_list", post_with("Content-Length: 5, 5\r\n"), 400, malformed},
    {"negative_length", post_with("Content-Length: -2\r\n"), 400, malformed},
    {"signed_length", post_with("Content-Length: +2\r\n"), 400, malformed},
    {"hex_length", post_with("Content-Length: 0x10\r\n"), 400, malformed},
    {"empty_length", post_with("Content-Length:\r\n"), 400, malformed},
    {"length_above_the_limit", post_with("Content-Length: 1048577\r\n"), 413, "body-too-large"},
    {"length_of_100_mb", post_with("Content-Length: 104857600\r\n"), 413, "body-too-large"},
    {"length_that_overflows", post_with("Content-Length: 18446744073709551618\r\n"), 413, "body-too-large"},
    {"content_encoding", post_with("Content-Encoding: gzip\r\n"), 415, "content-encoding-not-supported"},
    {"expect", post_with("Expect: 100-continue\r\n"), 417, "expectation-not-supported"},
    {"upgrade", get_with("Upgrade: h2c\r\n"), 501, "upgrade-not-supported"},
    {"not_json", post_with("Content-Type: text/plain\r\nContent-Length: 2\r\n"), 415, "not-json"},
    {"almost_json", post_with("Content-Type: application/jsonp\r\nContent-Length: 2\r\n"), 415, "not-json"},
    {"untyped_body", post_with("Content-Length: 2\r\n"), 415, "not-json"},
    {"two_types", post_with("Content-Type: application/json\r\nContent-Type: text/plain\r\n"), 400,
     malformed},
    {"body_on_get", get_with("Content-Type: application/json\r\nContent-Length: 2\r\n"), 400,
     "body-not-allowed"},
    {"two_keys", post_with("Idempotency-Key: a\r\nIdempotency-Key: b\r\n"), 400, malformed},
    {"folded", get_with("X: 1\r\n 2\r\n"), 400, malformed},
    {"no_colon", get_with("X\r\n"), 400, malformed},
    {"no_name", get_with(": 1\r\n"), 400, malformed},
    {"blank_before_colon", get_with("X : 1\r\n"), 400, malformed},
    {"name_not_a_token", get_with("X(Y): 1\r\n"), 400, malformed},
    {"nul_in_value", get_with(std::string("X: a\0b\r\n", 8)), 400, malformed},
    {"escape_in_value", get_with("X: \x1b[2J\r\n"), 400, malformed},
    {"broken_utf8_value", get_with("X: \xff\r\n"), 400, malformed},
    {"encoded_break_in_value", get_with("X: a%0d%0aSet-Cookie: b\r\n"), 400, malformed},
    {"encoded_lf_in_value", get_with("X: a%0A\r\n"), 400, malformed},
    {"break_at_the_end", get_with("X: 100%0\r\nY: %0D\r\n"), 400, malformed},
    {"reserved_name", get_with("Remote_Addr: 10.0.0.1\r\n"), 400, malformed},
    {"sixty_five_headers", get_with(many_headers(64)), 431, "too-many-headers"},
    {"sixty_five_dropped_headers", get_with([] {
       std::string s;
       for (int i = 0; i < 64; ++i) s += "TE: x\r\n";
       return s;
     }()),
     431, "too-many-headers"},
    {"twenty_thousand_headers", get_with(many_headers(20'000)), 431, "head-too-large"},
};

auto name_of = [](const testing::TestParamInfo<Row>& info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(Accepted, HeadRow, testing::ValuesIn(accepted), name_of);
INSTANTIATE_TEST_SUITE_P(Incomplete, HeadRow, testing::ValuesIn(incomplete), name_of);
INSTANTIATE_TEST_SUITE_P(BadLines, HeadRow, testing::ValuesIn(bad_lines), name_of);
INSTANTIATE_TEST_SUITE_P(BadHeaders, HeadRow, testing::ValuesIn(bad_headers), name_of);

Request read(const std::string& bytes) {
  ParsedHead parsed = parse_head(bytes, HeadLimits{});
  EXPECT_TRUE(std::holds_alternative<Request>(parsed));
  return std::holds_alternative<Request>(parsed) ? std::get<Request>(parsed) : Request{};
}

TEST(Head, keeps_a_value_byte_for_byte_and_trims_it) {
  Request request = read(get("/", std::string(host) + "Idempotency-Key: \t a%25b%41 \t\r\n"));

  ASSERT_EQ(request.headers.size(), 2u);
  EXPECT_EQ(request.headers[1].name, "Idempotency-Key");
  EXPECT_EQ(request.headers[1].value, "a%25b%41");
}

TEST(Head, hides_from_the_routes_what_would_change_the_framing_of_the_answer) {
  Request request = read(
      get_with("Range: bytes=0-1\r\nAccept-Encoding: gzip\r\nConnection: keep-alive\r\nTE: trailers\r\n"));

  ASSERT_EQ(request.headers.size(), 1u);
  EXPECT_EQ(request.headers[0].name, "Host");
}

TEST(Head, ends_the_connection_when_asked_to_or_when_the_client_is_old) {
  EXPECT_TRUE(read(get_with("")).keep_alive);
  EXPECT_TRUE(read(get_with("Connection: keep-alive\r\n")).keep_alive);
  EXPECT_FALSE(read(get_with("Connection: close\r\n")).keep_alive);
  EXPECT_FALSE(read(get_with("Connection: TE,  Close\r\n")).keep_alive);
  EXPECT_FALSE(read("GET / HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(Head, of_any_prefix_of_a_good_request_needs_more) {
  std::string whole = post_with("Content-Type: application/json\r\nContent-Length: 2\r\nAccept: */*\r\n");

  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_TRUE(std::holds_alternative<NeedMore>(parse_head(whole.substr(0, size), HeadLimits{}))) << size;
}

}  // namespace
}  // namespace amends::rest
