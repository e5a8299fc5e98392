#include "tests/simulation/runner/workers.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

#include "engine/base/check.hpp"
#include "tests/simulation/runner/calibration.hpp"

namespace amends::simulation {
namespace {

constexpr std::size_t sentence_max = 60'000;

// What a worker and its parent both see.
struct Desk {
  std::atomic<std::uint64_t> seed{0};  // in hand; 0 when it has ended in order
  std::atomic<bool> failed{false};
  Tally tally;
  char sentence[sentence_max + 1] = {};
};

struct Shared {
  std::atomic<bool> stop{false};
  Desk desks[64];
};

Shared* make_shared_memory() {
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  AMENDS_CHECK(memory != MAP_FAILED, "no memory that processes can share");
  return new (memory) Shared;
}

void fail(Desk& desk, const std::string& sentence) {
  std::strncpy(desk.sentence, sentence.c_str(), sentence_max);
  desk.failed = true;
}

std::string run_once_or_twice(const Assignment& assignment, const Options& options, Desk& desk) {
  RunOptions run;
  if (!assignment.evidence.empty() && options.seed % assignment.judge_every == 0)
    run.evidence = evidence_of(assignment.evidence, options.seed);
  const Result first = simulate(options, run);
  desk.tally.add(first);
  if (!first.broken.empty() || !assignment.twice) return first.broken;
  const Result second = simulate(options);
  if (second.hash == first.hash && second.events == first.events) return {};
  return "the same seed was another run the second time";
}

void work(const Assignment& assignment, unsigned number, Shared& shared) {
  Desk& desk = shared.desks[number];
  const auto began = std::chrono::steady_clock::now();
  const auto calibrated = [&] {
    const Calibration one = calibrate();
    desk.tally.loops += one.loops;
    desk.tally.loops_us += one.micros;
  };
  calibrated();
  for (std::uint64_t seed = assignment.first + number; seed <= assignment.last; seed += assignment.jobs) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began;
    if (shared.stop || (assignment.seconds > 0 && passed.count() > assignment.seconds)) break;
    desk.seed = seed;
    Options options = draw_options(seed);
    change(options, assignment.changes);
    const std::int64_t cpu = cpu_micros();
    const std::string broken = run_once_or_twice(assignment, options, desk);
    desk.tally.cpu_us += (cpu_micros() - cpu) / (assignment.twice ? 2 : 1);
    if (broken.empty()) continue;
    fail(desk, broken);
    shared.stop = true;
    return;
  }
  calibrated();
  desk.seed = 0;
}

std::string signal_sentence(int status) {
  if (WIFSIGNALED(status)) return std::string("the process was stopped: ") + strsignal(WTERMSIG(status));
  return "the process ended with " + std::to_string(WEXITSTATUS(status));
}

template <typename Work>
pid_t fork_to(Work&& work) {
  std::fflush(nullptr);
  const pid_t child = fork();
  AMENDS_CHECK(child >= 0, "no process can be made");
  if (child > 0) return child;
  work();
  std::fflush(nullptr);
  _exit(0);
}

}  // namespace

std::string evidence_of(const std::string& directory, std::uint64_t seed) {
  const std::string out = directory + "/seed-" + std::to_string(seed);
  std::filesystem::create_directories(out);
  return out;
}

Outcome run_seeds(const Assignment& assignment) {
  Assignment mine = assignment;
  mine.jobs = std::clamp(mine.jobs, 1u, 64u);
  Shared* const shared = make_shared_memory();
  std::vector<pid_t> workers;
  for (unsigned i = 0; i < mine.jobs; ++i) workers.push_back(fork_to([&, i] { work(mine, i, *shared); }));
  Outcome out;
  for (unsigned i = 0; i < mine.jobs; ++i) {
    int status = 0;
    waitpid(workers[i], &status, 0);
    Desk& desk = shared->desks[i];
    out.tally.add(desk.tally);
    const bool died = desk.seed != 0 && status != 0;
    if (died) shared->stop = true;
    if (out.failure || (!died && !desk.failed)) continue;
    out.failure = Failure{desk.seed, desk.failed ? desk.sentence : signal_sentence(status)};
  }
  munmap(shared, sizeof(Shared));
  return out;
}

std::string try_run(const Options& options, const RunOptions& run) {
  Shared* const shared = make_shared_memory();
  Desk& desk = shared->desks[0];
  const pid_t child = fork_to([&] {
    const Result result = simulate(options, run);
    if (!result.broken.empty()) fail(desk, result.broken);
  });
  int status = 0;
  waitpid(child, &status, 0);
  const std::string out = desk.failed   ? std::string(desk.sentence)
                          : status != 0 ? signal_sentence(status)
                                        : "";
  munmap(shared, sizeof(Shared));
  return out;
}

}  // namespace amends::simulation
