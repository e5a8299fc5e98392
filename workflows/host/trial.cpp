#include "workflows/host/trial.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace amends::engine {
namespace {

// A page that outlives the child: the child writes where it is, the parent reads where it died. Without one
// nobody knows where.
class Place {
 public:
  Place() : page_(::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {}
  ~Place() {
    if (page_ != MAP_FAILED) ::munmap(page_, bytes);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  void write(std::string_view where) {
    if (page_ == MAP_FAILED) return;
    auto* const text = static_cast<char*>(page_);
    const std::size_t length = std::min(where.size(), bytes - 1);
    where.copy(text, length);
    text[length] = '\0';
  }
  std::string read() const {
    if (page_ == MAP_FAILED) return {};
    const auto* const text = static_cast<const char*>(page_);
    return {text, ::strnlen(text, bytes)};  // what crashed may have written anything here
  }

 private:
  static constexpr std::size_t bytes = 512;
  void* page_;
};

// noexcept: what a static initialiser throws may pass through dlopen (it depends on the frames between), and
// must not run the caller a second time here.
[[noreturn]] void run_child(const std::function<void(const AboutTo&)>& load, std::chrono::seconds limit,
                            Place& place) noexcept {
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
  load([&place](std::string_view where) { place.write(where); });
  ::_exit(0);
}

}  // namespace

std::optional<std::string> find_crash(const std::function<void(const AboutTo&)>& load,
                                      std::chrono::seconds limit) {
  Place place;
  place.write("when it is loaded");
  const pid_t child = ::fork();
  if (child < 0) return std::nullopt;
  if (child == 0) run_child(load, limit, place);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return std::nullopt;
  const std::string where = place.read();
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
    return "does not come to an end " + where + ", after " + std::to_string(limit.count()) + " s";
  if (WIFSIGNALED(status)) return "crashes " + where + " (" + ::strsignal(WTERMSIG(status)) + ")";
  if (WEXITSTATUS(status) != 0) return "ends the process " + where;
  return std::nullopt;
}

}  // namespace amends::engine
