package uhppote

import (
	"context"
	"net/netip"
	"slices"
	"time"
)

// Discover asks every board that hears the address to name itself and collects answers until the context
// ends. Boards answer within a second, and one that was missed answers the next time.
func Discover(ctx context.Context, address string, bind netip.Addr) ([]Controller, error) {
	target, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	socket, err := unconnected(ctx, bind, target.Port())
	if err != nil {
		return nil, err
	}
	defer func() { _ = socket.Close() }()
	defer context.AfterFunc(ctx, func() { _ = socket.SetReadDeadline(time.Unix(1, 0)) })()
	request := newPacket(getController, 0)
	if _, err := socket.WriteToUDPAddrPort(request[:], target); err != nil {
		return nil, err
	}
	var found []Controller
	for buffer := make([]byte, size+1); len(found) < maxFound; {
		count, err := socket.Read(buffer)
		if err != nil {
			break // the time is over
		}
		reply, err := parse(buffer[:count])
		if err != nil || reply.function() != getController || reply.serial() == 0 {
			continue
		}
		controller := decodeController(reply, time.UTC)
		if slices.ContainsFunc(found, func(one Controller) bool { return one.Serial == controller.Serial }) {
			continue
		}
		found = append(found, controller)
	}
	slices.SortFunc(found, func(one, other Controller) int { return int(int64(one.Serial) - int64(other.Serial)) })
	return found, nil
}

// maxFound bounds what strangers can make us remember.
const maxFound = 1024
