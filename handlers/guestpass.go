package handlers

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// errGroupFull ends the transaction of a guest for whom there is no place.
var errGroupFull = errors.New("handlers: the group has no place left")

// TakeGuestPass answers POST /guest/{token}: a guest of a group takes a code of their own. The form brings the address that
// the guest's page will have, so that the same form again leads to the same page.
func (h *Server) TakeGuestPass(ctx context.Context, request api.TakeGuestPassRequestObject) (api.TakeGuestPassResponseObject, error) {
	group, err := h.Store.VisitorPassByGuestHash(ctx, h.Keys.GuestHash(models.Secret(request.Token)))
	if err == nil && group.Kind != models.PassGroup {
		err = models.Fail(models.CodeNotFound)
	}
	place := models.Secret(request.Params.Place)
	if err == nil {
		err = h.takeGuestPass(ctx, group, place, strings.TrimSpace(value(request.Params.Name)))
	}
	words := guestPageWords[api.From(ctx).Language]
	switch {
	case models.CodeOf(err) == models.CodeNotFound:
		page := guestNotice(ctx, "")
		body, length, err := page.write()
		return api.TakeGuestPass404TexthtmlResponse{
			Body: body, ContentLength: length, Headers: api.TakeGuestPass404ResponseHeaders(page.headers()),
		}, err
	case errors.Is(err, errGroupFull), models.CodeOf(err) == models.CodeTooManyCodes: // of the group, or of the doors
		page := guestNotice(ctx, words.full)
		body, length, err := page.write()
		return api.TakeGuestPass409TexthtmlResponse{
			Body: body, ContentLength: length, Headers: api.TakeGuestPass409ResponseHeaders(page.headers()),
		}, err
	case err != nil:
		return nil, err
	}
	to := guestPath + place.Reveal()
	return api.TakeGuestPass303Response{Headers: api.TakeGuestPass303ResponseHeaders{Location: &to}}, nil
}

// takeGuestPass makes the guest's pass in one of the group's places, once for each address.
func (h *Server) takeGuestPass(ctx context.Context, group models.VisitorPass, place models.Secret, name string) error {
	hash := h.Keys.GuestHash(place)
	if repeated, err := h.sameGuest(ctx, group, hash); repeated || err != nil {
		return err
	}
	asked := api.From(ctx)
	asked.Principal = models.Principal{ID: group.ID, StationID: group.Place.Station} // whoever has the group's address
	ctx = api.With(ctx, asked)
	pass := group
	pass.ID, pass.GroupID, pass.GuestHash, pass.CreatedAt = h.NewID(), group.ID, hash, asked.Now
	what := &deed{operation: models.OpTakeGuestPass, kind: "visitor_pass", id: pass.ID, facts: map[string]string{"group": string(group.ID)}}
	err := h.tellAfter(ctx, func(tx *store.Store) ([]models.Alert, error) {
		told, err := h.addGuestPass(ctx, tx, pass, place, name)
		if err != nil {
			return nil, err
		}
		return told, tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
	if models.CodeOf(err) == models.CodeAlreadyExists { // the same form at the same moment
		if repeated, found := h.sameGuest(ctx, group, hash); repeated || found != nil {
			return found
		}
	}
	return err
}

// sameGuest says whether the address is that of a guest of the group already; somebody else's is no group's.
func (h *Server) sameGuest(ctx context.Context, group models.VisitorPass, hash []byte) (bool, error) {
	first, err := h.Store.VisitorPassByGuestHash(ctx, hash)
	switch {
	case models.CodeOf(err) == models.CodeNotFound:
		return false, nil
	case err == nil && first.GroupID != group.ID:
		return false, models.Fail(models.CodeNotFound)
	}
	return err == nil, err
}

func (h *Server) addGuestPass(
	ctx context.Context, tx *store.Store, pass models.VisitorPass, token models.Secret, name string,
) ([]models.Alert, error) {
	number, taken, err := tx.TakeGroupPlace(ctx, pass.GroupID, pass.CreatedAt)
	if err == nil && !taken {
		err = errGroupFull
	}
	if err != nil {
		return nil, err
	}
	group, err := tx.VisitorPass(ctx, pass.GroupID) // as it is now: the place holds it
	if err != nil {
		return nil, err
	}
	pass.StartsAt, pass.EndsAt, pass.MaxUses, pass.DoorIDs = group.StartsAt, group.EndsAt, group.MaxUses, group.DoorIDs
	pass.Kind, pass.MaxGuests, pass.Guests, pass.Uses = models.KindByUses(group.MaxUses), 0, 0, 0
	pass.Plate, pass.PlateMAC = "", nil // a plate is the host's word about one car, and drives nobody in by a guest's pass
	if pass.VisitorName = models.Secret(name); name == "" {
		pass.VisitorName = models.Secret(fmt.Sprintf("%s %d", group.VisitorName.Reveal(), number))
	}
	doors, err := tx.CompoundDoors(ctx, pass.Place.Compound)
	if err != nil {
		return nil, err
	}
	pass.Doors = models.MovedDoors(nil, pass.DoorIDs, doors, pass.CreatedAt)
	if _, err := h.giveCode(ctx, tx, &pass, token); err != nil {
		return nil, err
	}
	if err := tx.AddVisitorPass(ctx, pass); err != nil || number < group.MaxGuests {
		return nil, err
	}
	return h.tellHost(ctx, tx, group, passFull)
}
