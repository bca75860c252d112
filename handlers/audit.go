package handlers

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"

	"xunfang/api"
	"xunfang/models"
)

// entry makes the audit entry of a deed; refusal is nil when it was allowed.
func (h *Server) entry(ctx context.Context, what *deed, refusal error) models.AuditEntry {
	request := api.From(ctx)
	entry := models.AuditEntry{
		ID: h.NewID(), StationID: what.station, At: request.Now, ActorID: request.Principal.ID,
		ActorRole: what.role, SessionID: request.Principal.SessionID, Operation: what.operation,
		ObjectKind: what.kind, ObjectID: what.id, Outcome: models.AuditAllowed, Subjects: what.subjects, Facts: what.facts,
	}
	if request.Anonymous || request.Principal.Unknown() { // an exact time could be joined with what else was logged then
		entry.At = entry.At.Truncate(models.CoarseTime)
		entry.ID = models.CoarseID(entry.ID, entry.At)
	}
	if entry.StationID == "" {
		entry.StationID = request.Principal.StationID
	}
	if roles := request.Principal.Roles(); entry.ActorRole == "" && len(roles) > 0 {
		entry.ActorRole = roles[0]
	}
	if request.Anonymous && !request.Principal.Unknown() { // somebody who is known and asked to be hidden
		entry.ActorID, entry.SessionID, entry.ActorRole = "", "", ""
	}
	if refusal != nil {
		entry.Outcome, entry.Code = models.AuditRefused, models.CodeOf(refusal)
	}
	return entry
}

// refused records a refusal and gives it back. Only decisions are recorded: what is our own
// failure, or a mere mistake in the request, is not one.
func (h *Server) refused(ctx context.Context, what *deed, refusal error) error {
	var ours *models.Error
	if !errors.As(refusal, &ours) {
		return refusal
	}
	switch ours.Kind {
	case models.KindForbidden, models.KindNotFound, models.KindConflict, models.KindUnprocessable, models.KindUnauthenticated:
	default:
		return refusal
	}
	if ours.Code == models.CodeSecondPerson && api.From(ctx).Anonymous { // it would say that one of a few who may is the reporter
		return refusal
	}
	if err := h.Store.RecordAlone(ctx, h.entry(ctx, what, refusal), what.reason); err != nil {
		return err
	}
	return refusal
}

// looked records that somebody read personal data, before it is handed out.
func (h *Server) looked(ctx context.Context, what *deed) error {
	return h.Store.RecordAlone(ctx, h.entry(ctx, what, nil), what.reason)
}

// GateRefused records what the gate refused by role; api calls it.
func (h *Server) GateRefused(ctx context.Context, operation models.Operation, code models.Code) {
	err := h.Store.RecordAlone(ctx, h.entry(ctx, &deed{operation: operation}, models.Fail(code)), "")
	if err != nil {
		h.Logger.ErrorContext(ctx, "a refusal could not be recorded", "error", err)
	}
}

// ListAuditEntries answers GET /v1/audit-entries. Looking into the audit is recorded too.
func (h *Server) ListAuditEntries(
	ctx context.Context, request api.ListAuditEntriesRequestObject,
) (api.ListAuditEntriesResponseObject, error) {
	who, params := api.From(ctx).Principal, request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	if err := h.looked(ctx, &deed{operation: models.OpListAuditEntries, kind: "audit"}); err != nil {
		return nil, err
	}
	filter := models.AuditFilter{
		ActorID: value(params.ActorId), ObjectID: value(params.ObjectId),
		Operation: models.Operation(value(params.Operation)), From: instantOf(params.From), To: instantOf(params.To),
	}
	records := []models.AuditRecord{}
	for _, sight := range models.Sights(models.OpListAuditEntries, who) { // one chain for each station commanded
		more, err := h.Store.ListAudit(ctx, sight.Within.Station, filter, page.After, page.Limit)
		if err != nil {
			return nil, err
		}
		records = append(records, more...)
	}
	slices.SortFunc(records, func(left, right models.AuditRecord) int { return strings.Compare(string(right.ID), string(left.ID)) })
	records = records[:min(len(records), page.Limit)]
	items, next := listed(ctx, records, page, wireAuditEntry, func(record models.AuditRecord) models.ID { return record.ID })
	return api.ListAuditEntries200JSONResponse{Items: items, NextCursor: next}, nil
}

func wireAuditEntry(record models.AuditRecord) api.AuditEntry {
	entry := api.AuditEntry{
		Id: record.ID, At: api.At(record.At), ActorId: idOrNil(record.ActorID), ActorRole: textOrNil(string(record.ActorRole)),
		Operation: string(record.Operation), ObjectKind: textOrNil(record.ObjectKind), ObjectId: idOrNil(record.ObjectID),
		Subjects: listOf(record.Subjects), Outcome: api.AuditEntryOutcome(record.Outcome), Code: textOrNil(string(record.Code)),
		Reason: textOrNil(record.Reason.Reveal()), ChainHash: textOrNil(hex.EncodeToString(record.Hash)),
	}
	if record.Seq > 0 {
		entry.ChainSeq = &record.Seq
	}
	return entry
}

// foreignIn names, each once, what a page shows that is not the caller's own; of says which row it is, and
// whether it is somebody else's.
func foreignIn[D any](rows []D, of func(D) (models.ID, bool)) []string {
	named, foreign := map[models.ID]bool{}, []string{}
	for _, row := range rows {
		if id, other := of(row); other && !named[id] {
			named[id] = true
			foreign = append(foreign, string(id))
		}
	}
	return foreign
}

// lookedAtList records whose data a page showed; a page without anybody else's is not a look.
func (h *Server) lookedAtList(ctx context.Context, operation models.Operation, kind string, subjects []string) error {
	if len(subjects) == 0 {
		return nil
	}
	return h.looked(ctx, &deed{
		operation: operation, kind: kind, subjects: subjects, facts: map[string]string{"rows": strconv.Itoa(len(subjects))},
	})
}
