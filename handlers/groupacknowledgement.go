package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// AcknowledgeGroupMessage answers POST /v1/groups/{group_id}/messages/{group_message_id}/acknowledge. The alert about the
// notice is acknowledged with it and climbs no further; the other way round, who was woken has not read the notice.
func (h *Server) AcknowledgeGroupMessage(
	ctx context.Context, request api.AcknowledgeGroupMessageRequestObject,
) (api.AcknowledgeGroupMessageResponseObject, error) {
	what, asked := &deed{operation: models.OpAckGroupMessage, kind: "group", id: request.GroupId}, api.From(ctx)
	what.facts = map[string]string{"message": string(request.GroupMessageId)}
	author := models.ID("")
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.GroupAcknowledged, error) {
		compound, seat, err := entersGroup(ctx, tx, what)
		if err != nil {
			return api.GroupAcknowledged{}, err
		}
		// A deletion waits for the acknowledgement, or the other way round: what was deleted is acknowledged by nobody after.
		message, err := inGroup(ctx, tx.LockGroupMessage, compound, request.GroupMessageId)
		if err == nil {
			err = message.CheckAcknowledge(asked.Principal.ID)
		}
		if err != nil {
			return api.GroupAcknowledged{}, err
		}
		author = message.AuthorID
		at, err := tx.AcknowledgeGroupMessage(ctx, message.ID, asked.Principal.ID, seat.Role, asked.Now)
		if err != nil {
			return api.GroupAcknowledged{}, err
		}
		_, err = tx.AcknowledgeAlert(ctx, asked.Principal.ID, message.AlertID, asked.Now)
		if models.CodeOf(err) == models.CodeNotFound { // who became a member after the notice was not told
			err = nil
		}
		return api.GroupAcknowledged{MessageId: message.ID, AcknowledgedAt: api.At(at)}, err
	})
	if err != nil {
		return nil, err
	}
	h.streams.acknowledged(map[models.ID]models.ID{answer.MessageId: author})
	return api.AcknowledgeGroupMessage200JSONResponse(answer), nil
}

// ListGroupAcknowledgements answers GET /v1/groups/{group_id}/messages/{group_message_id}/acknowledgements.
func (h *Server) ListGroupAcknowledgements(
	ctx context.Context, request api.ListGroupAcknowledgementsRequestObject,
) (api.ListGroupAcknowledgementsResponseObject, error) {
	what := &deed{operation: models.OpListGroupAcks, kind: "group", id: request.GroupId}
	if _, err := cursorKey(ctx, request.Params.Cursor); err != nil {
		return nil, err
	}
	compound, seat, err := entersGroup(ctx, h.Store, what)
	message := models.GroupMessage{}
	if err == nil {
		message, err = inGroup(ctx, h.Store.GroupMessage, compound, request.GroupMessageId)
	}
	if err == nil && !message.Notice {
		err = models.Fail(models.CodeNotFound) // nobody is asked to acknowledge it
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if err := h.lookedIntoGroup(ctx, what, seat); err != nil {
		return nil, err
	}
	members, err := h.Store.GroupMembers(ctx, compound.Place(), api.From(ctx).Now)
	if err != nil {
		return nil, err
	}
	done, err := h.Store.GroupAcknowledgements(ctx, message.ID)
	if err != nil {
		return nil, err
	}
	roll, asked, acknowledged := models.GroupRoll(message, members, done)
	answer := api.ListGroupAcknowledgements200JSONResponse{Asked: asked, Acknowledged: acknowledged, DueAt: api.AtOrNil(message.DueAt)}
	roll, answer.NextCursor, err = paged(ctx, roll, request.Params.Limit, request.Params.Cursor,
		func(one models.GroupAcknowledgement) string { return string(one.PersonID) })
	if err == nil {
		answer.Items, err = h.wireGroupRoll(ctx, roll)
	}
	if err != nil {
		return nil, err
	}
	return answer, nil
}

func (h *Server) wireGroupRoll(ctx context.Context, roll []models.GroupAcknowledgement) ([]api.GroupAcknowledgement, error) {
	people := make([]models.ID, 0, len(roll))
	for _, one := range roll {
		people = append(people, one.PersonID)
	}
	names, err := h.Store.Names(ctx, people)
	items := make([]api.GroupAcknowledgement, 0, len(roll))
	for _, one := range roll {
		items = append(items, api.GroupAcknowledgement{
			PersonId: one.PersonID, Name: textOrNil(names[one.PersonID].Reveal()), Role: api.GroupRole(one.Role), Member: one.Member,
			AcknowledgedAt: api.AtOrNil(one.At),
		})
	}
	return items, err
}
