package handlers

import (
	"context"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// AnswerCall answers POST /v1/calls/{call_id}/answer: of any number at once one wins.
func (h *Server) AnswerCall(ctx context.Context, request api.AnswerCallRequestObject) (api.AnswerCallResponseObject, error) {
	answer, err := h.stepCall(ctx, models.OpAnswerCall, request.CallId, models.CallAnswered)
	if err != nil {
		return nil, err
	}
	return api.AnswerCall200JSONResponse(answer), nil
}

// RefuseCall answers POST /v1/calls/{call_id}/refuse.
func (h *Server) RefuseCall(ctx context.Context, request api.RefuseCallRequestObject) (api.RefuseCallResponseObject, error) {
	answer, err := h.stepCall(ctx, models.OpRefuseCall, request.CallId, models.CallRefused)
	if err != nil {
		return nil, err
	}
	return api.RefuseCall200JSONResponse(answer), nil
}

// HangUpCall answers POST /v1/calls/{call_id}/hang-up, by the panel.
func (h *Server) HangUpCall(ctx context.Context, request api.HangUpCallRequestObject) (api.HangUpCallResponseObject, error) {
	answer, err := h.stepCall(ctx, models.OpHangUpCall, request.CallId, models.CallEnded)
	if err != nil {
		return nil, err
	}
	return api.HangUpCall200JSONResponse(answer), nil
}

// stepCall takes a call to its next state. The answer is kept for repeats, so the session's parameters are not in it.
func (h *Server) stepCall(ctx context.Context, operation models.Operation, id models.ID, to models.CallState) (api.Call, error) {
	what, moved := &deed{operation: operation, kind: "call", id: id}, models.Call{}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.Call, error) {
		call, err := mayCall(ctx, tx, what)
		if err != nil {
			return api.Call{}, err
		}
		if moved, err = call.Moved(to, api.From(ctx).Principal.ID, api.From(ctx).Now); err != nil {
			return api.Call{}, err
		}
		return wireCall(ctx)(moved), tx.MoveCall(ctx, call, moved, api.From(ctx).Now)
	})
	if err == nil {
		h.callChanged(ctx, moved)
	}
	return answer, err
}

// OpenCall answers POST /v1/calls/{call_id}/open: the call's state, the door's command and both audits are on disk before
// anything leaves for the controller.
func (h *Server) OpenCall(ctx context.Context, request api.OpenCallRequestObject) (api.OpenCallResponseObject, error) {
	what := &deed{operation: models.OpOpenCall, kind: "call", id: request.CallId}
	key, err := h.takeKey(ctx, what.operation)
	if err != nil {
		return nil, err
	}
	defer key.release()
	moved, command, device := models.Call{}, models.DoorCommand{}, models.Device{}
	answer, err := actOnce(ctx, h, what, key, 202, func(tx *store.Store) (api.CallOpening, error) {
		var err error
		if moved, command, device, err = h.openForCall(ctx, tx, what); err != nil {
			return api.CallOpening{}, err
		}
		return api.CallOpening{Call: wireCall(ctx)(moved), Command: wireCommand(command)}, nil
	})
	if err != nil {
		return nil, err
	}
	h.callChanged(ctx, moved)
	if command, err = h.sendAndWait(ctx, command, device); err != nil {
		return nil, err
	}
	answer.Command = wireCommand(command)
	if command.State.Ended() {
		return api.OpenCall200JSONResponse(answer), key.change(ctx, 200, answer)
	}
	return api.OpenCall202JSONResponse(answer), key.change(ctx, 202, answer)
}

// openForCall ends a call by a command to its door. The answerer must still be of the home, or the guard, and be one who may
// open that door anyway.
func (h *Server) openForCall(
	ctx context.Context, tx *store.Store, what *deed,
) (models.Call, models.DoorCommand, models.Device, error) {
	none, nothing, asked := models.DoorCommand{}, models.Device{}, api.From(ctx)
	call, err := mayCall(ctx, tx, what)
	if err != nil {
		return call, none, nothing, err
	}
	moved, err := call.Moved(models.CallOpened, asked.Principal.ID, asked.Now)
	if err != nil {
		return call, none, nothing, err
	}
	door, device, err := tx.DoorToOpen(ctx, call.DoorID)
	if err != nil {
		return call, none, nothing, err
	}
	opening := &deed{operation: models.OpOpenDoor, kind: "door", id: door.ID, reason: "call"}
	grant, err := door.MayOpen(asked.Principal, opening.reason.Reveal())
	if err != nil {
		return call, none, nothing, err
	}
	command, err := h.addCommand(ctx, tx, door, device)
	if err != nil {
		return call, none, nothing, err
	}
	moved.CommandID, opening.role = command.ID, grant.Role
	what.facts = map[string]string{"command": string(command.ID)}
	opening.facts = map[string]string{"command": string(command.ID), "call": string(call.ID)}
	if err := tx.MoveCall(ctx, call, moved, asked.Now); err != nil {
		return call, none, nothing, err
	}
	return moved, command, device, tx.Record(ctx, h.entry(ctx, opening, nil), opening.reason)
}

// CreateCallPhoto answers POST /v1/calls/{call_id}/photo: one picture of who rings, while they do. It lies sealed, and nothing
// but the clean picture is kept.
func (h *Server) CreateCallPhoto(
	ctx context.Context, request api.CreateCallPhotoRequestObject,
) (api.CreateCallPhotoResponseObject, error) {
	what := &deed{operation: models.OpCreateCallPhoto, kind: "call", id: request.CallId}
	key, err := h.takeKey(ctx, what.operation)
	if err != nil {
		return nil, err
	}
	defer key.release()
	if _, err := livePhotoless(ctx, h.Store, what); err != nil {
		return nil, h.refused(ctx, what, err)
	}
	data, err := photoOf(request.Body)
	if err != nil {
		return nil, err
	}
	media, sealed, err := h.sealPhoto(ctx, data)
	if err != nil {
		return nil, err
	}
	shown := models.Call{}
	answer, err := actOnce(ctx, h, what, key, 201, func(tx *store.Store) (api.Media, error) {
		var err error
		if shown, err = livePhotoless(ctx, tx, what); err != nil {
			return api.Media{}, err
		}
		if err := tx.AddMedia(ctx, media); err != nil {
			return api.Media{}, err
		}
		first, err := tx.SetCallPhoto(ctx, what.id, media.ID, api.From(ctx).Now)
		if err == nil && !first {
			err = models.Fail(models.CodeAlreadyExists)
		}
		return sealed, err
	})
	if err != nil {
		if models.CodeOf(err) != models.CodeBusy { // then the row may be written all the same
			h.dropBlob(ctx, media.BlobName)
		}
		return nil, err
	}
	h.callChanged(ctx, shown)
	return api.CreateCallPhoto201JSONResponse(answer), nil
}

// livePhotoless is a call of the panel's that still goes on and has no photo.
func livePhotoless(ctx context.Context, from *store.Store, what *deed) (models.Call, error) {
	call, err := mayCall(ctx, from, what)
	switch state := call.StateAt(api.From(ctx).Now); {
	case err != nil:
		return call, err
	case !state.Live():
		return call, models.CallInState(state)
	case call.PhotoID != "":
		return call, models.Fail(models.CodeAlreadyExists)
	}
	return call, nil
}

// sealPhoto makes a panel's photo clean and keeps it, sealed, under a name that nothing points to yet. The answer tells of the
// picture as it was before it was sealed.
func (h *Server) sealPhoto(ctx context.Context, data []byte) (models.Media, api.Media, error) {
	asked := api.From(ctx)
	media, clean, err := h.Photos.Clean(ctx, data)
	if err == nil && media.Width == 0 { // a recording
		err = models.Fail(models.CodeNotAPicture)
	}
	if err != nil {
		return media, api.Media{}, err
	}
	media.ID, media.OwnerID, media.StationID, media.CreatedAt = h.NewID(), asked.Principal.ID, asked.Principal.StationID, asked.Now
	media.Taken = models.Taken{}
	answer := wireMedia(media)
	sealed, err := h.sealers[sealedByVault].Seal(ctx, models.SealedFile{Data: clean}, media.ID, media.StationID)
	if err != nil {
		return media, answer, err
	}
	media.Sealer, media.BlobName = sealedByVault, blobName(media.ID, asked.Now, endings[models.ContentSealed])
	return media, answer, h.Blobs.Put(ctx, media.BlobName, models.ContentSealed, sealed)
}
