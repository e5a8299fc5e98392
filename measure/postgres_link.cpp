#include "measure/postgres_link.hpp"

#include <libpq-fe.h>

#include <memory>

namespace amends::measure {
namespace {

std::string trimmed(const char* text) {
  std::string out = text == nullptr ? "" : text;
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  return out;
}

Link::Rows rows_of(PGconn* connection, PGresult* result) {
  const std::unique_ptr<PGresult, decltype(&::PQclear)> held(result, ::PQclear);
  const auto status = ::PQresultStatus(result);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    const char* code = ::PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* message = ::PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    throw PostgresTrouble(trimmed(message == nullptr ? ::PQerrorMessage(connection) : message),
                          code == nullptr ? "" : code);
  }
  Link::Rows out;
  for (int r = 0; r < ::PQntuples(result); ++r) {
    out.emplace_back();
    for (int c = 0; c < ::PQnfields(result); ++c)
      out.back().emplace_back(::PQgetvalue(result, r, c), ::PQgetlength(result, r, c));
  }
  return out;
}

struct Pointers {
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
};

Pointers pointers_to(const std::vector<std::string>& params, int format) {
  Pointers out;
  for (const std::string& one : params) {
    out.values.push_back(one.data());
    out.lengths.push_back(static_cast<int>(one.size()));
    out.formats.push_back(format);
  }
  return out;
}

std::string quoted(const std::string& value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

}  // namespace

Link::Link(const std::string& conninfo) : connection_(::PQconnectdb(conninfo.c_str())) {
  if (::PQstatus(connection_) == CONNECTION_OK) {
    ::PQsetNoticeProcessor(
        connection_, [](void*, const char*) {}, nullptr);
    return;
  }
  const std::string why = trimmed(::PQerrorMessage(connection_));
  ::PQfinish(connection_);
  throw PostgresTrouble(why, "");
}

Link::~Link() {
  ::PQfinish(connection_);
}

Link::Rows Link::ask(const char* sql) {
  return rows_of(connection_, ::PQexec(connection_, sql));
}

void Link::prepare(const char* name, const char* sql) {
  rows_of(connection_, ::PQprepare(connection_, name, sql, 0, nullptr));
}

Link::Rows Link::run(const char* name, const std::vector<std::string>& params) {
  const Pointers to = pointers_to(params, 1);
  return rows_of(connection_, ::PQexecPrepared(connection_, name, static_cast<int>(params.size()),
                                               to.values.data(), to.lengths.data(), to.formats.data(), 0));
}

Link::Rows Link::ask_with(const char* sql, const std::vector<std::string>& params) {
  const Pointers to = pointers_to(params, 0);
  return rows_of(connection_, ::PQexecParams(connection_, sql, static_cast<int>(params.size()), nullptr,
                                             to.values.data(), to.lengths.data(), to.formats.data(), 0));
}

std::string with_database(const std::string& conninfo, const std::string& database) {
  const std::unique_ptr<PQconninfoOption, decltype(&::PQconninfoFree)> options(
      ::PQconninfoParse(conninfo.c_str(), nullptr), ::PQconninfoFree);
  if (!options) throw PostgresTrouble("the address cannot be read", "");
  std::string out = "dbname=" + quoted(database);
  for (const PQconninfoOption* one = options.get(); one->keyword != nullptr; ++one)
    if (one->val != nullptr && std::string(one->keyword) != "dbname")
      out += std::string(" ") + one->keyword + "=" + quoted(one->val);
  return out;
}

std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
  return out;
}

}  // namespace amends::measure
