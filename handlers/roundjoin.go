package handlers

import (
	"context"
	"strings"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

const joinPrefix = "XF1.J."

// joinCode is the code that the leader shows: a keyed hash of the round's id, so that it is kept nowhere, and a join
// that was recorded offline can be told from a guess days later. It lets in only who may patrol at the station.
func (h *Server) joinCode(round models.ID) string {
	mac := h.Keys.CodeMAC("round_join", string(round))
	code := make([]byte, 8)
	for at := range code {
		code[at] = signAlphabet[mac[at]&31]
	}
	return string(code)
}

// wireJoin is what to show to those who want to join: for the leader, and before the start for those who may become it.
func (h *Server) wireJoin(view roundView) *api.RoundJoin {
	leads := view.leads() || view.LeaderID == "" && view.ofSquad
	if !leads || view.EndedBy != "" { // one that ended by itself may still get its facts
		return nil
	}
	code := h.joinCode(view.ID)
	return &api.RoundJoin{
		Code: code, Qr: joinPrefix + string(view.ID) + "." + code,
		ExpiresAt: api.At(view.EndsAt.Add(models.UnfinishedRoundEnds)),
	}
}

// JoinRound answers POST /v1/rounds/{round_id}/join. A wrong code is answered as if there were no such round.
func (h *Server) JoinRound(ctx context.Context, request api.JoinRoundRequestObject) (api.JoinRoundResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	code := strings.ToUpper(auth.NormalizeCode(body.JoinCode))
	what := &deed{operation: models.OpJoinRound, id: request.RoundId}
	body.JoinedAt = phoneTime(ctx, what, body.JoinedAt, body.Clock, body.BootId, body.MonotonicMs)
	answer, err := h.changeRound(ctx, what, func(tx *store.Store, view *roundView) error {
		if err := models.May(models.OpJoinRound, asked.Principal, models.Object{Place: view.place()}); err != nil {
			return err
		}
		if !auth.SameBytes([]byte(code), []byte(h.joinCode(view.ID))) {
			return models.Fail(models.CodeNotFound)
		}
		before, _ := view.member()
		member, err := view.Join(asked.Principal, view.ofSquad, view.members, len(view.guests), recorded(body.JoinedAt), asked.Now)
		if err != nil || member == before {
			return err
		}
		return tx.KeepRoundMember(ctx, view.StationID, before, member, asked.Now)
	})
	if err != nil {
		return nil, err
	}
	return api.JoinRound200JSONResponse(answer), nil
}

// LeaveRound answers POST /v1/rounds/{round_id}/leave.
func (h *Server) LeaveRound(ctx context.Context, request api.LeaveRoundRequestObject) (api.LeaveRoundResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{operation: models.OpLeaveRound, id: request.RoundId}
	body.LeftAt = phoneTime(ctx, what, body.LeftAt, body.Clock, body.BootId, body.MonotonicMs)
	answer, err := h.changeRound(ctx, what, func(tx *store.Store, view *roundView) error {
		member, walks := view.member()
		if !walks {
			return models.Fail(models.CodeNotFound)
		}
		left, err := member.Leave(recorded(body.LeftAt), asked.Now)
		if err != nil {
			return err
		}
		return tx.KeepRoundMember(ctx, view.StationID, member, left, asked.Now)
	})
	if err != nil {
		return nil, err
	}
	return api.LeaveRound200JSONResponse(answer), nil
}

// ConfirmRoundMember answers POST /v1/rounds/{round_id}/members/{person_id}/confirm.
func (h *Server) ConfirmRoundMember(
	ctx context.Context, request api.ConfirmRoundMemberRequestObject,
) (api.ConfirmRoundMemberResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{
		operation: models.OpConfirmMember, id: request.RoundId, facts: map[string]string{"person_id": string(request.PersonId)},
	}
	answer, err := h.changeRound(ctx, what, func(tx *store.Store, view *roundView) error {
		if err := view.mayLead(models.OpConfirmMember); err != nil {
			return err
		}
		member, walks := view.memberOf(request.PersonId)
		if !walks {
			return models.Fail(models.CodeNotFound)
		}
		if !member.ConfirmedAt.IsZero() {
			return nil
		}
		confirmed := member
		confirmed.ConfirmedAt = asked.Now
		return tx.KeepRoundMember(ctx, view.StationID, member, confirmed, asked.Now)
	})
	if err != nil {
		return nil, err
	}
	return api.ConfirmRoundMember200JSONResponse(answer), nil
}

// CreateRoundGuest answers POST /v1/rounds/{round_id}/guests: the leader names somebody who has no account.
func (h *Server) CreateRoundGuest(
	ctx context.Context, request api.CreateRoundGuestRequestObject,
) (api.CreateRoundGuestResponseObject, error) {
	asked, body := api.From(ctx), request.Body
	what := &deed{operation: models.OpCreateRoundGuest, id: request.RoundId}
	added := api.At(asked.Now)
	if body.AddedAt != nil {
		added = phoneTime(ctx, what, *body.AddedAt, body.Clock, body.BootId, body.MonotonicMs)
	}
	guest := models.RoundGuest{
		ID: body.Id, RoundID: request.RoundId, Name: models.Secret(strings.TrimSpace(body.Name)),
		Phone: models.CanonicalPhone(models.Secret(body.Phone)), AddedAt: recorded(added),
	}
	answer, err := h.changeRound(ctx, what, func(tx *store.Store, view *roundView) error {
		if err := view.mayLead(models.OpCreateRoundGuest); err != nil {
			return err
		}
		for _, known := range view.guests {
			if known.ID == guest.ID {
				return nil
			}
		}
		if err := view.MayAddGuest(len(view.members)+len(view.guests), guest.AddedAt, asked.Now); err != nil {
			return err
		}
		err := tx.AddRoundGuest(ctx, guest, view.EndsAt.Add(models.RoundGuestNameKept))
		if models.CodeOf(err) == models.CodeAlreadyExists {
			return models.Unfit("id", models.FieldNotUnique, "an id of your own")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return api.CreateRoundGuest200JSONResponse(answer), nil
}
