package handlers

import (
	"context"
	"fmt"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListSquads answers GET /v1/squads.
func (h *Server) ListSquads(ctx context.Context, request api.ListSquadsRequestObject) (api.ListSquadsResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.PlanFilter{Ended: value(request.Params.Ended)}
	squads, err := h.Store.Squads(ctx, models.Sights(models.OpListSquads, api.From(ctx).Principal), filter, page)
	if err != nil {
		return nil, err
	}
	items, next := listed(ctx, squads, page, wireSquad, func(squad models.Squad) models.ID { return squad.ID })
	return api.ListSquads200JSONResponse{Items: items, NextCursor: next}, nil
}

// CreateSquad answers POST /v1/squads.
func (h *Server) CreateSquad(ctx context.Context, request api.CreateSquadRequestObject) (api.CreateSquadResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	squad := models.Squad{
		ID: h.NewID(), StationID: asked.Principal.StationID, Name: strings.TrimSpace(body.Name),
		Kind: models.SquadKind(body.Kind), LeaderID: body.LeaderId, Members: body.MemberIds, CreatedAt: asked.Now,
	}
	what := &deed{operation: models.OpCreateSquad, kind: "squad", id: squad.ID, subjects: idTexts(squad.Members)}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Squad, error) {
		if err := models.May(what.operation, asked.Principal, planned(squad.StationID)); err != nil {
			return api.Squad{}, err
		}
		if err := checkMembers(ctx, tx, squad); err != nil {
			return api.Squad{}, err
		}
		if err := checkLeader(ctx, tx, squad); err != nil {
			return api.Squad{}, err
		}
		return wireSquad(squad), tx.AddSquad(ctx, squad)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateSquad201JSONResponse(answer), nil
}

// GetSquad answers GET /v1/squads/{squad_id}.
func (h *Server) GetSquad(ctx context.Context, request api.GetSquadRequestObject) (api.GetSquadResponseObject, error) {
	what := &deed{operation: models.OpGetSquad, kind: "squad", id: request.SquadId}
	squad, err := h.Store.Squad(ctx, request.SquadId)
	if err == nil {
		err = maySee(ctx, what.operation, squad)
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	return api.GetSquad200JSONResponse(wireSquad(squad)), nil
}

// UpdateSquad answers PATCH /v1/squads/{squad_id}. Only what is changed is checked: a member who lost
// their role since does not stand in the way of a new name.
func (h *Server) UpdateSquad(ctx context.Context, request api.UpdateSquadRequestObject) (api.UpdateSquadResponseObject, error) {
	body := request.Body
	what := &deed{operation: models.OpUpdateSquad, kind: "squad", id: request.SquadId, subjects: idTexts(value(body.MemberIds))}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Squad, error) {
		squad, err := squadToChange(ctx, tx, what, request.SquadId)
		if err != nil {
			return api.Squad{}, err
		}
		if !squad.EndedAt.IsZero() {
			return api.Squad{}, models.Fail(models.CodeWrongState)
		}
		squad.Name = strings.TrimSpace(or(body.Name, squad.Name))
		kind := squad.Kind
		squad.Kind = models.SquadKind(or(body.Kind, api.SquadKind(squad.Kind)))
		if squad.Kind != kind {
			if err := tx.CoverageGroundChanged(ctx, squad.StationID, api.From(ctx).Now); err != nil {
				return api.Squad{}, err
			}
		}
		squad.LeaderID = or(body.LeaderId, squad.LeaderID)
		if body.MemberIds != nil {
			squad.Members = *body.MemberIds
			if err := checkMembers(ctx, tx, squad); err != nil {
				return api.Squad{}, err
			}
		}
		if body.MemberIds != nil || body.LeaderId != nil {
			if err := checkLeader(ctx, tx, squad); err != nil {
				return api.Squad{}, err
			}
		}
		return wireSquad(squad), tx.UpdateSquad(ctx, squad)
	})
	if err != nil {
		return nil, err
	}
	return api.UpdateSquad200JSONResponse(answer), nil
}

// EndSquad answers POST /v1/squads/{squad_id}/end; ending twice is no mistake.
func (h *Server) EndSquad(ctx context.Context, request api.EndSquadRequestObject) (api.EndSquadResponseObject, error) {
	what := &deed{operation: models.OpEndSquad, kind: "squad", id: request.SquadId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Squad, error) {
		squad, err := squadToChange(ctx, tx, what, request.SquadId)
		if err != nil {
			return api.Squad{}, err
		}
		if err := tx.EndSquad(ctx, squad.ID, api.From(ctx).Now); err != nil {
			return api.Squad{}, err
		}
		squad, err = tx.Squad(ctx, squad.ID)
		return wireSquad(squad), err
	})
	if err != nil {
		return nil, err
	}
	return api.EndSquad200JSONResponse(answer), nil
}

// squadToChange locks and reads a squad that the caller may change.
func squadToChange(ctx context.Context, tx *store.Store, what *deed, id models.ID) (models.Squad, error) {
	if err := tx.LockSquad(ctx, id); err != nil {
		return models.Squad{}, err
	}
	squad, err := tx.Squad(ctx, id)
	if err == nil {
		err = models.May(what.operation, api.From(ctx).Principal, planned(squad.StationID))
	}
	return squad, err
}

// checkMembers refuses people whom the station does not know, or who may not patrol there.
func checkMembers(ctx context.Context, tx *store.Store, squad models.Squad) error {
	people, held, err := tx.Patrollers(ctx, squad.Members)
	if err != nil {
		return err
	}
	for at, id := range squad.Members {
		code := models.FieldNoSuch
		if person, known := people[id]; known {
			code = models.CheckMember(person, held[id], squad.StationID, api.From(ctx).Now)
		}
		if code != "" {
			return models.Unfit(fmt.Sprintf("member_ids[%d]", at), code, "")
		}
	}
	return nil
}

// checkLeader refuses a leader who is no member, or who holds no role that leads.
func checkLeader(ctx context.Context, tx *store.Store, squad models.Squad) error {
	if !squad.Has(squad.LeaderID) {
		return models.Unfit("leader_id", models.FieldNotAllowed, "one of member_ids")
	}
	held, err := tx.Grants(ctx, squad.LeaderID)
	if err == nil && !models.MayLead(held, squad.StationID, api.From(ctx).Now) {
		err = models.Unfit("leader_id", models.FieldNotAllowed, "officer | auxiliary | grid_worker | activist")
	}
	return err
}

// planned is the object of permission of whatever the plan of a station consists of.
func planned(station models.ID) models.Object {
	return models.Object{Place: models.Place{Station: station}}
}

// maySee says whether the caller may see what belongs to a squad: theirs are those they are in.
func maySee(ctx context.Context, operation models.Operation, squad models.Squad) error {
	who, object := api.From(ctx).Principal, planned(squad.StationID)
	if squad.Has(who.ID) {
		object.Owner = who.ID
	}
	return models.May(operation, who, object)
}

func wireSquad(squad models.Squad) api.Squad {
	return api.Squad{
		Id: squad.ID, Name: squad.Name, Kind: api.SquadKind(squad.Kind), LeaderId: squad.LeaderID,
		MemberIds: listOf(squad.Members), CreatedAt: api.At(squad.CreatedAt), EndedAt: api.AtOrNil(squad.EndedAt),
	}
}

func idTexts(ids []models.ID) []string {
	texts := make([]string, 0, len(ids))
	for _, id := range ids {
		texts = append(texts, string(id))
	}
	return texts
}

// or is what a pointer points to, or something else where it points to nothing.
func or[T any](pointer *T, otherwise T) T {
	if pointer == nil {
		return otherwise
	}
	return *pointer
}
