package handlers_test

import (
	"context"

	"xunfang/models"
	"xunfang/store"
)

// hook is a system of the column's station.
func (s *stage) hook(at column) models.ID {
	if at == missing {
		return s.missing
	}
	station := map[column]models.ID{own: s.rig.A, otherStation: s.rig.B}[at]
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddAlertWebhook(ctx, models.AlertWebhook{
			ID: id, StationID: station, Name: "警铃", URL: "https://siren.example/", Secret: models.NewWebhookSecret(make([]byte, 24)),
			Severities: []string{models.SeverityInfo}, Kinds: []string{"drill"}, CreatedAt: s.now(),
		})
	})
}

func webhookBody(name, url string) map[string]any {
	return map[string]any{"name": name, "url": url, "severities": []string{"emergency"}}
}

var webhookProbes = map[string]probe{
	"listAlertWebhooks": plain(func(*stage, *caller) asked { return get("/v1/alert-webhooks") }),
	"createAlertWebhook": plain(func(s *stage, who *caller) asked {
		for _, hook := range s.hooks() { // a station has few
			_ = s.rig.store.Atomically(context.Background(), func(tx *store.Store) error {
				_, err := tx.DeleteAlertWebhook(context.Background(), s.rig.A, hook.ID, s.now())
				return err
			})
		}
		return post(webhookBody("警铃", "https://siren.example/"), "/v1/alert-webhooks")
	}),
	"deleteAlertWebhook": about(func(s *stage, _ *caller, at column) asked { return remove("/v1/alert-webhooks/%s", s.hook(at)) }),
	"rotateAlertWebhookSecret": about(func(s *stage, _ *caller, at column) asked {
		return post(nil, "/v1/alert-webhooks/%s/rotate-secret", s.hook(at))
	}),
	"testAlertWebhook": about(func(s *stage, _ *caller, at column) asked { return post(nil, "/v1/alert-webhooks/%s/test", s.hook(at)) }),
}

func (s *stage) hooks() []models.AlertWebhook {
	hooks, err := s.rig.store.AlertWebhooks(context.Background(), s.rig.A)
	if err != nil {
		s.rig.t.Fatal(err)
	}
	return hooks
}
