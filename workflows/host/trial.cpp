#include "workflows/host/trial.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace amends::engine {
namespace {

// noexcept: what a static initialiser throws may pass through dlopen (it depends on the frames between), and
// must not run the caller a second time here.
[[noreturn]] void run_child(const std::function<void()>& load, std::chrono::seconds limit) noexcept {
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGALRM, SIGTERM, SIGINT})
    ::signal(signal, SIG_DFL);
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_UNBLOCK, &all, nullptr);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  // What the runtime prints about the crash is not the engine's log.
  if (const int nowhere = ::open("/dev/null", O_WRONLY); nowhere >= 0) {
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
  }
  ::alarm(static_cast<unsigned>(limit.count()));
  load();
  ::_exit(0);
}

}  // namespace

std::optional<std::string> find_crash(const std::function<void()>& load, std::chrono::seconds limit) {
  const pid_t child = ::fork();
  if (child < 0) return std::nullopt;
  if (child == 0) run_child(load, limit);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return std::nullopt;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
    return "did not finish loading within " + std::to_string(limit.count()) + " s";
  if (WIFSIGNALED(status))
    return std::string("crashes when it is loaded (") + ::strsignal(WTERMSIG(status)) + ")";
  if (WEXITSTATUS(status) != 0) return "ends the process when it is loaded";
  return std::nullopt;
}

}  // namespace amends::engine
