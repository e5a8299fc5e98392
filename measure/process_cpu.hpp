// What a server's processes have used, read from /proc. Nothing is read of processes on another machine.
#pragma once
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace amends::measure {

inline std::vector<pid_t> children_of(pid_t parent) {
  std::ifstream file("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children");
  std::vector<pid_t> out;
  for (pid_t pid = 0; file >> pid;) out.push_back(pid);
  return out;
}

// One line of /proc/PID/stat: "PID (name) state parent ...". All empty when there is no such process.
struct ProcessStat {
  std::string name;
  pid_t parent = 0;
  double ticks = 0, children_ticks = 0;  // user and system time, its own and that of children it waited for
};

inline ProcessStat read_process(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string stat((std::istreambuf_iterator<char>(file)), {});
  // The program's name may hold anything; it ends at the last parenthesis.
  const auto begin = stat.find('('), end = stat.rfind(')');
  ProcessStat out;
  if (begin == std::string::npos || end == std::string::npos) return out;
  out.name = stat.substr(begin + 1, end - begin - 1);
  std::istringstream rest(stat.substr(end + 1));
  std::string skipped;
  rest >> skipped >> out.parent;
  for (int field = 5; field < 14; ++field) rest >> skipped;
  double user = 0, system = 0, children_user = 0, children_system = 0;
  rest >> user >> system >> children_user >> children_system;
  out.ticks = user + system;
  out.children_ticks = children_user + children_system;
  return out;
}

// Of a server and its processes, those that ended included.
inline double server_cpu_seconds(pid_t server) {
  const ProcessStat own = read_process(server);
  double ticks = own.ticks + own.children_ticks;
  for (const pid_t child : children_of(server)) ticks += read_process(child).ticks;
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace amends::measure
