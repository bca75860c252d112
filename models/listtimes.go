package models

import "time"

// PassListExpired is the reason of a pass's door whose controller decides by a list that has ended, and asks for no new one: while
// it cannot reach the server it opens nothing.
const PassListExpired = string(OfflineExpired)

// ListTimes says when lists of a controller were made: the latest that it was given, and the latest that it said it holds. Zero:
// there is none.
type ListTimes struct {
	Given, Held time.Time
}

// Times says when the device's lists were made.
func (l DeviceList) Times() ListTimes {
	times := ListTimes{Given: l.MadeAt}
	switch {
	case l.Held <= 0:
	case l.Held >= l.Serial:
		times.Held = l.MadeAt
	default:
		times.Held = time.UnixMilli(l.Held).UTC() // see NextSerial
	}
	return times
}

// ListEnd is when a list ends, as it stands in it: in seconds.
func ListEnd(made time.Time, life time.Duration) time.Time {
	return made.Add(life).Truncate(time.Second)
}

// Newest is the list that the controller decides by: the one it holds, or else the one that it was given and may have stored.
func (l ListTimes) Newest() time.Time {
	if !l.Held.IsZero() {
		return l.Held
	}
	return l.Given
}

// ByList is the pass's door as far as its controller's list is worth anything now. It is read so and never written: with the next list
// that the controller takes the door stands as before. Who waits for a list waits while the latest one lasts.
func (p PassDoor) ByList(life time.Duration, now time.Time) PassDoor {
	made := p.List.Held
	if p.State == PassPending {
		made = p.List.Given
	}
	if p.State == PassFailed || made.IsZero() || now.Before(ListEnd(made, life)) {
		return p
	}
	p.State, p.Reason, p.ChangedAt = PassFailed, PassListExpired, ListEnd(made, life)
	return p
}
