package handlers

import (
	"context"
	"math"
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
	mac, wait, known := h.visitorCodeMAC(code), h.guesses.take(door.ID, asked.Now), true
	defer func() {
		// A code that was ever given out is no guess, so that late visitors slow nobody down, and neither is a
		// slip of the finger, which the check digit shows.
		if wait == 0 {
			h.guesses.settle(door.ID, asked.Now, !known && auth.CodeWellFormed(code))
		}
	}()
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.CodeEntry, error) {
		told = nil
		pass, used := models.VisitorPass{}, false
		if wait == 0 {
			var err error
			var found bool
			pass, used, found, err = tx.UseVisitorCode(ctx, mac, door.ID, asked.Now)
			if known = found || err != nil; err != nil { // of a failure nobody knows what the code was worth: no guess
				return api.CodeEntry{}, err
			}
		}
		tx.AddAccessEvent(codeEvent(h.NewID(), door, pass, used, asked.Now))
		if used && pass.Uses == 1 { // of a cleaner's hundredth time nobody wants to hear
			var err error
			if told, err = h.tellHost(ctx, tx, pass, "您的访客到了"); err != nil {
				return api.CodeEntry{}, err
			}
		}
		if used {
			what.facts = map[string]string{"decision": models.DecisionOpen}
			return api.CodeEntry{Decision: models.DecisionOpen, PassId: &pass.ID}, nil
		}
		what.facts = map[string]string{"decision": models.DecisionDeny}
		return api.CodeEntry{Decision: models.DecisionDeny, RetryAfterS: secondsOrNil(wait)}, nil
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
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

// guessBook remembers the wrong guesses at each door for models.GuessWindow, and how many tries are being judged.
type guessBook struct {
	mutex sync.Mutex
	doors map[models.ID]*guessedDoor
}

type guessedDoor struct {
	wrong  []time.Time
	judged int // tries under way, whose worth nobody knows yet
}

// maxGuesses bounds what is remembered of one door: more would change no wait.
const maxGuesses = models.GuessesFree + 1

// take lets a try be judged, or says how long the door still takes none. Tries at the same moment
// are no way around the pause: they are bounded, to one once a door has seen too many guesses.
func (b *guessBook) take(door models.ID, now time.Time) time.Duration {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	seen := b.doors[door]
	if seen == nil {
		seen = &guessedDoor{}
		b.doors[door] = seen
	}
	wait := models.GuessWait(seen.wrong, now)
	if wait == 0 && seen.judged >= models.TriesAtOnce(seen.wrong, now) {
		wait = minRetry
	}
	if wait == 0 {
		seen.judged++
	}
	return wait
}

// settle ends the judging of a try that take let through.
func (b *guessBook) settle(door models.ID, now time.Time, guess bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	seen := b.doors[door]
	seen.judged--
	if guess {
		seen.wrong = append(seen.wrong, now)
		seen.wrong = seen.wrong[max(0, len(seen.wrong)-maxGuesses):]
	}
}
