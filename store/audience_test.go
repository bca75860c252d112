package store_test

import (
	"testing"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// Who has moved out, whose account is disabled, and who is not yet there is no part of an audience: told and counted alike.
func TestWhoIsPartOfAnAudience(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		crowdOf(ctx, t, s, 1)
		person := models.ID("00000000-0000-7000-8000-000000000001")
		now := claimNow.UnixMilli()
		for at, test := range []struct {
			name                   string
			starts, ends, disabled int64
			want                   int
		}{
			{"there", 1, 0, 0, 1},
			{"from now on", now, 0, 0, 1},
			{"from a moment later", now + 1, 0, 0, 0},
			{"until a moment later", 1, now + 1, 0, 1},
			{"moves out now", 1, now, 0, 0},
			{"disabled", 1, 0, 1, 0},
		} {
			err := s.Atomically(ctx, func(tx *store.Store) error {
				if err := tx.Write(ctx).Exec("UPDATE people SET disabled_at = ? WHERE id = ?", test.disabled, person).Error; err != nil {
					return err
				}
				return tx.Write(ctx).Exec("UPDATE role_grants SET starts_at = ?, ends_at = ? WHERE person_id = ?", test.starts, test.ends, person).Error
			})
			if err != nil {
				t.Fatal(err)
			}
			alert := alertForAll(models.ID("01939c1e-8a00-7000-8000-0000000001a")+models.ID(rune('0'+at)), models.SeverityNormal)
			told := addAlert(ctx, t, s, alert)
			counted, byRole, err := s.CountAudience(ctx, alert.Audience, claimNow)
			if told != test.want || counted != test.want || byRole[models.RoleResident] != test.want || err != nil {
				t.Errorf("%s: %d told, %d counted, %v, %v", test.name, told, counted, byRole, err)
			}
			alert.Audience.Named, alert.Audience.Only = 1, []models.ID{person}
			if found, err := s.Audience(ctx, alert.Audience, claimNow); len(found) != test.want || err != nil {
				t.Errorf("%s: by name %v, %v", test.name, found, err)
			}
		}
	})
}
