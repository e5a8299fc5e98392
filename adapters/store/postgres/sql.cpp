#include "adapters/store/postgres/sql.hpp"

#include "engine/base/check.hpp"

namespace amends::postgres {

std::string_view sql_file(std::string_view name) {
  for (const SqlFile* file = sql_files; !file->name.empty(); ++file) {
    if (file->name == name) return file->text;
  }
  return {};
}

std::string sql(std::string_view name) {
  const std::string mark = "-- name: " + std::string(name) + "\n";
  for (const SqlFile* file = sql_files; !file->name.empty(); ++file) {
    const auto at = file->text.find(mark);
    if (at == std::string_view::npos) continue;
    const auto from = at + mark.size();
    return std::string(file->text.substr(from, file->text.find(';', from) - from));
  }
  AMENDS_CHECK(false, "an SQL statement is missing from the store's files");
}

}  // namespace amends::postgres
