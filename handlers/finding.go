package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// findingDraft is one item of a batch on its way into the database.
type findingDraft struct {
	finding   models.Finding
	id        string              // as sent, for the answer
	problems  []models.FieldError // why the item cannot be taken; nothing of it is written
	unknown   bool                // something it names does not exist for the caller
	duplicate bool
}

// CreateFindings answers POST /v1/findings. Items that cannot be taken spoil no other; only a batch without
// one usable item is refused as a whole.
func (h *Server) CreateFindings(
	ctx context.Context, request api.CreateFindingsRequestObject,
) (api.CreateFindingsResponseObject, error) {
	who := api.From(ctx).Principal
	facts, err := h.findingFacts(ctx, who.StationID, request.Body.Clock)
	if err != nil {
		return nil, err
	}
	drafts := make([]findingDraft, len(request.Body.Items))
	for at, raw := range request.Body.Items {
		if drafts[at], err = h.draftFinding(ctx, raw, facts); err != nil {
			return nil, err
		}
	}
	if err := h.checkPhotos(ctx, drafts); err != nil {
		return nil, err
	}
	ids := []models.ID{}
	for _, draft := range drafts {
		if len(draft.problems) == 0 {
			ids = append(ids, draft.finding.ID)
		}
	}
	if len(ids) == 0 {
		return nil, h.refused(ctx, &deed{operation: models.OpCreateFindings, kind: "finding"}, unusableFindings(drafts))
	}
	if err := h.keepFindings(ctx, drafts, ids); err != nil {
		return nil, err
	}
	return api.CreateFindings200JSONResponse{Items: wireFindingResults(ctx, drafts)}, nil
}

// keepFindings writes what is new, with the alerts about what is urgent, and lets repeats be. Ids that two requests
// bring at the same moment are told apart by the database's key: who comes second looks again.
func (h *Server) keepFindings(ctx context.Context, drafts []findingDraft, ids []models.ID) error {
	who := api.From(ctx).Principal
	for race := 1; ; race++ {
		settled, told := []findingDraft{}, []models.Alert{}
		what := &deed{operation: models.OpCreateFindings, kind: "finding"}
		if len(ids) == 1 {
			what.id = ids[0]
		}
		err := h.Store.Atomically(ctx, func(tx *store.Store) error {
			known, err := tx.FindingsByID(ctx, ids)
			if err != nil {
				return err
			}
			settled = slices.Clone(drafts)
			fresh := settleFindings(settled, known, who.ID)
			if err := tx.AddFindings(ctx, fresh); err != nil {
				return err
			}
			if told, err = h.alertFindings(ctx, tx, fresh); err != nil {
				return err
			}
			what.facts = findingFactsOf(drafts, fresh)
			return tx.Record(ctx, h.entry(ctx, what, nil), "")
		})
		if models.CodeOf(err) == models.CodeAlreadyExists && race < repeatRaces {
			continue
		}
		if models.CodeOf(err) == models.CodeAlreadyExists {
			return models.Fail(models.CodeBusy).After(minRetry).Because(err)
		}
		if err != nil {
			return err
		}
		copy(drafts, settled)
		for _, alert := range told {
			h.alerted(ctx, alert)
		}
		return nil
	}
}

// settleFindings marks repeats and returns what is new, in order. An id that is somebody else's is
// never shown and never overwritten.
func settleFindings(drafts []findingDraft, known map[models.ID]models.Finding, who models.ID) []models.Finding {
	fresh, first := []models.Finding{}, map[models.ID]bool{}
	for at := range drafts {
		draft := &drafts[at]
		if len(draft.problems) > 0 {
			continue
		}
		id := draft.finding.ID
		before, repeated := known[id]
		switch {
		case repeated && before.FinderID != who:
			draft.problems = []models.FieldError{{Field: "id", Code: models.FieldNotUnique}}
		case repeated || first[id]:
			draft.duplicate = true
		default:
			first[id] = true
			fresh = append(fresh, draft.finding)
		}
	}
	return fresh
}

// findingFactsOf counts for the audit, with a digest of what was written, so that a later change of a
// finding can be told from the audit. Its words stay out: short ones could be guessed from a digest, and outlive them.
func findingFactsOf(drafts []findingDraft, fresh []models.Finding) map[string]string {
	digest := sha256.New()
	for _, finding := range fresh {
		_, _ = fmt.Fprintf(digest, "%s %s %d %d %d %v\n", finding.ID, finding.Kind, finding.FoundAt.UnixMilli(),
			finding.PhoneAt.UnixMilli(), finding.ReceivedAt.UnixMilli(), finding.MediaIDs)
	}
	return map[string]string{
		"items": strconv.Itoa(len(drafts)), "new": strconv.Itoa(len(fresh)), "digest": hex.EncodeToString(digest.Sum(nil)),
	}
}

// unusableFindings is the problem of a batch in which no item can be taken.
func unusableFindings(drafts []findingDraft) error {
	checked := make([]checkInDraft, 0, len(drafts))
	for _, draft := range drafts {
		checked = append(checked, checkInDraft{problems: draft.problems, unknown: draft.unknown})
	}
	return unusable(checked)
}

func wireFindingResults(ctx context.Context, drafts []findingDraft) []api.FindingResult {
	results := make([]api.FindingResult, 0, len(drafts))
	for at, draft := range drafts {
		result := api.FindingResult{Id: textOrNil(draft.id), Status: api.FindingResultStatusRecorded, Duplicate: draft.duplicate}
		if len(draft.problems) > 0 {
			fields := make([]models.FieldError, 0, len(draft.problems))
			for _, field := range draft.problems {
				field.Field = itemField(at, field.Field)
				fields = append(fields, field)
			}
			problems := api.FieldProblems(fields, api.From(ctx).Language)
			result.Status, result.Errors = api.FindingResultStatusRejected, &problems
		}
		results = append(results, result)
	}
	return results
}
