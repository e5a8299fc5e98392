// HTTP requests. The endpoint's URL, credentials and idempotency stand in amendsd's configuration, not here.
#pragma once
#include <amends/path.hpp>
#include <amends/request.hpp>
#include <map>
#include <optional>

namespace amends::http {

// Further headers; the engine adds Idempotency-Key and Amends-* itself.
using Headers = std::map<std::string, std::string>;

namespace detail {
inline Request request(const char* method, std::string endpoint, PathArgument path, std::optional<Json> body,
                       const Headers& headers) {
  Json out{{"method", method}, {"path", path.text()}};
  if (body) out["body"] = std::move(*body);
  if (!headers.empty()) out["headers"] = headers;
  return {"http", std::move(endpoint), std::move(out)};
}
}  // namespace detail

// The reply's JSON body is the step's result.
inline Request get(std::string endpoint, PathArgument path, const Headers& headers = {}) {
  return detail::request("GET", std::move(endpoint), path, std::nullopt, headers);
}
inline Request post(std::string endpoint, PathArgument path, Json body, const Headers& headers = {}) {
  return detail::request("POST", std::move(endpoint), path, std::move(body), headers);
}
inline Request put(std::string endpoint, PathArgument path, Json body, const Headers& headers = {}) {
  return detail::request("PUT", std::move(endpoint), path, std::move(body), headers);
}
inline Request patch(std::string endpoint, PathArgument path, Json body, const Headers& headers = {}) {
  return detail::request("PATCH", std::move(endpoint), path, std::move(body), headers);
}
// DELETE; `delete` is a keyword.
inline Request remove(std::string endpoint, PathArgument path, const Headers& headers = {}) {
  return detail::request("DELETE", std::move(endpoint), path, std::nullopt, headers);
}

}  // namespace amends::http
