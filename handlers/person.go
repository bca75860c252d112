package handlers

import (
	"context"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListPeople answers GET /v1/people. Looking is recorded.
func (h *Server) ListPeople(ctx context.Context, request api.ListPeopleRequestObject) (api.ListPeopleResponseObject, error) {
	asked, params := api.From(ctx), request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.PersonFilter{
		Role: models.Role(value(params.Role)), Phone: models.CanonicalPhone(models.Secret(value(params.Phone))),
		Account: value(params.Account), Now: asked.Now,
	}
	people, err := h.Store.People(ctx, models.Sights(models.OpListPeople, asked.Principal), filter, page)
	if err != nil {
		return nil, err
	}
	if err := h.lookedAtPeople(ctx, people, filter); err != nil {
		return nil, err
	}
	wire := func(person models.Person) api.Person {
		brief := wirePerson(person)
		brief.Phone = textOrNil(models.MaskPhone(person.Phone))
		return brief
	}
	items, next := listed(ctx, people, page, wire, func(person models.Person) models.ID { return person.ID })
	return api.ListPeople200JSONResponse{Items: items, NextCursor: next}, nil
}

// lookedAtPeople records whose data a page shows, and whom somebody looked for, even in vain.
func (h *Server) lookedAtPeople(ctx context.Context, people []models.Person, filter store.PersonFilter) error {
	subjects := foreignIn(people, func(person models.Person) (models.ID, bool) { return person.ID, true })
	if filter.Phone != "" {
		subjects = append(subjects, h.Keys.AuditHash("phone", filter.Phone.Reveal()))
	}
	if filter.Account != "" {
		subjects = append(subjects, h.Keys.AuditHash("account", filter.Account))
	}
	return h.lookedAtList(ctx, models.OpListPeople, "person", subjects)
}

// CreatePerson answers POST /v1/people.
func (h *Server) CreatePerson(ctx context.Context, request api.CreatePersonRequestObject) (api.CreatePersonResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	person := models.Person{
		ID: h.NewID(), StationID: asked.Principal.StationID, Name: models.Secret(strings.TrimSpace(body.Name)),
		Phone: models.CanonicalPhone(models.Secret(value(body.Phone))), IDNumber: models.Secret(strings.ToUpper(value(body.IdNumber))),
		Account: value(body.Account), CreatedAt: asked.Now,
	}
	if err := h.setPassword(ctx, &person, body.Password); err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpCreatePerson, kind: "person", id: person.ID}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Person, error) {
		place := models.Place{Station: person.StationID}
		if err := models.May(what.operation, asked.Principal, models.Object{Place: place}); err != nil {
			return api.Person{}, err
		}
		return wirePerson(person), tx.AddPerson(ctx, person)
	})
	if err != nil {
		return nil, err
	}
	return api.CreatePerson201JSONResponse(answer), nil
}

func (h *Server) setPassword(ctx context.Context, person *models.Person, password *string) error {
	if password == nil {
		return nil
	}
	if person.Account == "" {
		return models.Unfit("account", models.FieldRequired, "with a password")
	}
	hash, err := h.Passwords.Hash(ctx, models.Secret(*password))
	person.PasswordHash = models.Secret(hash)
	return err
}

// GetPerson answers GET /v1/people/{person_id}. Looking is recorded.
func (h *Server) GetPerson(ctx context.Context, request api.GetPersonRequestObject) (api.GetPersonResponseObject, error) {
	what := &deed{operation: models.OpGetPerson, kind: "person", id: request.PersonId}
	person, err := h.personInScope(ctx, h.Store, what)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	return api.GetPerson200JSONResponse(wirePerson(person)), nil
}

// personInScope reads the person a deed is about, if the caller's scope holds their account.
func (h *Server) personInScope(ctx context.Context, from *store.Store, what *deed) (models.Person, error) {
	person, err := from.Person(ctx, what.id)
	if err == nil {
		place := models.Place{Station: person.StationID}
		err = models.May(what.operation, api.From(ctx).Principal, models.Object{Place: place})
	}
	return person, err
}

// UpdatePerson answers PATCH /v1/people/{person_id}. Closing the account, or a new password, ends all sessions.
func (h *Server) UpdatePerson(ctx context.Context, request api.UpdatePersonRequestObject) (api.UpdatePersonResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{operation: models.OpUpdatePerson, kind: "person", id: request.PersonId}
	hashed := models.Person{Account: "any"} // hashing is slow: not inside the transaction
	if err := h.setPassword(ctx, &hashed, body.Password); err != nil {
		return nil, err
	}
	var ended []models.ID
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Person, error) {
		if err := tx.LockPerson(ctx, what.id); err != nil {
			return api.Person{}, err
		}
		person, err := h.personInScope(ctx, tx, what)
		if err != nil {
			return api.Person{}, err
		}
		held, err := tx.Grants(ctx, person.ID)
		if err != nil {
			return api.Person{}, err
		}
		waysIn := body.Password != nil || body.Account != nil || body.Phone != nil
		if err := models.MayManage(what.operation, asked.Principal, person.ID, held, waysIn, asked.Now); err != nil {
			return api.Person{}, err
		}
		changePerson(&person, body, hashed.PasswordHash, asked)
		if body.Password != nil && person.Account == "" {
			return api.Person{}, models.Unfit("account", models.FieldRequired, "with a password")
		}
		if err := tx.UpdatePerson(ctx, person); err != nil {
			return api.Person{}, err
		}
		if ended = nil; body.Password != nil || person.Disabled() {
			ended, err = tx.RevokeSessions(ctx, person.ID, asked.Now)
		}
		if err == nil && person.Disabled() {
			err = h.endFaces(ctx, tx, person.ID)
		}
		return wirePerson(person), err
	})
	if err != nil {
		return nil, err
	}
	h.ended(request.PersonId, ended...)
	return api.UpdatePerson200JSONResponse(answer), nil
}

func changePerson(person *models.Person, body *api.UpdatePersonJSONRequestBody, hash models.Secret, asked api.Request) {
	if body.Name != nil {
		person.Name = models.Secret(strings.TrimSpace(*body.Name))
	}
	if body.Phone != nil {
		person.Phone = models.CanonicalPhone(models.Secret(*body.Phone))
	}
	if body.Account != nil {
		person.Account = *body.Account
	}
	if body.Password != nil {
		person.PasswordHash = hash
	}
	switch {
	case body.Disabled == nil, *body.Disabled == person.Disabled():
	case *body.Disabled:
		person.DisabledAt = asked.Now
	default:
		person.DisabledAt = models.Person{}.DisabledAt
	}
}

func wirePerson(person models.Person) api.Person {
	return api.Person{
		Id: person.ID, Name: person.Name.Reveal(), Phone: textOrNil(person.Phone.Reveal()), Account: textOrNil(person.Account),
		Disabled: person.Disabled(), CreatedAt: api.At(person.CreatedAt),
	}
}
