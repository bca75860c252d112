package models

// Wake is what one replica tells the others to look at. It is a hint: what is lost costs a look that comes by itself.
type Wake string

// What there is to look at.
const (
	WakeAlert Wake = "alert" // a new alert, by its id
	WakeEnded Wake = "ended" // sessions of somebody, by the person's id, have ended
	WakeSOS   Wake = "sos"   // a call for help changed, by its id
	WakeCall  Wake = "call"  // a call at a door changed, by its id
	WakeClimb Wake = "climb" // an alert went up its ladder, or is off, by the alert's id
)

// Known says whether this version knows what to look at.
func (w Wake) Known() bool {
	switch w {
	case WakeAlert, WakeEnded, WakeSOS, WakeCall, WakeClimb:
		return true
	default:
		return false
	}
}
