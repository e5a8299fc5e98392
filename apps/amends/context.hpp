// What every command of the CLI shares: where to ask, how to print, how to end.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/ports/store.hpp"

namespace CLI {
class App;
}

namespace amends::cli {

using engine::Json;

// The exit codes are part of the surface: scripts branch on them.
enum class Exit : int {
  ok = 0,
  failed = 1,
  usage = 2,
  found = 3,
  not_found = 4,
  not_allowed = 5,
  unavailable = 6
};

// Ends the command: main prints the sentence to stderr and exits with the code.
struct Stop {
  Exit code = Exit::failed;
  std::string sentence;
};

enum class Output : std::uint8_t { table, json, jsonl };

// What `amends db migrate` did.
struct Migrated {
  int from = 0, to = 0;
  std::string error;     // empty when it succeeded
  bool refused = false;  // it was asked for what this store cannot become
};

struct EnsuredBarrier {
  bool made = false;  // else it was there
  std::string error;  // empty when it is there now
};

// What can be done to a database beside running on it.
struct Database {
  // `shards` is how many a new store gets; 0: the usual number, or as many as it has.
  std::function<Migrated(const std::string& url, std::uint32_t shards)> migrate;
  std::function<std::string(const std::string& engine_role, const std::string& reader_role)> grants;
  std::function<std::string(const std::string& client_role)> client_grants;
  // The barrier's table at a participant: whether it was made or found, or a sentence; and the SQL that makes
  // it.
  std::function<EnsuredBarrier(const std::string& url)> ensure_barrier;
  std::function<std::string(const std::string& dialect)> barrier_sql;
  // What GET /v1/engines would answer; of a data directory without its engine.
  std::function<Json(const std::string& store)> sharing;
};

// What `amends bench` is to measure.
struct BenchWanted {
  std::string store, database;  // database: an empty one to use instead of making one
  double seconds = 5;           // of each load
  std::vector<std::size_t> live = {1, 32, 256};
  bool keep = false;
  std::function<void(const std::string&)> tell, warn;  // what it is at; what it could not remove
};

struct Context {
  std::string url = "http://127.0.0.1:7425";
  std::string store;  // a data directory or a postgres:// URL: read it directly instead of asking a daemon
  Output output = Output::table;
  bool colour = false;    // stdout is a terminal and NO_COLOR is not set
  bool ascii = false;     // no box-drawing characters
  bool progress = false;  // stderr is a terminal
  // Given by main, which alone knows which stores exist. Throws Stop when there is none at `dir`.
  std::function<std::unique_ptr<engine::StoreReader>(const std::string& dir)> open_store;
  // The same to write in it, taken over and nobody else's: throws Stop, with who has it, while an engine
  // lives.
  std::function<std::unique_ptr<engine::Store>(const std::string& dir)> open_to_repair;
  Database database;
  // The report, with the members that docs/cli.md lists. Throws Stop.
  std::function<Json(const BenchWanted&)> bench;
  Exit exit = Exit::ok;  // what the command ends with when nothing is thrown
};

// For CLI11's check(): what is wrong with the text, empty when nothing is.
std::string wrong_saga_id(const std::string& text);
std::string wrong_tag(const std::string& text);  // NAME=VALUE

// One file a command; each declares its flags and what runs when it is chosen.
void add_start(CLI::App& app, Context& context);
void add_list(CLI::App& app, Context& context);
void add_show(CLI::App& app, Context& context);
void add_journal(CLI::App& app, Context& context);
void add_commands(CLI::App& app, Context& context);  // cancel retry skip abandon resolve
void add_rollback(CLI::App& app, Context& context);
void add_workflows(CLI::App& app, Context& context);
void add_check(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
void add_verify(CLI::App& app, Context& context);
void add_engines(CLI::App& app, Context& context);  // engines shards
void add_bench(CLI::App& app, Context& context);
void add_db(CLI::App& app, Context& context);  // migrate grants
void add_db_barrier(CLI::App& db, Context& context);

}  // namespace amends::cli
