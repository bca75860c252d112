package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListGroups answers GET /v1/groups: there is one for each compound in sight, whether anybody has written in it or not.
func (h *Server) ListGroups(ctx context.Context, request api.ListGroupsRequestObject) (api.ListGroupsResponseObject, error) {
	who := api.From(ctx).Principal
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	compounds, err := h.Store.Compounds(ctx, models.Sights(models.OpListGroups, who), page)
	if err != nil {
		return nil, err
	}
	ids := make([]models.ID, 0, len(compounds))
	for _, compound := range compounds {
		ids = append(ids, compound.ID)
	}
	states, err := h.Store.GroupStates(ctx, who.ID, ids)
	if err != nil {
		return nil, err
	}
	wire := func(compound models.Compound) api.Group {
		state := states[compound.ID]
		seat, _ := models.SeatInGroup(models.OpListGroups, who, compound.Place())
		return api.Group{
			Id: compound.ID, Name: compound.Name, Member: seat.Member, Unread: state.Unread, LastMessageAt: api.AtOrNil(state.LastAt),
		}
	}
	items, next := listed(ctx, compounds, page, wire, func(compound models.Compound) models.ID { return compound.ID })
	return api.ListGroups200JSONResponse{Items: items, NextCursor: next}, nil
}

// GetGroup answers GET /v1/groups/{group_id}. Who is no member looks on record.
func (h *Server) GetGroup(ctx context.Context, request api.GetGroupRequestObject) (api.GetGroupResponseObject, error) {
	what := &deed{operation: models.OpGetGroup, kind: "group", id: request.GroupId}
	compound, seat, err := entersGroup(ctx, h.Store, what)
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
	people := make([]models.ID, 0, len(members))
	for _, member := range members {
		people = append(people, member.PersonID)
	}
	names, err := h.Store.Names(ctx, people)
	if err != nil {
		return nil, err
	}
	answer := api.GetGroup200JSONResponse{Id: compound.ID, Name: compound.Name, Members: []api.GroupMember{}}
	for _, member := range members {
		answer.Members = append(answer.Members, api.GroupMember{
			PersonId: member.PersonID, Name: textOrNil(names[member.PersonID].Reveal()), Role: api.GroupRole(member.Role),
		})
	}
	return answer, nil
}

// ReadGroup answers POST /v1/groups/{group_id}/read.
func (h *Server) ReadGroup(ctx context.Context, request api.ReadGroupRequestObject) (api.ReadGroupResponseObject, error) {
	what, who := &deed{operation: models.OpReadGroup, kind: "group", id: request.GroupId}, api.From(ctx).Principal
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.GroupUnread, error) {
		compound, _, err := entersGroup(ctx, tx, what)
		if err != nil {
			return api.GroupUnread{}, err
		}
		message, err := inGroup(ctx, tx.GroupMessage, compound, request.Body.UpTo)
		if err != nil {
			return api.GroupUnread{}, noSuch(err, "up_to")
		}
		if err := tx.MarkGroup(ctx, who.ID, compound.ID, message.Ordinal); err != nil {
			return api.GroupUnread{}, err
		}
		states, err := tx.GroupStates(ctx, who.ID, []models.ID{compound.ID})
		return api.GroupUnread{Unread: states[compound.ID].Unread}, err
	})
	if err != nil {
		return nil, err
	}
	return api.ReadGroup200JSONResponse(answer), nil
}

// entersGroup finds the compound whose group a deed is in, and as what the caller is there. A role that has ended opens nothing
// any more: the principal has only those in force.
func entersGroup(ctx context.Context, from *store.Store, what *deed) (models.Compound, models.GroupSeat, error) {
	compound, err := from.Compound(ctx, what.id)
	if err != nil {
		return compound, models.GroupSeat{}, err
	}
	seat, err := models.SeatInGroup(what.operation, api.From(ctx).Principal, compound.Place())
	return compound, seat, err
}

// inGroup finds a message of a group; one of another group is none.
func inGroup(
	ctx context.Context, find func(context.Context, models.ID) (models.GroupMessage, error), compound models.Compound, id models.ID,
) (models.GroupMessage, error) {
	message, err := find(ctx, id)
	if err == nil && message.Place != compound.Place() {
		err = models.Fail(models.CodeNotFound)
	}
	return message, err
}

// lookedIntoGroup records that somebody looked who is no member.
func (h *Server) lookedIntoGroup(ctx context.Context, what *deed, seat models.GroupSeat) error {
	if seat.Member {
		return nil
	}
	return h.looked(ctx, what)
}
