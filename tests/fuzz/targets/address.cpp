// The guard against requests that are sent where they must not go: ranges, addresses, and the URLs of
// endpoints.
#include "adapters/effect/http/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

#include "adapters/effect/http/options.hpp"
#include "tests/fuzz/bytes.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

using http::AddressBytes;
using http::Cidr;

bool is_mapped(const AddressBytes& a) {
  static constexpr AddressBytes head{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::memcmp(a.data(), head.data(), 12) == 0;
}

// Written down a second time, by another way: the public internet is 2000::/3 and what of IPv4 is left.
bool is_surely_inside(const AddressBytes& a) {
  if (!is_mapped(a)) return (a[0] & 0xe0) != 0x20 || (a[0] == 0x20 && a[1] == 0x02);
  const std::uint8_t* four = a.data() + 12;
  return four[0] == 0 || four[0] == 10 || four[0] == 127 || four[0] >= 224 ||
         (four[0] == 169 && four[1] == 254) || (four[0] == 172 && four[1] >> 4 == 1) ||
         (four[0] == 192 && four[1] == 168) || (four[0] == 100 && four[1] >> 6 == 1);
}

bool first_bits_same(const AddressBytes& a, const AddressBytes& b, unsigned bits) {
  for (unsigned i = 0; i < bits; ++i)
    if ((a[i / 8] >> (7 - i % 8) & 1) != (b[i / 8] >> (7 - i % 8) & 1)) return false;
  return true;
}

void hold_address(const AddressBytes& bytes, const std::vector<Cidr>& allowed) {
  if (is_surely_inside(bytes)) AMENDS_HOLDS(http::is_private(bytes), "what is no public address is private");
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  std::memcpy(&six.sin6_addr, bytes.data(), bytes.size());
  const bool may = http::may_connect(reinterpret_cast<sockaddr*>(&six), allowed);
  bool expected = !http::is_private(bytes);
  for (const Cidr& range : allowed) expected = expected || first_bits_same(range.prefix, bytes, range.bits);
  AMENDS_HOLDS(may == expected, "it may connect to what is public or in a range, and to nothing else");
  if (!is_mapped(bytes)) return;
  sockaddr_in four{};
  four.sin_family = AF_INET;
  std::memcpy(&four.sin_addr, bytes.data() + 12, 4);
  AMENDS_HOLDS(http::may_connect(reinterpret_cast<sockaddr*>(&four), allowed) == may,
               "both spellings of an address are one");
}

void hold_range(std::string_view text, const Cidr& range) {
  AMENDS_HOLDS(range.bits <= 128 && range.holds(range.prefix), "a range holds its own prefix");
  AMENDS_HOLDS(text.find_first_not_of("0123456789abcdefABCDEF:./") == text.npos, "a range is written as one");
  char shown[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, range.prefix.data(), shown, sizeof shown);
  const auto again = Cidr::parse(std::string(shown) + "/" + std::to_string(range.bits));
  AMENDS_HOLDS(again && again->prefix == range.prefix && again->bits == range.bits,
               "a range that was written is read again");
}

void hold_url(std::string_view url, const std::string& allow) {
  http::HttpEndpoint endpoint;
  endpoint.name = "shop";
  endpoint.base_url = url;
  if (!allow.empty()) endpoint.allow_private = {allow};
  const auto findings = http::findings(endpoint);
  for (const std::string& finding : findings)
    AMENDS_HOLDS(is_sentence(finding, 2'000), "what is wrong with it can be printed");
  const std::string never = http::address_never_allowed(endpoint);
  AMENDS_HOLDS(is_sentence(never, 256), "an address that is never let through can be printed");
  if (!findings.empty()) return;
  const auto scheme = url.find("://");
  AMENDS_HOLDS(scheme == 4 || scheme == 5, "a URL that is taken says its scheme the usual way");
  AMENDS_HOLDS(url.find_first_of("@\\#?%") == url.npos,
               "and holds nothing that two readers may read differently");
}

}  // namespace

// A range a line, up to four; then 16 bytes of an address and a URL.
AMENDS_FUZZ_TARGET(address) {
  Bytes bytes(input);
  std::vector<Cidr> allowed;
  std::string last;
  for (std::size_t left = bytes.pick(5); left > 0; --left) {
    last = bytes.line();
    const auto range = Cidr::parse(last);
    if (!range) continue;
    hold_range(last, *range);
    allowed.push_back(*range);
  }
  AddressBytes address{};
  const bool mapped = bytes.flag();
  for (std::size_t i = mapped ? 12 : 0; i < address.size(); ++i) address[i] = bytes.byte();
  if (mapped) address[10] = address[11] = 0xff;
  hold_address(address, allowed);
  hold_url(bytes.rest(), last);
}

}  // namespace amends::fuzz
