#include "adapters/effect/http/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <span>
#include <string>

namespace amends::http {
namespace {

AddressBytes mapped(const void* four) {
  AddressBytes out{};
  out[10] = out[11] = 0xff;
  std::memcpy(out.data() + 12, four, 4);
  return out;
}

// RFC 6890 and the registries behind it, as of 2024.
constexpr const char* private_ranges[] = {
    "0.0.0.0/8",       // this network
    "10.0.0.0/8",      // RFC 1918
    "100.64.0.0/10",   // carrier NAT
    "127.0.0.0/8",     // loopback
    "169.254.0.0/16",  // link-local, where clouds keep their credentials
    "172.16.0.0/12",   // RFC 1918
    "192.0.0.0/24",    // protocol assignments
    "192.0.2.0/24",    // documentation
    "192.88.99.0/24",  // 6to4 relays
    "192.168.0.0/16",  // RFC 1918
    "198.18.0.0/15",   // benchmarks
    "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4",   // multicast
    "240.0.0.0/4",   // reserved, broadcast
    "::/96",         // unspecified, loopback, IPv4-compatible
    "64:ff9b::/96",  // NAT64
    "64:ff9b:1::/48",
    "100::/64",       // discard
    "2001::/23",      // Teredo, ORCHID
    "2001:db8::/32",  // documentation
    "2002::/16",      // 6to4
    "3fff::/20",      // documentation
    "5f00::/16",      // segment routing
    "fc00::/7",       // unique local
    "fe80::/10",      // link-local
    "fec0::/10",      // site-local
    "ff00::/8",       // multicast
};

const std::vector<Cidr>& private_cidrs() {
  static const std::vector<Cidr> parsed = [] {
    std::vector<Cidr> out;
    for (const char* range : private_ranges) out.push_back(Cidr::parse(range).value());
    return out;
  }();
  return parsed;
}

}  // namespace

std::optional<Cidr> Cidr::parse(std::string_view text) {
  if (text.find('\0') != text.npos) return std::nullopt;  // it would be cut there
  const auto slash = text.find('/');
  const std::string address(text.substr(0, slash));
  Cidr out;
  unsigned width = 128;
  in_addr four{};
  if (inet_pton(AF_INET, address.c_str(), &four) == 1) {
    out.prefix = mapped(&four);
    width = 32;
  } else if (inet_pton(AF_INET6, address.c_str(), out.prefix.data()) != 1) {
    return std::nullopt;
  }
  unsigned bits = width;
  if (slash != text.npos) {
    const auto digits = text.substr(slash + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size() || bits > width)
      return std::nullopt;
  }
  out.bits = bits + (128 - width);
  for (unsigned i = out.bits; i < 128; ++i)
    if ((out.prefix[i / 8] >> (7 - i % 8) & 1) != 0) return std::nullopt;
  return out;
}

bool Cidr::holds(const AddressBytes& address) const {
  const unsigned whole = bits / 8, rest = bits % 8;
  if (std::memcmp(prefix.data(), address.data(), whole) != 0) return false;
  return rest == 0 || ((prefix[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

std::optional<AddressBytes> address_of(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in four;
    std::memcpy(&four, address, sizeof four);
    return mapped(&four.sin_addr);
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 six;
    std::memcpy(&six, address, sizeof six);
    AddressBytes out;
    std::memcpy(out.data(), &six.sin6_addr, out.size());
    return out;
  }
  return std::nullopt;
}

bool is_private(const AddressBytes& address) {
  // Of IPv6 only 2000::/3 was ever given out. Elsewhere lie more ways to write an IPv4 address than are
  // listed.
  const bool is_mapped =
      std::ranges::all_of(std::span(address).first(10), [](auto byte) { return byte == 0; }) &&
      address[10] == 0xff && address[11] == 0xff;
  if (!is_mapped && address[0] >> 5 != 1) return true;
  return std::ranges::any_of(private_cidrs(), [&](const Cidr& range) { return range.holds(address); });
}

bool may_connect(const sockaddr* address, const std::vector<Cidr>& allowed) {
  const auto bytes = address_of(address);
  if (!bytes) return false;
  return !is_private(*bytes) ||
         std::ranges::any_of(allowed, [&](const Cidr& range) { return range.holds(*bytes); });
}

}  // namespace amends::http
