// amends_bench [--json] [--runs N] [--seconds S] [name...]: medians of ratios. bench/run.sh builds and calls
// it.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "bench/points.hpp"

namespace amends::bench {
namespace {

struct Arguments {
  bool json = false;
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
    else if (one == "--runs" && i + 1 < argc)
      out.runs = std::max(1, std::atoi(argv[++i]));
    else if (one == "--seconds" && i + 1 < argc)
      out.seconds = std::max(0.2, std::atof(argv[++i]));
    else if (one.rfind("--", 0) == 0)
      throw std::invalid_argument("usage: amends_bench [--json] [--runs N] [--seconds S] [name...]");
    else
      out.names.push_back(one);
  }
  return out;
}

void print(const Point& point, std::vector<double> values, bool json) {
  std::sort(values.begin(), values.end());
  const double median = values[values.size() / 2];
  if (json)
    std::printf(R"({"name":"%s","value":%.3f,"unit":"%s","goal":%g,"at_least":%g,"runs":%zu})"
                "\n",
                point.name.c_str(), median, point.unit.c_str(), point.goal, point.at_least, values.size());
  else
    std::printf("%-20s %.2f %s  [%.2f-%.2f]  goal %g, at least %g  (%s)\n", point.name.c_str(), median,
                point.unit.c_str(), values.front(), values.back(), point.goal, point.at_least,
                point.what.c_str());
  std::fflush(stdout);
}

int run(const Arguments& arguments, const std::filesystem::path& plugin) {
  const auto all = points({plugin, arguments.seconds});
  for (const std::string& name : arguments.names)
    if (std::none_of(all.begin(), all.end(), [&](const Point& p) { return p.name == name; }))
      throw std::invalid_argument("no point is named " + name);
  const std::filesystem::path base =
      std::filesystem::temp_directory_path() / ("amends-bench-" + std::to_string(::getpid()));
  for (const Point& point : all) {
    if (!arguments.names.empty() &&
        std::find(arguments.names.begin(), arguments.names.end(), point.name) == arguments.names.end())
      continue;
    std::vector<double> values;
    for (int i = 0; i < arguments.runs; ++i) {
      std::fprintf(stderr, "%s, run %d of %d\n", point.name.c_str(), i + 1, arguments.runs);
      std::filesystem::create_directories(base);
      values.push_back(point.run(base));
      std::filesystem::remove_all(base);
    }
    print(point, std::move(values), arguments.json);
  }
  return 0;
}

}  // namespace
}  // namespace amends::bench

int main(int argc, char** argv) {
  // The plugin lies beside the program: <build>/bin/amends_bench, <build>/plugins/bench_three.so.
  const auto program = std::filesystem::canonical("/proc/self/exe");
  try {
    return amends::bench::run(amends::bench::read(argc, argv),
                              program.parent_path().parent_path() / "plugins/bench_three.so");
  } catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench: %s\n", e.what());
    return 1;
  }
}
