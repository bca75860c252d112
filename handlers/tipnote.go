package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateTipNote answers POST /v1/tips/{tip_id}/notes. Nobody is told: what is told could be told on.
func (h *Server) CreateTipNote(ctx context.Context, request api.CreateTipNoteRequestObject) (api.CreateTipNoteResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{operation: models.OpCreateTipNote, kind: "tip", id: request.TipId}
	first, err := h.repeatedTipNote(ctx, what, body.Id)
	if err != nil || first != nil {
		return first, err
	}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.TipNote, error) {
		tip, err := tx.Tip(ctx, request.TipId)
		if err == nil {
			err = tip.MayNote(what.operation, asked.Principal)
		}
		if err != nil {
			return api.TipNote{}, err
		}
		note := models.TipNote{
			ID: body.Id, OrderID: h.NewID(), TipID: tip.ID, AuthorID: asked.Principal.ID, Text: models.Secret(body.Text), At: asked.Now,
		}
		if err := tx.AddTipNote(ctx, note); err != nil {
			return api.TipNote{}, err
		}
		items, err := wireTipNotes(ctx, tx, []models.TipNote{note})
		if err != nil {
			return api.TipNote{}, err
		}
		return items[0], nil
	})
	if models.CodeOf(err) == models.CodeAlreadyExists { // the same phone twice at once
		return h.repeatedTipNote(ctx, what, body.Id)
	}
	if err != nil {
		return nil, err
	}
	return api.CreateTipNote201JSONResponse(answer), nil
}

// repeatedTipNote is the first answer when the caller wrote the note of that id about this tip before; nil when there is none.
func (h *Server) repeatedTipNote(ctx context.Context, what *deed, id models.ID) (api.CreateTipNoteResponseObject, error) {
	who := api.From(ctx).Principal
	tip, err := h.Store.Tip(ctx, what.id)
	if err == nil {
		err = tip.MayNote(what.operation, who)
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	first, err := h.Store.TipNote(ctx, id)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil, nil //nolint:nilnil // there is no first answer
	}
	if err != nil {
		return nil, err
	}
	if first.TipID != tip.ID || first.AuthorID != who.ID {
		return nil, h.refused(ctx, what, takenField("id"))
	}
	items, err := wireTipNotes(ctx, h.Store, []models.TipNote{first})
	if err != nil {
		return nil, err
	}
	return api.CreateTipNote200JSONResponse(items[0]), nil
}

// ListTipNotes answers GET /v1/tips/{tip_id}/notes. The look is recorded.
func (h *Server) ListTipNotes(ctx context.Context, request api.ListTipNotesRequestObject) (api.ListTipNotesResponseObject, error) {
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	what := &deed{operation: models.OpListTipNotes, kind: "tip", id: request.TipId}
	tip, err := h.Store.Tip(ctx, request.TipId)
	if err == nil {
		err = tip.MayNote(what.operation, api.From(ctx).Principal)
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	notes, err := h.Store.TipNotes(ctx, tip.ID, page)
	if err != nil {
		return nil, err
	}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	items, err := wireTipNotes(ctx, h.Store, notes)
	if err != nil {
		return nil, err
	}
	same := func(item api.TipNote) api.TipNote { return item }
	at := map[models.ID]models.ID{}
	for _, note := range notes {
		at[note.ID] = note.OrderID
	}
	items, next := listed(ctx, items, page, same, func(item api.TipNote) models.ID { return at[item.Id] })
	return api.ListTipNotes200JSONResponse{Items: items, NextCursor: next}, nil
}

func wireTipNotes(ctx context.Context, from *store.Store, notes []models.TipNote) ([]api.TipNote, error) {
	authors, items := []models.ID{}, make([]api.TipNote, 0, len(notes))
	for _, note := range notes {
		authors = append(authors, note.AuthorID)
	}
	names, err := from.Names(ctx, authors)
	for _, note := range notes {
		items = append(items, api.TipNote{
			Id: note.ID, AuthorId: note.AuthorID, AuthorName: textOrNil(names[note.AuthorID].Reveal()),
			Text: note.Text.Reveal(), At: api.At(note.At),
		})
	}
	return items, err
}
