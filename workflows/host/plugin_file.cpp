#include "workflows/host/plugin_file.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace amends::engine {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half this_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half this_machine = EM_AARCH64;
#else
#error "name this machine's ELF type here"
#endif

bool read_at(int fd, void* into, std::size_t bytes, std::uint64_t offset) {
  const ssize_t got = ::pread(fd, into, bytes, static_cast<off_t>(offset));
  return got >= 0 && static_cast<std::size_t>(got) == bytes;
}

bool inside(std::uint64_t offset, std::uint64_t bytes, std::uint64_t file_bytes) {
  return offset <= file_bytes && bytes <= file_bytes - offset;
}

std::optional<std::string> wrong_with_owner(const struct stat& facts) {
  if (!S_ISREG(facts.st_mode)) return "is not a regular file";
  if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return "may be written by its group or by others (chmod go-w makes it acceptable)";
  if (facts.st_uid != 0 && facts.st_uid != ::geteuid())
    return "is owned by neither root nor the engine's user";
  return std::nullopt;
}

std::optional<std::string> wrong_with_elf(int fd, std::uint64_t file_bytes) {
  Elf64_Ehdr head{};
  if (!read_at(fd, &head, sizeof head, 0) || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
    return "is not a shared object (no ELF header)";
  if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_machine != this_machine)
    return "is built for another machine";
  if (head.e_type != ET_DYN) return "is not a shared object";
  if (head.e_phentsize != sizeof(Elf64_Phdr)) return "has a malformed ELF header";
  // The section table stands at the end of what linkers write, so a file cut anywhere has lost part of it.
  const std::uint64_t sections = std::uint64_t{head.e_shnum} * head.e_shentsize;
  std::vector<Elf64_Phdr> segments(head.e_phnum);
  const std::size_t segment_bytes = segments.size() * sizeof(Elf64_Phdr);
  if (!inside(head.e_shoff, sections, file_bytes) || !inside(head.e_phoff, segment_bytes, file_bytes) ||
      !read_at(fd, segments.data(), segment_bytes, head.e_phoff))
    return "is cut off";
  for (const Elf64_Phdr& segment : segments)
    if (segment.p_type != PT_NULL && !inside(segment.p_offset, segment.p_filesz, file_bytes))
      return "is cut off";
  return std::nullopt;
}

}  // namespace

OpenFile::~OpenFile() {
  if (fd_ >= 0) ::close(fd_);
}

int OpenFile::release() {
  return std::exchange(fd_, -1);
}

std::variant<OpenFile, Reason> open_plugin_file(const std::string& path) {
  if (path.empty() || path.front() != '/') return Reason{"the path is not absolute"};
  if (path.find('\0') != std::string::npos) return Reason{"the path holds a NUL"};
  // O_NONBLOCK: a FIFO would wait for its writer. What is checked from here on is the descriptor, not the
  // path.
  OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.fd() < 0) {
    if (errno == ELOOP) return Reason{"is a symbolic link"};
    return Reason{std::string("cannot be opened: ") + std::strerror(errno)};
  }
  struct stat facts {};
  if (::fstat(file.fd(), &facts) != 0)
    return Reason{std::string("cannot be examined: ") + std::strerror(errno)};
  if (auto wrong = wrong_with_owner(facts)) return Reason{*wrong};
  if (auto wrong = wrong_with_elf(file.fd(), static_cast<std::uint64_t>(facts.st_size)))
    return Reason{*wrong};
  return file;
}

}  // namespace amends::engine
