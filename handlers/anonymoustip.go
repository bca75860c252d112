package handlers

import (
	"context"
	"encoding/json"
	"slices"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// SealedOpener opens what was sealed to a station's key, where the private half is on this machine.
type SealedOpener interface {
	Open(sealed []byte) ([]byte, error)
}

// CreateAnonymousTip answers POST /v1/anonymous-tips. The receipt follows from the challenge that was solved, so the
// same request again is given the same receipt, though it is kept nowhere.
func (h *Server) CreateAnonymousTip(
	ctx context.Context, request api.CreateAnonymousTipRequestObject,
) (api.CreateAnonymousTipResponseObject, error) {
	now := api.From(ctx).Now
	proof, err := h.solved(request.Body.Proof, now)
	if err != nil {
		return nil, err
	}
	content, err := json.Marshal(request.Body)
	if err != nil {
		return nil, err
	}
	receipt, err := h.Keys.Receipt(proof)
	if err != nil {
		return nil, err
	}
	hash := [32]byte(h.bodyHash(content))
	repeated, err := h.proofs.take(proof, hash, now)
	if err != nil {
		return nil, err
	}
	if !repeated {
		repeated, err = h.keepAnonymousTip(ctx, request.Body, hash, receipt)
		h.proofs.settle(proof, err == nil)
	}
	switch answer := wireReceipt(receipt); {
	case err != nil:
		return nil, err
	case repeated:
		return api.CreateAnonymousTip200JSONResponse(answer), nil
	default:
		return api.CreateAnonymousTip201JSONResponse(answer), nil
	}
}

func wireReceipt(receipt models.Secret) api.Receipt {
	digits := receipt.Reveal()
	return api.Receipt{Receipt: digits, ReceiptDisplay: digits[:4] + " " + digits[4:8] + " " + digits[8:12] + " " + digits[12:]}
}

// keepAnonymousTip seals and writes the tip; repeated says that it stood there already, written by another
// replica or before a restart.
func (h *Server) keepAnonymousTip(
	ctx context.Context, body *api.CreateAnonymousTipJSONRequestBody, hash [32]byte, receipt models.Secret,
) (repeated bool, err error) {
	tip, err := h.newAnonymousTip(ctx, body)
	if err != nil {
		return false, err
	}
	tip.BodyHash = hash[:]
	receiptHash, err := h.Passwords.ReceiptHash(ctx, h.Keys, receipt)
	if err != nil {
		return false, err
	}
	what := &deed{operation: models.OpCreateAnonymousTip, kind: "tip", id: tip.ID, station: tip.Place.Station}
	near, told := h.nearCrime(ctx, tip), []models.Alert(nil)
	err = h.Store.Atomically(ctx, func(tx *store.Store) error {
		if err := tx.AddAnonymousTip(ctx, tip, receiptHash); err != nil {
			return err
		}
		if told, err = h.startTip(ctx, tx, &tip, near); err != nil {
			return err
		}
		return tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
	if err == nil {
		h.alertedAll(ctx, told)
	}
	if models.CodeOf(err) != models.CodeAlreadyExists {
		return false, err
	}
	first, err := h.Store.TipByReceipt(ctx, receiptHash)
	if err == nil && !auth.SameBytes(first.BodyHash, tip.BodyHash) {
		err = models.Fail(models.CodeProofUsed)
	}
	return true, err
}

func (h *Server) newAnonymousTip(ctx context.Context, body *api.CreateAnonymousTipJSONRequestBody) (models.Tip, error) {
	now, exact := api.From(ctx).Now, fixOf(body.Position)
	place, err := h.anonymousPlace(ctx, body, exact)
	if err != nil {
		return models.Tip{}, err
	}
	occurredAt := now
	if body.OccurredAt != nil {
		occurredAt = body.OccurredAt.Time
	}
	if fields := models.CheckOccurred(occurredAt, now); len(fields) > 0 {
		return models.Tip{}, models.Fail(models.CodeUnprocessable).WithFields(fields...)
	}
	tip, err := takenBy(ctx, h.Store, models.Tip{
		ID: models.CoarseID(h.NewID(), now), OrderID: models.CoarseID(h.NewID(), now), Place: place,
		Reporting: models.ReportingAnonymous, Category: body.Category, Answers: models.TipAnswers(value(body.Answers)),
		Fix: models.CoarseFix(exact), OccurredAt: occurredAt.Truncate(models.CoarseTime), ReceivedAt: now, State: models.TipReceived,
	})
	if err != nil {
		return tip, err
	}
	key, err := h.stationKey(ctx, place.Station)
	if err != nil {
		return models.Tip{}, err
	}
	plain, err := models.SealTip(models.Secret(body.Description), tip.Answers, exact, occurredAt)
	if err != nil {
		return models.Tip{}, err
	}
	tip.Answers = nil
	tip.Sealed, err = key.Seal(plain)
	return tip, err
}

// anonymousPlace is where the tip lies: by its position, else the compound that it names, else the whole station.
func (h *Server) anonymousPlace(
	ctx context.Context, body *api.CreateAnonymousTipJSONRequestBody, fix *models.Fix,
) (models.Place, error) {
	if _, err := h.Store.Place(ctx, models.LevelStation, body.StationId); err != nil {
		return models.Place{}, noSuch(err, "station_id")
	}
	compounds, err := h.places.get(body.StationId, api.From(ctx).Now, func() ([]models.Compound, error) {
		return h.Store.StationCompounds(ctx, body.StationId)
	})
	if err != nil {
		return models.Place{}, err
	}
	place := models.TipPlace(fix, compounds, models.Principal{StationID: body.StationId})
	if body.CompoundId == nil {
		return place, nil
	}
	at := slices.IndexFunc(compounds, func(compound models.Compound) bool { return compound.ID == *body.CompoundId })
	if at < 0 {
		return place, models.Unfit("compound_id", models.FieldNoSuch, "")
	}
	if fix == nil {
		place = compounds[at].Place()
	}
	return place, nil
}

// stationKey reads the key that a station's anonymous tips are sealed to; CodeNoStationKey when it has none.
func (h *Server) stationKey(ctx context.Context, station models.ID) (auth.StationKey, error) {
	return stationKeyIn(ctx, h.Store, station)
}

// stationKeyIn is stationKey within a transaction.
func stationKeyIn(ctx context.Context, from *store.Store, station models.ID) (auth.StationKey, error) {
	text, err := from.StationKey(ctx, station)
	if models.CodeOf(err) == models.CodeNotFound {
		return auth.StationKey{}, models.Fail(models.CodeNoStationKey)
	}
	if err != nil {
		return auth.StationKey{}, err
	}
	key, err := auth.ParseStationKey(text)
	if err != nil {
		return key, models.Fail(models.CodeNoStationKey).Because(err)
	}
	return key, nil
}

// opened is the tip with its sealed content, where this machine has the station's private key; else it stays
// sealed, for the officer's own client.
func (h *Server) opened(ctx context.Context, tip models.Tip) models.Tip {
	if len(tip.Sealed) == 0 || h.Opener == nil {
		return tip
	}
	plain, err := h.Opener.Open(tip.Sealed)
	if err == nil {
		var whole models.Tip
		if whole, err = tip.Opened(plain); err == nil {
			return whole
		}
	}
	h.Logger.WarnContext(ctx, "an anonymous tip did not open with this server's key", "error", err)
	return tip
}
