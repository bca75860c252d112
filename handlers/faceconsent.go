package handlers

import (
	"context"
	"slices"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

func (h *Server) faceTexts() []models.FaceConsentText {
	if h.FaceTexts != nil {
		return h.FaceTexts
	}
	return models.FaceConsentTexts
}

// GetFaceConsentText answers GET /v1/face-consent-texts/current.
func (h *Server) GetFaceConsentText(
	ctx context.Context, _ api.GetFaceConsentTextRequestObject,
) (api.GetFaceConsentTextResponseObject, error) {
	text, found := models.CurrentFaceText(h.faceTexts(), api.From(ctx).Now)
	if !found {
		return nil, models.Fail(models.CodeNotFound)
	}
	return api.GetFaceConsentText200JSONResponse{Version: text.Version, Zh: text.ZH, En: text.EN, From: api.At(text.From)}, nil
}

// ListMyFaceConsents answers GET /v1/me/face-consents: one's own, and those one gave for a child.
func (h *Server) ListMyFaceConsents(
	ctx context.Context, request api.ListMyFaceConsentsRequestObject,
) (api.ListMyFaceConsentsResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	consents, err := h.Store.FaceConsents(ctx, api.From(ctx).Principal.ID, page)
	if err != nil {
		return nil, err
	}
	key := func(consent models.FaceConsent) models.ID { return consent.ID }
	items, next := listed(ctx, consents, page, wireFaceConsent, key)
	return api.ListMyFaceConsents200JSONResponse{Items: items, NextCursor: next}, nil
}

// CreateFaceConsent answers POST /v1/me/face-consents. The phone's id makes a repeat harmless.
func (h *Server) CreateFaceConsent(
	ctx context.Context, request api.CreateFaceConsentRequestObject,
) (api.CreateFaceConsentResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	consent := models.FaceConsent{
		ID: body.Id, PersonID: value(body.PersonId), GivenBy: asked.Principal.ID, Place: models.Place{Home: body.HomeId},
		Version: body.Version, GivenAt: asked.Now,
	}
	if consent.PersonID == "" {
		consent.PersonID = consent.GivenBy
	}
	what := &deed{operation: models.OpCreateFaceConsent, kind: "face_consent", id: consent.ID}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.FaceConsent, error) {
		if err := tx.LockPerson(ctx, consent.PersonID); err != nil { // before anything is read: what was decided meanwhile is seen
			return api.FaceConsent{}, noSuch(err, "person_id")
		}
		first, err := tx.FaceConsent(ctx, consent.ID)
		switch {
		case err == nil && first.GivenBy == consent.GivenBy:
			return wireFaceConsent(first), nil
		case err == nil:
			return api.FaceConsent{}, models.Unfit("id", models.FieldNotUnique, "")
		case models.CodeOf(err) != models.CodeNotFound:
			return api.FaceConsent{}, err
		}
		given := consent
		what.facts = map[string]string{"version": given.Version}
		if err := h.giveFaceConsent(ctx, tx, what.operation, &given); err != nil {
			return api.FaceConsent{}, err
		}
		return wireFaceConsent(given), nil
	})
	if err != nil {
		return nil, err
	}
	return api.CreateFaceConsent201JSONResponse(answer), nil
}

// giveFaceConsent checks a new consent against the home, the words and the people, and writes it.
func (h *Server) giveFaceConsent(ctx context.Context, tx *store.Store, operation models.Operation, consent *models.FaceConsent) error {
	asked := api.From(ctx)
	home, err := tx.Home(ctx, consent.Place.Home)
	if err == nil {
		err = models.May(operation, asked.Principal, models.Object{Place: home.Place})
	}
	if err != nil {
		return noSuch(err, "home_id")
	}
	consent.Place = home.Place
	members, err := tx.HomeMembers(ctx, home.ID, asked.Now)
	if err != nil {
		return err
	}
	if !slices.Contains(members, consent.PersonID) {
		return models.Unfit("person_id", models.FieldNoSuch, "somebody who lives there")
	}
	if text, _ := models.CurrentFaceText(h.faceTexts(), asked.Now); text.Version != consent.Version {
		return models.Unfit("version", models.FieldNotAllowed, text.Version)
	}
	subject, err := tx.Person(ctx, consent.PersonID)
	if err != nil {
		return err
	}
	giver, err := tx.Person(ctx, consent.GivenBy)
	if err == nil {
		err = models.CheckFaceGiver(subject, giver, asked.Now)
	}
	if err != nil {
		return err
	}
	before, err := tx.StandingFaceConsent(ctx, consent.PersonID, home.ID)
	switch {
	case models.CodeOf(err) == models.CodeNotFound:
		return tx.AddFaceConsent(ctx, *consent)
	case err != nil:
		return err
	case before.Version == consent.Version:
		return takenField("version")
	default:
		return tx.RenewFaceConsent(ctx, before, *consent)
	}
}

// WithdrawFaceConsent answers DELETE /v1/me/face-consents/{consent_id}: the terminals are asked to delete in the same transaction.
func (h *Server) WithdrawFaceConsent(
	ctx context.Context, request api.WithdrawFaceConsentRequestObject,
) (api.WithdrawFaceConsentResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpWithdrawFaceConsent, kind: "face_consent", id: request.ConsentId}
	consent, err := h.Store.FaceConsent(ctx, request.ConsentId)
	if err == nil && !consent.Of(asked.Principal.ID) {
		err = models.Fail(models.CodeNotFound)
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	_, err = act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		if err := tx.LockPerson(ctx, consent.PersonID); err != nil {
			return false, err
		}
		return tx.EndFaceConsent(ctx, consent.ID, models.FaceWithdrawn, asked.Now)
	})
	if err != nil {
		return nil, err
	}
	return api.WithdrawFaceConsent204Response{}, nil
}

func wireFaceConsent(consent models.FaceConsent) api.FaceConsent {
	return api.FaceConsent{
		Id: consent.ID, PersonId: consent.PersonID, GivenBy: consent.GivenBy, ByGuardian: consent.ByGuardian(), HomeId: consent.Place.Home,
		Version: consent.Version, GivenAt: api.At(consent.GivenAt), EndedAt: api.AtOrNil(consent.EndedAt),
		EndReason: textOrNil(string(consent.EndReason)),
	}
}
