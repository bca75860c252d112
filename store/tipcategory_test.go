package store_test

import (
	"reflect"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// A station's newest version counts, each version is written once, and what the program brought is there until then.
func TestTipCategoryVersions(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
		station, other := models.OrderID(now, "station"), models.OrderID(now, "other")
		add := func(category models.TipCategory) models.Code {
			return models.CodeOf(s.Atomically(ctx, func(tx *store.Store) error { return tx.AddTipCategory(ctx, station, category) }))
		}
		second := models.TipCategory{
			Code: "theft", Version: 2, NameZH: "盗窃", NameEN: "Theft", Order: 3, Public: true, UpdatedAt: now, Questions: []models.TipQuestion{
				{Key: "what", TextZH: "什么？", TextEN: "What?", Type: models.QuestionChoice, Required: true, Values: []models.TipChoice{{Code: "a", TextZH: "甲", TextEN: "A"}}},
			},
		}
		third := models.TipCategory{Code: "theft", Version: 3, NameZH: "偷窃", NameEN: "Theft", Withdrawn: true, UpdatedAt: now, Questions: []models.TipQuestion{}}
		if add(second) != "" || add(third) != "" || add(models.TipCategory{Code: "noise", Version: 1, UpdatedAt: now}) != "" {
			t.Fatal("a version is not taken")
		}
		if code := add(models.TipCategory{Code: "theft", Version: 3, NameZH: "第二个"}); code != models.CodeConflict {
			t.Errorf("a version is written twice: %q", code)
		}
		first, _ := models.TipCategoryIn(models.DefaultTipCategories(), "theft")
		for version, want := range map[int]models.TipCategory{0: third, 1: first, 2: second, 3: third} {
			if got, err := s.TipCategory(ctx, station, "theft", version); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("version %d: %+v, %v", version, got, err)
			}
		}
		if got, err := s.TipCategory(ctx, other, "theft", 0); err != nil || got.Version != 1 {
			t.Errorf("of another station: %+v, %v", got, err)
		}
		for _, code := range []string{"no_such", "noise"} {
			if _, err := s.TipCategory(ctx, other, code, 0); models.CodeOf(err) != models.CodeNotFound {
				t.Errorf("%s of another station: %v", code, err)
			}
		}
		all, err := s.TipCategories(ctx, station)
		theft, _ := models.TipCategoryIn(all, "theft")
		if _, noise := models.TipCategoryIn(all, "noise"); err != nil || len(all) != len(models.DefaultTipCategories())+1 || !noise || theft.Version != 3 {
			t.Errorf("all: %+v, %v", all, err)
		}
	})
}
