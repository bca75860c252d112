package handlers

import (
	"context"
	"slices"

	"xunfang/api"
	"xunfang/models"
	"xunfang/store"
)

// WeChat proves whose openid it is, and says which messages the mini-program sends: push.WeChat.
type WeChat interface {
	// OpenID exchanges the code of wx.login. CodeBadCredentials when it does not hold, CodeBusy when WeChat cannot be asked.
	OpenID(ctx context.Context, code models.Secret) (models.Secret, error)
	Templates() []models.WeChatTemplate
}

// signInByWeChat begins a session for the person whose openid the code proves.
func (h *Server) signInByWeChat(ctx context.Context, grant api.WeChatGrant) (api.TokenResponse, error) {
	if h.WeChat == nil {
		return api.TokenResponse{}, models.Fail(models.CodeWeChatOff)
	}
	openID, err := h.WeChat.OpenID(ctx, models.Secret(grant.Code))
	if err != nil && models.CodeOf(err) != models.CodeBadCredentials {
		return api.TokenResponse{}, err
	}
	person := models.Person{}
	if refusal := err; refusal == nil {
		if person, err = h.Store.PersonByOpenID(ctx, openID); models.CodeOf(err) == models.CodeNotFound {
			err = models.Fail(models.CodeWeChatNotBound)
		}
	}
	what, failed := h.signIn(ctx, "openid", openID.Reveal(), person.StationID)
	if failed != nil {
		return api.TokenResponse{}, failed
	}
	switch code := models.CodeOf(err); {
	case code == models.CodeBadCredentials || code == models.CodeWeChatNotBound:
		return api.TokenResponse{}, h.refused(ctx, what, err)
	case err != nil:
		return api.TokenResponse{}, err
	case person.Disabled():
		return api.TokenResponse{}, h.refused(ctx, what, models.Fail(models.CodeBadCredentials))
	}
	session := models.Session{SubjectID: person.ID, StationID: person.StationID, Client: value(grant.Client)}
	return h.openSession(ctx, what, session, func(tx *store.Store) (bool, error) {
		now, err := lockedPerson(ctx, tx, person.ID)
		if err != nil || now.Disabled() {
			return false, err
		}
		return tx.HasOpenID(ctx, person.ID, openID) // it may have been unbound meanwhile
	})
}

// GetMyWeChat answers GET /v1/me/wechat.
func (h *Server) GetMyWeChat(ctx context.Context, _ api.GetMyWeChatRequestObject) (api.GetMyWeChatResponseObject, error) {
	answer, err := h.myWeChat(ctx, h.Store)
	if err != nil {
		return nil, err
	}
	return api.GetMyWeChat200JSONResponse(answer), nil
}

// PutMyWeChat answers PUT /v1/me/wechat. WeChat is asked before the transaction; the code is worth nothing afterwards.
func (h *Server) PutMyWeChat(ctx context.Context, request api.PutMyWeChatRequestObject) (api.PutMyWeChatResponseObject, error) {
	if h.WeChat == nil {
		return nil, models.Fail(models.CodeWeChatOff)
	}
	asked := api.From(ctx)
	what := &deed{operation: models.OpPutMyWeChat, kind: "person", id: asked.Principal.ID}
	openID, err := h.WeChat.OpenID(ctx, models.Secret(request.Body.Code))
	if models.CodeOf(err) == models.CodeBadCredentials {
		return nil, h.refused(ctx, what, models.Unfit("code", models.FieldNoSuch, ""))
	}
	if err != nil {
		return nil, err
	}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.MyWeChat, error) {
		if err := tx.BindWeChat(ctx, asked.Principal.ID, openID, asked.Now); err != nil {
			return api.MyWeChat{}, err
		}
		return h.myWeChat(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	return api.PutMyWeChat200JSONResponse(answer), nil
}

// DeleteMyWeChat answers DELETE /v1/me/wechat.
func (h *Server) DeleteMyWeChat(ctx context.Context, _ api.DeleteMyWeChatRequestObject) (api.DeleteMyWeChatResponseObject, error) {
	who := api.From(ctx).Principal
	what := &deed{operation: models.OpDeleteMyWeChat, kind: "person", id: who.ID}
	_, err := act(ctx, h, what, 204, func(tx *store.Store) (bool, error) { return true, tx.UnbindWeChat(ctx, who.ID) })
	if err != nil {
		return nil, err
	}
	return api.DeleteMyWeChat204Response{}, nil
}

// CreateWeChatConsents answers POST /v1/me/wechat-consents. The mini-program is believed: should it say too much, WeChat
// refuses the message, and the count is set right.
func (h *Server) CreateWeChatConsents(
	ctx context.Context, request api.CreateWeChatConsentsRequestObject,
) (api.CreateWeChatConsentsResponseObject, error) {
	asked := api.From(ctx)
	what := &deed{operation: models.OpCreateWeChatConsents, kind: "person", id: asked.Principal.ID}
	answer, err := act(ctx, h, what, 200, func(tx *store.Store) (api.MyWeChat, error) {
		if h.WeChat == nil {
			return api.MyWeChat{}, models.Fail(models.CodeWeChatOff)
		}
		known := h.WeChat.Templates()
		for at, id := range request.Body.TemplateIds {
			if !slices.ContainsFunc(known, func(template models.WeChatTemplate) bool { return template.ID == id }) {
				return api.MyWeChat{}, models.Unfit(models.Indexed("template_ids", at), models.FieldNoSuch, "")
			}
		}
		err := tx.AddWeChatConsents(ctx, asked.Principal.ID, request.Body.TemplateIds, asked.Now)
		if models.CodeOf(err) == models.CodeNotFound {
			return api.MyWeChat{}, models.Fail(models.CodeWrongState).In("not_bound")
		}
		if err != nil {
			return api.MyWeChat{}, err
		}
		return h.myWeChat(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	return api.CreateWeChatConsents200JSONResponse(answer), nil
}

// myWeChat is what the caller may know of their binding; the openid is not part of it.
func (h *Server) myWeChat(ctx context.Context, from *store.Store) (api.MyWeChat, error) {
	answer := api.MyWeChat{Available: h.WeChat != nil, Templates: []api.WeChatTemplate{}}
	account, consents, err := from.WeChatAccount(ctx, api.From(ctx).Principal.ID)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return answer, err
	}
	answer.BoundAt = api.AtOrNil(account.BoundAt)
	if h.WeChat == nil {
		return answer, nil
	}
	left := map[string]int{}
	for _, consent := range consents {
		left[consent.TemplateID] = consent.Left
	}
	for _, template := range h.WeChat.Templates() {
		answer.Templates = append(answer.Templates, api.WeChatTemplate{
			TemplateId: template.ID, Kinds: append([]string{}, template.Kinds...), LongTerm: template.LongTerm, Consents: left[template.ID],
		})
	}
	return answer, nil
}
