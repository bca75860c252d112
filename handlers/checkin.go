package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// checkInDraft is one item of a batch on its way to a verdict.
type checkInDraft struct {
	checkIn   models.CheckIn
	id        string              // as sent, for the answer
	problems  []models.FieldError // why the item cannot be taken; nothing of it is written
	unknown   bool                // the checkpoint does not exist for the caller
	duplicate bool
}

// CreateCheckIns answers POST /v1/check-ins. Each item is judged alone; those that cannot be
// taken spoil no other. Only a batch without one usable item is refused as a whole.
func (h *Server) CreateCheckIns(
	ctx context.Context, request api.CreateCheckInsRequestObject,
) (api.CreateCheckInsResponseObject, error) {
	asked := api.From(ctx)
	facts, err := h.patrolFacts(ctx, asked.Principal.StationID)
	if err != nil {
		return nil, err
	}
	drafts, ids := make([]checkInDraft, len(request.Body.Items)), []models.ID{}
	clock := clockOf(request.Body.Clock)
	for at, raw := range request.Body.Items {
		if drafts[at], err = h.draftCheckIn(ctx, raw, clock, facts); err != nil {
			return nil, err
		}
		if len(drafts[at].problems) == 0 {
			ids = append(ids, drafts[at].checkIn.ID)
		}
	}
	if len(ids) == 0 {
		return nil, h.refused(ctx, &deed{operation: models.OpCreateCheckIns, kind: "check_in"}, unusable(drafts))
	}
	if err := h.keepCheckIns(ctx, drafts, ids); err != nil {
		return nil, err
	}
	verdicts := make([]api.CheckInVerdict, 0, len(drafts))
	for at := range drafts {
		if one := drafts[at].checkIn; one.Fix != nil && one.Status == models.StatusAccepted {
			h.moved(one.PersonID, one.Fix.Position, one.OccurredAt)
		}
		verdicts = append(verdicts, wireVerdict(ctx, at, drafts[at]))
	}
	return api.CreateCheckIns200JSONResponse{Items: verdicts}, nil
}

// repeatRaces bounds how often a batch is looked at again because one of its ids was
// written by another request meanwhile.
const repeatRaces = 3

// keepCheckIns writes what is new and gives repeats their first verdict. Ids that two requests bring at
// the same moment are told apart by the database's key: who comes second looks again.
func (h *Server) keepCheckIns(ctx context.Context, drafts []checkInDraft, ids []models.ID) error {
	who := api.From(ctx).Principal
	for race := 1; ; race++ {
		known, err := h.Store.CheckInsByID(ctx, ids)
		if err != nil {
			return err
		}
		settled := slices.Clone(drafts)
		fresh := settleRepeats(settled, known, who.ID)
		what := &deed{operation: models.OpCreateCheckIns, kind: "check_in", facts: checkInFacts(drafts, fresh)}
		if len(ids) == 1 {
			what.id = ids[0]
		}
		err = h.Store.Atomically(ctx, func(tx *store.Store) error {
			if err := h.addCheckIns(ctx, tx, fresh, api.From(ctx).Now); err != nil {
				return err
			}
			return tx.Record(ctx, h.entry(ctx, what, nil), "")
		})
		if models.CodeOf(err) != models.CodeAlreadyExists {
			copy(drafts, settled)
			return err
		}
		if race == repeatRaces {
			return models.Fail(models.CodeBusy).After(minRetry).Because(err)
		}
	}
}

// draftCheckIn reads and judges one item.
func (h *Server) draftCheckIn(
	ctx context.Context, raw []byte, clock *models.PhoneClock, facts patrolFacts,
) (checkInDraft, error) {
	asked := api.From(ctx)
	item, problems := api.DecodeItem[api.CheckInItem](h.Contract, "CheckInItem", raw)
	draft := checkInDraft{id: string(item.Id), problems: problems}
	if len(problems) > 0 {
		draft.id = idOfItem(raw, problems)
		return draft, nil
	}
	draft.checkIn = models.CheckIn{
		ID: item.Id, Place: models.Place{Station: asked.Principal.StationID},
		PersonID: asked.Principal.ID, RoundID: value(item.RoundId), Method: models.CheckInMethod(item.Method),
		Fix: fixOf(item.Position), CapturedAt: item.CapturedAt.Time, ReceivedAt: asked.Now, Note: models.Secret(value(item.Note)),
	}
	draft.checkIn = draft.checkIn.Timed(clock, value(item.BootId), readingOf(item.MonotonicMs))
	if draft.problems = draft.checkIn.CheckTimes(); len(draft.problems) > 0 {
		return draft, nil
	}
	checkpoint, err := h.checkpointOf(ctx, item, draft.checkIn.Fix, facts)
	switch {
	case err != nil:
		return draft, err
	case checkpoint == nil && item.CheckpointId != nil:
		draft.unknown = true
		draft.problems = []models.FieldError{{Field: "checkpoint_id", Code: models.FieldNoSuch}}
		return draft, nil
	case checkpoint == nil && item.Position == nil:
		draft.problems = []models.FieldError{{Field: "checkpoint_id", Code: models.FieldRequired, Want: "checkpoint_id | position"}}
		return draft, nil
	case checkpoint != nil:
		draft.checkIn.CheckpointID, draft.checkIn.Place = checkpoint.ID, checkpoint.Place
	}
	draft.checkIn.Verdict = draft.checkIn.Judge(checkpoint, h.checkCode(item, draft.checkIn, checkpoint))
	return draft, nil
}

// idOfItem is the id of an item that cannot be taken, so that a phone knows which one; "" when the id
// itself is wrong.
func idOfItem(raw []byte, problems []models.FieldError) string {
	var item struct{ ID models.ID }
	broken := func(problem models.FieldError) bool { return problem.Field == "id" || problem.Field == "" }
	if slices.ContainsFunc(problems, broken) || json.Unmarshal(raw, &item) != nil {
		return ""
	}
	return string(item.ID)
}

// checkpointOf finds the checkpoint an item names, or the one its position lies at; nil when there is none.
// One that the cache does not know may be new.
func (h *Server) checkpointOf(
	ctx context.Context, item api.CheckInItem, fix *models.Fix, facts patrolFacts,
) (*models.Checkpoint, error) {
	who := api.From(ctx).Principal
	if item.CheckpointId == nil {
		if fix == nil {
			return nil, nil //nolint:nilnil // no checkpoint is an answer here, not an absence of one
		}
		if nearest, found := models.NearestCheckpoint(*fix, facts.checkpoints); found {
			return &nearest, nil
		}
		return nil, nil //nolint:nilnil // as above
	}
	checkpoint, found := facts.byID[*item.CheckpointId]
	if !found {
		fresh, err := h.Store.Checkpoint(ctx, *item.CheckpointId)
		if models.CodeOf(err) == models.CodeNotFound {
			return nil, nil //nolint:nilnil // as above
		} else if err != nil {
			return nil, err
		}
		checkpoint = &fresh
	}
	if models.May(models.OpCreateCheckIns, who, models.Object{Place: checkpoint.Place}) != nil {
		return nil, nil //nolint:nilnil,nilerr // foreign and missing look alike
	}
	return checkpoint, nil
}

// settleRepeats gives repeats their first verdict and returns what is new, in order.
func settleRepeats(drafts []checkInDraft, known map[models.ID]models.CheckIn, who models.ID) []models.CheckIn {
	fresh, first := []models.CheckIn{}, map[models.ID]models.CheckIn{}
	for at := range drafts {
		draft := &drafts[at]
		if len(draft.problems) > 0 {
			continue
		}
		before, repeated := known[draft.checkIn.ID]
		if !repeated {
			before, repeated = first[draft.checkIn.ID]
		}
		draft.duplicate = repeated
		switch {
		case !repeated:
			first[draft.checkIn.ID] = draft.checkIn
			fresh = append(fresh, draft.checkIn)
		case before.PersonID != who: // somebody else's id: never shown, never overwritten
			draft.duplicate = false
			draft.problems = []models.FieldError{{Field: "id", Code: models.FieldNotUnique}}
		default:
			draft.checkIn = before
		}
	}
	return fresh
}

// checkInFacts counts verdicts for the audit, with a digest of what was written,
// so that a later change of a check-in can be told from the audit.
func checkInFacts(drafts []checkInDraft, fresh []models.CheckIn) map[string]string {
	digest := sha256.New()
	for _, checkIn := range fresh {
		_, _ = fmt.Fprintf(digest, "%s %s %s %d %d %d\n", checkIn.ID, checkIn.CheckpointID, checkIn.Status,
			checkIn.CapturedAt.UnixMilli(), checkIn.OccurredAt.UnixMilli(), checkIn.ReceivedAt.UnixMilli())
	}
	return map[string]string{
		"items": strconv.Itoa(len(drafts)), "new": strconv.Itoa(len(fresh)), "digest": hex.EncodeToString(digest.Sum(nil)),
	}
}

// unusable is the problem of a batch in which no item can be taken.
func unusable(drafts []checkInDraft) error {
	problem := models.Fail(models.CodeInvalidRequest)
	for at, draft := range drafts {
		if draft.unknown {
			problem.Kind, problem.Code = models.KindUnprocessable, models.CodeUnprocessable
		}
		for _, field := range draft.problems {
			field.Field = itemField(at, field.Field)
			problem.Fields = append(problem.Fields, field)
		}
	}
	problem.Fields = problem.Fields[:min(len(problem.Fields), maxProblems)]
	return problem
}

const maxProblems = 20

// itemField is the path of an item's field in the batch; of the item itself when the field is "".
func itemField(at int, field string) string {
	if field == "" {
		return fmt.Sprintf("items[%d]", at)
	}
	return fmt.Sprintf("items[%d].%s", at, field)
}

func wireVerdict(ctx context.Context, at int, draft checkInDraft) api.CheckInVerdict {
	if len(draft.problems) > 0 {
		reason := models.ReasonInvalid
		if draft.unknown {
			reason = models.ReasonUnknownCheckpoint
		}
		fields := make([]models.FieldError, 0, len(draft.problems))
		for _, field := range draft.problems {
			field.Field = itemField(at, field.Field)
			fields = append(fields, field)
		}
		problems := api.FieldProblems(fields, api.From(ctx).Language)
		return api.CheckInVerdict{
			Id: textOrNil(draft.id), Status: api.CheckInStatus(models.StatusRejected),
			Reasons: []api.CheckInReason{api.CheckInReason(reason)}, Errors: &problems,
		}
	}
	skew, occurred := draft.checkIn.ClockSkew().Milliseconds(), api.At(draft.checkIn.OccurredAt)
	return api.CheckInVerdict{
		Id: textOrNil(draft.id), Status: api.CheckInStatus(draft.checkIn.Status), Reasons: wireReasons(draft.checkIn.Reasons),
		Duplicate: draft.duplicate, DistanceM: draft.checkIn.DistanceM, ClockSkewMs: &skew, OccurredAt: &occurred,
	}
}

func wireReasons(reasons []models.CheckInReason) []api.CheckInReason {
	words := make([]api.CheckInReason, 0, len(reasons))
	for _, reason := range reasons {
		words = append(words, api.CheckInReason(reason))
	}
	return words
}
