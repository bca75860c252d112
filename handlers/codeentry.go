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
	mac, wait, known := h.visitorCodeMAC(code), h.guesses.wait(door.ID, asked.Now), true
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.CodeEntry, error) {
		pass, used := models.VisitorPass{}, false
		if wait == 0 {
			var err error
			if pass, used, known, err = tx.UseVisitorCode(ctx, mac, door.ID, asked.Now); err != nil {
				return api.CodeEntry{}, err
			}
		}
		tx.AddAccessEvent(codeEvent(h.NewID(), door, pass, used, asked.Now))
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
	if !known { // a code that was ever given out is no guess, so that late visitors slow nobody down
		h.guesses.add(door.ID, asked.Now)
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

func (b *guessBook) wait(door models.ID, now time.Time) time.Duration {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return models.GuessWait(b.wrong[door], now)
}

func (b *guessBook) add(door models.ID, now time.Time) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	times := append(b.wrong[door], now)
	b.wrong[door] = times[max(0, len(times)-maxGuesses):]
}
