#include "adapters/effect/http/endpoint.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "adapters/effect/http/request_data.hpp"
#include "engine/base/text.hpp"

namespace amends::http {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

bool has_part(CURLU* url, CURLUPart part) {
  char* value = nullptr;
  const bool there = curl_url_get(url, part, &value, 0) == CURLUE_OK;
  curl_free(value);
  return there;
}

std::string read_part(CURLU* url, CURLUPart part) {
  char* value = nullptr;
  std::string out;
  if (curl_url_get(url, part, &value, 0) == CURLUE_OK) out = value;
  curl_free(value);
  return out;
}

// What is wrong with the URL; empty when nothing is.
std::string url_fault(const std::string& text) {
  // Checked on the text first: parsers disagree about these bytes, and a sentence beats a guess.
  for (const char c : text)
    if (c <= 0x20 || c >= 0x7f || c == '\\' || c == '#' || c == '?' || c == '@' || c == '%')
      return "may hold only a scheme, a host, a port and a path";
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return "is not a URL";
  const auto scheme = read_part(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return "is neither http nor https";
  if (has_part(url.get(), CURLUPART_USER) || has_part(url.get(), CURLUPART_PASSWORD))
    return "holds credentials";
  // libcurl also takes one slash, or three; then it and the text below would disagree about the host.
  const auto colon = text.find(':');
  if (text.compare(colon, 3, "://") != 0) return "is not a URL";
  // Off the text, because the parser has already taken ".." out of its path, and slashes before the host.
  const std::string rest = text.substr(colon + 3);
  const auto slash = rest.find('/');
  if (slash == 0) return "has no host";
  if (slash != rest.npos && !is_path(rest.substr(slash))) return "has a path that is not percent-encoded";
  return {};
}

bool is_bearer_reference(const std::string& text) {
  return (text.starts_with("env:") && text.size() > 4) || (text.starts_with("file:/") && text.size() > 6);
}

}  // namespace

std::vector<std::string> findings(const HttpEndpoint& endpoint) {
  std::vector<std::string> out;
  const auto shown = engine::escape_controls(engine::shorten(endpoint.name, 80));
  const auto add = [&](const std::string& what) { out.push_back("endpoint '" + shown + "': " + what); };
  if (endpoint.name.empty()) add("it has no name");
  if (const auto fault = url_fault(endpoint.base_url); !fault.empty()) add("base_url " + fault);
  if (endpoint.timeout_max <= engine::Millis{0}) add("timeout_max must be positive");
  if (endpoint.concurrency_max == 0) add("concurrency_max must be at least 1");
  if (!(endpoint.rate_per_second >= 0)) add("rate_per_second must not be negative");
  if (endpoint.rate_per_second > 0 && endpoint.rate_burst == 0) add("rate_burst must be at least 1");
  if (endpoint.response_bytes_max == 0 || endpoint.response_bytes_max > engine::result_bytes_max)
    add("response_bytes_max must be between 1 and " + std::to_string(engine::result_bytes_max));
  for (const auto& range : endpoint.allow_private)
    if (!Cidr::parse(range))
      add("allow_private holds '" + engine::escape_controls(engine::shorten(range, 80)) +
          "', which is not a range");
  for (const int status : endpoint.refused_means_not_done)
    if (status < 500 || status > 599)
      add("refused_means_not_done holds " + std::to_string(status) + ", not a 5xx");
  for (const auto& [name, value] : endpoint.headers)
    if (!may_set_header(name) || !is_header_value(value))
      add("the header '" + engine::escape_controls(engine::shorten(name, 80)) + "' cannot be set");
  if (endpoint.headers.size() > 16) add("more than 16 headers");
  if (!endpoint.bearer.empty() && !is_bearer_reference(endpoint.bearer))
    add("bearer must be a reference, env:NAME or file:/path");
  return out;
}

std::string address_never_allowed(const HttpEndpoint& endpoint) {
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, endpoint.base_url.c_str(), 0) != CURLUE_OK) return {};
  std::string host = read_part(url.get(), CURLUPART_HOST);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  const auto address = Cidr::parse(host == "localhost" ? "127.0.0.1" : host);
  if (host.find('/') != host.npos || !address || !is_private(address->prefix)) return {};
  // A name may resolve to ::1 as well, which the configuration may allow in place of 127.0.0.1.
  const auto loopback_six = Cidr::parse("::1");
  for (const auto& range : endpoint.allow_private) {
    const auto allowed = Cidr::parse(range);
    if (!allowed || allowed->holds(address->prefix)) return {};
    if (host == "localhost" && allowed->holds(loopback_six->prefix)) return {};
  }
  return host;
}

Endpoint::Endpoint(HttpEndpoint configured, const HttpOptions& options)
    : config(std::move(configured)), base_url(config.base_url) {
  while (base_url.ends_with('/')) base_url.pop_back();
  for (const auto& range : config.allow_private) allowed.push_back(Cidr::parse(range).value());
  policy = {config.refused_means_not_done, config.undo_absent_is_done, options.retry_after_max};
}

}  // namespace amends::http
