package handlers

import (
	"context"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// rotatingPrefix begins the QR code on a screen: prefix, checkpoint, ".", step, ".", code. The step is there so that a
// code of another time can be told from one that was never the checkpoint's without trying thousands.
const rotatingPrefix = "XF1.R."

// rotatingSecret is what a checkpoint's rotating codes are made from: kept nowhere, another in each generation.
func (h *Server) rotatingSecret(checkpoint models.ID, generation int) []byte {
	return h.Keys.CodeMAC("checkpoint_rotating", string(checkpoint)+"."+strconv.Itoa(generation))
}

// checkRotating judges a code from a screen. The generation before holds for codes shown before it ended; the one
// after may have begun on another replica since the checkpoint was read, and nobody else can know its codes.
func (h *Server) checkRotating(payload string, checkIn models.CheckIn, checkpoint models.Checkpoint) models.CodeCheck {
	rest, ours := strings.CutPrefix(payload, rotatingPrefix+string(checkpoint.ID)+".")
	stepText, code, both := strings.Cut(rest, ".")
	step, err := strconv.ParseInt(stepText, 10, 64)
	if !ours || !both || err != nil || step < 0 || strconv.FormatInt(step, 10) != stepText {
		return models.CodeWrong
	}
	check := models.CodeWrong
	for generation := max(checkpoint.Generation-1, 0); generation <= checkpoint.Generation+1 && check == models.CodeWrong; generation++ {
		if generation < checkpoint.Generation && step > models.RotatingStepAt(checkpoint.GenerationAt) {
			continue
		}
		check = models.CheckRotating(h.rotatingSecret(checkpoint.ID, generation), step, code, checkIn.OccurredAt, checkIn.ReceivedAt)
	}
	return check
}

// GetRotatingSecret answers GET /v1/checkpoints/{checkpoint_id}/rotating-secret. Each reading is recorded.
func (h *Server) GetRotatingSecret(
	ctx context.Context, request api.GetRotatingSecretRequestObject,
) (api.GetRotatingSecretResponseObject, error) {
	what := &deed{operation: models.OpGetRotatingSecret, kind: "checkpoint", id: request.CheckpointId}
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
	return api.GetRotatingSecret200JSONResponse(h.wireRotatingSecret(checkpoint)), nil
}

// RenewRotatingSecret answers POST /v1/checkpoints/{checkpoint_id}/rotating-secret.
func (h *Server) RenewRotatingSecret(
	ctx context.Context, request api.RenewRotatingSecretRequestObject,
) (api.RenewRotatingSecretResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpRenewRotatingSecret, kind: "checkpoint", id: request.CheckpointId}
	var checkpoint models.Checkpoint
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.RotatingSecret, error) {
		var err error
		checkpoint, err = tx.Checkpoint(ctx, request.CheckpointId)
		if err != nil {
			return api.RotatingSecret{}, err
		}
		if err := models.May(what.operation, asked.Principal, models.Object{Place: checkpoint.Place}); err != nil {
			return api.RotatingSecret{}, err
		}
		if err := tx.RenewGeneration(ctx, checkpoint, asked.Now); err != nil {
			return api.RotatingSecret{}, err
		}
		checkpoint.Generation, checkpoint.GenerationAt = checkpoint.Generation+1, asked.Now
		what.facts = map[string]string{"generation": strconv.Itoa(checkpoint.Generation)}
		return h.wireRotatingSecret(checkpoint), nil
	})
	if err != nil {
		return nil, err
	}
	h.patrol.drop(checkpoint.Place.Station)
	return api.RenewRotatingSecret200JSONResponse(answer), nil
}

func (h *Server) wireRotatingSecret(checkpoint models.Checkpoint) api.RotatingSecret {
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h.rotatingSecret(checkpoint.ID, checkpoint.Generation))
	period := int(models.RotatingStep.Seconds())
	return api.RotatingSecret{
		CheckpointId: checkpoint.ID, Generation: checkpoint.Generation, Algorithm: api.SHA256, Digits: models.RotatingDigits,
		PeriodS: period, Secret: secret, PayloadPrefix: rotatingPrefix + string(checkpoint.ID) + ".",
		OtpauthUri: fmt.Sprintf("otpauth://totp/Xunfang:%s?secret=%s&issuer=Xunfang&algorithm=SHA256&digits=%d&period=%d",
			checkpoint.ID, secret, models.RotatingDigits, period),
	}
}
