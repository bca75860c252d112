package handlers_test

import (
	"context"

	"xunfang/models"
	"xunfang/store"
)

// finding is a new finding of the owner, in the column's place.
func (s *stage) finding(who *caller, at column, media ...models.ID) models.ID {
	if at == missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		return tx.AddFindings(ctx, []models.Finding{{
			ID: id, OrderID: models.OrderID(s.now(), id), Place: s.compound[at].Place, FinderID: s.owner(who, at).ID,
			Kind: models.FindingHazard, Description: "井盖缺失", CheckpointID: s.compound[at].Checkpoint, MediaIDs: media,
			FoundAt: s.now(), PhoneAt: s.now(), ReceivedAt: s.now(), State: models.FindingReported,
		}})
	})
}

func (s *stage) newFinding(more map[string]any) map[string]any {
	item := map[string]any{
		"id": s.rig.ids.next(), "kind": "forced_door", "description": "门被撬", "position": somewhere, "found_at": instant(s.now()),
	}
	for field, value := range more {
		item[field] = value
	}
	return map[string]any{"items": []any{item}}
}

var findingProbes = map[string]probe{
	"createFindings": about(func(s *stage, _ *caller, at column) asked {
		return post(s.newFinding(map[string]any{"checkpoint_id": s.checkpointID(at)}), "/v1/findings").naming("items[0].checkpoint_id")
	}),
	"createFindings (photo)": about(func(s *stage, who *caller, at column) asked {
		return post(s.newFinding(map[string]any{"media_ids": []models.ID{s.photo(who, at)}}), "/v1/findings").naming("items[0].media_ids[0]")
	}),
	"listFindings": lists("id", "/v1/findings", func(s *stage, who *caller, at column) models.ID {
		return s.once("finding", s.owner(who, at), at, func() models.ID { return s.finding(who, at) })
	}),
	"getFinding": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/findings/%s", s.once("finding", s.owner(who, at), at, func() models.ID { return s.finding(who, at) }))
	}),
	"getMedia (finding)": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/media/%s", s.once("found photo", s.owner(who, at), at, func() models.ID {
			made := s.photo(who, at)
			s.finding(who, at, made)
			return made
		}))
	}),
	"createFindingTransition": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"state": "accepted"}, "/v1/findings/%s/transitions", s.finding(who, at))
	}),
	"getMonthReport": about(func(s *stage, _ *caller, at column) asked {
		station := map[column]models.ID{own: s.rig.A, otherStation: s.rig.B, missing: s.missing}[at]
		return get("/v1/coverage/report?month=%s&station_id=%s", s.now().UTC().Format("2006-01"), station)
	}),
}
