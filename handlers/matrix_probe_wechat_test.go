package handlers_test

import (
	"context"
	"net/http"

	"xunfang/models"
	"xunfang/store"
)

var wechatProbes = map[string]probe{
	"getMyWeChat": plain(func(*stage, *caller) asked { return asked{method: http.MethodGet, path: "/v1/me/wechat"} }),
	"putMyWeChat": plain(func(*stage, *caller) asked {
		return asked{method: http.MethodPut, path: "/v1/me/wechat", body: map[string]any{"code": "js-matrix"}}
	}),
	"deleteMyWeChat": plain(func(*stage, *caller) asked { return remove("/v1/me/wechat") }),
	"createWeChatConsents": plain(func(s *stage, who *caller) asked {
		if who != nil {
			s.made(func(ctx context.Context, tx *store.Store, _ models.ID) error {
				return tx.BindWeChat(ctx, who.ID, models.Secret("open-"+string(who.ID)), s.now())
			})
		}
		return post(map[string]any{"template_ids": []any{wechatTemplate}}, "/v1/me/wechat-consents")
	}),
}
