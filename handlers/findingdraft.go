package handlers

import (
	"context"
	"fmt"

	"xunfang/api"
	"xunfang/models"
)

// findingFacts is what drafting the items of one batch needs.
type findingFacts struct {
	patrol    patrolFacts
	compounds []models.Compound
	clock     models.PhoneClock
}

func (h *Server) findingFacts(ctx context.Context, station models.ID, clock *api.PhoneClock) (findingFacts, error) {
	patrol, err := h.patrolFacts(ctx, station)
	if err != nil {
		return findingFacts{}, err
	}
	compounds, err := h.places.get(station, api.From(ctx).Now, func() ([]models.Compound, error) {
		return h.Store.StationCompounds(ctx, station)
	})
	facts := findingFacts{patrol: patrol, compounds: compounds}
	if read := clockOf(clock); read != nil {
		facts.clock = *read
	}
	return facts, err
}

// draftFinding reads one item: when and where it was found.
func (h *Server) draftFinding(ctx context.Context, raw []byte, facts findingFacts) (findingDraft, error) {
	asked := api.From(ctx)
	item, problems := api.DecodeItem[api.FindingItem](h.Contract, "FindingItem", raw)
	draft := findingDraft{id: string(item.Id), problems: problems}
	if len(problems) > 0 {
		draft.id = idOfItem(raw, problems)
		return draft, nil
	}
	monotonic := int64(-1) // which no clock can place
	if item.MonotonicMs != nil {
		monotonic = *item.MonotonicMs
	}
	foundAt, problems := models.FoundWhen(facts.clock, value(item.BootId), monotonic, item.FoundAt.Time, asked.Now)
	if draft.problems = problems; len(problems) > 0 {
		return draft, nil
	}
	if item.Position == nil && item.CheckpointId == nil {
		draft.problems = []models.FieldError{{Field: "position", Code: models.FieldRequired, Want: "position | checkpoint_id"}}
		return draft, nil
	}
	checkpoint, err := h.findingCheckpoint(ctx, item.CheckpointId, facts.patrol)
	if err != nil {
		return draft, err
	}
	if item.CheckpointId != nil && checkpoint == nil {
		draft.unknown, draft.problems = true, []models.FieldError{{Field: "checkpoint_id", Code: models.FieldNoSuch}}
		return draft, nil
	}
	fix := fixOf(item.Position)
	draft.finding = models.Finding{
		ID: item.Id, OrderID: models.OrderID(foundAt, item.Id),
		Place:    models.FindingPlace(fix, checkpoint, facts.compounds, asked.Principal),
		FinderID: asked.Principal.ID, Kind: models.FindingKind(item.Kind), Description: models.Secret(item.Description), Fix: fix,
		CheckpointID: value(item.CheckpointId), RoundID: value(item.RoundId), MediaIDs: value(item.MediaIds),
		FoundAt: foundAt, PhoneAt: item.FoundAt.Time, ReceivedAt: asked.Now, State: models.FindingReported,
	}
	return draft, nil
}

// findingCheckpoint finds the checkpoint an item names; nil when it names none, or none of the caller's station.
// One that the cache does not know may be new.
func (h *Server) findingCheckpoint(ctx context.Context, id *models.ID, facts patrolFacts) (*models.Checkpoint, error) {
	if id == nil {
		return nil, nil //nolint:nilnil // no checkpoint is an answer here, not an absence of one
	}
	checkpoint, found := facts.byID[*id]
	if !found {
		fresh, err := h.Store.Checkpoint(ctx, *id)
		if models.CodeOf(err) == models.CodeNotFound {
			return nil, nil //nolint:nilnil // as above
		} else if err != nil {
			return nil, err
		}
		checkpoint = &fresh
	}
	if models.May(models.OpCreateFindings, api.From(ctx).Principal, models.Object{Place: checkpoint.Place}) != nil {
		return nil, nil //nolint:nilnil,nilerr // foreign and missing look alike
	}
	return checkpoint, nil
}

// checkPhotos takes out items that show a photo which is not the caller's own. A photo never changes its owner, so
// that this can be asked before the transaction.
func (h *Server) checkPhotos(ctx context.Context, drafts []findingDraft) error {
	ids := []models.ID{}
	for _, draft := range drafts {
		ids = append(ids, draft.finding.MediaIDs...)
	}
	if len(ids) == 0 {
		return nil
	}
	photos, err := h.Store.MediaByID(ctx, ids)
	if err != nil {
		return err
	}
	for at := range drafts {
		draft := &drafts[at]
		for number, id := range draft.finding.MediaIDs {
			if photo, exists := photos[id]; !exists || photo.OwnerID != draft.finding.FinderID {
				draft.unknown = true
				draft.problems = append(draft.problems,
					models.FieldError{Field: fmt.Sprintf("media_ids[%d]", number), Code: models.FieldNoSuch})
			}
		}
	}
	return nil
}
