package handlers

import (
	"context"
	"strconv"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// PreviewAlertAudience answers POST /v1/alerts/preview: how many people an alert sent now would be for. As the number of people
// near a point says something of where they are, each look is recorded.
func (h *Server) PreviewAlertAudience(
	ctx context.Context, request api.PreviewAlertAudienceRequestObject,
) (api.PreviewAlertAudienceResponseObject, error) {
	now, what := api.From(ctx).Now, &deed{operation: models.OpPreviewAudience, kind: "alert"}
	audience, err := h.audienceOf(ctx, h.Store, what.operation, request.Body.Audience)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	people, byRole, err := h.Store.CountAudience(ctx, audience, now)
	if err != nil {
		return nil, err
	}
	answer := api.PreviewAlertAudience200JSONResponse{People: people, ByRole: []api.AudienceRoleCount{}}
	for _, role := range models.PersonRoles {
		if byRole[role] > 0 {
			answer.ByRole = append(answer.ByRole, api.AudienceRoleCount{Role: api.PersonRole(role), People: byRole[role]})
		}
	}
	what.facts = map[string]string{"scope": string(audience.Place.ID()), "people": strconv.Itoa(people), "narrowed": narrowing(audience)}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	return answer, nil
}

// audienceOf reads whom an alert is for, who must be within the caller's scope: foreign and missing look alike.
func (h *Server) audienceOf(
	ctx context.Context, from *store.Store, operation models.Operation, asked api.Audience,
) (models.Audience, error) {
	place, err := placeWithin(ctx, from, operation, asked.Scope, "audience.scope.id")
	if err != nil {
		return models.Audience{}, err
	}
	audience := models.Audience{
		Roles: rolesOf(value(asked.Roles)), Place: place, OnDuty: value(asked.OnDuty), SquadID: value(asked.SquadId),
	}
	if asked.Near != nil {
		audience.Near = &models.Near{Position: fixOf(&asked.Near.Position).Position, RadiusM: asked.Near.RadiusM}
	}
	named := value(asked.People)
	audience.Named = len(named)
	if !audience.Narrowed() && len(audience.Roles) == 0 {
		return audience, models.Unfit("audience.roles", models.FieldRequired, "")
	}
	if len(audience.Roles) == 0 {
		audience.Roles = models.PersonRoles
	}
	if err := h.within(ctx, from, place, named); err != nil {
		return audience, err
	}
	audience.Only, err = h.meant(ctx, from, audience, named)
	return audience, err
}

// placeWithin is the place of a scope that the caller may do something in; field names it where it is foreign or missing.
func placeWithin(
	ctx context.Context, from *store.Store, operation models.Operation, scope api.Scope, field string,
) (models.Place, error) {
	place, err := from.Place(ctx, models.Level(scope.Kind), scope.Id)
	if err == nil {
		err = models.May(operation, api.From(ctx).Principal, models.Object{Place: place})
	}
	return place, noSuch(err, field)
}

func rolesOf(wire []api.PersonRole) []models.Role {
	roles := make([]models.Role, 0, len(wire))
	for _, role := range wire {
		roles = append(roles, models.Role(role))
	}
	return roles
}

// within refuses people who hold nothing in a place: the foreign, the disabled and the missing look alike.
func (h *Server) within(ctx context.Context, from *store.Store, place models.Place, named []models.ID) error {
	if len(named) == 0 {
		return nil
	}
	all := models.Audience{Place: place, Roles: models.PersonRoles, Named: len(named), Only: named}
	found, err := from.Audience(ctx, all, api.From(ctx).Now)
	if err == nil && len(found) < len(named) {
		err = models.Unfit("audience.people", models.FieldNoSuch, "")
	}
	return err
}

// meant finds who of a station fulfils what narrows an audience.
func (h *Server) meant(
	ctx context.Context, from *store.Store, audience models.Audience, named []models.ID,
) ([]models.ID, error) {
	station, now, lists := audience.Place.Station, api.From(ctx).Now, [][]models.ID{}
	if audience.Named > 0 {
		lists = append(lists, named)
	}
	if audience.SquadID != "" {
		squad, err := from.Squad(ctx, audience.SquadID)
		if err == nil && (squad.StationID != station || !squad.EndedAt.IsZero()) {
			err = models.Fail(models.CodeNotFound)
		}
		if err != nil {
			return nil, noSuch(err, "audience.squad_id")
		}
		lists = append(lists, squad.Members)
	}
	if audience.OnDuty || audience.Near != nil {
		onDuty, err := h.dutyNow(ctx, from, station, now)
		if err != nil {
			return nil, err
		}
		lists = append(lists, onDuty)
	}
	if audience.Near != nil {
		if err := h.lookWhere(ctx, station); err != nil {
			return nil, err
		}
		near := []models.ID{}
		for _, person := range lists[len(lists)-1] {
			if seen, known := h.positions.grid.Last(person); known && audience.Near.Has(seen, now) {
				near = append(near, person)
			}
		}
		lists = append(lists, near)
	}
	if len(lists) == 0 {
		return nil, nil
	}
	return models.InAll(lists...), nil
}

// narrowing names what narrows an audience.
func narrowing(audience models.Audience) string {
	switch {
	case audience.Near != nil:
		return "near"
	case audience.Named > 0:
		return "people"
	case audience.SquadID != "":
		return "squad"
	case audience.OnDuty:
		return "on_duty"
	default:
		return ""
	}
}

// wireAudience writes whom an alert is for: the roles and the place to everybody it is for, the rest to who oversees it.
func wireAudience(audience models.Audience, whole bool) api.Audience {
	roles := make([]api.PersonRole, 0, len(audience.Roles))
	for _, role := range audience.Roles {
		roles = append(roles, api.PersonRole(role))
	}
	wire := api.Audience{Roles: &roles, Scope: wireScope(audience.Place)}
	if !whole {
		return wire
	}
	if audience.OnDuty {
		wire.OnDuty = &audience.OnDuty
	}
	if audience.SquadID != "" {
		wire.SquadId = &audience.SquadID
	}
	if near := audience.Near; near != nil {
		wire.Near = &api.AudienceNear{Position: wirePosition(near.Position), RadiusM: near.RadiusM}
	}
	return wire
}
