package handlers

import (
	"context"
	"encoding/json"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateRepair answers POST /v1/repairs. Those who mend are told in the same transaction. The phone's id makes a repeat harmless.
func (h *Server) CreateRepair(ctx context.Context, request api.CreateRepairRequestObject) (api.CreateRepairResponseObject, error) {
	asked := api.From(ctx)
	draft, err := h.newRepair(ctx, h.NewID(), request.Body)
	if err == nil {
		err = draft.CheckWish(asked.Now)
	}
	if err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpCreateRepair, kind: "repair", id: draft.ID}
	var told []models.Alert
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Repair, error) {
		place, err := repairPlace(ctx, tx, request.Body)
		if err == nil {
			err = ownPhotos(ctx, tx, draft.MediaIDs)
		}
		if err != nil {
			return api.Repair{}, err
		}
		zone, err := tx.StationZone(ctx, place.Station)
		if err != nil {
			return api.Repair{}, err
		}
		repair := draft
		repair.Place = place
		repair = repair.Stepped(models.RepairStep{State: models.RepairRequested, At: asked.Now, ByID: draft.RequesterID}, zone)
		if err := tx.AddRepair(ctx, repair); err != nil {
			return api.Repair{}, err
		}
		told, err = h.tellMenders(ctx, tx, repair, models.RoleProperty, repairIsNew)
		return wireRepair(ctx)(repair), err
	})
	if models.CodeOf(err) == models.CodeAlreadyExists {
		return h.repeatedRepair(ctx, draft)
	}
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.CreateRepair201JSONResponse(answer), nil
}

func (h *Server) newRepair(ctx context.Context, order models.ID, body *api.RepairCreate) (models.Repair, error) {
	asked := api.From(ctx)
	content, err := json.Marshal(body)
	if err != nil {
		return models.Repair{}, err
	}
	repair := models.Repair{
		ID: body.Id, OrderID: order, RequesterID: asked.Principal.ID, Category: models.RepairCategory(body.Category),
		Note: models.Secret(value(body.Note)), Spot: models.Secret(value(body.Spot)), Contact: models.Secret(value(body.Contact)),
		MediaIDs: value(body.MediaIds), RequestedAt: asked.Now, Version: 1, BodyHash: h.bodyHash(content),
	}
	if body.Wish != nil {
		repair.WishFrom, repair.WishUntil = body.Wish.From.Time, body.Wish.Until.Time
	}
	return repair, nil
}

// repairPlace finds where the caller wants something mended.
func repairPlace(ctx context.Context, tx *store.Store, body *api.RepairCreate) (models.Place, error) {
	home, compound := models.Home{}, models.Compound{}
	var err error
	if body.HomeId != nil {
		if home, err = tx.Home(ctx, *body.HomeId); err != nil {
			return models.Place{}, noSuch(err, "home_id")
		}
		if body.CompoundId != nil && *body.CompoundId != home.Place.Compound {
			return models.Place{}, models.Unfit("compound_id", models.FieldNoSuch, "the home's")
		}
	} else if body.CompoundId != nil {
		if compound, err = tx.Compound(ctx, *body.CompoundId); err != nil {
			return models.Place{}, noSuch(err, "compound_id")
		}
	}
	place := models.Place{}
	if compound.ID != "" {
		place = compound.Place()
	}
	return models.RepairPlace(api.From(ctx).Principal, value(body.HomeId), home.Place, place)
}

// repeatedRepair answers a repair whose id is taken: the first answer when it is the same one by the same person.
func (h *Server) repeatedRepair(ctx context.Context, repair models.Repair) (api.CreateRepairResponseObject, error) {
	first, err := h.Store.Repair(ctx, repair.ID)
	if models.CodeOf(err) == models.CodeNotFound || err == nil && first.RequesterID != repair.RequesterID {
		return nil, takenField("id")
	}
	if err != nil {
		return nil, err
	}
	if !sameBody(first.BodyHash, repair.BodyHash) {
		return nil, takenField("id")
	}
	return api.CreateRepair200JSONResponse(wireRepair(ctx)(first)), nil
}

// ListRepairs answers GET /v1/repairs. Looking at other people's is recorded.
func (h *Server) ListRepairs(ctx context.Context, request api.ListRepairsRequestObject) (api.ListRepairsResponseObject, error) {
	asked, params := api.From(ctx), request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.RepairFilter{
		Category: models.RepairCategory(value(params.Category)), State: models.RepairState(value(params.State)),
		CompoundID: value(params.CompoundId), Open: value(params.Open), From: instantOf(params.From), To: instantOf(params.To),
	}
	if value(params.AssignedToMe) {
		filter.AssignedTo = asked.Principal.ID
	}
	if value(params.Overdue) {
		filter.OverdueAt = asked.Now
	}
	repairs, err := h.Store.Repairs(ctx, models.Sights(models.OpListRepairs, asked.Principal), filter, page)
	if err != nil {
		return nil, err
	}
	foreign := foreignIn(repairs, func(repair models.Repair) (models.ID, bool) {
		return repair.ID, repair.RequesterID != asked.Principal.ID
	})
	if err := h.lookedAtList(ctx, models.OpListRepairs, "repair", foreign); err != nil {
		return nil, err
	}
	items, next := listed(ctx, repairs, page, wireRepair(ctx), func(repair models.Repair) models.ID { return repair.OrderID })
	return api.ListRepairs200JSONResponse{Items: items, NextCursor: next}, nil
}

// GetRepair answers GET /v1/repairs/{repair_id}. Looking at somebody else's is recorded.
func (h *Server) GetRepair(ctx context.Context, request api.GetRepairRequestObject) (api.GetRepairResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpGetRepair, kind: "repair", id: request.RepairId}
	repair, err := mayRepair(ctx, h.Store, what)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if repair.RequesterID != who.ID {
		if err := h.looked(ctx, what); err != nil {
			return nil, err
		}
	}
	return api.GetRepair200JSONResponse(wireRepair(ctx)(repair)), nil
}

// mayRepair reads the repair that a deed is about, and asks whether the caller may do so with it.
func mayRepair(ctx context.Context, from *store.Store, what *deed) (models.Repair, error) {
	repair, err := from.Repair(ctx, what.id)
	if err == nil {
		err = models.May(what.operation, api.From(ctx).Principal, models.Object{Place: repair.Place, Owner: repair.RequesterID})
	}
	return repair, err
}

func wireRepair(ctx context.Context) func(models.Repair) api.Repair {
	asked := api.From(ctx)
	return func(repair models.Repair) api.Repair {
		wire := api.Repair{
			Id: repair.ID, Category: api.RepairCategory(repair.Category), CompoundId: repair.Place.Compound,
			HomeId: idOrNil(repair.Place.Home), RequesterId: repair.RequesterID, Mine: repair.RequesterID == asked.Principal.ID,
			Note: textOrNil(repair.Note.Reveal()), Spot: textOrNil(repair.Spot.Reveal()), Contact: textOrNil(repair.Contact.Reveal()),
			MediaIds: listOf(repair.MediaIDs), DoneMediaIds: listOf(repair.DoneIDs), State: api.RepairState(repair.State),
			AssignedTo: idOrNil(repair.AssignedTo), ExpectedAt: api.AtOrNil(repair.DueAt),
			Overdue:     !repair.DueAt.IsZero() && asked.Now.After(repair.DueAt),
			RequestedAt: api.At(repair.RequestedAt), DoneAt: api.AtOrNil(repair.DoneAt), Reopened: repair.Reopened,
			Steps: make([]api.RepairStep, 0, len(repair.Steps)),
		}
		if !repair.WishUntil.IsZero() {
			wire.Wish = &api.RepairWish{From: api.At(repair.WishFrom), Until: api.At(repair.WishUntil)}
		}
		if repair.Rating > 0 {
			wire.Rating = &repair.Rating
		}
		for _, step := range repair.Steps {
			wire.Steps = append(wire.Steps, api.RepairStep{
				State: api.RepairState(step.State), At: api.At(step.At), ById: step.ByID, ToId: idOrNil(step.ToID),
				Note: textOrNil(step.Note.Reveal()),
			})
		}
		return wire
	}
}

// ForgetRepairs deletes repairs that have outlived their use, with their photos.
func (h *Server) ForgetRepairs(ctx context.Context) error {
	return h.forgetShowing(ctx, h.Store.ForgetRepairs, models.RepairKept)
}
