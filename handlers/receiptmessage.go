package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// entersByReceipt is enterTip of the holder of a receipt: nobody's name is in what they write, and only the station's key
// opens it.
func (h *Server) entersByReceipt(operation models.Operation) enterTip {
	return func(ctx context.Context, from *store.Store) (models.Tip, tipSide, error) {
		tip, err := h.receiptTip(ctx, from, operation)
		return tip, tipSide{reporter: true, seal: func(text models.Secret) ([]byte, error) {
			key, err := stationKeyIn(ctx, from, tip.Place.Station)
			if err != nil {
				return nil, err
			}
			plain, err := models.SealMessage(text)
			if err != nil {
				return nil, err
			}
			return key.Seal(plain)
		}}, err
	}
}

// CreateReceiptMessage answers POST /v1/receipt/messages.
func (h *Server) CreateReceiptMessage(
	ctx context.Context, request api.CreateReceiptMessageRequestObject,
) (api.CreateReceiptMessageResponseObject, error) {
	what := &deed{operation: models.OpCreateReceiptMessage, kind: "tip", id: api.From(ctx).Principal.ID}
	if err := checkOwnID(ctx, request.Body.Id); err != nil {
		return nil, err
	}
	body := &api.TipMessageCreate{Id: request.Body.Id, Text: &request.Body.Text}
	answer, repeated, err := h.addTipMessage(ctx, what, body, h.entersByReceipt(what.operation))
	switch {
	case err != nil:
		return nil, err
	case repeated:
		return api.CreateReceiptMessage200JSONResponse(answer), nil
	default:
		return api.CreateReceiptMessage201JSONResponse(answer), nil
	}
}

// ListReceiptMessages answers GET /v1/receipt/messages.
func (h *Server) ListReceiptMessages(
	ctx context.Context, request api.ListReceiptMessagesRequestObject,
) (api.ListReceiptMessagesResponseObject, error) {
	what := &deed{operation: models.OpListReceiptMessages, kind: "tip", id: api.From(ctx).Principal.ID}
	answer, err := h.tipMessages(ctx, what, request.Params.Limit, request.Params.Cursor, h.entersByReceipt(what.operation))
	if err != nil {
		return nil, err
	}
	return api.ListReceiptMessages200JSONResponse(answer), nil
}

// ReadReceiptMessages answers POST /v1/receipt/messages/read.
func (h *Server) ReadReceiptMessages(
	ctx context.Context, request api.ReadReceiptMessagesRequestObject,
) (api.ReadReceiptMessagesResponseObject, error) {
	what := &deed{operation: models.OpReadReceiptMessages, kind: "tip", id: api.From(ctx).Principal.ID}
	answer, err := h.readTipMessages(ctx, what, request.Body.UpTo, h.entersByReceipt(what.operation))
	if err != nil {
		return nil, err
	}
	return api.ReadReceiptMessages200JSONResponse(answer), nil
}

// openMessages opens in place what a receipt's holder wrote, where this machine has the station's private key; else it
// stays sealed, for the officer's own client.
func (h *Server) openMessages(ctx context.Context, messages []models.TipMessage) {
	if h.Opener == nil {
		return
	}
	for at, message := range messages {
		if len(message.Sealed) == 0 {
			continue
		}
		plain, err := h.Opener.Open(message.Sealed)
		if err == nil {
			messages[at], err = message.Opened(plain)
		}
		if err != nil {
			h.Logger.WarnContext(ctx, "a message of a receipt did not open with this server's key", "error", err)
		}
	}
}
