package handlers

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// CreateCodeEntry answers POST /v1/doors/{door_id}/code-entries. Every code that does not open
// walks the same path and gets the same answer, whatever is wrong with it.
func (h *Server) CreateCodeEntry(
	ctx context.Context, request api.CreateCodeEntryRequestObject,
) (api.CreateCodeEntryResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpCreateCodeEntry, kind: "door", id: request.DoorId}
	door, err := h.Store.Door(ctx, request.DoorId)
	if err == nil {
		err = models.May(what.operation, asked.Principal, models.Object{Place: door.Place, Owner: door.DeviceID})
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	code := auth.NormalizeCode(strings.TrimPrefix(strings.TrimSpace(request.Body.Code), passPrefix))
	mac, wait, opened := h.visitorCodeMAC(code), h.guesses.take(door.ID, asked.Now), false
	defer func() {
		// What opened was no guess, and neither is a slip of the finger, which the check digit shows.
		if wait == 0 && (opened || !auth.CodeWellFormed(code)) {
			h.guesses.giveBack(door.ID, asked.Now)
		}
	}()
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.CodeEntry, error) {
		pass, used := models.VisitorPass{}, false
		if wait == 0 {
			var err error
			if pass, used, err = tx.UseVisitorCode(ctx, mac, door.ID, asked.Now); err != nil {
				return api.CodeEntry{}, err
			}
		}
		tx.AddAccessEvent(codeEvent(h.NewID(), door, pass, used, asked.Now))
		if opened = used; used {
			what.facts = map[string]string{"decision": models.DecisionOpen}
			return api.CodeEntry{Decision: models.DecisionOpen, PassId: &pass.ID}, nil
		}
		what.facts = map[string]string{"decision": models.DecisionDeny}
		return api.CodeEntry{Decision: models.DecisionDeny, RetryAfterS: secondsOrNil(wait)}, nil
	})
	if err != nil {
		return nil, err
	}
	return api.CreateCodeEntry200JSONResponse(answer), nil
}

// codeEvent is the passage, or the refusal: a refusal does not name the pass, since a wrong door or
// an expired code is not the visitor's secret to give away.
func codeEvent(id models.ID, door models.Door, pass models.VisitorPass, used bool, now time.Time) models.AccessEvent {
	event := models.AccessEvent{
		ID: id, Place: door.Place, DoorID: door.ID, OccurredAt: now, ReceivedAt: now,
		Way: models.WayCode, Outcome: models.AccessDenied,
	}
	if used {
		event.Outcome, event.PassID, event.PersonID = models.AccessGranted, pass.ID, pass.HostID
	}
	return event
}

func secondsOrNil(wait time.Duration) *int {
	if wait == 0 {
		return nil
	}
	seconds := int(math.Ceil(wait.Seconds()))
	return &seconds
}

// guessBook remembers the wrong guesses at each door for models.GuessWindow.
type guessBook struct {
	mutex sync.Mutex
	wrong map[models.ID][]time.Time
}

// maxGuesses bounds what is remembered of one door: more would change no wait.
const maxGuesses = models.GuessesFree + 1

// take counts a try as a guess before anybody knows what it is worth, so that tries at the same moment
// are no way around the pause; or it says how long the door still takes none.
func (b *guessBook) take(door models.ID, now time.Time) time.Duration {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if wait := models.GuessWait(b.wrong[door], now); wait > 0 {
		return wait
	}
	times := append(b.wrong[door], now)
	b.wrong[door] = times[max(0, len(times)-maxGuesses):]
	return 0
}

// giveBack forgets a try of that moment.
func (b *guessBook) giveBack(door models.ID, at time.Time) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if place := slices.IndexFunc(b.wrong[door], at.Equal); place >= 0 {
		b.wrong[door] = slices.Delete(b.wrong[door], place, place+1)
	}
}
