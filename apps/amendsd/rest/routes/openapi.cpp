#include <string>

#include "apps/amendsd/rest/routes/route_table.hpp"

namespace amends::rest {
namespace {

Json reference(const char* schema) {
  return {{"$ref", std::string("#/components/schemas/") + schema}};
}

Json content(const char* schema, const char* type) {
  return {{type, {{"schema", reference(schema)}}}};
}

Json reply_object(const Reply& reply) {
  Json out{{"description", reply.description}};
  if (*reply.schema)
    out["content"] =
        content(reply.schema, std::string_view(reply.schema) == "Problem" ? "application/problem+json"
                                                                          : "application/json");
  return out;
}

std::string lower(std::string_view method) {
  std::string out;
  for (const char c : method) out += static_cast<char>(c - 'A' + 'a');
  return out;
}

// Unique and stable: the method and the path's words.
std::string operation_id(const Route& route) {
  std::string out = lower(route.method);
  bool upper = true;
  for (const char* c = route.path; *c; ++c) {
    const bool word = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');
    if (word) out += upper ? static_cast<char>(*c >= 'a' ? *c - 'a' + 'A' : *c) : *c;
    upper = !word;
  }
  return out;
}

Json operation(const Route& route) {
  Json out{{"summary", route.summary}, {"operationId", operation_id(route)}, {"responses", Json::object()}};
  for (const Parameter& parameter : route.parameters) {
    Json one{{"name", parameter.name},
             {"in", parameter.in},
             {"description", parameter.description},
             {"schema", {{"type", "string"}}}};
    if (std::string_view(parameter.in) == "path") one["required"] = true;
    out["parameters"].push_back(std::move(one));
  }
  if (*route.body)
    out["requestBody"] = {{"required", true}, {"content", content(route.body, "application/json")}};
  for (const Reply& reply : route.replies)
    out["responses"][std::to_string(reply.status)] = reply_object(reply);
  // What the front refuses before a route sees it, and what no route foresees.
  out["responses"]["default"] = reply_object({0, "Any other refusal", "Problem"});
  return out;
}

}  // namespace

Json openapi(const std::vector<Route>& routes) {
  Json out{
      {"openapi", "3.1.0"}, {"info", {{"title", "Amends"}, {"version", "0.1.0"}}}, {"paths", Json::object()}};
  out["info"]["description"] =
      "Durable sagas: start, show, steer. Every error is application/problem+json (RFC 9457) with a stable "
      "type.";
  for (const Route& route : routes) out["paths"][route.path][lower(route.method)] = operation(route);
  out["components"]["schemas"] = schemas();
  return out;
}

}  // namespace amends::rest
