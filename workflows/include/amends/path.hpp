// amends::path("/reservations/{}", order_id): the one way to put data into a URL's path. Every argument is
// percent-encoded, so that an id holding "/../" or "?" stays one segment (RFC 3986 section 2.3: only the
// unreserved characters are kept).
#pragma once
#include <concepts>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace amends {

namespace misuse {
// Their names are the compiler's message.
void a_path_has_as_many_braces_as_arguments();
void a_path_begins_with_a_slash_and_has_no_empty_or_dot_segment_query_or_blank();
}  // namespace misuse

namespace detail {

inline std::string percent_encoded(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                            c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
    } else {
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  return out;
}

// An argument that would vanish or climb is refused: DELETE /reservations/ is another request than the one
// meant.
inline std::string path_argument(std::string_view text) {
  if (text.empty() || text == "." || text == "..")
    throw std::invalid_argument("amends::path: an argument is '" + std::string(text) +
                                "', which is no segment");
  return percent_encoded(text);
}
template <std::integral T>
std::string path_argument(T number) {
  static_assert(!std::same_as<T, bool> && !std::same_as<T, char>,
                "amends: path arguments are strings and integers");
  return std::to_string(number);
}

// Returns how many "{}" a template holds; refuses at compile time what is no path.
consteval std::size_t count_braces(std::string_view text) {
  std::size_t braces = 0;
  bool good = !text.empty() && text.front() == '/';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{' && i + 1 < text.size() && text[i + 1] == '}')
      ++braces, ++i;
    else if (c <= ' ' || c >= 127 || c == '{' || c == '}' || c == '?' || c == '#' || c == '\\')
      good = false;
    else if (c == '/' && i > 0 && text[i - 1] == '/')
      good = false;
    else if (c == '.' && text[i - 1] == '/')
      good = false;
  }
  if (!good) misuse::a_path_begins_with_a_slash_and_has_no_empty_or_dot_segment_query_or_blank();
  return braces;
}

template <class... Args>
struct PathTemplate {
  template <class Literal>
  requires std::convertible_to<const Literal&, std::string_view>
  consteval PathTemplate(const Literal& literal) : text(literal) {  // NOLINT: a literal is the template
    if (count_braces(text) != sizeof...(Args)) misuse::a_path_has_as_many_braces_as_arguments();
  }
  std::string_view text;
};

}  // namespace detail

// The path of a request, encoded. Made by amends::path only.
class Path {
 public:
  const std::string& text() const { return text_; }

 private:
  explicit Path(std::string text) : text_(std::move(text)) {}
  template <class... Args>
  friend Path path(detail::PathTemplate<std::type_identity_t<Args>...> text, const Args&... args);
  std::string text_;
};

// Throws std::invalid_argument when an argument is empty, "." or "..".
template <class... Args>
Path path(detail::PathTemplate<std::type_identity_t<Args>...> text, const Args&... args) {
  std::string out;
  std::string_view rest = text.text;
  [[maybe_unused]] const auto put = [&](const std::string& argument) {
    const std::size_t braces = rest.find("{}");
    out += rest.substr(0, braces);
    out += argument;
    rest.remove_prefix(braces + 2);
  };
  (put(detail::path_argument(args)), ...);
  out += rest;
  return Path(std::move(out));
}

// Where a request helper takes a path: the result of amends::path, or a literal without "{}".
class PathArgument {
 public:
  PathArgument(const Path& path) : text_(path.text()) {}  // NOLINT: a path is the argument
  template <std::size_t N>
  consteval PathArgument(const char (&literal)[N]) : text_(literal, N - 1) {  // NOLINT: a literal too
    if (detail::count_braces(text_) != 0) misuse::a_path_has_as_many_braces_as_arguments();
  }
  template <class Text>
  requires std::convertible_to<const Text&, std::string> PathArgument(
      const Text&) {  // NOLINT: only to say why not
    static_assert(!std::convertible_to<const Text&, std::string>,
                  "amends: a path is made by amends::path(\"/reservations/{}\", id), which encodes its "
                  "arguments; a concatenated string is refused");
  }
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;  // lives as long as the call
};

}  // namespace amends
