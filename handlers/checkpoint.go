package handlers

import (
	"context"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// patrolFacts is what judging check-ins needs of a station.
type patrolFacts struct {
	checkpoints []models.Checkpoint
	byID        map[models.ID]*models.Checkpoint
}

func (h *Server) patrolFacts(ctx context.Context, station models.ID) (patrolFacts, error) {
	return h.patrol.get(station, api.From(ctx).Now, func() (patrolFacts, error) {
		checkpoints, err := h.Store.StationCheckpoints(ctx, station)
		facts := patrolFacts{checkpoints: checkpoints, byID: make(map[models.ID]*models.Checkpoint, len(checkpoints))}
		for at := range checkpoints {
			facts.byID[checkpoints[at].ID] = &checkpoints[at]
		}
		return facts, err
	})
}

// ListCheckpoints answers GET /v1/checkpoints.
func (h *Server) ListCheckpoints(
	ctx context.Context, request api.ListCheckpointsRequestObject,
) (api.ListCheckpointsResponseObject, error) {
	params := request.Params
	page, err := pageOf(ctx, params.Limit, params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := store.CheckpointFilter{RouteID: value(params.RouteId), CompoundID: value(params.CompoundId)}
	sights := models.Sights(models.OpListCheckpoints, api.From(ctx).Principal)
	checkpoints, err := h.Store.Checkpoints(ctx, sights, filter, page)
	if err != nil {
		return nil, err
	}
	items, next := listed(ctx, checkpoints, page, wireCheckpoint, func(point models.Checkpoint) models.ID { return point.ID })
	return api.ListCheckpoints200JSONResponse{Items: items, NextCursor: next}, nil
}

// CreateCheckpoint answers POST /v1/checkpoints.
func (h *Server) CreateCheckpoint(
	ctx context.Context, request api.CreateCheckpointRequestObject,
) (api.CreateCheckpointResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	checkpoint := models.Checkpoint{
		ID: h.NewID(), Place: models.Place{Station: asked.Principal.StationID}, Name: strings.TrimSpace(body.Name),
		At: fixOf(&body.Position).Position, RadiusM: 50, KeyPlace: value(body.KeyPlace), CreatedAt: asked.Now,
	}
	if body.RadiusM != nil {
		checkpoint.RadiusM = *body.RadiusM
	}
	for _, method := range body.Methods {
		checkpoint.Methods = append(checkpoint.Methods, models.CheckInMethod(method))
	}
	if body.NfcUid != nil {
		checkpoint.NFCMAC = h.nfcMAC(*body.NfcUid)
	}
	what := &deed{operation: models.OpCreateCheckpoint, kind: "checkpoint", id: checkpoint.ID}
	answer, err := act(ctx, h, what, 201, func(tx *store.Store) (api.Checkpoint, error) {
		if body.CompoundId != nil {
			compound, err := tx.Compound(ctx, *body.CompoundId)
			if err != nil {
				return api.Checkpoint{}, noSuch(err, "compound_id")
			}
			checkpoint.Place = compound.Place()
		}
		if err := models.May(what.operation, asked.Principal, models.Object{Place: checkpoint.Place}); err != nil {
			if body.CompoundId != nil {
				return api.Checkpoint{}, noSuch(err, "compound_id")
			}
			return api.Checkpoint{}, models.Unfit("compound_id", models.FieldRequired, "a compound of yours")
		}
		return wireCheckpoint(checkpoint), tx.AddCheckpoint(ctx, checkpoint)
	})
	if err != nil {
		return nil, err
	}
	h.patrol.drop(checkpoint.Place.Station)
	return api.CreateCheckpoint201JSONResponse(answer), nil
}

// GetCheckpointSign answers GET /v1/checkpoints/{checkpoint_id}/sign.
func (h *Server) GetCheckpointSign(
	ctx context.Context, request api.GetCheckpointSignRequestObject,
) (api.GetCheckpointSignResponseObject, error) {
	what := &deed{operation: models.OpGetCheckpointSign, kind: "checkpoint", id: request.CheckpointId}
	checkpoint, err := h.Store.Checkpoint(ctx, request.CheckpointId)
	if err == nil {
		err = models.May(what.operation, api.From(ctx).Principal, models.Object{Place: checkpoint.Place})
	}
	if err != nil {
		return nil, h.refused(ctx, what, err)
	}
	if err := h.looked(ctx, what); err != nil {
		return nil, err
	}
	code := h.signCode(checkpoint.ID)
	return api.GetCheckpointSign200JSONResponse{
		CheckpointId: checkpoint.ID, ManualCode: code, QrPayload: signPrefix + string(checkpoint.ID) + "." + code,
	}, nil
}

const signPrefix = "XF1.C."

// signAlphabet has no letters that are read as digits or as each other (Crockford's base 32).
const signAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// signCode is the code printed on a checkpoint's sign: 8 characters (40 bits) of a keyed hash
// of its id, so that it is kept nowhere and no sign's code tells another's.
func (h *Server) signCode(checkpoint models.ID) string {
	mac := h.Keys.CodeMAC("checkpoint_sign", string(checkpoint))
	code := make([]byte, 8)
	for at := range code {
		code[at] = signAlphabet[mac[at]&31]
	}
	return string(code)
}

func (h *Server) nfcMAC(uid string) []byte { return h.Keys.CodeMAC("nfc_uid", strings.ToUpper(uid)) }

func wireCheckpoint(checkpoint models.Checkpoint) api.Checkpoint {
	methods := make([]api.CheckInMethod, 0, len(checkpoint.Methods))
	for _, method := range checkpoint.Methods {
		methods = append(methods, api.CheckInMethod(method))
	}
	return api.Checkpoint{
		Id: checkpoint.ID, Name: checkpoint.Name, Position: wirePosition(checkpoint.At), RadiusM: checkpoint.RadiusM,
		Methods: methods, CompoundId: idOrNil(checkpoint.Place.Compound), KeyPlace: checkpoint.KeyPlace,
	}
}

// noSuch turns "not found", for something named in a request, into a problem of its field.
func noSuch(err error, field string) error {
	if models.CodeOf(err) == models.CodeNotFound {
		return models.Unfit(field, models.FieldNoSuch, "")
	}
	return err
}

// takenField refuses what stands in a field that names something else already, and says nothing of what that is.
func takenField(field string) error {
	return models.Fail(models.CodeAlreadyExists).WithFields(models.FieldError{Field: field, Code: models.FieldNotUnique})
}
