// amends_bench [--json] [--quick] [--runs N] [--seconds S] [name...]: medians of several runs. bench/run.sh
// builds and calls it.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "bench/points.hpp"

namespace amends::bench {
namespace {

constexpr const char* usage =
    "usage: amends_bench [--json] [--quick] [--list] [--runs N] [--seconds S] [name...]";

struct Arguments {
  bool json = false, quick = false, list = false;
  int runs = 3;
  double seconds = 3;
  std::vector<std::string> names;
};

Arguments read(int argc, char** argv) {
  Arguments out;
  for (int i = 1; i < argc; ++i) {
    const std::string one = argv[i];
    if (one == "--json")
      out.json = true;
    else if (one == "--list")
      out.list = true;
    else if (one == "--quick")
      out.quick = true, out.seconds = 2;
    else if (one == "--runs" && i + 1 < argc)
      out.runs = std::max(1, std::atoi(argv[++i]));
    else if (one == "--seconds" && i + 1 < argc)
      out.seconds = std::max(0.2, std::atof(argv[++i]));
    else if (one.rfind("--", 0) == 0)
      throw std::invalid_argument(usage);
    else
      out.names.push_back(one);
  }
  return out;
}

// Those asked for, in their order.
std::vector<Point> choose(std::vector<Point> all, const Arguments& arguments) {
  for (const std::string& name : arguments.names)
    if (std::none_of(all.begin(), all.end(), [&](const Point& p) { return p.name == name; }))
      throw std::invalid_argument("no point is named " + name + "; --list names them");
  if (!arguments.names.empty())
    std::erase_if(all, [&](const Point& p) {
      return std::find(arguments.names.begin(), arguments.names.end(), p.name) == arguments.names.end();
    });
  else if (arguments.quick)
    all.resize(quick_points);
  return all;
}

void print(const Point& point, const std::vector<double>& runs, double median, bool json) {
  if (json) {
    std::printf(R"({"name":"%s","value":%.3f,"unit":"%s","goal":%g,"at_least":%g,"runs":[)",
                point.name.c_str(), median, point.unit.c_str(), point.goal, point.at_least);
    for (std::size_t i = 0; i < runs.size(); ++i) std::printf("%s%.3f", i == 0 ? "" : ",", runs[i]);
    std::printf("]}\n");
  } else {
    const auto [least, most] = std::minmax_element(runs.begin(), runs.end());
    std::printf("%-20s %8.2f %-5s [%.2f-%.2f]  goal %g, at %s %g%s  (%s)\n", point.name.c_str(), median,
                point.unit.c_str(), *least, *most, point.goal, point.less_is_better() ? "most" : "least",
                point.at_least, point.holds(median) ? "" : "  MISSED", point.what.c_str());
  }
  std::fflush(stdout);
}

// A folder of its own, gone afterwards.
double run_once(const Point& point) {
  const std::filesystem::path base =
      std::filesystem::temp_directory_path() / ("amends-bench-" + std::to_string(::getpid()));
  std::filesystem::create_directories(base);
  // A server of an unprivileged user keeps its files in it.
  std::filesystem::permissions(base, std::filesystem::perms::others_exec | std::filesystem::perms::group_exec,
                               std::filesystem::perm_options::add);
  struct Gone {
    const std::filesystem::path& path;
    ~Gone() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
  } gone{base};
  return point.run(base);
}

int run(const Arguments& arguments, const Setting& setting) {
  const auto chosen = choose(points(setting), arguments);
  if (arguments.list) {
    for (const Point& point : chosen) std::printf("%-20s %s\n", point.name.c_str(), point.what.c_str());
    return 0;
  }
  std::vector<std::string> missed;
  for (const Point& point : chosen) {
    std::vector<double> runs;
    const int count = std::min(arguments.runs, point.runs_max);
    for (int i = 0; i < count; ++i) {
      std::fprintf(stderr, "%s, run %d of %d\n", point.name.c_str(), i + 1, count);
      runs.push_back(run_once(point));
    }
    std::vector<double> sorted = runs;
    std::sort(sorted.begin(), sorted.end());
    const double median = sorted[sorted.size() / 2];
    print(point, runs, median, arguments.json);
    if (!point.holds(median)) missed.push_back(point.name);
  }
  for (const std::string& name : missed)
    std::fprintf(stderr, "bench: %s is worse than at_least\n", name.c_str());
  return missed.empty() ? 0 : 1;
}

}  // namespace
}  // namespace amends::bench

int main(int argc, char** argv) {
  // <build>/bin/amends_bench, <build>/plugins/bench_three.so, <build>/lib/…
  const auto programs = std::filesystem::canonical("/proc/self/exe").parent_path();
  try {
    const auto arguments = amends::bench::read(argc, argv);
    amends::bench::Setting setting;
    setting.plugin = programs.parent_path() / "plugins/bench_three.so";
    setting.programs = programs;
    setting.slow_sync = AMENDS_SLOW_SYNC;
    setting.seconds = arguments.seconds;
    return amends::bench::run(arguments, setting);
  } catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench: %s\n", e.what());
    return 1;
  }
}
