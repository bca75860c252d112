package models

import (
	"net/netip"
	"slices"
)

// DoorNetworks are the networks in which door hardware of other makers may stand. None: everywhere but on this machine,
// in link-local and in reserved networks. An administrator names the address of a device, and the server then speaks to
// it: without a bound it would speak to whatever only the server reaches.
type DoorNetworks []netip.Prefix

// Permit says whether the server may speak to door hardware at an address.
func (n DoorNetworks) Permit(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	if !address.IsValid() || address.IsUnspecified() || address.IsMulticast() || slices.Contains(metadata(), address) {
		return false
	}
	if len(n) > 0 {
		return n.contain(address)
	}
	return address.IsGlobalUnicast() && !DoorNetworks(reserved()).contain(address)
}

func (n DoorNetworks) contain(address netip.Addr) bool {
	return slices.ContainsFunc(n, func(network netip.Prefix) bool { return network.Contains(address) })
}

// metadata are the addresses at which clouds give a machine its keys. No setting allows them.
func metadata() []netip.Addr {
	return []netip.Addr{
		netip.AddrFrom4([4]byte{169, 254, 169, 254}), netip.AddrFrom4([4]byte{169, 254, 170, 2}),
		netip.AddrFrom4([4]byte{100, 100, 100, 200}), netip.AddrFrom4([4]byte{168, 63, 129, 16}),
		netip.AddrFrom4([4]byte{192, 0, 0, 192}), netip.MustParseAddr("fd00:ec2::254"),
	}
}

// reserved are networks that hold no door: this network (RFC 791), shared between providers (RFC 6598), IETF assignments,
// documentation, benchmarks, former class E with the broadcast address; and addresses that carry an IPv4 address through
// IPv6 (compatible, NAT64, Teredo, 6to4), which would be a way around all of these.
func reserved() []netip.Prefix {
	var all []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
		"240.0.0.0/4", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2001:db8::/32", "2002::/16",
	} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}
