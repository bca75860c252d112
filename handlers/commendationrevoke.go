package handlers

import (
	"context"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// RevokeCommendation answers POST /v1/commendations/{commendation_id}/revocation. The points are taken back and the person is
// told why, in the same transaction; from then on the paper checks as revoked.
func (h *Server) RevokeCommendation(
	ctx context.Context, request api.RevokeCommendationRequestObject,
) (api.RevokeCommendationResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{
		operation: models.OpRevokeCommendation, kind: "commendation", id: request.CommendationId,
		reason: models.Secret(strings.TrimSpace(request.Body.Reason)),
	}
	var told models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Commendation, error) {
		commendation, err := tx.Commendation(ctx, request.CommendationId)
		if err != nil {
			return api.Commendation{}, err
		}
		place := models.Place{Station: commendation.StationID}
		if err := models.May(what.operation, asked.Principal, models.Object{Place: place}); err != nil {
			return api.Commendation{}, err
		}
		if commendation.PersonID == "" { // forgotten whose it was: it is on no list any more
			return api.Commendation{}, models.Fail(models.CodeNotFound)
		}
		what.subjects = []string{string(commendation.PersonID)}
		revoked, err := commendation.Revoked(asked.Principal.ID, what.reason, asked.Now)
		if err != nil {
			return api.Commendation{}, err
		}
		what.facts = map[string]string{"number": revoked.FullNumber()}
		if err := tx.RevokeCommendation(ctx, revoked); err != nil {
			return api.Commendation{}, err
		}
		earned := models.CommendationEarns(revoked)
		if err := creditDeeds(ctx, tx, revoked.StationID, revoked.ID, earned, asked.Now); err != nil {
			return api.Commendation{}, err
		}
		told = h.commendationRevoked(revoked)
		told.Recipients, err = tx.AddAlert(ctx, told)
		return wireCommendation(asked.Principal)(revoked), err
	})
	if err != nil {
		return nil, err
	}
	h.alerted(ctx, told)
	return api.RevokeCommendation200JSONResponse(answer), nil
}

// commendationRevoked tells somebody that a commendation of theirs was taken back, and why.
func (h *Server) commendationRevoked(revoked models.Commendation) models.Alert {
	number := models.Secret(revoked.FullNumber())
	return worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertCommendationRevoked, Severity: models.SeverityNormal,
		SenderID: revoked.RevokerID, AboutID: revoked.ID,
		Audience: models.Audience{
			Place: models.Place{Station: revoked.StationID}, People: []models.ID{revoked.PersonID},
		},
		CreatedAt: revoked.RevokedAt, ExpiresAt: revoked.RevokedAt.Add(thanksLife),
	}, commendationIsRevoked, spoken{number + "。理由：" + revoked.RevocationReason, number + ". Reason: " + revoked.RevocationReason})
}

var commendationIsRevoked = spoken{"您的表彰已被撤销", "A commendation of yours was revoked"}
