package models

// Wake is what one replica tells the others to look at. It is a hint: what is lost costs a look that comes by itself.
type Wake string

// What there is to look at.
const (
	WakeAlert Wake = "alert" // a new alert, by its id
	WakeEnded Wake = "ended" // sessions of somebody, by the person's id, have ended
)

// Known says whether this version knows what to look at.
func (w Wake) Known() bool {
	switch w {
	case WakeAlert, WakeEnded:
		return true
	default:
		return false
	}
}
