package handlers

import (
	"context"
	"slices"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListPersonRoles answers GET /v1/people/{person_id}/roles.
func (h *Server) ListPersonRoles(
	ctx context.Context, request api.ListPersonRolesRequestObject,
) (api.ListPersonRolesResponseObject, error) {
	what := &deed{operation: models.OpListRoles, kind: "person", id: request.PersonId}
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	person, err := h.personInScope(ctx, h.Store, what)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	grants, err := h.Store.Grants(ctx, person.ID)
	if err != nil {
		return nil, err
	}
	for len(grants) > 0 && grants[0].ID <= page.After {
		grants = grants[1:]
	}
	grants = grants[:min(len(grants), page.Limit)]
	items, next := listed(ctx, grants, page, wireGrant, func(grant models.Grant) models.ID { return grant.ID })
	return api.ListPersonRoles200JSONResponse{Items: items, NextCursor: next}, nil
}

// CreatePersonRole answers POST /v1/people/{person_id}/roles.
func (h *Server) CreatePersonRole(
	ctx context.Context, request api.CreatePersonRoleRequestObject,
) (api.CreatePersonRoleResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	grant := models.Grant{
		ID: h.NewID(), PersonID: request.PersonId, Role: models.Role(body.Role),
		StartsAt: body.StartsAt.Or(asked.Now), EndsAt: instantOf(body.EndsAt),
	}
	if !grant.EndsAt.IsZero() && !grant.EndsAt.After(grant.StartsAt) {
		return nil, models.Unfit("ends_at", models.FieldTooSmall, "> starts_at")
	}
	if !grant.Role.MayHoldAt(models.Level(body.Scope.Kind)) {
		return nil, models.Unfit("scope.kind", models.FieldNotAllowed, "a level that the role is held at")
	}
	what := &deed{
		operation: models.OpCreateRole, kind: "person", id: request.PersonId, facts: map[string]string{"role": string(grant.Role)},
	}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Grant, error) {
		if _, err := h.personInScope(ctx, tx, what); err != nil {
			return api.Grant{}, err
		}
		if err := tx.LockPerson(ctx, grant.PersonID); err != nil {
			return api.Grant{}, err
		}
		place, err := tx.Place(ctx, models.Level(body.Scope.Kind), body.Scope.Id)
		if err == nil {
			grant.Place = place
			err = models.MayGrant(what.operation, asked.Principal, grant.PersonID, grant.Role, place)
		}
		if err != nil {
			return api.Grant{}, noSuch(err, "scope.id")
		}
		held, err := tx.Grants(ctx, grant.PersonID)
		if err != nil {
			return api.Grant{}, err
		}
		if len(held) >= store.MaxGrants {
			return api.Grant{}, models.Unfit("role", models.FieldTooMany, "<= 200 roles a person")
		}
		if slices.ContainsFunc(held, grant.Overlaps) {
			return api.Grant{}, takenField("role")
		}
		if err := h.endCallConsents(ctx, tx, grant.PersonID); err != nil { // of a grant that ended by its time: this one revives nothing
			return api.Grant{}, err
		}
		return wireGrant(grant), tx.AddGrant(ctx, grant, asked.Now)
	})
	if err != nil {
		return nil, err
	}
	h.ended(request.PersonId)
	return api.CreatePersonRole201JSONResponse(answer), nil
}

// UpdatePersonRole answers PATCH /v1/people/{person_id}/roles/{grant_id}: sets when the role ends.
func (h *Server) UpdatePersonRole(
	ctx context.Context, request api.UpdatePersonRoleRequestObject,
) (api.UpdatePersonRoleResponseObject, error) {
	asked := api.From(ctx)
	endsAt := request.Body.EndsAt.Or(asked.Now)
	what := &deed{operation: models.OpUpdateRole, kind: "person", id: request.PersonId}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Grant, error) {
		if _, err := h.personInScope(ctx, tx, what); err != nil {
			return api.Grant{}, err
		}
		if err := tx.LockPerson(ctx, request.PersonId); err != nil { // who consents to something at this moment waits
			return api.Grant{}, err
		}
		grants, err := tx.Grants(ctx, request.PersonId)
		if err != nil {
			return api.Grant{}, err
		}
		for _, grant := range grants {
			if grant.ID != request.GrantId {
				continue
			}
			if err := models.MayGrant(what.operation, asked.Principal, grant.PersonID, grant.Role, grant.Place); err != nil {
				return api.Grant{}, err
			}
			what.facts = map[string]string{"role": string(grant.Role)}
			if grant, err = grant.EndAt(endsAt, asked.Now); err != nil {
				return api.Grant{}, err
			}
			if err := tx.EndGrant(ctx, grant.PersonID, grant.ID, grant.EndsAt); err != nil {
				return api.Grant{}, err
			}
			if err := h.endCallConsents(ctx, tx, grant.PersonID); err != nil {
				return api.Grant{}, err
			}
			return wireGrant(grant), h.endFaces(ctx, tx, grant.PersonID)
		}
		return api.Grant{}, models.Fail(models.CodeNotFound)
	})
	if err != nil {
		return nil, err
	}
	h.ended(request.PersonId)
	return api.UpdatePersonRole200JSONResponse(answer), nil
}

func wireGrant(grant models.Grant) api.Grant {
	scope := api.GrantScope{Kind: api.GrantScopeKind(grant.Place.Level()), Id: grant.Place.ID()}
	return api.Grant{
		Id: grant.ID, Role: api.Role(grant.Role), Scope: scope,
		StartsAt: api.At(grant.StartsAt), EndsAt: api.AtOrNil(grant.EndsAt),
	}
}
