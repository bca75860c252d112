package models

import "time"

// DeviceAbout is what a device says of itself.
type DeviceAbout struct {
	Firmware    string
	Model       string
	ConnectedAt time.Time      // since when its present connection to the broker stands; zero: not known
	ClockDrift  *time.Duration // its clock minus ours, the way of the message included; nil: not known
	Health      *DeviceHealth  // nil: never reported
}

// DeviceHealth is a device's own report; nil for what it has no sensor for.
type DeviceHealth struct {
	ReceivedAt      time.Time
	UptimeS         *int64 // seconds since it started
	BatteryPercent  *int
	SupplyMV        *int // millivolts
	DiskFreePercent *int
	TemperatureC    *int
}

// DeviceHello is what a device says when it connects to the broker, and every minute after.
type DeviceHello struct {
	Nonce    string // "" when its clock is too far behind for anything to be signed for it
	Firmware string
	At       time.Time // its clock
}

// MaxClockDrift bounds what is kept of how far a clock is off: a device without a battery for its clock begins in 1970.
const MaxClockDrift = 200 * 365 * 24 * time.Hour

// Drift is how far a device's clock is ahead of ours.
func Drift(device, now time.Time) time.Duration {
	return min(max(device.Sub(now), -MaxClockDrift), MaxClockDrift)
}
