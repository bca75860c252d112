package handlers

import (
	"context"
	"encoding/json"
	"slices"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// maxOpenings bounds how often one tip's reporter is asked for.
const maxOpenings = 100

// CreateIdentityOpening answers POST /v1/tips/{tip_id}/identity-openings. The reporter is told in the same transaction.
func (h *Server) CreateIdentityOpening(
	ctx context.Context, request api.CreateIdentityOpeningRequestObject,
) (api.CreateIdentityOpeningResponseObject, error) {
	asked := api.From(ctx)
	opening := models.IdentityOpening{
		ID: h.NewID(), TipID: request.TipId, AskedBy: asked.Principal.ID, Reason: models.Secret(request.Body.Reason), AskedAt: asked.Now,
	}
	what := &deed{operation: models.OpCreateIdentityOpening, kind: "tip", id: request.TipId, reason: opening.Reason}
	var told models.Alert
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.IdentityOpening, error) {
		tip, openings, err := h.hiddenTip(ctx, tx, what)
		if err == nil {
			err = tip.CheckAsk()
		}
		if err == nil && len(openings) >= maxOpenings {
			err = models.Fail(models.CodeWrongState)
		}
		if err == nil {
			err = tx.AddIdentityOpening(ctx, opening)
		}
		if err == nil {
			told = h.openingNews(ctx, tip, identityAsked)
			_, err = tx.AddAlert(ctx, told)
		}
		return wireOpening(opening), err
	})
	if err != nil {
		return nil, err
	}
	h.alerted(ctx, told)
	return api.CreateIdentityOpening201JSONResponse(answer), nil
}

// ApproveIdentityOpening answers POST /v1/tips/{tip_id}/identity-openings/{opening_id}/approval: another officer than
// who asked, and once.
func (h *Server) ApproveIdentityOpening(
	ctx context.Context, request api.ApproveIdentityOpeningRequestObject,
) (api.ApproveIdentityOpeningResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpApproveIdentityOpening, kind: "tip", id: request.TipId}
	var told models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.IdentityOpening, error) {
		tip, openings, err := h.hiddenTip(ctx, tx, what)
		if err != nil {
			return api.IdentityOpening{}, err
		}
		at := slices.IndexFunc(openings, func(one models.IdentityOpening) bool { return one.ID == request.OpeningId })
		if at < 0 {
			return api.IdentityOpening{}, models.Fail(models.CodeNotFound)
		}
		opening := openings[at]
		if err := opening.CheckApproval(asked.Principal.ID); err != nil {
			return api.IdentityOpening{}, err
		}
		opening.ApprovedBy, opening.ApprovedAt = asked.Principal.ID, asked.Now
		if err := tx.ApproveIdentityOpening(ctx, opening.ID, opening.ApprovedBy, asked.Now); err != nil {
			return api.IdentityOpening{}, err
		}
		told = h.openingNews(ctx, tip, identityOpened)
		_, err = tx.AddAlert(ctx, told)
		return wireOpening(opening), err
	})
	if err != nil {
		return nil, err
	}
	h.alerted(ctx, told)
	return api.ApproveIdentityOpening200JSONResponse(answer), nil
}

// GetTipIdentity answers GET /v1/tips/{tip_id}/identity, to the two who opened it. Each look is recorded.
func (h *Server) GetTipIdentity(ctx context.Context, request api.GetTipIdentityRequestObject) (api.GetTipIdentityResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpGetTipIdentity, kind: "tip", id: request.TipId}
	tip, openings, err := h.hiddenTip(ctx, h.Store, what)
	if err == nil && !slices.ContainsFunc(openings, func(one models.IdentityOpening) bool { return one.Opens(who.ID) }) {
		err = models.Fail(models.CodeNotFound)
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	sealed, err := h.Store.HiddenIdentity(ctx, tip.ID)
	if err != nil {
		return nil, err
	}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	person := h.openedIdentity(ctx, sealed)
	if person == "" {
		return api.GetTipIdentity200JSONResponse{Sealed: &sealed}, nil
	}
	return api.GetTipIdentity200JSONResponse{PersonId: &person}, nil
}

// hiddenTip reads a tip that the caller may ask about, with its openings.
func (h *Server) hiddenTip(ctx context.Context, from *store.Store, what *deed) (models.Tip, []models.IdentityOpening, error) {
	tip, err := from.Tip(ctx, what.id)
	if err == nil {
		err = models.May(what.operation, api.From(ctx).Principal, models.Object{Place: tip.Place})
	}
	if err != nil {
		return tip, nil, err
	}
	openings, err := from.IdentityOpenings(ctx, tip.ID)
	return tip, openings, err
}

// openingNews tells the reporter; the message lies in the inbox of their alias.
func (h *Server) openingNews(ctx context.Context, tip models.Tip, words spoken) models.Alert {
	now := api.From(ctx).Now
	return worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertTipUpdate, Severity: models.SeverityNormal, AboutID: tip.ID,
		Audience:  models.Audience{Place: models.Place{Station: tip.Place.Station}, People: []models.ID{tip.ReachedBy()}},
		CreatedAt: now, ExpiresAt: now.Add(tipUpdateLife),
	}, words, words)
}

func wireOpening(opening models.IdentityOpening) api.IdentityOpening {
	return api.IdentityOpening{
		Id: opening.ID, TipId: opening.TipID, AskedBy: opening.AskedBy, Reason: opening.Reason.Reveal(), AskedAt: api.At(opening.AskedAt),
		ApprovedBy: idOrNil(opening.ApprovedBy), ApprovedAt: api.AtOrNil(opening.ApprovedAt),
	}
}

// sealedIdentity is what of a hidden reporter is encrypted to the station's key.
type sealedIdentity struct {
	PersonID models.ID `json:"person_id"`
}

// sealIdentity encrypts who reports to the station's key.
func (h *Server) sealIdentity(ctx context.Context, who models.Principal) ([]byte, error) {
	key, err := h.stationKey(ctx, who.StationID)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(sealedIdentity{PersonID: who.ID})
	if err != nil {
		return nil, err
	}
	return key.Seal(plain)
}

// openedIdentity is the person behind a sealed identity, or "" where this machine cannot open it.
func (h *Server) openedIdentity(ctx context.Context, sealed []byte) models.ID {
	if h.Opener == nil {
		return ""
	}
	identity := sealedIdentity{}
	plain, err := h.Opener.Open(sealed)
	if err == nil {
		err = json.Unmarshal(plain, &identity)
	}
	if err != nil {
		h.Logger.WarnContext(ctx, "a sealed identity did not open with this server's key")
	}
	return identity.PersonID
}
