package handlers

import (
	"context"
	"errors"
	"time"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// DeleteGroupMessage answers DELETE /v1/groups/{group_id}/messages/{group_message_id}: its author's alone, for a short while.
// The photos go with it: rows first, so that a crash between the two leaves an unused blob and nothing else.
func (h *Server) DeleteGroupMessage(
	ctx context.Context, request api.DeleteGroupMessageRequestObject,
) (api.DeleteGroupMessageResponseObject, error) {
	what, asked := &deed{operation: models.OpDeleteGroupMessage, kind: "group", id: request.GroupId}, api.From(ctx)
	what.facts = map[string]string{"message": string(request.GroupMessageId)}
	off := models.ID("")
	blobs, err := act(ctx, h, what, 204, func(tx *store.Store) ([]string, error) {
		compound, _, err := entersGroup(ctx, tx, what)
		if err != nil {
			return nil, err
		}
		message, err := inGroup(ctx, tx.LockGroupMessage, compound, request.GroupMessageId)
		if err == nil && message.AuthorID == asked.Principal.ID && !message.DeletedAt.IsZero() {
			return nil, nil // a repeat, whenever it comes
		}
		if err == nil {
			err = message.CheckDelete(asked.Principal.ID, asked.Now)
		}
		if err != nil {
			return nil, err
		}
		blobs, err := tx.DeleteGroupMessage(ctx, message, asked.Now)
		if err == nil {
			off, err = callOff(ctx, tx, message)
		}
		return blobs, err
	})
	if err != nil {
		return nil, err
	}
	h.calledOff(ctx, off)
	for _, name := range blobs {
		h.dropBlob(ctx, name)
	}
	return api.DeleteGroupMessage204Response{}, nil
}

// HideGroupMessage answers POST /v1/groups/{group_id}/messages/{group_message_id}/hide. The reason is for the audit.
func (h *Server) HideGroupMessage(
	ctx context.Context, request api.HideGroupMessageRequestObject,
) (api.HideGroupMessageResponseObject, error) {
	what, asked := &deed{operation: models.OpHideGroupMessage, kind: "group", id: request.GroupId}, api.From(ctx)
	what.facts, what.reason = map[string]string{"message": string(request.GroupMessageId)}, models.Secret(request.Body.Reason)
	off := models.ID("")
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.GroupMessage, error) {
		compound, seat, err := entersGroup(ctx, tx, what)
		if err != nil {
			return api.GroupMessage{}, err
		}
		message, err := inGroup(ctx, tx.LockGroupMessage, compound, request.GroupMessageId)
		if err == nil {
			err = message.CheckHide()
		}
		if err == nil {
			err = tx.HideGroupMessage(ctx, message.ID, asked.Now)
		}
		if err == nil {
			off, err = callOff(ctx, tx, message)
		}
		if err != nil {
			return api.GroupMessage{}, err
		}
		message.HiddenAt = asked.Now
		return wireGroupMessage(ctx, tx, seat, message)
	})
	if err != nil {
		return nil, err
	}
	h.calledOff(ctx, off)
	return api.HideGroupMessage200JSONResponse(answer), nil
}

// callOff ends the alert about a message that is gone: nobody is to climb after what they can not read. One that is over, or
// that told nobody, is left: then there is no id.
func callOff(ctx context.Context, tx *store.Store, message models.GroupMessage) (models.ID, error) {
	_, err := tx.CancelAlert(ctx, message.AlertID, api.From(ctx).Now)
	if code := models.CodeOf(err); code == models.CodeNotFound || code == models.CodeWrongState {
		return "", nil
	}
	return message.AlertID, err
}

// calledOff tells, after the commit, that an alert is off.
func (h *Server) calledOff(ctx context.Context, alert models.ID) {
	if alert != "" {
		h.climbChanged(ctx, alert)
	}
}

// mayReadGroupMessageWith says whether the caller may see the message that a photo is attached to. CodeNotFound too where no message
// has it: what is put into a group is shown to the group.
func (h *Server) mayReadGroupMessageWith(ctx context.Context, who models.Principal, media models.ID) error {
	message, err := h.Store.GroupMessageOfMedia(ctx, media)
	if err != nil {
		return err
	}
	seat, err := models.SeatInGroup(models.OpListGroupMessages, who, message.Place)
	if err == nil && len(message.ShownTo(seat).MediaIDs) == 0 {
		err = models.Fail(models.CodeNotFound)
	}
	return err
}

// ForgetGroupMessages deletes messages that have outlived their station's period, with their photos.
func (h *Server) ForgetGroupMessages(ctx context.Context) error {
	stations, err := h.Store.Stations(ctx)
	errs := []error{err}
	for _, station := range stations {
		settings, err := h.Store.GroupSettings(ctx, station.ID)
		if err == nil {
			err = h.forgetShowing(ctx, func(ctx context.Context, before time.Time) ([]string, int, error) {
				return h.Store.ForgetGroupMessages(ctx, station.ID, before)
			}, settings.KeptFor(h.Now()))
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
