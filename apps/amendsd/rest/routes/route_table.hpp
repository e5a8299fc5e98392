// The routes as data: what mounts them also writes openapi.json, so neither can say what the other does not.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "apps/amendsd/rest/front/router.hpp"
#include "apps/amendsd/rest/routes/reading.hpp"

namespace amends::rest {

struct Parameter {
  const char* name;
  const char* in;  // "path" or "query"
  const char* description;
};

struct Reply {
  int status;
  const char* description;
  const char* schema;  // a name of schemas(); "" for none
};

// Runs on a worker. Throws BadRequest for what the client did wrong; parks when it has to wait.
using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;

struct Route {
  const char* method;  // "GET", "POST"
  const char* path;    // "/v1/sagas/{id}"
  const char* summary;
  std::vector<Parameter> parameters;
  const char* body;  // a name of schemas(); "" for none
  std::vector<Reply> replies;
  Handler handler;
};

// Adds the routes, and for each of their paths the answer 405 to other methods.
void mount(const std::vector<Route>& routes, Router& router);

// OpenAPI 3.1 of exactly these routes.
Json openapi(const std::vector<Route>& routes);
// The JSON Schemas that routes name.
Json schemas();

// The n-th {parameter} of the path, percent-decoded.
std::string path_part(const httplib::Request& request, std::size_t n);

}  // namespace amends::rest
