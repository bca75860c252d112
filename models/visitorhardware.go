package models

// PassHardwareCannot is the reason of a pass's door whose hardware neither asks the server about a code nor can hold the pass: the
// visitor shows the code to a guard, or is let in from afar.
const PassHardwareCannot = "hardware_cannot"

// AsksAboutCodes says whether what stands at a device's doors asks the server about each code. Boards and terminals decide by
// themselves, by card number and whole day; they count no uses and know no minute, so no visitor's pass is put on them: it
// would open more than it may. See decision 035.
func (k DriverKind) AsksAboutCodes() bool { return k != DriverUHPPOTE && k != DriverISAPI }

// TakesCodes says whether a visitor's code opens the door where it is typed.
func (d Door) TakesCodes() bool { return d.HoldsCodes || d.Driver.Kind.AsksAboutCodes() }

// With is the pass's door as it stands with the driver of today, whatever the driver was when it was written: no pass has to be
// touched because a door was fitted to other hardware. It is for doors whose controller holds no codes.
func (p PassDoor) With(driver DriverKind) PassDoor {
	switch {
	case p.Removed || p.State == PassPending:
	case !driver.AsksAboutCodes():
		p.State, p.Reason = PassFailed, PassHardwareCannot
	case p.Reason == PassHardwareCannot:
		p.State, p.Reason = PassIssued, ""
	}
	return p
}
