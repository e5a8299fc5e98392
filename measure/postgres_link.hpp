// A plain connection to PostgreSQL, as a program without an engine would have it.
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

struct pg_conn;

namespace amends::measure {

struct PostgresTrouble : std::runtime_error {
  PostgresTrouble(const std::string& what, std::string code)
      : std::runtime_error(what), sqlstate(std::move(code)) {}
  std::string sqlstate;  // empty when there was no answer
};

// One thread. Everything throws PostgresTrouble, whose text is the server's.
class Link {
 public:
  explicit Link(const std::string& conninfo);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  using Rows = std::vector<std::vector<std::string>>;
  Rows ask(const char* sql);
  void prepare(const char* name, const char* sql);
  // All parameters in binary.
  Rows run(const char* name, const std::vector<std::string>& params);
  // One statement with text parameters.
  Rows ask_with(const char* sql, const std::vector<std::string>& params);

 private:
  pg_conn* connection_;
};

// The same server and role, another database. `conninfo` is one that libpq reads.
std::string with_database(const std::string& conninfo, const std::string& database);

// Of that many bytes, as binary parameters want it.
std::string big_endian(std::uint64_t value, int bytes);

}  // namespace amends::measure
