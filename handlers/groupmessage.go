package handlers

import (
	"context"
	"slices"
	"strconv"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// What the members of a group are told: neither who wrote, nor what. The body is the compound's name.
var (
	groupHasMessage = spoken{"小区安全群有新消息", "A new message in the security group"}
	groupHasNotice  = spoken{"小区安全群有通知需要签收", "A notice in the security group asks for your acknowledgement"}
)

// CreateGroupMessage answers POST /v1/groups/{group_id}/messages. A repeat by the same author is given the first answer.
func (h *Server) CreateGroupMessage(
	ctx context.Context, request api.CreateGroupMessageRequestObject,
) (api.CreateGroupMessageResponseObject, error) {
	what := &deed{operation: models.OpCreateGroupMessage, kind: "group", id: request.GroupId}
	answer, repeated, err := h.repeatedGroupMessage(ctx, what, request.Body.Id)
	var told models.Alert
	if err == nil && !repeated {
		answer, err = act(ctx, h, what, 201, func(tx *store.Store) (api.GroupMessage, error) {
			compound, seat, err := entersGroup(ctx, tx, what)
			if err != nil {
				return api.GroupMessage{}, err
			}
			message, err := h.keepGroupMessage(ctx, tx, compound, seat, request.Body)
			if err != nil {
				return api.GroupMessage{}, err
			}
			what.facts = map[string]string{"message": string(message.ID), "notice": strconv.FormatBool(message.Notice)}
			if told, err = tellGroup(ctx, tx, compound, message); err != nil {
				return api.GroupMessage{}, err
			}
			return wireGroupMessage(ctx, tx, seat, message)
		})
		if models.CodeOf(err) == models.CodeAlreadyExists { // the same phone twice at once
			answer, repeated, err = h.repeatedGroupMessage(ctx, what, request.Body.Id)
		}
	}
	switch {
	case err != nil:
		return nil, err
	case repeated:
		return api.CreateGroupMessage200JSONResponse(answer), nil
	case told.ID != "":
		h.alerted(ctx, told)
	}
	return api.CreateGroupMessage201JSONResponse(answer), nil
}

// repeatedGroupMessage is the first answer, when the caller sent the id before in this group; CodeAlreadyExists when it is
// anything else's.
func (h *Server) repeatedGroupMessage(ctx context.Context, what *deed, id models.ID) (answer api.GroupMessage, repeated bool, err error) {
	compound, seat, err := entersGroup(ctx, h.Store, what)
	if err != nil {
		return answer, false, h.refused(ctx, what, err)
	}
	first, err := h.Store.GroupMessage(ctx, id)
	if models.CodeOf(err) == models.CodeNotFound {
		return answer, false, nil
	}
	if err != nil {
		return answer, false, err
	}
	if first.Place != compound.Place() || first.AuthorID != api.From(ctx).Principal.ID {
		return answer, false, h.refused(ctx, what, takenField("id"))
	}
	answer, err = wireGroupMessage(ctx, h.Store, seat, first)
	return answer, true, err
}

// keepGroupMessage writes what the body says. The alert that tells of it gets its id here: the message names it.
func (h *Server) keepGroupMessage(
	ctx context.Context, tx *store.Store, compound models.Compound, seat models.GroupSeat, body *api.GroupMessageCreate,
) (models.GroupMessage, error) {
	asked := api.From(ctx)
	message := models.GroupMessage{
		ID: body.Id, Place: compound.Place(), AuthorID: asked.Principal.ID, AuthorRole: seat.Role, Text: models.Secret(value(body.Text)),
		MediaIDs: value(body.MediaIds), ReplyToID: value(body.ReplyTo), Notice: value(body.Notice), DueAt: instantOf(body.DueAt),
		SentAt: asked.Now,
	}
	draft := models.GroupMessageDraft{Text: body.Text != nil, Media: len(message.MediaIDs), Notice: message.Notice, DueAt: message.DueAt}
	err := draft.Check(seat, asked.Now)
	if err == nil && message.ReplyToID != "" {
		_, err = inGroup(ctx, tx.GroupMessage, compound, message.ReplyToID)
		err = noSuch(err, "reply_to")
	}
	if err == nil {
		err = ownPhotos(ctx, tx, message.MediaIDs)
	}
	if err != nil {
		return message, err
	}
	message.AlertID = h.NewID()
	if message.Ordinal, err = tx.AddGroupMessage(ctx, message); err != nil {
		return message, err
	}
	if err = tx.MarkGroup(ctx, message.AuthorID, compound.ID, message.Ordinal); err != nil { // who writes has read
		return message, err
	}
	err = tx.AttachToGroupMessage(ctx, message)
	if models.CodeOf(err) == models.CodeAlreadyExists {
		err = models.Unfit("media_ids", models.FieldNotUnique, "photos of no other message")
	}
	return message, err
}

// tellGroup tells the other members, in the transaction that writes the message. A notice climbs until everybody has
// acknowledged it: by the station's ladder of what is normal, for a higher one would tell others than the members.
func tellGroup(ctx context.Context, tx *store.Store, compound models.Compound, message models.GroupMessage) (models.Alert, error) {
	members, err := tx.GroupMembers(ctx, compound.Place(), message.SentAt)
	if err != nil {
		return models.Alert{}, err
	}
	alert := models.Alert{
		ID: message.AlertID, Kind: models.AlertGroup, Severity: models.SeverityNormal, SenderID: message.AuthorID, AboutID: compound.ID,
		Audience: models.Audience{Place: compound.Place()}, RequiresAck: message.Notice, CreatedAt: message.SentAt,
		ExpiresAt: message.AlertEnds(),
	}
	title := groupHasMessage
	if message.Notice {
		title, alert.Audience.Roles = groupHasNotice, models.GroupRoles // what is sent to roles climbs
	}
	alert = worded(alert, title, asWritten(models.Secret(compound.Name)))
	for _, member := range members {
		if member.PersonID != message.AuthorID {
			alert.Audience.People = append(alert.Audience.People, member.PersonID)
		}
	}
	if len(alert.Audience.People) == 0 { // nobody who could be told
		return models.Alert{}, nil
	}
	alert.Recipients, err = tx.AddAlert(ctx, alert)
	return alert, err
}

// ListGroupMessages answers GET /v1/groups/{group_id}/messages. Who is no member looks on record.
func (h *Server) ListGroupMessages(
	ctx context.Context, request api.ListGroupMessagesRequestObject,
) (api.ListGroupMessagesResponseObject, error) {
	what, params := &deed{operation: models.OpListGroupMessages, kind: "group", id: request.GroupId}, request.Params
	before, err := ordinalAfter(ctx, params.Cursor)
	if err != nil {
		return nil, err
	}
	compound, seat, err := entersGroup(ctx, h.Store, what)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if err := h.lookedIntoGroup(ctx, what, seat); err != nil {
		return nil, err
	}
	var messages []models.GroupMessage
	next := 0
	if params.Q != nil {
		messages, next, err = h.Store.SearchGroup(ctx, compound.ID, *params.Q, seat, before, limitOf(params.Limit))
	} else if messages, err = h.Store.GroupMessages(ctx, compound.ID, before, limitOf(params.Limit)); len(messages) == limitOf(params.Limit) {
		next = messages[len(messages)-1].Ordinal
	}
	if err != nil {
		return nil, err
	}
	answer := api.ListGroupMessages200JSONResponse{}
	if answer.Items, err = wireGroupMessages(ctx, h.Store, seat, messages); err != nil {
		return nil, err
	}
	if next > 0 {
		cursor := cursorAfter(ctx, strconv.Itoa(next))
		answer.NextCursor = &cursor
	}
	return answer, nil
}

func wireGroupMessage(
	ctx context.Context, from *store.Store, seat models.GroupSeat, message models.GroupMessage,
) (api.GroupMessage, error) {
	items, err := wireGroupMessages(ctx, from, seat, []models.GroupMessage{message})
	if err != nil {
		return api.GroupMessage{}, err
	}
	return items[0], nil
}

// wireGroupMessages writes messages as a seat sees them.
func wireGroupMessages(
	ctx context.Context, from *store.Store, seat models.GroupSeat, messages []models.GroupMessage,
) ([]api.GroupMessage, error) {
	who, authors, notices := api.From(ctx).Principal.ID, []models.ID{}, []models.ID{}
	for _, message := range messages {
		if !slices.Contains(authors, message.AuthorID) {
			authors = append(authors, message.AuthorID)
		}
		if message.Notice {
			notices = append(notices, message.ID)
		}
	}
	names, err := from.Names(ctx, authors)
	if err != nil {
		return nil, err
	}
	receipts, err := from.GroupReceipts(ctx, who, notices)
	if err != nil {
		return nil, err
	}
	items := make([]api.GroupMessage, 0, len(messages))
	for _, message := range messages {
		message, receipt := message.ShownTo(seat), receipts[message.ID]
		item := api.GroupMessage{
			Id: message.ID, AuthorId: message.AuthorID, AuthorName: textOrNil(names[message.AuthorID].Reveal()),
			AuthorRole: api.GroupRole(message.AuthorRole), Mine: message.AuthorID == who, State: stateOfGroupMessage(message),
			Text: textOrNil(message.Text.Reveal()), MediaIds: listOf(message.MediaIDs), ReplyTo: idOrNil(message.ReplyToID),
			Notice: message.Notice, DueAt: api.AtOrNil(message.DueAt), Acknowledged: receipt.Number,
			AcknowledgedAt: api.AtOrNil(receipt.OwnAt), SentAt: api.At(message.SentAt),
		}
		items = append(items, item)
	}
	return items, nil
}

func stateOfGroupMessage(message models.GroupMessage) api.GroupMessageState {
	switch {
	case !message.DeletedAt.IsZero():
		return api.GroupMessageStateDeleted
	case !message.HiddenAt.IsZero():
		return api.GroupMessageStateHidden
	default:
		return api.GroupMessageStateKept
	}
}
