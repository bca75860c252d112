package handlers_test

import (
	"context"

	"xunfang/models"
	"xunfang/store"
)

// message is a message of the station's in a tip.
func (s *stage) message(tip models.ID) models.ID {
	if tip == s.missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		_, err := tx.AddTipMessage(ctx, models.TipMessage{ID: id, TipID: tip, AuthorID: s.rig.Officer.ID, Text: "请补充", SentAt: s.now()})
		return err
	})
}

func putting(body map[string]any, path string, parts ...any) asked {
	made := post(body, path, parts...)
	made.method = "PUT"
	return made
}

var tipMessageProbes = map[string]probe{
	"createTipMessage": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"id": s.rig.ids.next(), "text": "往北门走了"}, "/v1/tips/%s/messages", s.tip(who, at))
	}),
	"listTipMessages": about(func(s *stage, who *caller, at column) asked { return get("/v1/tips/%s/messages", s.tip(who, at)) }),
	"readTipMessages": about(func(s *stage, who *caller, at column) asked {
		tip := s.tip(who, at)
		return post(map[string]any{"up_to": s.message(tip)}, "/v1/tips/%s/messages/read", tip)
	}),
	"createTipNote": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"id": s.rig.ids.next(), "text": "手法相同"}, "/v1/tips/%s/notes", s.tip(who, at))
	}),
	"listTipNotes":     about(func(s *stage, who *caller, at column) asked { return get("/v1/tips/%s/notes", s.tip(who, at)) }),
	"listQuickAnswers": plain(func(*stage, *caller) asked { return get("/v1/quick-answers") }),
	"putQuickAnswer": plain(func(s *stage, _ *caller) asked {
		return putting(map[string]any{"text_zh": "收到", "text_en": "Thank you", "order": 5}, "/v1/quick-answers/%s", s.rig.ids.next())
	}),
	"deleteQuickAnswer": about(func(s *stage, _ *caller, at column) asked {
		if at == missing {
			return remove("/v1/quick-answers/%s", s.missing)
		}
		station := map[column]models.ID{own: s.rig.A, otherStation: s.rig.B}[at]
		return remove("/v1/quick-answers/%s", s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
			return tx.PutQuickAnswer(ctx, models.QuickAnswer{ID: id, StationID: station, TextZH: "收到", TextEN: "Thanks", UpdatedAt: s.now()})
		}))
	}),
}
