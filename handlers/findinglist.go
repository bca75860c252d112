package handlers

import (
	"context"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// ListFindings answers GET /v1/findings. Looking at other people's is recorded.
func (h *Server) ListFindings(ctx context.Context, request api.ListFindingsRequestObject) (api.ListFindingsResponseObject, error) {
	who, params := api.From(ctx).Principal, request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.FindingFilter{
		Kind: models.FindingKind(value(params.Kind)), State: models.FindingState(value(params.State)),
		RoundID: value(params.RoundId), CheckpointID: value(params.CheckpointId),
		From: instantOf(params.From), To: instantOf(params.To),
	}
	findings, err := h.Store.Findings(ctx, models.Sights(models.OpListFindings, who), who.ID, filter, page)
	if err != nil {
		return nil, err
	}
	foreign := foreignIn(findings, func(finding models.Finding) (models.ID, bool) { return finding.ID, finding.FinderID != who.ID })
	if err := h.lookedAtList(ctx, models.OpListFindings, "finding", foreign); err != nil {
		return nil, err
	}
	items, next := listed(ctx, findings, page, wireFinding(who), func(finding models.Finding) models.ID { return finding.OrderID })
	return api.ListFindings200JSONResponse{Items: items, NextCursor: next}, nil
}

// GetFinding answers GET /v1/findings/{finding_id}. Looking at somebody else's is recorded.
func (h *Server) GetFinding(ctx context.Context, request api.GetFindingRequestObject) (api.GetFindingResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpGetFinding, kind: "finding", id: request.FindingId}
	finding, err := h.Store.Finding(ctx, request.FindingId)
	if err == nil {
		err = h.mayReadFinding(ctx, who, finding)
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if finding.FinderID != who.ID {
		if err := h.looked(ctx, what); err != nil {
			return nil, err
		}
	}
	return api.GetFinding200JSONResponse(wireFinding(who)(finding)), nil
}

// mayReadFinding says whether the caller may read a finding: as its finder or by scope, else as somebody who
// walked the same round with the finder when it was found.
func (h *Server) mayReadFinding(ctx context.Context, who models.Principal, finding models.Finding) error {
	refusal := models.May(models.OpGetFinding, who, models.Object{Place: finding.Place, Owner: finding.FinderID})
	if refusal == nil {
		return nil
	}
	shared, err := h.Store.FindingShared(ctx, finding, who.ID)
	if err != nil || shared {
		return err
	}
	return refusal
}

// wireFinding writes a finding as the caller may see it.
func wireFinding(who models.Principal) func(models.Finding) api.Finding {
	return func(finding models.Finding) api.Finding {
		wire := api.Finding{
			Id: finding.ID, Kind: api.FindingKind(finding.Kind), Description: finding.Description.Reveal(),
			Position: wireFix(finding.Fix), CheckpointId: idOrNil(finding.CheckpointID), RoundId: idOrNil(finding.RoundID),
			CompoundId: idOrNil(finding.Place.Compound), MediaIds: listOf(finding.MediaIDs), FinderId: finding.FinderID,
			Mine: finding.FinderID == who.ID, FoundAt: api.At(finding.FoundAt), PhoneAt: api.At(finding.PhoneAt),
			ReceivedAt: api.At(finding.ReceivedAt), State: api.FindingState(finding.State), Steps: []api.FindingStep{},
		}
		if finding.DismissedReason != "" {
			reason := api.DismissedReason(finding.DismissedReason)
			wire.DismissedReason = &reason
		}
		for _, step := range finding.Steps {
			wire.Steps = append(wire.Steps, api.FindingStep{
				State: api.FindingState(step.State), At: api.At(step.At), Note: textOrNil(step.Note.Reveal()),
			})
		}
		return wire
	}
}

// ForgetFindings deletes findings that have outlived their use, with their photos.
func (h *Server) ForgetFindings(ctx context.Context) error {
	return h.forgetShowing(ctx, h.Store.ForgetFindings, models.FindingKept)
}

// forgetShowing deletes, in bounded pieces, what was kept long enough, with its photos: rows first, so that a crash between
// the two leaves an unused blob and nothing else.
func (h *Server) forgetShowing(
	ctx context.Context, forget func(ctx context.Context, before time.Time) ([]string, int, error), kept time.Duration,
) error {
	for range maxForgets {
		blobs, deleted, err := forget(ctx, h.Now().Add(-kept))
		if err != nil || deleted == 0 {
			return err
		}
		for _, name := range blobs {
			h.dropBlob(ctx, name)
		}
	}
	return nil
}
