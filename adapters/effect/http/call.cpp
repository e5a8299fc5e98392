#include "adapters/effect/http/call.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "engine/base/check.hpp"
#include "engine/base/failpoint.hpp"

namespace amends::http {
namespace {

constexpr std::size_t header_bytes_max = 64 << 10;      // over all headers, interim replies included
constexpr std::size_t error_body_bytes_max = 16 << 10;  // of a reply whose status says all

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
  AMENDS_CHECK(curl_easy_setopt(easy, option, value) == CURLE_OK, "libcurl refuses an option");
}

// The header's value when `line` is that header.
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':' ||
      strncasecmp(line.data(), name.data(), name.size()) != 0)
    return std::nullopt;
  line.remove_prefix(name.size() + 1);
  const auto first = line.find_first_not_of(" \t");
  const auto last = line.find_last_not_of(" \t\r\n");
  return first == line.npos || last < first ? "" : line.substr(first, last - first + 1);
}

#ifdef AMENDS_FAILPOINTS
int on_trace(CURL*, curl_infotype kind, char*, size_t, void*) {
  if (kind == CURLINFO_HEADER_OUT) AMENDS_FAILPOINT_HERE("after_send_body");
  return 0;
}
#endif

}  // namespace

Call::Call(Endpoint& endpoint, const HttpOptions& options, const std::function<engine::WallTime()>& wall)
    : endpoint_(endpoint), options_(options), wall_(wall) {}

// One handle for one transfer. Before its version 8.1 libcurl keeps a pointer to the last header of a
// handle's transfer beyond that header's life, and a reply to its next one that begins with a folded line
// writes there (curl issue 11101): a participant could have it write into memory that is somebody else's by
// then. Making a handle takes 1.4 us; connections are the multi handle's.
void Call::make_handle() {
  easy_.reset(curl_easy_init());
  CURL* easy = easy_.get();
  AMENDS_CHECK(easy != nullptr, "out of memory for a libcurl handle");
  set(easy, CURLOPT_PRIVATE, this);
  set(easy, CURLOPT_ERRORBUFFER, error_);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  // A resolver that does not answer is left behind; waiting for its thread would hold up the whole loop.
  set(easy, CURLOPT_QUICK_EXIT, 1L);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  // No proxy, whatever http_proxy says: the address check would see the proxy's address.
  set(easy, CURLOPT_PROXY, "");
  set(easy, CURLOPT_NOPROXY, "*");
  // HTTP/2 would put many attempts on one connection, and then one reset makes all of them unknown.
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_USERAGENT, "Amends");
  set(easy, CURLOPT_PATH_AS_IS, 1L);
  set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!endpoint_.config.ca_file.empty()) {
    set(easy, CURLOPT_CAINFO, endpoint_.config.ca_file.c_str());
    set(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  // Whole seconds is all that libcurl has; rounded up, since 0 would mean its own default.
  set(easy, CURLOPT_MAXAGE_CONN, static_cast<long>((options_.idle_max.count() + 999) / 1000));
  if (endpoint_.config.facts.idempotency == engine::Idempotency::none) {
    // A kept connection may be closed under the request, which is unknown; here nobody can ask again, so each
    // attempt pays for a connection of its own.
    set(easy, CURLOPT_FRESH_CONNECT, 1L);
    set(easy, CURLOPT_FORBID_REUSE, 1L);
  }
  set(easy, CURLOPT_OPENSOCKETFUNCTION, &Call::on_open_socket);
  set(easy, CURLOPT_OPENSOCKETDATA, this);
  set(easy, CURLOPT_PREREQFUNCTION, &Call::on_about_to_send);
  set(easy, CURLOPT_PREREQDATA, this);
  set(easy, CURLOPT_HEADERFUNCTION, &Call::on_header);
  set(easy, CURLOPT_HEADERDATA, this);
  set(easy, CURLOPT_WRITEFUNCTION, &Call::on_body);
  set(easy, CURLOPT_WRITEDATA, this);
#ifdef AMENDS_FAILPOINTS
  set(easy, CURLOPT_VERBOSE, 1L);
  set(easy, CURLOPT_DEBUGFUNCTION, &on_trace);
#endif
}

void Call::set_method(const RequestData& request) {
  CURL* easy = easy_.get();
  const bool with_body =
      request.has_body || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (with_body) {
    // The size first: libcurl would otherwise look for the end of a string.
    set(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    set(easy, CURLOPT_POSTFIELDS, request.has_body ? request.body.data() : "");
    set(easy, CURLOPT_POST, 1L);
  } else {
    set(easy, CURLOPT_HTTPGET, 1L);
  }
  const bool usual = request.method == (with_body ? "POST" : "GET");
  set(easy, CURLOPT_CUSTOMREQUEST,
      usual ? static_cast<const char*>(nullptr) : std::string(request.method).c_str());
}

void Call::prepare(Pending pending, const RequestData& request, std::string_view bearer) {
  make_handle();
  pending_ = std::move(pending);
  exchange_ = {};
  exchange_.direction = pending_.attempt.direction;
  cut_.reset();
  header_bytes_ = 0;
  address_refused_ = head_whole_ = framed_ = false;
  error_[0] = '\0';
  url_.assign(endpoint_.base_url).append(request.path);
  headers_.compose(pending_.attempt, request, endpoint_, bearer);
  const auto timeout = std::clamp(pending_.attempt.timeout, engine::Millis{1}, endpoint_.config.timeout_max);
  set(easy_.get(), CURLOPT_URL, url_.c_str());
  set(easy_.get(), CURLOPT_HTTPHEADER, headers_.list());
  set(easy_.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  set_method(request);
}

curl_socket_t Call::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& call = *static_cast<Call*>(self);
  if (!may_connect(&address->addr, call.endpoint_.allowed)) {
    call.address_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  call.endpoint_.counters.connections.fetch_add(1, std::memory_order_relaxed);
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int Call::on_about_to_send(void* self, char*, char*, int, int) {
  auto& call = *static_cast<Call*>(self);
  // libcurl sends once more by itself when a kept connection dies without a reply. The participant may have
  // acted on the first; whether to ask again is the engine's to decide and to journal.
  if (call.sent_anything()) {
    call.cut_ = Ending::connection_lost;
    return CURL_PREREQFUNC_ABORT;
  }
  const auto not_after = call.attempt().not_after;
  if (not_after != engine::WallTime{} && call.wall_() > not_after) {
    call.cut_ = Ending::not_sent_in_time;
    return CURL_PREREQFUNC_ABORT;
  }
  if (!call.attempt().may_be_sent()) {
    call.cut_ = Ending::lease_lost;
    return CURL_PREREQFUNC_ABORT;
  }
  AMENDS_FAILPOINT_HERE("before_send");
  return CURL_PREREQFUNC_OK;
}

size_t Call::on_header(char* data, size_t size, size_t count, void* self) {
  auto& call = *static_cast<Call*>(self);
  const std::string_view line(data, size * count);
  call.header_bytes_ += line.size();
  if (call.header_bytes_ > header_bytes_max) {
    call.cut_ = Ending::headers_too_large;
    return 0;
  }
  if (strncasecmp(line.data(), "HTTP/", std::min<std::size_t>(line.size(), 5)) == 0 &&
      line.size() > 5) {  // a new head: what an interim reply said does not count
    call.exchange_.barrier.clear();
    call.exchange_.retry_after.clear();
    call.head_whole_ = call.framed_ = false;
  } else if (line == "\r\n" || line == "\n") {
    call.head_whole_ = true;
  } else if (value_of(line, "Content-Length") || value_of(line, "Transfer-Encoding")) {
    call.framed_ = true;
  } else if (const auto barrier = value_of(line, "Amends-Barrier")) {
    call.exchange_.barrier = barrier->substr(0, 64);
  } else if (const auto after = value_of(line, "Retry-After")) {
    call.exchange_.retry_after = after->substr(0, 64);
  }
  return line.size();
}

size_t Call::on_body(char* data, size_t size, size_t count, void* self) {
  auto& call = *static_cast<Call*>(self);
  const std::size_t bytes = size * count;
  auto& body = call.exchange_.body;
  if (body.size() + bytes <= call.endpoint_.config.response_bytes_max) {
    body.append(data, bytes);
    return bytes;
  }
  call.cut_ = Ending::reply_too_large;
  return 0;
}

bool Call::sent_anything() const {
  // Bytes of the request that the socket took, over all connections of this transfer; 0 until the handshakes
  // are done.
  long bytes = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &bytes);
  return bytes > 0;
}

Ending Call::ending_unsent(CURLcode code) const {
  if (address_refused_) return Ending::address_refused;
  switch (static_cast<int>(code)) {
    case CURLE_COULDNT_RESOLVE_HOST: return Ending::not_found;
    case CURLE_COULDNT_CONNECT: return Ending::refused;
    case CURLE_OPERATION_TIMEDOUT: return Ending::connect_timeout;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CACERT_BADFILE: return Ending::tls_untrusted;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER: return Ending::tls_failed;
    default: return Ending::not_sent;
  }
}

Ending Call::ending_sent(CURLcode code) const {
  switch (static_cast<int>(code)) {
    case CURLE_OPERATION_TIMEDOUT: return Ending::timeout;
    case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9, which is: any bytes at all
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2: return Ending::reply_broken;
    default: return Ending::connection_lost;
  }
}

// libcurl calls it a success when the connection closes within the head, and when it closes to end a body
// that has no length. A JSON value shows its own end, unless it is a number or nothing at all.
bool Call::may_be_cut() const {
  if (!head_whole_) return true;
  if (framed_ || exchange_.status == 204) return false;
  const auto last = exchange_.body.find_last_not_of(" \t\r\n");
  return last == std::string::npos || (exchange_.body[last] >= '0' && exchange_.body[last] <= '9');
}

Exchange Call::finish(CURLcode code) {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  exchange_.status = static_cast<int>(status);
  if (cut_ == Ending::reply_too_large && status >= 400) {
    // The status says what happened; the body would only have told why.
    exchange_.ending = Ending::replied;
    exchange_.body_cut = true;
  } else if (cut_) {
    exchange_.ending = *cut_;
  } else if (code == CURLE_OK) {
    exchange_.ending = status < 100   ? Ending::reply_broken
                       : may_be_cut() ? Ending::connection_lost
                                      : Ending::replied;
  } else {
    exchange_.ending = sent_anything() ? ending_sent(code) : ending_unsent(code);
  }
  // Where it was we who ended it, the library only says that it was stopped, or could not connect.
  const bool ours = cut_ || exchange_.ending == Ending::address_refused;
  if (exchange_.ending != Ending::replied && !ours)
    exchange_.detail = error_[0] != '\0' ? error_ : (code != CURLE_OK ? curl_easy_strerror(code) : "");
  if (exchange_.ending == Ending::replied) AMENDS_FAILPOINT_HERE("after_reply_recv");
  if (exchange_.body_cut) exchange_.body.resize(std::min(exchange_.body.size(), error_body_bytes_max));
  return std::move(exchange_);
}

Exchange Call::finish_stopped() {
  exchange_.ending = sent_anything() ? Ending::stopped : Ending::stopping;
  return std::move(exchange_);
}

}  // namespace amends::http
