#include "apps/amends/client.hpp"

#include <curl/curl.h>

#include "apps/amends/asked.hpp"
#include "engine/base/text.hpp"

namespace amends::cli {
namespace {

// A daemon of ours never answers more; anything longer is somebody else on that port.
constexpr std::size_t answer_bytes_max = std::size_t{64} << 20;

std::size_t collect(char* data, std::size_t size, std::size_t n, void* out) {
  auto& text = *static_cast<std::string*>(out);
  if (text.size() + size * n > answer_bytes_max) return 0;
  text.append(data, size * n);
  return size * n;
}

// An unknown workflow is 422 to HTTP, where the path was found; to a script it is a thing not found.
Exit exit_code(int status, const std::string& type) {
  if (type == "/problems/unknown-workflow" || type == "/problems/unknown-version") return Exit::not_found;
  if (status == 404) return Exit::not_found;
  if (status == 401 || status == 403) return Exit::not_allowed;
  if (status == 503 || status == 507 || status == 502 || status == 504) return Exit::unavailable;
  return Exit::failed;
}

}  // namespace

struct Client::Impl {
  std::string base;
  CURL* curl = curl_easy_init();
  curl_slist* headers = nullptr;

  ~Impl() {
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
  }
};

Client::Client(const Context& context) : impl_(std::make_unique<Impl>()) {
  check_url(context.url);
  impl_->base = context.url;
  while (!impl_->base.empty() && impl_->base.back() == '/') impl_->base.pop_back();
  impl_->headers = curl_slist_append(nullptr, "Content-Type: application/json");
  impl_->headers = curl_slist_append(impl_->headers, "Expect:");
}

Client::~Client() = default;

Response Client::call(std::string_view method, const std::string& path, const Json* body) {
  CURL* curl = impl_->curl;
  Response out;
  const std::string url = impl_->base + path;
  const std::string text = body ? engine::canonical(*body) : "";
  char error[CURL_ERROR_SIZE] = "";
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 5'000L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 120'000L);
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, std::string(method).c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, impl_->headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &out.text);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
  if (body != nullptr) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(text.size()));
  }
  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) {
    const std::string why = error[0] ? error : curl_easy_strerror(code);
    throw Stop{Exit::unavailable, "no daemon answers at " + impl_->base + " (" + why +
                                      "); is amendsd running? --url or AMENDS_URL names another"};
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  out.status = static_cast<int>(status);
  engine::ParsedJson parsed = engine::parse_json(out.text, {.depth_max = 128, .bytes_max = answer_bytes_max});
  if (parsed.ok()) out.json = std::move(parsed.value);
  return out;
}

void stop_with(const Response& response) {
  const Json& j = response.json;
  std::string sentence = "the daemon answered " + std::to_string(response.status);
  if (j.is_object() && j.contains("detail") && j["detail"].is_string())
    sentence = j["detail"].get<std::string>();
  else if (j.is_object() && j.contains("title") && j["title"].is_string())
    sentence = j["title"].get<std::string>();
  const std::string type =
      j.is_object() && j.contains("type") && j["type"].is_string() ? j["type"].get<std::string>() : "";
  throw Stop{exit_code(response.status, type), engine::escape_controls(sentence)};
}

Json Client::get(const std::string& path) {
  Response response = call("GET", path);
  if (response.status / 100 != 2) stop_with(response);
  return std::move(response.json);
}

Json Client::post(const std::string& path, const Json& body) {
  Response response = call("POST", path, &body);
  if (response.status / 100 != 2) stop_with(response);
  return std::move(response.json);
}

std::string encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    out += '%';
    out += digits[static_cast<std::uint8_t>(c) >> 4];
    out += digits[static_cast<std::uint8_t>(c) & 15];
  }
  return out;
}

}  // namespace amends::cli
