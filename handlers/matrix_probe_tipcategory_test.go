package handlers_test

import (
	"context"
	"fmt"

	"xunfang/models"
	"xunfang/store"
)

// category is a category that only its station has.
func (s *stage) category(station models.ID) string {
	s.count++
	code := fmt.Sprintf("matrix_%d", s.count)
	s.made(func(ctx context.Context, tx *store.Store, _ models.ID) error {
		return tx.AddTipCategory(ctx, station, models.TipCategory{Code: code, Version: 1, NameZH: "矩阵", NameEN: "Matrix", UpdatedAt: s.now()})
	})
	return code
}

var tipCategoryProbes = map[string]probe{
	"listTipCategories": about(func(s *stage, _ *caller, at column) asked {
		station := map[column]models.ID{own: s.rig.A, otherStation: s.rig.B, missing: s.missing}[at]
		return get("/v1/tip-categories?station_id=%s", station)
	}),
	"getTipCategory": about(func(s *stage, _ *caller, at column) asked {
		station := map[column]models.ID{own: s.rig.A, otherStation: s.rig.B, missing: s.missing}[at]
		return get("/v1/tip-categories/theft?station_id=%s", station)
	}),
	"putTipCategory": plain(func(*stage, *caller) asked {
		return putting(map[string]any{
			"version": 0, "name_zh": "噪声", "name_en": "Noise", "order": 70, "public": false, "questions": []any{},
		}, "/v1/tip-categories/noise")
	}),
	"deleteTipCategory": about(func(s *stage, _ *caller, at column) asked {
		if at == missing {
			return remove("/v1/tip-categories/no_such")
		}
		station := map[column]models.ID{own: s.rig.A, otherStation: s.rig.B}[at]
		return remove("/v1/tip-categories/%s", s.category(station))
	}),
}
