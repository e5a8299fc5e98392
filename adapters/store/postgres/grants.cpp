#include "adapters/store/postgres/grants.hpp"

#include "adapters/store/postgres/sql.hpp"

namespace amends::postgres {
namespace {

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

void replace(std::string& text, std::string_view mark, const std::string& with) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + with.size())) {
    text.replace(at, mark.size(), with);
  }
}

}  // namespace

std::string grants(std::string_view engine_role, std::string_view reader_role) {
  std::string out(sql_file("grants"));
  replace(out, ":engine", quoted(engine_role));
  replace(out, ":reader", quoted(reader_role));
  return out;
}

std::string client_grants(std::string_view client_role) {
  std::string out(sql_file("grants_client"));
  replace(out, ":client", quoted(client_role));
  return out;
}

}  // namespace amends::postgres
