// `amends db migrate` of a later release: next_migration URL FOLDER NEWEST. FOLDER/schema_N.sql and
// FOLDER/indexes_N.sql go before the versions of this one.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "adapters/store/postgres/schema.hpp"
#include "adapters/store/postgres/sql.hpp"

int main(int count, char** words) {
  if (count != 4) return 2;
  amends::postgres::SchemaFiles files;
  files.newest = std::atoi(words[3]);
  files.read = [folder = std::string(words[2])](const std::string& name) {
    std::stringstream text;
    if (std::ifstream file(folder + "/" + name + ".sql"); file) text << file.rdbuf();
    return text.str().empty() ? std::string(amends::postgres::sql_file(name)) : text.str();
  };
  const auto done = amends::postgres::migrate(words[1], files);
  if (!done.error.empty()) std::fprintf(stderr, "%s\n", done.error.c_str());
  std::printf("%d %d\n", done.from, done.to);
  return done.error.empty() ? 0 : 1;
}
