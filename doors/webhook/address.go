package webhook

import (
	"context"
	"errors"
	"net/netip"
	"syscall"
)

// control sees every address as it is really connected to.
func (d *Driver) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return errors.New("webhook: an address that cannot be read")
	}
	return d.permitted(target.Addr().Unmap())
}

// reserved are networks beyond the private ones that no receiver stands in: this network (RFC 791), shared between
// providers (RFC 6598), IETF assignments, documentation, benchmarks, former class E; and the addresses that carry
// an IPv4 address through IPv6 (NAT64, 6to4), which would be a way around all of these.
func reserved() []netip.Prefix {
	var all []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001:db8::/32",
	} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// permitted says whether a receiver may stand at an address. Link-local ones never: that is where clouds keep
// the keys of their machines.
func (d *Driver) permitted(address netip.Addr) error {
	if permit := d.config.Permit; permit != nil {
		if permit(address) && (!d.local || address.IsLoopback()) {
			return nil
		}
		return errAddress
	}
	switch {
	case address.IsLoopback():
		if d.local || d.config.AllowPrivate {
			return nil
		}
	case d.local: // plain HTTP stays on this machine, whatever the name says today
	case !address.IsGlobalUnicast(): // link-local, multicast, unspecified
	case address.IsPrivate():
		if d.config.AllowPrivate {
			return nil
		}
	default:
		for _, prefix := range reserved() {
			if prefix.Contains(address) {
				return errAddress
			}
		}
		return nil
	}
	return errAddress
}

var errAddress = errors.New("webhook: the receiver's address is not allowed")
