package demo

import (
	"context"
	"time"

	"xunfang/doors/uhppote"
)

// boardSerial is the serial number of the demo's board, as one would read it off the hardware.
const boardSerial = 405419896

// NewBoard makes a simulated UHPPOTE board in this process; it answers once Run runs.
func NewBoard(ctx context.Context, zone string) (*uhppote.Simulator, error) {
	wall, err := time.LoadLocation(zone)
	if err != nil {
		return nil, err
	}
	return uhppote.NewSimulator(ctx, uhppote.SimulatorConfig{Serial: boardSerial, Address: "127.0.0.1:0", Zone: wall, Now: time.Now})
}
