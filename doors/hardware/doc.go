// Package hardware runs the drivers of devices of other makers: it makes them from their settings, opens doors through
// them, and keeps one supervised runner each for their events and their health. It imports doors, its drivers and models.
package hardware
