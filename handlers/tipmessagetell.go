package handlers

import (
	"context"
	"slices"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// tellOfMessage tells the other side that there is something to read, in the transaction that writes it: neither what it
// says, nor who wrote it. A station without officers over the place has its commander told.
func (h *Server) tellOfMessage(ctx context.Context, tx *store.Store, tip models.Tip, side tipSide) (models.Alert, error) {
	now := api.From(ctx).Now
	alert := worded(models.Alert{
		ID: h.NewID(), Kind: models.AlertTipMessage, Severity: models.SeverityNormal, AboutID: tip.ID,
		Audience:  models.Audience{Place: models.Place{Station: tip.Place.Station}, People: []models.ID{tip.ReachedBy()}},
		CreatedAt: now, ExpiresAt: now.Add(tipUpdateLife),
	}, tipHasMessage, tipOpenMessage)
	if !side.reporter && tip.Reporting == models.ReportingAnonymous { // the phone is not to say that it is about a tip
		alert.Kind, alert = models.AlertMessage, worded(alert, quietTitle, quietBody)
	}
	if side.reporter {
		alert.Audience.People = nil
		for _, role := range []models.Role{models.RoleOfficer, models.RoleCommander} {
			people, err := tx.HoldersOver(ctx, []models.Role{role}, tip.Place, now)
			if err != nil {
				return models.Alert{}, err
			}
			people = slices.DeleteFunc(people, func(person models.ID) bool { return person == tip.ReporterID }) // an officer's own tip
			if len(people) > 0 {
				alert.Audience.People = people
				break
			}
		}
	}
	if len(alert.Audience.People) == 0 || alert.Audience.People[0] == "" { // nobody who could be told
		return models.Alert{}, nil
	}
	told := []models.Alert{alert}
	err := addAlerts(ctx, tx, told)
	return told[0], err
}

// wireTipMessage writes one message as a side sees it.
func wireTipMessage(ctx context.Context, from *store.Store, side tipSide, message models.TipMessage) (api.TipMessage, error) {
	items, err := wireTipMessages(ctx, from, side, []models.TipMessage{message})
	if err != nil {
		return api.TipMessage{}, err
	}
	return items[0], nil
}

// wireTipMessages writes messages as a side sees them: to the reporter the station is one, and its officers nobody.
func wireTipMessages(
	ctx context.Context, from *store.Store, side tipSide, messages []models.TipMessage,
) ([]api.TipMessage, error) {
	names, items := map[models.ID]models.Secret{}, make([]api.TipMessage, 0, len(messages))
	if !side.reporter {
		authors := []models.ID{}
		for _, message := range messages {
			if !message.FromReporter {
				authors = append(authors, message.AuthorID)
			}
		}
		var err error
		if names, err = from.Names(ctx, authors); err != nil {
			return nil, err
		}
	}
	for _, message := range messages {
		wire := api.TipMessage{
			Id: message.ID, From: api.TipMessageFromStation, Text: textOrNil(message.Text.Reveal()),
			MediaIds: listOf(message.MediaIDs), SentAt: api.At(message.SentAt), ReadAt: api.AtOrNil(message.ReadAt),
		}
		switch {
		case message.FromReporter && side.reporter:
			wire.From = api.TipMessageFromMe
		case message.FromReporter:
			wire.From = api.TipMessageFromReporter
			if len(message.Sealed) > 0 {
				wire.Sealed = &message.Sealed
			}
		case !side.reporter:
			wire.AuthorId, wire.AuthorName = idOrNil(message.AuthorID), textOrNil(names[message.AuthorID].Reveal())
		}
		items = append(items, wire)
	}
	return items, nil
}

// mayReadMessageWith says whether the caller may read the message that a photo is attached to: its tip's reporter, and who
// has the tip in scope. CodeNotFound too where no message has it.
func (h *Server) mayReadMessageWith(ctx context.Context, operation models.Operation, who models.Principal, media models.ID) error {
	message, err := h.Store.TipMessageOfMedia(ctx, media)
	if err != nil {
		return err
	}
	tip, err := h.Store.Tip(ctx, message.TipID)
	if err != nil {
		return err
	}
	if tip.Reporting == models.ReportingHidden && tip.SpokenFor(who) { // the record must not join the person with the tip
		api.Hide(ctx)
	}
	return models.May(operation, who, models.Object{Place: tip.Place, Owner: tip.ReporterID})
}
