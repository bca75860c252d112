package handlers

import (
	"bytes"
	"context"
	"encoding/json"

	"xunfang/api"
	"xunfang/models"
)

// GetStreamSocket answers GET /v1/stream/ws: the same stream, for clients without server-sent events.
func (h *Server) GetStreamSocket(
	ctx context.Context, request api.GetStreamSocketRequestObject,
) (api.GetStreamSocketResponseObject, error) {
	source, err := h.openStream(ctx, request.Params.LastEventId, request.Params.InstallationId)
	if err != nil {
		return nil, err
	}
	return api.EventStream{Source: source, Receive: h.receive}, nil
}

// said is what an app sends over a socket.
type said struct {
	Event string          `json:"event"`
	Data  json.RawMessage `json:"data"`
}

// receive takes receipts: the body of createDeliveryReceipts, held to the same schema.
func (h *Server) receive(ctx context.Context, message []byte) (api.Event, error) {
	heard, batch := said{}, api.DeliveryReceiptBatch{}
	decoder := json.NewDecoder(bytes.NewReader(message))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&heard); err != nil || decoder.More() || heard.Event != "receipts" {
		return api.Event{}, models.Fail(models.CodeInvalidRequest)
	}
	if err := h.Contract.CheckBody("DeliveryReceiptBatch", heard.Data); err != nil {
		return api.Event{}, err
	}
	if err := json.Unmarshal(heard.Data, &batch); err != nil {
		return api.Event{}, models.Fail(models.CodeInvalidRequest)
	}
	if err := h.noteReceipts(ctx, batch.Items); err != nil {
		return api.Event{}, err
	}
	data, err := json.Marshal(map[string]int{"taken": len(batch.Items)})
	return api.Event{Name: "receipts", Data: data}, err
}
