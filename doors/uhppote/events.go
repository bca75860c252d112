package uhppote

import (
	"context"
	"errors"
	"time"

	"xunfang/doors"
	"xunfang/models"
)

// passEvents is how many events one pass takes before others get their turn at the board.
const passEvents = 500

// follower is the state of one Events call.
type follower struct {
	driver   *Driver
	sink     doors.EventSink
	mark     models.DoorEventMark
	ready    bool // the board is set up, and the mark was found to be its own
	reported bool // that the board is away is in the log
	restarts int  // in this pass
}

// Events implements doors.Driver: it sets the board up (special events on, clock, listener), fetches what came
// after the mark, and goes on whenever the board gives a hint, or every Poll. A board that is away is no error:
// it is looked for again, and set up again when it is back.
func (d *Driver) Events(ctx context.Context, after models.DoorEventMark, sink doors.EventSink) error {
	follower := &follower{driver: d, sink: sink, mark: after}
	hints := d.config.Listener.hints(d.config.Serial)
	for {
		more, err := follower.pass(ctx)
		if more && ctx.Err() == nil {
			continue
		}
		if err != nil && ctx.Err() == nil {
			follower.ready = false
			if !follower.reported {
				d.config.Logger.Warn("door board does not give its events", "serial", d.config.Serial, "error", err)
			}
			follower.reported = true
		}
		timer := time.NewTimer(d.config.Poll)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-hints:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// pass brings the mark up to the board's newest event, or on by passEvents, and then there is more.
func (f *follower) pass(ctx context.Context) (more bool, err error) {
	board := f.driver.board
	f.restarts = 0
	if !f.ready {
		if err := f.prepare(ctx); err != nil {
			return false, err
		}
	}
	status, err := board.Status(ctx)
	if err != nil {
		return false, err
	}
	if err := f.driver.tend(ctx, status); err != nil {
		return false, err
	}
	last := status.Event.Index
	if last == 0 { // an empty list: a new board, or one that was emptied
		if f.mark.Index != 0 {
			return false, f.gap(ctx, 0, "restarted", 0)
		}
		return false, nil
	}
	if f.mark.Index == last {
		return false, nil
	}
	for range passEvents {
		if err := f.step(ctx, last); err != nil {
			return false, err
		}
		if f.mark.Index == last {
			break
		}
	}
	return f.mark.Index != last, board.SetEventIndex(ctx, f.mark.Index)
}

// prepare sets the board up and finds out whether the mark is one of its own.
func (f *follower) prepare(ctx context.Context) error {
	board, config := f.driver.board, f.driver.config
	if err := board.RecordSpecialEvents(ctx, true); err != nil {
		return err
	}
	if config.Listener != nil {
		if err := board.SetListener(ctx, config.Reachable); err != nil {
			return err
		}
	}
	if err := f.settle(ctx); err != nil {
		return err
	}
	if f.reported {
		config.Logger.Info("door board is back", "serial", config.Serial)
	}
	f.ready, f.reported = true, false
	return nil
}

// settle compares the mark with the board. Without a mark of ours, the one on the board counts, and without
// either the oldest event is the first.
func (f *follower) settle(ctx context.Context) error {
	board := f.driver.board
	if f.mark.Index == 0 {
		index, err := board.EventIndex(ctx)
		if err != nil {
			return err
		}
		if f.mark.Index = index; index == 0 {
			oldest, err := board.Event(ctx, oldestEvent)
			if err == nil && oldest.Index > 1 {
				f.mark.Index = oldest.Index - 1
			}
			return err
		}
		return nil
	}
	if f.mark.OccurredAt.IsZero() {
		return nil
	}
	marked, err := board.Event(ctx, f.mark.Index)
	if err != nil || marked.Index != f.mark.Index || marked.At.Equal(f.mark.OccurredAt) || marked.At.IsZero() {
		return err
	}
	return f.restart(ctx) // the same number, another event: the board has begun to count anew
}

// step takes the event after the mark, or finds out why it is not there.
func (f *follower) step(ctx context.Context, last uint32) error {
	next := following(f.mark.Index)
	event, err := f.driver.board.Event(ctx, next)
	switch {
	case err != nil:
		return err
	case event.Index == next:
		return f.deliver(ctx, event)
	}
	oldest, err := f.driver.board.Event(ctx, oldestEvent)
	switch {
	case err != nil:
		return err
	case event.Lost && oldest.Index > next: // overwritten before anybody asked
		return f.gap(ctx, oldest.Index-next, "overwritten", oldest.Index-1)
	case !event.Lost && oldest.Index > last && f.mark.Index >= oldest.Index: // the top of a list that goes on at 1
		f.mark = models.DoorEventMark{}
		return nil
	default:
		return f.restart(ctx)
	}
}

// restart goes on with the oldest event that there is; what was before it, nobody can say.
func (f *follower) restart(ctx context.Context) error {
	oldest, err := f.driver.board.Event(ctx, oldestEvent)
	if err != nil {
		return err
	}
	if f.restarts++; f.restarts > 1 || oldest.Index == 0 { // once in a pass is a board; more is nonsense
		return errors.New("uhppote: the board's list of events is not one")
	}
	return f.gap(ctx, 0, "restarted", oldest.Index-1)
}

// deliver hands over an event; the mark moves once it is taken.
func (f *follower) deliver(ctx context.Context, event Event) error {
	if err := f.sink(ctx, f.driver.translate(event)); err != nil {
		return err
	}
	f.driver.remember(event)
	f.mark = models.DoorEventMark{Index: event.Index, OccurredAt: event.At}
	return nil
}

// gap says that events are lost, and goes on after index.
func (f *follower) gap(ctx context.Context, missing uint32, reason string, index uint32) error {
	now := f.driver.config.Now()
	err := f.sink(ctx, models.DoorEvent{
		Index: index, Kind: models.EventGap, Reason: reason, Missing: missing,
		OccurredAt: now, ReceivedAt: now, Replayed: true,
	})
	if err == nil {
		f.mark = models.DoorEventMark{Index: index}
	}
	return err
}

// tend sets the board's clock when it is too far off.
func (d *Driver) tend(ctx context.Context, status Status) error {
	drift := status.Clock.Sub(d.config.Now())
	if drift.Abs() <= d.config.MaxDrift {
		return nil
	}
	d.config.Logger.Info("door board's clock is set", "serial", d.config.Serial, "drift", drift)
	return d.SetTime(ctx)
}
