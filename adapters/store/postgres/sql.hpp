// The SQL files of this store, embedded by CMake.
#pragma once
#include <string>
#include <string_view>

namespace amends::postgres {

struct SqlFile {
  std::string_view name, text;
};
extern const SqlFile sql_files[];  // ends with an empty name

// The whole file, for example "schema_1"; empty when there is none.
std::string_view sql_file(std::string_view name);

// The statement that follows the line "-- name: NAME" in any file. Stops the program when there is none.
std::string sql(std::string_view name);

}  // namespace amends::postgres
