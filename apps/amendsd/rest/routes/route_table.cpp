#include "apps/amendsd/rest/routes/route_table.hpp"

#include <map>
#include <set>

#include "apps/amendsd/rest/routes/refusal.hpp"

namespace amends::rest {
namespace {

std::string pattern(const std::string& path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '{') {
      out += "([^/:]+)";
      i = path.find('}', i);
    } else if (path[i] == '.') {
      out += "\\.";
    } else {
      out += path[i];
    }
  }
  return out;
}

httplib::Server::Handler guarded(const Handler& handler) {
  return [handler](const httplib::Request& request, httplib::Response& response) {
    try {
      handler(request, response);
    } catch (const BadRequest& bad) {
      put(bad_request(bad.sentence), response);
    }
  };
}

void add(Router& router, const std::string& method, const std::string& path,
         httplib::Server::Handler handler) {
  if (method == "GET")
    router.Get(path, std::move(handler));
  else if (method == "POST")
    router.Post(path, std::move(handler));
  else if (method == "PUT")
    router.Put(path, std::move(handler));
  else if (method == "PATCH")
    router.Patch(path, std::move(handler));
  else if (method == "DELETE")
    router.Delete(path, std::move(handler));
}

httplib::Server::Handler not_allowed(const std::set<std::string>& allowed) {
  std::string list;
  for (const std::string& method : allowed) list += (list.empty() ? "" : ", ") + method;
  return [list](const httplib::Request& request, httplib::Response& response) {
    rest::Answer answer = problem({405, "method-not-allowed", "Method not allowed",
                                   request.method + " is not for this path; it takes " + list + "."});
    answer.headers.push_back({"Allow", list});
    put(std::move(answer), response);
  };
}

}  // namespace

void mount(const std::vector<Route>& routes, Router& router) {
  std::map<std::string, std::set<std::string>> methods;
  for (const Route& route : routes) {
    methods[pattern(route.path)].insert(route.method);
    add(router, route.method, pattern(route.path), guarded(route.handler));
  }
  for (const auto& [path, allowed] : methods)
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"})
      if (!allowed.contains(method)) add(router, method, path, not_allowed(allowed));
}

std::string path_part(const httplib::Request& request, std::size_t n) {
  return request.matches.size() > n + 1 ? request.matches[n + 1].str() : std::string();
}

}  // namespace amends::rest
