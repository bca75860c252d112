package demo

import (
	"context"
	"time"

	"xunfang/doors"
	"xunfang/models"
)

// newTerminal makes a controller as it comes out of its box; ahead is how far its clock and all that goes with it is ahead of ours, so
// that a day is not played for as long as it lasts. It runs until the fleet stops.
func (f *Fleet) newTerminal(server string, newID func() models.ID, ahead time.Duration) *doors.Terminal {
	made := doors.NewTerminal(doors.TerminalConfig{
		Server: server, Broker: f.broker, Keys: f.keys, NewID: newID, Now: func() time.Time { return time.Now().Add(ahead) },
	})
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.terminals = append(f.terminals, made)
	return made
}

// keepTerminals has the terminals ask for their lists for as long as the demo stays up.
func (f *Fleet) keepTerminals(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for _, terminal := range f.terminals {
		f.kept.Go(func() { terminal.Run(ctx) })
	}
	f.stopKeeping = cancel
}

// stopTerminals switches them off. The mutex is held.
func (f *Fleet) stopTerminals() {
	if f.stopKeeping != nil {
		f.stopKeeping()
	}
	f.kept.Wait()
	for _, terminal := range f.terminals {
		terminal.Stop()
	}
	f.terminals = nil
}
