package handlers

import (
	"context"
	"encoding/json"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// CreateSosPositions answers POST /v1/sos/{sos_id}/positions.
func (h *Server) CreateSosPositions(
	ctx context.Context, request api.CreateSosPositionsRequestObject,
) (api.CreateSosPositionsResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpCreateSOSPositions, kind: "sos", id: request.SosId}
	sent, err := h.positionsThatFit(request.Body.Items)
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	clock := lenient(h, "PhoneClock", request.Body.Clock, clockOf)
	_, err = act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		sos, err := tx.SOS(ctx, what.id)
		if err == nil {
			err = models.May(what.operation, asked.Principal, models.Object{Owner: sos.CallerID})
		}
		if err != nil {
			return false, err
		}
		positions := models.TrailOf(sent, clock, sos.ClockBehind(), asked.Now)
		if err := tx.AddSOSPositions(ctx, sos.ID, positions, asked.Now); err != nil || sos.Silent {
			return false, err
		}
		silent, err := tx.OpenSOS(ctx, sos.CallerID, true) // who helps with that one must know as well
		if err == nil {
			err = tx.AddSOSPositions(ctx, silent.ID, positions, asked.Now)
		}
		if code := models.CodeOf(err); code == models.CodeNotFound || code == models.CodeWrongState {
			err = nil
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	if sos, err := h.Store.SOS(ctx, what.id); err == nil {
		h.sosChanged(ctx, sos)
	}
	return api.CreateSosPositions204Response{}, nil
}

// positionsThatFit reads the positions of a batch. What cannot be read spoils no other; only where nothing can be, the
// batch is refused.
func (h *Server) positionsThatFit(items []json.RawMessage) ([]models.SOSPosition, error) {
	positions, drafts := make([]models.SOSPosition, 0, len(items)), make([]checkInDraft, len(items))
	for place, raw := range items {
		item, wrong := api.DecodeItem[api.SosPositionItem](h.Contract, "SosPositionItem", raw)
		fix := h.fixThatFits(&item.Position)
		if len(wrong) == 0 && fix == nil {
			wrong = []models.FieldError{{Field: "position", Code: models.FieldFormat, Want: "lat, lng, crs"}}
		}
		if drafts[place].problems = wrong; len(wrong) > 0 {
			continue
		}
		positions = append(positions, models.SOSPosition{
			Fix: *fix, PhoneAt: recorded(item.At), BootID: lenient(h, "BootId", item.BootId, textOf), MonotonicMS: readingThatFits(item.MonotonicMs),
		})
	}
	if len(positions) == 0 {
		return nil, unusable(drafts)
	}
	return positions, nil
}

// lenient reads what nobody may be refused help for: what does not fit the schema is as if it had not been sent.
func lenient[W, D any](h *Server, schema string, raw *json.RawMessage, read func(*W) D) D {
	if raw == nil {
		return read(nil)
	}
	wire, wrong := api.DecodeItem[W](h.Contract, schema, *raw)
	if len(wrong) > 0 {
		return read(nil)
	}
	return read(&wire)
}

func textOf(text *api.BootId) string { return value(text) }

// readingThatFits is a monotonic clock that no position may be refused for.
func readingThatFits(raw *json.RawMessage) int64 {
	reading := int64(-1)
	if raw == nil || json.Unmarshal(*raw, &reading) != nil {
		return -1
	}
	return reading
}

// fixThatFits reads a position that nobody may be refused help for: what else is said of it is left out where it does
// not fit, and so is all of it where the place itself does not. nil when nothing is left.
func (h *Server) fixThatFits(raw *json.RawMessage) *models.Fix {
	said := map[string]json.RawMessage{}
	if raw == nil || json.Unmarshal(*raw, &said) != nil {
		return nil
	}
	if crs := strings.ToUpper(string(said["crs"])); crs != "" { // "wgs84" can mean one thing only
		said["crs"] = json.RawMessage(crs)
	}
	for field, one := range said {
		text, err := json.Marshal(map[string]json.RawMessage{field: one})
		if err != nil {
			return nil
		}
		_, wrong := api.DecodeItem[api.Position](h.Contract, "Position", text)
		for _, problem := range wrong {
			if problem.Code != models.FieldRequired { // the other fields are not there
				delete(said, field)
			}
		}
	}
	text, err := json.Marshal(said)
	if err != nil {
		return nil
	}
	position, wrong := api.DecodeItem[api.Position](h.Contract, "Position", text)
	if len(wrong) > 0 {
		return nil
	}
	return fixOf(&position)
}
