package handlers

import (
	"context"
	"fmt"
	"strconv"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// tipSide is from which side of a tip's conversation somebody speaks.
type tipSide struct {
	reporter bool      // else the station
	author   models.ID // "" for a reporter whom nobody knows
	// seal encrypts a reporter's words to where only the station's key opens them; nil leaves them to the vault.
	seal func(models.Secret) ([]byte, error)
}

// enterTip finds the tip that the caller may talk about, and their side. All of a conversation goes by it, so that
// a reporter with an account and one with a receipt have the same one.
type enterTip func(ctx context.Context, from *store.Store) (models.Tip, tipSide, error)

// entersTip is enterTip of a caller with an account.
func entersTip(operation models.Operation, id models.ID) enterTip {
	return func(ctx context.Context, from *store.Store) (models.Tip, tipSide, error) {
		who := api.From(ctx).Principal
		tip, err := from.Tip(ctx, id)
		if err == nil {
			err = models.May(operation, who, models.Object{Place: tip.Place, Owner: tip.ReporterID})
		}
		side := tipSide{reporter: tip.SpokenFor(who), author: who.ID}
		if err == nil && side.reporter && tip.Reporting == models.ReportingHidden {
			api.Hide(ctx) // from here on the request has no exact time, and its records no name
			side.author = ""
		}
		return tip, side, err
	}
}

// CreateTipMessage answers POST /v1/tips/{tip_id}/messages.
func (h *Server) CreateTipMessage(
	ctx context.Context, request api.CreateTipMessageRequestObject,
) (api.CreateTipMessageResponseObject, error) {
	what := &deed{operation: models.OpCreateTipMessage, kind: "tip", id: request.TipId}
	answer, repeated, err := h.addTipMessage(ctx, what, request.Body, entersTip(what.operation, request.TipId))
	switch {
	case err != nil:
		return nil, err
	case repeated:
		return api.CreateTipMessage200JSONResponse(answer), nil
	default:
		return api.CreateTipMessage201JSONResponse(answer), nil
	}
}

// ListTipMessages answers GET /v1/tips/{tip_id}/messages. The station's looking is recorded.
func (h *Server) ListTipMessages(
	ctx context.Context, request api.ListTipMessagesRequestObject,
) (api.ListTipMessagesResponseObject, error) {
	what := &deed{operation: models.OpListTipMessages, kind: "tip", id: request.TipId}
	answer, err := h.tipMessages(ctx, what, request.Params.Limit, request.Params.Cursor, entersTip(what.operation, request.TipId))
	if err != nil {
		return nil, err
	}
	return api.ListTipMessages200JSONResponse(answer), nil
}

// ReadTipMessages answers POST /v1/tips/{tip_id}/messages/read.
func (h *Server) ReadTipMessages(
	ctx context.Context, request api.ReadTipMessagesRequestObject,
) (api.ReadTipMessagesResponseObject, error) {
	what := &deed{operation: models.OpReadTipMessages, kind: "tip", id: request.TipId}
	answer, err := h.readTipMessages(ctx, what, request.Body.UpTo, entersTip(what.operation, request.TipId))
	if err != nil {
		return nil, err
	}
	return api.ReadTipMessages200JSONResponse(answer), nil
}

// addTipMessage writes a message and tells the other side, in one transaction. A repeat by the same author is given
// the first answer, whenever it comes.
func (h *Server) addTipMessage(
	ctx context.Context, what *deed, body *api.TipMessageCreate, enter enterTip,
) (answer api.TipMessage, repeated bool, err error) {
	if answer, repeated, err = h.repeatedTipMessage(ctx, what, body.Id, enter); repeated || err != nil {
		return answer, repeated, err
	}
	var told models.Alert
	answer, err = act(ctx, h, what, 201, func(tx *store.Store) (api.TipMessage, error) {
		if err := tx.LockTips(ctx, what.id); err != nil { // ordinals, and the tip's end, wait for each other
			return api.TipMessage{}, err
		}
		tip, side, err := enter(ctx, tx)
		if err == nil {
			err = checkOwnID(ctx, body.Id)
		}
		if err == nil {
			err = tip.CheckTalk(api.From(ctx).Now)
		}
		if err != nil {
			return api.TipMessage{}, err
		}
		message, err := h.keepTipMessage(ctx, tx, tip, side, body)
		if err != nil {
			return api.TipMessage{}, err
		}
		if told, err = h.tellOfMessage(ctx, tx, tip, side); err != nil {
			return api.TipMessage{}, err
		}
		return wireTipMessage(ctx, tx, side, message)
	})
	if models.CodeOf(err) == models.CodeAlreadyExists { // the same phone twice at once
		return h.repeatedTipMessage(ctx, what, body.Id, enter)
	}
	if err == nil && told.ID != "" {
		h.alerted(ctx, told)
	}
	return answer, false, err
}

// keepTipMessage writes what the body says.
func (h *Server) keepTipMessage(
	ctx context.Context, tx *store.Store, tip models.Tip, side tipSide, body *api.TipMessageCreate,
) (models.TipMessage, error) {
	message := models.TipMessage{
		ID: body.Id, TipID: tip.ID, FromReporter: side.reporter, AuthorID: side.author,
		Text: models.Secret(value(body.Text)), MediaIDs: value(body.MediaIds), SentAt: api.From(ctx).Now,
	}
	draft := models.TipMessageDraft{
		FromReporter: side.reporter, Text: body.Text != nil, QuickAnswer: body.QuickAnswerId != nil,
		Language: body.QuickAnswerLanguage != nil, Photos: len(message.MediaIDs),
	}
	err := draft.Check()
	if err == nil && body.QuickAnswerId != nil {
		message.Text, err = quickAnswer(ctx, tx, tip.Place.Station, *body.QuickAnswerId, string(value(body.QuickAnswerLanguage)))
	}
	if err == nil {
		err = ownPhotos(ctx, tx, message.MediaIDs)
	}
	if err == nil && side.seal != nil && message.Text != "" {
		message.Sealed, err = side.seal(message.Text)
		message.Text = ""
	}
	if err == nil {
		message.Ordinal, err = tx.AddTipMessage(ctx, message)
	}
	if err != nil {
		return message, err
	}
	err = tx.AttachToTipMessage(ctx, message)
	if models.CodeOf(err) == models.CodeAlreadyExists {
		err = models.Unfit("media_ids", models.FieldNotUnique, "photos of no other message")
	}
	return message, err
}

// ownPhotos refuses photos that the caller did not upload, and those that would join who hides with who they are: to
// something hidden go photos that were uploaded so, to anything else those that were not.
func ownPhotos(ctx context.Context, tx *store.Store, ids []models.ID) error {
	owner := careOf(ctx).owner
	for at, id := range ids {
		media, err := tx.Media(ctx, id)
		if err == nil && media.OwnerID != owner {
			err = models.Fail(models.CodeNotFound)
		}
		if err != nil {
			return noSuch(err, fmt.Sprintf("media_ids[%d]", at))
		}
	}
	return nil
}

// repeatedTipMessage is the first answer, when the same author sent the id before in this conversation; CodeAlreadyExists when
// it is anything else's.
func (h *Server) repeatedTipMessage(
	ctx context.Context, what *deed, id models.ID, enter enterTip,
) (answer api.TipMessage, repeated bool, err error) {
	tip, side, err := enter(ctx, h.Store)
	if err != nil {
		return answer, false, h.refused(ctx, what, err)
	}
	first, err := h.Store.TipMessage(ctx, id)
	if models.CodeOf(err) == models.CodeNotFound {
		return answer, false, nil
	}
	if err != nil {
		return answer, false, err
	}
	if first.TipID != tip.ID || first.FromReporter != side.reporter || first.AuthorID != side.author {
		return answer, false, h.refused(ctx, what, takenField("id"))
	}
	answer, err = wireTipMessage(ctx, h.Store, side, first)
	return answer, true, err
}

// tipMessages is a page of a conversation, as the caller's side sees it.
func (h *Server) tipMessages(
	ctx context.Context, what *deed, limit *int, cursor *string, enter enterTip,
) (api.TipMessageList, error) {
	after, err := ordinalAfter(ctx, cursor)
	if err != nil {
		return api.TipMessageList{}, err
	}
	tip, side, err := enter(ctx, h.Store)
	if err != nil {
		return api.TipMessageList{}, h.refused(ctx, what, err)
	}
	messages, err := h.Store.TipMessages(ctx, tip.ID, after, limitOf(limit))
	if err == nil && !side.reporter {
		err = h.looked(ctx, what)
	}
	if err != nil {
		return api.TipMessageList{}, err
	}
	if !side.reporter {
		h.openMessages(ctx, messages)
	}
	answer := api.TipMessageList{}
	if answer.Items, err = wireTipMessages(ctx, h.Store, side, messages); err != nil {
		return answer, err
	}
	if len(messages) == limitOf(limit) {
		next := cursorAfter(ctx, strconv.Itoa(messages[len(messages)-1].Ordinal))
		answer.NextCursor = &next
	}
	return answer, nil
}

func ordinalAfter(ctx context.Context, cursor *string) (int, error) {
	key, err := cursorKey(ctx, cursor)
	if err != nil || key == "" {
		return 0, err
	}
	after, err := strconv.Atoi(key)
	if err != nil {
		return 0, badCursor(models.FieldFormat, "next_cursor of the page before")
	}
	return after, nil
}

// readTipMessages notes what the caller's side has read; the first time stays.
func (h *Server) readTipMessages(ctx context.Context, what *deed, upTo models.ID, enter enterTip) (api.TipMessagesUnread, error) {
	return act(ctx, h, what, 200, func(tx *store.Store) (api.TipMessagesUnread, error) {
		tip, side, err := enter(ctx, tx)
		if err != nil {
			return api.TipMessagesUnread{}, err
		}
		message, err := tx.TipMessage(ctx, upTo)
		if err == nil && message.TipID != tip.ID {
			err = models.Fail(models.CodeNotFound)
		}
		if err != nil {
			return api.TipMessagesUnread{}, noSuch(err, "up_to")
		}
		if err := tx.ReadTipMessages(ctx, tip.ID, side.reporter, message.Ordinal, api.From(ctx).Now); err != nil {
			return api.TipMessagesUnread{}, err
		}
		after, err := tx.Tip(ctx, tip.ID)
		if side.reporter {
			return api.TipMessagesUnread{UnreadMessages: after.Unread.Reporter}, err
		}
		return api.TipMessagesUnread{UnreadMessages: after.Unread.Station}, err
	})
}
