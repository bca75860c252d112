package handlers

import (
	"context"
	"strconv"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateOfflinePlateReads answers POST /v1/offline-plate-reads: what a barrier read and decided while it could not reach the server
// is recorded. Nothing is opened or held by it; who keeps a locked vehicle that went out is told.
func (h *Server) CreateOfflinePlateReads(
	ctx context.Context, request api.CreateOfflinePlateReadsRequestObject,
) (api.CreateOfflinePlateReadsResponseObject, error) {
	asked, items := api.From(ctx), request.Body.Items
	what := &deed{operation: models.OpCreateOffline, kind: "device", id: asked.Principal.ID}
	barrier, err := h.barrier(ctx)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	reads := make([]models.PlateRead, 0, len(items))
	for at, item := range items {
		read, err := offlineRead(item, models.Indexed("items", at)+".", api.From(ctx))
		if err != nil {
			return nil, err
		}
		reads = append(reads, read)
	}
	var told []models.Alert
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.OfflinePlateReadResults, error) {
		told = nil
		results := api.OfflinePlateReadResults{Items: make([]api.OfflinePlateReadResult, 0, len(items))}
		for at, item := range items {
			coming := models.Arrival{ID: item.ArrivalId, Direction: string(item.Direction), Lane: value(item.Lane)}
			result, more, err := h.takeOffline(ctx, tx, barrier, coming, reads[at])
			if err != nil {
				return results, err
			}
			told = append(told, more...)
			results.Items = append(results.Items, api.OfflinePlateReadResult{
				ArrivalId: item.ArrivalId, Sequence: item.Sequence, Result: result,
			})
		}
		what.facts = map[string]string{"reads": strconv.Itoa(len(items))}
		return results, nil
	})
	if err != nil {
		return nil, err
	}
	h.alertedAll(ctx, told)
	return api.CreateOfflinePlateReads200JSONResponse(answer), nil
}

func offlineRead(item api.OfflinePlateRead, prefix string, asked api.Request) (models.PlateRead, error) {
	read := models.PlateRead{
		ArrivalID: item.ArrivalId, Sequence: item.Sequence, Confidence: float64(item.Confidence), Decision: string(item.Decision),
		ReadAt: item.ReadAt.Time, ReceivedAt: asked.Now, Replayed: true,
	}
	switch {
	case read.ReadAt.After(asked.Now.Add(models.MaxReadAhead)):
		return read, models.Unfit(prefix+"read_at", models.FieldInFuture, "<= now + 5 min")
	case read.ReadAt.Before(asked.Now.Add(-models.ArrivalKept)):
		return read, models.Unfit(prefix+"read_at", models.FieldTooSmall, ">= now - 30 d")
	}
	return read, markOf(&read, prefix, value(item.Plate), value(item.Tag))
}

// takeOffline records one reading, and says whether it is new. One whose number is taken holds up no other.
func (h *Server) takeOffline(
	ctx context.Context, tx *store.Store, barrier models.Device, coming models.Arrival, read models.PlateRead,
) (api.OfflinePlateReadResultResult, []models.Alert, error) {
	first, err := tx.PlateRead(ctx, coming.ID, read.Sequence)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return "", nil, err
	}
	known := err == nil && first.Mark == read.Mark && first.Tag == read.Tag
	_, told, err := h.readPlate(ctx, tx, barrier, coming, read)
	switch {
	case models.CodeOf(err) == models.CodeAlreadyExists:
		return api.OfflinePlateReadResultResultTaken, nil, nil
	case known:
		return api.OfflinePlateReadResultResultRepeated, told, err
	default:
		return api.OfflinePlateReadResultResultRecorded, told, err
	}
}
