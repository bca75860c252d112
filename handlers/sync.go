package handlers

import (
	"context"
	"strconv"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

const defaultSyncLimit = 200

// GetSync answers GET /v1/sync. A phone whose token is not known, or is somebody else's, begins anew.
func (h *Server) GetSync(ctx context.Context, request api.GetSyncRequestObject) (api.GetSyncResponseObject, error) {
	asked := api.From(ctx)
	answer, err := h.syncNeeded(ctx)
	if err != nil {
		return nil, err
	}
	needed, err := syncObjects(&answer)
	if err != nil {
		return nil, err
	}
	from, err := h.Store.SyncToken(ctx, asked.Principal.ID, value(request.Params.Since), asked.Now)
	answer.Full = models.CodeOf(err) == models.CodeNotFound
	if err != nil && !answer.Full {
		return nil, err
	}
	step := from.Has.Next(needed, min(or(request.Params.Limit, defaultSyncLimit), models.MaxSyncPage), models.MaxSyncBytes)
	narrowSync(&answer, step)
	if answer.Token = from.ID; step.Empty() && !answer.Full { // the phone is as it should be, and so is its token
		return api.GetSync200JSONResponse(answer), nil
	}
	answer.Token = h.NewID()
	if err := h.keepSync(ctx, from, step, answer); err != nil {
		return nil, err
	}
	return api.GetSync200JSONResponse(answer), nil
}

// keepSync writes the new token and, where others' names go out with it, that they were looked at.
func (h *Server) keepSync(ctx context.Context, from models.SyncToken, step models.SyncStep, answer api.Sync) error {
	who := api.From(ctx).Principal.ID
	token := models.SyncToken{ID: answer.Token, PersonID: who, ParentID: from.ID, Has: step.Has}
	what := &deed{operation: models.OpGetSync, kind: "person", subjects: namedIn(answer, who)}
	what.facts = map[string]string{"rows": strconv.Itoa(len(what.subjects))}
	return h.Store.Atomically(ctx, func(tx *store.Store) error {
		if err := tx.AddSyncToken(ctx, token, from); err != nil || len(what.subjects) == 0 {
			return err
		}
		return tx.Record(ctx, h.entry(ctx, what, nil), "")
	})
}

// namedIn are the people, other than the caller, whose names an answer holds.
func namedIn(answer api.Sync, who models.ID) []string {
	named := []models.ID{}
	for _, person := range answer.People {
		named = append(named, person.Id)
	}
	for _, round := range answer.Rounds {
		for _, member := range round.Members {
			named = append(named, member.PersonId)
		}
		for _, guest := range round.Guests {
			named = append(named, guest.Id)
		}
	}
	return foreignIn(named, func(id models.ID) (models.ID, bool) { return id, id != who })
}
