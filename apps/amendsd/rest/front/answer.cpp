#include "apps/amendsd/rest/front/answer.hpp"

#include "engine/base/json.hpp"

namespace amends::rest {

Answer problem(const Problem& what) {
  nlohmann::ordered_json body = {{"type", "/problems/" + what.slug},
                                 {"title", what.title},
                                 {"status", what.status},
                                 {"detail", what.detail}};
  // Replace, never throw: the detail may quote what a client sent.
  return {.status = what.status,
          .body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace),
          .content_type = "application/problem+json",
          .headers = {}};
}

const char* reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Unknown";
  }
}

}  // namespace amends::rest
