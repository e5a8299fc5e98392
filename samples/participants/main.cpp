// participant: one of the four companies that an order passes through, as a process of its own with a
// database of its own, and as unreliable as its flags say. It listens on 127.0.0.1 only and lives until
// SIGTERM or SIGINT.
#include <httplib.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <fstream>
#include <thread>

#include "samples/participants/desk.hpp"

namespace participants {
namespace {

struct Options {
  std::string kind, db, ready_file;
  int port = 0;
  std::size_t threads = 256;
  std::uint64_t seed = 1;
  double refuse = 0;
  Rates rates;
  Storms storms;
  DeskOptions desk;
};

void declare(CLI::App& app, Options& to) {
  app.add_option("--kind", to.kind, "inventory, payments, shipping or mail")->required();
  app.add_option("--db", to.db, "The database, made when missing")->required();
  app.add_option("--port", to.port, "0 takes a free one")->check(CLI::Range(0, 65'535));
  app.add_option("--ready-file", to.ready_file, "Gets the address, once there is one");
  app.add_option("--threads", to.threads, "One serves one connection")->check(CLI::Range(1, 1'024));
  app.add_option("--seed", to.seed, "Loads the dice");
  const auto rate = [&app](const char* name, double& value, const char* what) {
    app.add_option(name, value, what)->check(CLI::Range(0.0, 1.0));
  };
  rate("--refuse", to.refuse, "Share of orders that the business refuses");
  rate("--slow", to.rates.slow, "Share of requests answered slowly");
  rate("--late", to.rates.late, "Share answered after the caller gave up");
  rate("--drop", to.rates.drop, "Share that end in a closed connection, most of them after the effect");
  rate("--garbage", to.rates.garbage, "Share answered with HTML after the effect");
  rate("--error", to.rates.error, "Share answered with 500 before or 502 after the effect");
  rate("--too-many", to.rates.too_many, "Share answered with 429 and Retry-After");
  rate("--repeat", to.rates.repeat, "Share worked on twice");
  const auto milliseconds = [&app](const char* name, std::chrono::milliseconds& value, const char* what) {
    app.add_option_function<int>(
           name, [&value](int number) { value = std::chrono::milliseconds(number); }, what)
        ->check(CLI::Range(0, 600'000));
  };
  milliseconds("--slow-ms", to.desk.slow, "How slow");
  milliseconds("--late-ms", to.desk.late, "How late");
  milliseconds("--storm-every-ms", to.storms.every, "Once in so long all is answered 503; 0 is never");
  milliseconds("--storm-ms", to.storms.length, "For how long");
  app.add_flag("--log-calls", to.desk.log_calls, "Keeps what became of each request in the table calls");
  app.add_flag("!--without-barrier", to.desk.barrier, "Every delivery takes effect");
}

// The reader of a ready file sees it whole or not at all.
void announce(const std::string& file, int port) {
  if (file.empty()) return;
  const auto half = file + ".half";
  std::ofstream(half) << "http://127.0.0.1:" << port << '\n';
  if (std::rename(half.c_str(), file.c_str()) != 0) throw std::runtime_error("cannot write " + file);
}

// Opens the door on a free port or on the one asked for; returns the port.
int open_door(httplib::Server& server, const Options& options) {
  int door = -1;
  server.set_socket_options([&door](socket_t fd) {
    // Not SO_REUSEPORT, the library's default: a second server would share the port unseen.
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    door = fd;
  });
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1'000'000'000);
  server.set_keep_alive_timeout(3'600);  // the caller decides when a connection ends
  server.set_payload_max_length(1 << 20);
  server.new_task_queue = [&options] { return new httplib::ThreadPool(options.threads); };
  int port = options.port;
  if (port == 0)
    port = server.bind_to_any_port("127.0.0.1");
  else if (!server.bind_to_port("127.0.0.1", port))
    port = -1;
  if (port <= 0) throw std::runtime_error("cannot bind 127.0.0.1:" + std::to_string(options.port));
  // The library's backlog is 5; an engine opens a hundred connections at once.
  if (::listen(door, 1'024) != 0) throw std::runtime_error("cannot listen");
  return port;
}

int run(const Options& options) {
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  sigaddset(&end, SIGINT);
  pthread_sigmask(SIG_BLOCK, &end,
                  nullptr);  // inherited by every thread below, so that only sigwait sees them

  const auto business = open_business(options.kind, options.refuse);
  Database db(options.db);
  db.execute(business.schema);
  Mischief mischief(options.seed, options.kind, options.rates, options.storms);
  Desk desk(db, mischief, options.desk);
  httplib::Server server;
  desk.serve(server, business);
  const int port = open_door(server, options);
  std::thread serving([&server] { server.listen_after_bind(); });
  announce(options.ready_file, port);
  std::fprintf(stderr, "%s: listens on http://127.0.0.1:%d\n", options.kind.c_str(), port);

  int signal = 0;
  sigwait(&end, &signal);
  desk.close();
  // Threads may still wait for callers, for an hour; nothing of theirs is worth waiting for.
  _exit(0);
}

}  // namespace
}  // namespace participants

int main(int argc, char** argv) {
  participants::Options options;
  CLI::App app("One participant of the sample: its own process, its own database, and unreliable");
  participants::declare(app, options);
  CLI11_PARSE(app, argc, argv);
  try {
    return participants::run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "participant: %s\n", error.what());
    return 1;
  }
}
