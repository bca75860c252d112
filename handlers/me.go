package handlers

import (
	"context"
	"encoding/json"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

func decodedJWKS(document []byte) (api.GetJwksResponseObject, error) {
	keys := api.GetJwks200JSONResponse{}
	return keys, json.Unmarshal(document, &keys)
}

// GetMe answers GET /v1/me.
func (h *Server) GetMe(ctx context.Context, _ api.GetMeRequestObject) (api.GetMeResponseObject, error) {
	who := api.From(ctx).Principal
	me := api.Me{
		Id: who.ID, Kind: api.MeKindPerson, StationId: who.StationID, SessionId: who.SessionID, Roles: []api.Grant{},
	}
	if who.Device {
		device, err := h.Store.Device(ctx, who.ID)
		if err != nil {
			return nil, err
		}
		me.Kind, me.Name = api.MeKindDevice, device.Name
	} else {
		person, err := h.Store.Person(ctx, who.ID)
		if err != nil {
			return nil, err
		}
		me.Name = person.Name.Reveal()
	}
	for _, grant := range who.Grants {
		me.Roles = append(me.Roles, wireGrant(grant))
	}
	return api.GetMe200JSONResponse(me), nil
}

// ListMySessions answers GET /v1/me/sessions.
func (h *Server) ListMySessions(
	ctx context.Context, request api.ListMySessionsRequestObject,
) (api.ListMySessionsResponseObject, error) {
	asked := api.From(ctx)
	page, err := pageOf(ctx, request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	sessions, err := h.Store.Sessions(ctx, asked.Principal.ID, asked.Now, page)
	if err != nil {
		return nil, err
	}
	wire := func(session models.Session) api.Session {
		return api.Session{
			Id: session.ID, CreatedAt: api.At(session.CreatedAt), LastUsedAt: api.At(session.LastUsedAt),
			Client: session.Client, Current: session.ID == asked.Principal.SessionID,
		}
	}
	items, next := listed(ctx, sessions, page, wire, func(session models.Session) models.ID { return session.ID })
	return api.ListMySessions200JSONResponse{Items: items, NextCursor: next}, nil
}

// DeleteMySessions answers DELETE /v1/me/sessions: signs out everywhere, here too.
func (h *Server) DeleteMySessions(
	ctx context.Context, _ api.DeleteMySessionsRequestObject,
) (api.DeleteMySessionsResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpDeleteMySessions, kind: "person", id: asked.Principal.ID}
	ended, err := act(ctx, h, what, 204, func(tx *store.Store) ([]models.ID, error) {
		return tx.RevokeSessions(ctx, asked.Principal.ID, asked.Now)
	})
	if err != nil {
		return nil, err
	}
	h.ended(asked.Principal.ID, ended...)
	return api.DeleteMySessions204Response{}, nil
}

// DeleteMySession answers DELETE /v1/me/sessions/{session_id}.
func (h *Server) DeleteMySession(
	ctx context.Context, request api.DeleteMySessionRequestObject,
) (api.DeleteMySessionResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpDeleteMySession, kind: "session", id: request.SessionId}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) {
		session, err := tx.Session(ctx, request.SessionId)
		if err != nil {
			return false, err
		}
		if err := models.May(what.operation, asked.Principal, models.Object{Owner: session.SubjectID}); err != nil {
			return false, err
		}
		return tx.RevokeSession(ctx, request.SessionId, asked.Now)
	})
	if err != nil {
		return nil, err
	}
	h.ended(asked.Principal.ID, request.SessionId)
	return api.DeleteMySession204Response{}, nil
}
