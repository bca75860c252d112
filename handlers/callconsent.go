package handlers

import (
	"context"
	"errors"
	"slices"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListMyCallConsents answers GET /v1/me/call-consents.
func (h *Server) ListMyCallConsents(
	ctx context.Context, request api.ListMyCallConsentsRequestObject,
) (api.ListMyCallConsentsResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	consents, err := h.Store.CallConsents(ctx, api.From(ctx).Principal.ID, page)
	if err != nil {
		return nil, err
	}
	key := func(consent models.CallConsent) models.ID { return consent.ID }
	items, next := listed(ctx, consents, page, wireCallConsent, key)
	return api.ListMyCallConsents200JSONResponse{Items: items, NextCursor: next}, nil
}

// PutCallConsent answers PUT /v1/me/call-consents/{home_id}/{installation_id}; the same again changes nothing.
func (h *Server) PutCallConsent(
	ctx context.Context, request api.PutCallConsentRequestObject,
) (api.PutCallConsentResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpPutCallConsent, kind: "home", id: request.HomeId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.CallConsent, error) {
		home, err := mayHome(ctx, tx, what)
		if err != nil {
			return api.CallConsent{}, err
		}
		if err := tx.LockPerson(ctx, asked.Principal.ID); err != nil { // of two at once the second finds the first
			return api.CallConsent{}, err
		}
		others, err := tx.CountCallConsents(ctx, asked.Principal.ID, home.ID, request.InstallationId)
		if err != nil {
			return api.CallConsent{}, err
		}
		if others >= models.MaxCallConsents {
			return api.CallConsent{}, models.Unfit("installation_id", models.FieldTooMany, "<= 10 phones a home")
		}
		held, err := tx.GiveCallConsent(ctx, models.CallConsent{
			ID: h.NewID(), PersonID: asked.Principal.ID, Place: home.Place, InstallationID: request.InstallationId,
			Version: request.Body.Version, GivenAt: asked.Now,
		})
		what.facts = map[string]string{"version": held.Version}
		return wireCallConsent(held), err
	})
	if err != nil {
		return nil, err
	}
	return api.PutCallConsent200JSONResponse(answer), nil
}

// WithdrawCallConsent answers DELETE /v1/me/call-consents/{home_id}/{installation_id}; there may be none.
func (h *Server) WithdrawCallConsent(
	ctx context.Context, request api.WithdrawCallConsentRequestObject,
) (api.WithdrawCallConsentResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpWithdrawCallConsent, kind: "home", id: request.HomeId}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		return tx.WithdrawCallConsent(ctx, asked.Principal.ID, request.HomeId, request.InstallationId, asked.Now)
	})
	if err != nil {
		return nil, err
	}
	return api.WithdrawCallConsent204Response{}, nil
}

// endCallConsents withdraws, in a transaction that changes where somebody lives, what rested on their living in a home: who moves
// back is not rung until they consent anew.
func (h *Server) endCallConsents(ctx context.Context, tx *store.Store, person models.ID) error {
	now := api.From(ctx).Now
	consents, err := tx.UnfoundedCallConsents(ctx, person, now, callConsentsBatch)
	if err != nil {
		return err
	}
	for _, consent := range consents {
		if _, err := tx.WithdrawCallConsent(ctx, consent.PersonID, consent.Place.Home, consent.InstallationID, now); err != nil {
			return err
		}
		what := &deed{operation: opEndCallConsent, kind: "call_consent", id: consent.ID, station: consent.Place.Station}
		if err := tx.Record(ctx, h.entry(ctx, what, nil), ""); err != nil {
			return err
		}
	}
	return nil
}

// EndCallConsents withdraws what rested on a living in a home that ended by its time.
func (h *Server) EndCallConsents(ctx context.Context) error {
	consents, err := h.Store.UnfoundedCallConsents(ctx, "", h.Now(), callConsentsBatch)
	return errors.Join(err, eachOf(consents, func(consent models.CallConsent) error {
		ctx := h.asService(ctx, consent.Place.Station, h.Now())
		return h.Store.Atomically(ctx, func(tx *store.Store) error {
			if err := tx.LockPerson(ctx, consent.PersonID); err != nil { // who moves back at this moment waits
				return err
			}
			return h.endCallConsents(ctx, tx, consent.PersonID)
		})
	}))
}

// callConsentsBatch bounds how many consents are withdrawn at once.
const callConsentsBatch = 500

// opEndCallConsent is the system's own operation in the audit.
const opEndCallConsent models.Operation = "endCallConsent"

func wireCallConsent(consent models.CallConsent) api.CallConsent {
	return api.CallConsent{
		Id: consent.ID, HomeId: consent.Place.Home, InstallationId: consent.InstallationID, Version: consent.Version,
		GivenAt: api.At(consent.GivenAt), WithdrawnAt: api.AtOrNil(consent.WithdrawnAt),
	}
}

// mayHome reads the home that a deed is about, and asks whether the caller may do so with it.
func mayHome(ctx context.Context, from *store.Store, what *deed) (models.Home, error) {
	home, err := from.Home(ctx, what.id)
	if err == nil {
		err = models.May(what.operation, api.From(ctx).Principal, models.Object{Place: home.Place})
	}
	return home, err
}

// GetCallSettings answers GET /v1/homes/{home_id}/call-settings.
func (h *Server) GetCallSettings(
	ctx context.Context, request api.GetCallSettingsRequestObject,
) (api.GetCallSettingsResponseObject, error) {
	what := &deed{operation: models.OpGetCallSettings, kind: "home", id: request.HomeId}
	home, err := mayHome(ctx, h.Store, what)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	settings, err := h.Store.CallSettings(ctx, home.ID, api.From(ctx).Now)
	if err != nil {
		return nil, err
	}
	answer, err := wireCallSettings(ctx, h.Store, settings)
	if err != nil {
		return nil, err
	}
	if err := h.looked(ctx, what); err != nil { // it names who lives there
		return nil, err
	}
	return api.GetCallSettings200JSONResponse(answer), nil
}

// PutCallSettings answers PUT /v1/homes/{home_id}/call-settings: all of them anew.
func (h *Server) PutCallSettings(
	ctx context.Context, request api.PutCallSettingsRequestObject,
) (api.PutCallSettingsResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	settings := models.CallSettings{
		HomeID: request.HomeId, QuietUntil: instantOf(body.DoNotDisturbUntil), UpdatedAt: asked.Now,
		List: make([]models.CallListed, 0, len(body.Forward)),
	}
	for _, one := range body.Forward {
		settings.List = append(settings.List, models.CallListed{PersonID: one.PersonId, Seconds: one.Seconds})
	}
	what := &deed{operation: models.OpPutCallSettings, kind: "home", id: request.HomeId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.CallSettings, error) {
		if _, err := mayHome(ctx, tx, what); err != nil {
			return api.CallSettings{}, err
		}
		people, err := tx.HomeMembers(ctx, request.HomeId, asked.Now)
		if err != nil {
			return api.CallSettings{}, err
		}
		members := map[models.ID]bool{}
		for _, person := range people {
			members[person] = true
		}
		if err := settings.Check(members, asked.Now); err != nil {
			return api.CallSettings{}, err
		}
		if err := tx.PutCallSettings(ctx, settings); err != nil {
			return api.CallSettings{}, err
		}
		return wireCallSettings(ctx, tx, settings)
	})
	if err != nil {
		return nil, err
	}
	return api.PutCallSettings200JSONResponse(answer), nil
}

// wireCallSettings adds who lives in the home, so that one of them can put another on the list.
func wireCallSettings(ctx context.Context, from *store.Store, settings models.CallSettings) (api.CallSettings, error) {
	now, wire := api.From(ctx).Now, api.CallSettings{HomeId: settings.HomeID, Forward: []api.CallForward{}, Members: []api.CallMember{}}
	if now.Before(settings.QuietUntil) {
		wire.DoNotDisturbUntil = api.AtOrNil(settings.QuietUntil)
	}
	people, err := from.HomeMembers(ctx, settings.HomeID, now)
	if err != nil {
		return wire, err
	}
	for _, one := range settings.List { // whoever has moved out since is no business of those who live there now
		if slices.Contains(people, one.PersonID) {
			wire.Forward = append(wire.Forward, api.CallForward{PersonId: one.PersonID, Seconds: one.Seconds})
		}
	}
	names, err := from.Names(ctx, people)
	if err != nil {
		return wire, err
	}
	phones, err := from.CallPhones(ctx, settings.HomeID, now)
	ringing := map[models.ID]bool{}
	for _, phone := range phones {
		ringing[phone.PersonID] = true
	}
	for _, person := range people {
		wire.Members = append(wire.Members, api.CallMember{PersonId: person, Name: names[person].Reveal(), Rings: ringing[person]})
	}
	return wire, err
}

// ListDoorDirectory answers GET /v1/doors/{door_id}/directory: what stands on the doors behind this one, and no name.
func (h *Server) ListDoorDirectory(
	ctx context.Context, request api.ListDoorDirectoryRequestObject,
) (api.ListDoorDirectoryResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpListDoorDirectory, kind: "door", id: request.DoorId}
	door, err := h.Store.Door(ctx, request.DoorId)
	if err == nil {
		err = models.May(what.operation, api.From(ctx).Principal, models.Object{Place: door.Place, Owner: door.DeviceID})
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	homes, err := h.Store.Homes(ctx, []models.Sight{{Within: door.Place}}, "", page)
	if err != nil {
		return nil, err
	}
	wire := func(home models.Home) api.DoorDirectoryEntry {
		return api.DoorDirectoryEntry{HomeId: home.ID, Building: home.Building, Unit: home.Unit, Label: home.Label}
	}
	items, next := listed(ctx, homes, page, wire, func(home models.Home) models.ID { return home.ID })
	return api.ListDoorDirectory200JSONResponse{Items: items, NextCursor: next}, nil
}
