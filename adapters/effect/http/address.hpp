// Which addresses an endpoint may connect to. Asked of the resolved address, so that neither a spelling nor a
// rebinding DNS server gets around it. Immutable; any thread.
#pragma once
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace amends::http {

// IPv4 is kept as its mapped IPv6 form, so that both spellings meet the same rule.
using AddressBytes = std::array<std::uint8_t, 16>;

struct Cidr {
  AddressBytes prefix{};
  unsigned bits = 128;

  // "10.0.0.0/8", "::1", "fd00::/8"; nothing when `text` is anything else or has bits set behind the prefix.
  static std::optional<Cidr> parse(std::string_view text);
  bool holds(const AddressBytes& address) const;
};

// Nothing when the family is neither IPv4 nor IPv6.
std::optional<AddressBytes> address_of(const sockaddr* address);

// True for everything that the IANA special-purpose registries (RFC 6890) keep out of the public internet,
// and for the forms that smuggle an IPv4 address inside an IPv6 one (NAT64, 6to4, Teredo, compatible).
bool is_private(const AddressBytes& address);

// The rule: public, or in one of `allowed`.
bool may_connect(const sockaddr* address, const std::vector<Cidr>& allowed);

}  // namespace amends::http
