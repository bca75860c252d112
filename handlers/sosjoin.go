package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// joinSOS adds a further call to the person's open one. It asks anew when people were asked too long ago to come, and
// tells those who were asked when the words are graver.
func (h *Server) joinSOS(ctx context.Context, open, call models.SOS, operation models.Operation, more within) (models.SOS, error) {
	now, made := call.ReceivedAt, asking{}
	expected, asks := open.Joined(call, now)
	var err error
	switch asks {
	case models.AskAnew:
		if call.Fix != nil {
			expected.Fix, expected.Place = call.Fix, call.Place
		}
		if made = h.whomToAsk(ctx, expected, nil, now); made.incomplete {
			expected = expected.Incomplete(now)
		}
	case models.AskAgain:
		if made.helpers, err = h.Store.SOSHelpers(ctx, open.ID); err != nil { // the graver word stands in the call all the same
			h.Logger.ErrorContext(ctx, "who was asked about a call for help could not be read", "sos_id", open.ID, "error", err)
		}
	case models.AskNobody:
	}
	what := sosDeed(operation, expected, made)
	what.facts["joined_by"] = string(call.ID)
	joined := models.SOS{}
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		held, err := tx.LockSOS(ctx, open.ID)
		if err != nil {
			return err
		}
		changed, again := held.Joined(call, now) // looked at again
		if !held.Open() || again != asks {
			return models.Fail(models.CodeAlreadyExists)
		}
		joined = changed
		if err := more(tx, joined.ID); err != nil {
			return err
		}
		joined.Fix, joined.Place = expected.Fix, expected.Place
		if made.incomplete {
			joined.WidensAt = expected.WidensAt
		}
		if joined, err = tx.UpdateSOS(ctx, joined, now); err != nil {
			return err
		}
		if err := tx.AddSOSCall(ctx, call.ID, joined); err != nil {
			return err
		}
		if err := tx.AddSOSPositions(ctx, joined.ID, firstPosition(call), now); err != nil {
			return err
		}
		if asks == models.AskAgain { // what they answered stands
			err = h.alertOf(ctx, tx, joined, &made, now)
		} else {
			err = h.ask(ctx, tx, joined, &made, now)
		}
		if err != nil {
			return err
		}
		return tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
	if err == nil {
		h.asked(ctx, joined, made)
	}
	return joined, err
}

// answerSilent writes what the caller of a silent call reads. Under an open plain one it is what they would have read
// had they called plainly again; else what a first, plain call reads: what became of it is not for this phone.
func (h *Server) answerSilent(ctx context.Context, sos, call models.SOS, created bool) (api.CreateSosResponseObject, error) {
	who := api.From(ctx).Principal
	cover, err := h.Store.OpenSOS(ctx, who.ID, false)
	if models.CodeOf(err) == models.CodeNotFound {
		cover, err = h.Store.CoverOfSOS(ctx, sos)
	}
	switch {
	case err == nil:
		return api.CreateSos200JSONResponse(wireSOS(who)(cover)), nil
	case models.CodeOf(err) != models.CodeNotFound:
		h.Logger.ErrorContext(ctx, "the plain call beside a silent one could not be read", "sos_id", sos.ID, "error", err)
	}
	answer := wireSOS(who)(call)
	answer.Id, answer.CompoundId = sos.ID, idOrNil(sos.Place.Compound)
	answer.Position, answer.PositionOld = wireFix(sos.Fix), sos.PlaceOld()
	if created {
		return api.CreateSos201JSONResponse(answer), nil
	}
	return api.CreateSos200JSONResponse(answer), nil
}

// withThoseAsked adds to whom a silent call asks those who were asked about the caller's plain one: they are on their
// way, and must know what to expect.
func (h *Server) withThoseAsked(ctx context.Context, call models.SOS, made asking) asking {
	if !call.Silent {
		return made
	}
	plain, err := h.Store.OpenSOS(ctx, call.CallerID, false)
	if models.CodeOf(err) == models.CodeNotFound {
		return made
	}
	helpers := []models.SOSHelper{}
	if err == nil {
		helpers, err = h.Store.SOSHelpers(ctx, plain.ID)
	}
	if err != nil {
		h.Logger.ErrorContext(ctx, "who was asked about the plain call could not be read", "sos_id", call.ID, "error", err)
	}
	known := map[models.ID]bool{}
	for _, one := range made.helpers {
		known[one.PersonID] = true
	}
	for _, one := range helpers {
		if !known[one.PersonID] {
			made.helpers = append(made.helpers, models.SOSHelper{
				SOSID: call.ID, PersonID: one.PersonID, Role: one.Role, Step: call.Step, DistanceM: one.DistanceM, AskedAt: call.ReceivedAt,
				ClassM: one.ClassM, ClassAt: one.ClassAt,
			})
		}
	}
	return made
}

// hushed marks, for anybody but the caller, an open plain call of somebody who also called silently: no one may ring
// them up about it.
func (h *Server) hushed(ctx context.Context, who models.ID, sos models.SOS) models.SOS {
	if sos.Silent || !sos.Open() || sos.CallerID == who {
		return sos
	}
	_, err := h.Store.OpenSOS(ctx, sos.CallerID, true)
	sos.Silent = models.CodeOf(err) != models.CodeNotFound // when in doubt, quietly
	return sos
}

// claimedPlainly tells those who help with somebody's silent call that its caller has ended the plain one.
func (h *Server) claimedPlainly(ctx context.Context, tx *store.Store, plain models.SOS) (models.SOS, models.Alert, error) {
	now := plain.ChangedAt
	silent, err := tx.OpenSOS(ctx, plain.CallerID, true)
	if err == nil {
		silent, err = tx.LockSOS(ctx, silent.ID)
	}
	if models.CodeOf(err) == models.CodeNotFound || err == nil && (!silent.Open() || !silent.ClaimedSafeAt.IsZero()) {
		return models.SOS{}, models.Alert{}, nil
	} else if err != nil {
		return silent, models.Alert{}, err
	}
	silent.ClaimedSafeAt = now
	if silent, err = tx.UpdateSOS(ctx, silent, now); err != nil {
		return silent, models.Alert{}, err
	}
	told, err := h.claimed(ctx, tx, silent)
	return silent, told, err
}
