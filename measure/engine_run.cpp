#include "measure/engine_run.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "adapters/clock/system_clock.hpp"
#include "adapters/clock/system_entropy.hpp"
#include "adapters/effect/http/http_adapter.hpp"
#include "adapters/effect/local/local_adapter.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "engine/service/service.hpp"

namespace amends::measure {
namespace {

using namespace std::chrono_literals;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct QuietObserver final : engine::Observer {
  explicit QuietObserver(const Load& load) : load_(load) {}
  void note(engine::Severity severity, std::string_view sentence) override {
    if (severity == engine::Severity::info) return;
    if (load_.warn) return load_.warn(sentence);
    std::fprintf(stderr, "bench: %.*s\n", static_cast<int>(sentence.size()), sentence.data());
  }
  const Load& load_;
};

http::HttpEndpoint endpoint(std::uint16_t port, std::size_t live) {
  http::HttpEndpoint out;
  out.name = "bench";
  out.base_url = "http://127.0.0.1:" + std::to_string(port);
  out.facts = {engine::Idempotency::key, engine::Millis(0)};
  out.concurrency_max = live;
  out.allow_private = {"127.0.0.0/8"};
  return out;
}

// So many clients, each of which starts a saga, waits for its end, and starts the next.
class Clients {
 public:
  Clients(engine::Service& service, engine::Clock& clock, const Load& load)
      : service_(service), clock_(clock), load_(load), took_(load.live) {}

  Ran run() {
    const engine::Elapsed begin = clock_.elapsed();
    const double cpu = cpu_seconds();
    last_start_ = begin.count() + static_cast<std::int64_t>(load_.seconds * 1e6);
    open_ = load_.live;
    for (std::size_t i = 0; i < load_.live; ++i) start_next(i);
    std::unique_lock lock(mutex_);
    while (!done_.wait_for(lock, 20ms, [this] { return open_ == 0; }))
      if (load_.stop_asked()) throw Stopped();
    if (!trouble_.empty()) throw std::runtime_error(trouble_);
    Ran out;
    out.sagas = completed_;
    out.seconds = static_cast<double>((clock_.elapsed() - begin).count()) / 1e6;
    out.cpu_seconds = cpu_seconds() - cpu;
    std::vector<double> all;
    for (const auto& one : took_)
      for (const engine::Elapsed took : one) all.push_back(static_cast<double>(took.count()) / 1e3);
    out.p50_ms = find_quantile(all, 0.5);
    out.p99_ms = find_quantile(all, 0.99);
    return out;
  }

 private:
  void start_next(std::size_t client) {
    const engine::Elapsed begin = clock_.elapsed();
    const std::uint64_t n = started_.fetch_add(1);
    engine::StartRequest request;
    request.workflow = load_.workflow;
    request.input = {{"order_id", "SO-" + std::to_string(1'000'000 + n)},
                     {"customer", "customer-" + std::to_string(n % 977)},
                     {"note", "one hundred and fifty bytes of payload, more or less, as an order has"},
                     {"cents", 4200}};
    service_.start(request, [this, client, begin](const engine::Answer<engine::Started>& answer) {
      if (!answer.ok()) return end(answer.sentence);
      service_.wait(answer.value.saga, clock_.elapsed() + 60s,
                    [this, client, begin](engine::WaitOutcome outcome) {
                      // `not_live` is a saga that was quicker than the question.
                      const bool over =
                          outcome == engine::WaitOutcome::rested || outcome == engine::WaitOutcome::not_live;
                      if (!over) return end("a saga did not end in a minute");
                      completed_.fetch_add(1);
                      const engine::Elapsed now = clock_.elapsed();
                      took_[client].push_back(now - begin);
                      const bool more = now.count() < last_start_ && started_ < load_.sagas_max;
                      more ? start_next(client) : end({});
                    });
    });
  }

  void end(const std::string& trouble) {
    const std::lock_guard lock(mutex_);
    if (trouble_.empty()) trouble_ = trouble;
    if (--open_ == 0) done_.notify_one();
  }

  engine::Service& service_;
  engine::Clock& clock_;
  const Load& load_;
  std::vector<std::vector<engine::Elapsed>> took_;  // of each client's sagas
  engine::Elapsed::rep last_start_ = 0;
  std::atomic<std::uint64_t> started_{0}, completed_{0};
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t open_ = 0;  // clients that have not ended
  std::string trouble_;
};

}  // namespace

Ran run_engine(const Load& load, const engine::Host& host, engine::Store& store) {
  return run_engine(load, host, std::vector{&store});
}

Ran run_engine(const Load& load, const engine::Host& host, const std::vector<engine::Store*>& stores) {
  engine::SystemClock clock;
  engine::SystemEntropy entropy;
  QuietObserver observer(load);
  effect_local::LocalAdapter local({}, clock, host);
  std::vector<http::HttpEndpoint> endpoints;
  if (load.http_port != 0) endpoints.push_back(endpoint(load.http_port, load.live));
  http::HttpOptions http_options;
  http_options.threads = 2;
  http::HttpAdapter http(http_options, std::move(endpoints));
  std::optional<Clients> clients;  // outlives whoever may call it back
  std::vector<std::unique_ptr<engine::Engine>> engines;
  std::vector<engine::Engine*> each;
  for (engine::Store* store : stores) {
    engine::EngineOptions options;
    if (!each.empty()) options.engine_id += "/" + std::to_string(each.size() + 1);
    engines.push_back(std::make_unique<engine::Engine>(options, clock, entropy, *store, host, host,
                                                       std::vector<engine::EffectAdapter*>{&local, &http},
                                                       observer));
    each.push_back(engines.back().get());
  }
  engine::Writers writers(each);
  if (const std::string trouble = writers.open(load.stop_asked); !trouble.empty()) {
    if (load.stop_asked()) throw Stopped();
    throw std::runtime_error(trouble);
  }
  engine::Service service(writers, host, *stores.front(), clock, entropy, stores.front()->shared());

  // Also when it is left early: sagas that are not over are answered while those who hear it are there.
  struct Ending {
    engine::Writers& writers;
    engine::Service& service;
    ~Ending() { writers.stop(engine::Millis(1'000)), service.stop(); }
  } const ending{writers, service};

  clients.emplace(service, clock, load);
  Ran out = clients->run();
  writers.stop(engine::Millis(1'000));
  out.rows = observer.metrics.flush_rows;
  out.flush_rows = static_cast<double>(out.rows) /
                   static_cast<double>(std::max<std::uint64_t>(observer.metrics.flushes, 1));
  out.store_busy = static_cast<double>(observer.metrics.flush_time.sum_micros) / 1e6 / out.seconds;
  const auto ended = observer.metrics.reached[static_cast<std::size_t>(load.end)].load();
  if (ended != out.sagas)
    throw std::runtime_error("only " + std::to_string(ended) + " of " + std::to_string(out.sagas) +
                             " sagas ended as they should");
  return out;
}

Ran run_engine(const Load& load, const std::filesystem::path& plugin, engine::Store& store) {
  return run_engine(load, plugin, std::vector{&store});
}

Ran run_engine(const Load& load, const std::filesystem::path& plugin,
               const std::vector<engine::Store*>& stores) {
  const engine::Host host({plugin.string()});
  for (const engine::Refusal& refusal : host.refusals())
    throw std::runtime_error(refusal.path + ": " + refusal.reason);
  return run_engine(load, host, stores);
}

Ran run_engine(const Load& load, const std::filesystem::path& plugin, const std::filesystem::path& dir) {
  sqlite::OpenedStore opened = sqlite::SqliteStore::open(dir);
  if (!opened.store) throw std::runtime_error(opened.error);
  return run_engine(load, plugin, *opened.store);
}

}  // namespace amends::measure
