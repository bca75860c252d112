package handlers

import (
	"context"
	"math"
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
	asked, typed := api.From(ctx), h.readCode(*request.Body)
	what := &deed{operation: models.OpCreateCodeEntry, kind: "door", id: request.DoorId}
	door, err := h.Store.Door(ctx, request.DoorId)
	if err == nil {
		err = models.May(what.operation, asked.Principal, models.Object{Place: door.Place, Owner: door.DeviceID})
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.CodeEntry, error) {
		told = nil
		if err := lockedVehicleAt(ctx, tx, door, asked.Now); err != nil { // whatever is typed: it tells nothing about any code
			return api.CodeEntry{}, err
		}
		judged, ask, err := h.judgeCode(ctx, tx, door.ID, typed)
		if err != nil {
			return api.CodeEntry{}, err
		}
		tx.AddAccessEvent(codeEvent(h.NewID(), door, judged.Pass, judged.Used, asked.Now))
		if judged.Begins && judged.Pass.Uses == 1 { // of a cleaner's hundredth time nobody wants to hear
			if told, err = h.tellHost(ctx, tx, judged.Pass, passUsed); err != nil {
				return api.CodeEntry{}, err
			}
		}
		if judged.Used {
			what.facts = map[string]string{"decision": models.DecisionOpen}
			return api.CodeEntry{Decision: models.DecisionOpen, PassId: &judged.Pass.ID}, nil
		}
		what.facts = map[string]string{"decision": models.DecisionDeny}
		return api.CodeEntry{
			Decision: models.DecisionDeny, ExtensionNeeded: trueOrNil(ask.Extension), RetryAfterS: secondsOrNil(ask.Wait),
		}, nil
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.CreateCodeEntry200JSONResponse(answer), nil
}

// judgeCode uses a code at a door, unless the door asks for more or for patience; ask is what it asks of the next one. What
// was wrong is counted before anybody else's code is judged there.
func (h *Server) judgeCode(
	ctx context.Context, tx *store.Store, door models.ID, typed typedCode,
) (judged store.UsedCode, ask models.CodeAsk, err error) {
	now := api.From(ctx).Now
	tries, err := tx.LockCodeTries(ctx, door, h.Codes.Tries, now)
	if err != nil {
		return judged, ask, err
	}
	code := store.TypedCode{CodeMAC: h.visitorCodeMAC(typed.Code.Reveal())}
	if typed.pass != "" { // what it is worth now stands in the database, whatever it was signed for
		pass, err := tx.VisitorPass(ctx, typed.pass)
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return judged, ask, err
		}
		code.CodeMAC = pass.CodeMAC
	}
	if ask = h.Codes.Ask(tries, now); !typed.issued {
		if ask.Wait > 0 || ask.Extension && !auth.AllDigits(typed.Extension.Reveal()) {
			return judged, ask, nil
		}
		if ask.Extension {
			code.ExtensionMAC = h.extensionMAC(typed.VisitorCode)
		}
	}
	judged, err = tx.UseVisitorCode(ctx, code, door, now)
	// No guess is a slip of the finger, which the check digit shows, nor a code that is over: late visitors slow nobody
	// down. One that is too early, or of another door, counts: else a door would tell which codes open others.
	if err != nil || judged.Used || judged.Dead || typed.issued || !auth.DoorCodeWellFormed(typed.Code.Reveal()) {
		return judged, ask, err
	}
	counted, err := tx.AddWrongCode(ctx, h.NewID(), door, code, now)
	if counted {
		tries.Wrong = append([]time.Time{now}, tries.Wrong...)
	}
	return judged, h.Codes.Ask(tries, now), err
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

func trueOrNil(holds bool) *bool {
	if !holds {
		return nil
	}
	return &holds
}
