package handlers_test

import (
	"context"
	"crypto/sha256"

	"xunfang/models"
	"xunfang/store"
)

// repair is a new repair of the owner, in the column's place, in a state; the caller has it.
func (s *stage) repair(who *caller, at column, state models.RepairState) models.ID {
	if at == missing {
		return s.missing
	}
	return s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		hash := sha256.Sum256([]byte(id))
		repair := models.Repair{
			ID: id, OrderID: s.rig.ids.next(), Place: s.compound[at].Place, RequesterID: s.owner(who, at).ID, Category: models.RepairLamp,
			Note: "灯不亮", State: models.RepairRequested, RequestedAt: s.now(), BodyHash: hash[:], Version: 1,
			Steps: []models.RepairStep{{State: models.RepairRequested, At: s.now(), ByID: s.owner(who, at).ID}},
		}
		if err := tx.AddRepair(ctx, repair); err != nil || state == models.RepairRequested {
			return err
		}
		repair.State, repair.AssignedTo, repair.DoneAt = state, s.owner(who, own).ID, s.now()
		repair.Steps = append(repair.Steps, models.RepairStep{State: state, At: s.now(), ByID: s.owner(who, at).ID})
		return tx.ChangeRepair(ctx, repair, false)
	})
}

func (s *stage) keptRepair(who *caller, at column) models.ID {
	return s.once("repair", s.owner(who, at), at, func() models.ID { return s.repair(who, at, models.RepairRequested) })
}

func (s *stage) newRepair(more map[string]any) map[string]any {
	body := map[string]any{"id": s.rig.ids.next(), "category": "lamp"}
	for field, value := range more {
		body[field] = value
	}
	return body
}

var repairProbes = map[string]probe{
	"createRepair": about(func(s *stage, _ *caller, at column) asked {
		return post(s.newRepair(map[string]any{"compound_id": s.compoundID(at)}), "/v1/repairs").naming("compound_id")
	}),
	"createRepair (home)": about(func(s *stage, _ *caller, at column) asked {
		return post(s.newRepair(map[string]any{"home_id": s.homeID(at)}), "/v1/repairs").naming("home_id")
	}),
	"createRepair (photo)": about(func(s *stage, who *caller, at column) asked {
		body := s.newRepair(map[string]any{"compound_id": s.compoundID(own), "media_ids": []models.ID{s.photo(who, at)}})
		return post(body, "/v1/repairs").naming("media_ids[0]")
	}),
	"listRepairs": lists("id", "/v1/repairs", func(s *stage, who *caller, at column) models.ID { return s.keptRepair(who, at) }),
	"getRepair": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/repairs/%s", s.keptRepair(who, at))
	}),
	"assignRepair": about(func(s *stage, who *caller, at column) asked {
		body := map[string]any{"person_id": s.rig.Property.ID}
		return post(body, "/v1/repairs/%s/assignment", s.repair(who, at, models.RepairRequested))
	}),
	"createRepairTransition": about(func(s *stage, who *caller, at column) asked {
		body := map[string]any{"state": "accepted"}
		return post(body, "/v1/repairs/%s/transitions", s.repair(who, at, models.RepairAssigned))
	}),
	"cancelRepair": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"note": "不需要了"}, "/v1/repairs/%s/cancellation", s.repair(who, at, models.RepairRequested))
	}),
	"rateRepair": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"stars": 5}, "/v1/repairs/%s/rating", s.repair(who, at, models.RepairDone))
	}),
	"reopenRepair": about(func(s *stage, who *caller, at column) asked {
		return post(map[string]any{"note": "又不亮了"}, "/v1/repairs/%s/reopening", s.repair(who, at, models.RepairDone))
	}),
	"handOverRepairs": about(func(s *stage, _ *caller, at column) asked {
		body := map[string]any{"compound_id": s.compoundID(at), "from_id": s.rig.Resident.ID, "to_id": s.rig.Property.ID}
		return post(body, "/v1/repair-hand-overs").naming("compound_id")
	}),
	"getRepairFigures": about(func(s *stage, _ *caller, at column) asked {
		return get("/v1/repair-figures?compound_id=%s", s.compoundID(at))
	}),
	"getMedia (repair)": about(func(s *stage, who *caller, at column) asked {
		return get("/v1/media/%s", s.once("repair photo", s.owner(who, at), at, func() models.ID {
			photo := s.photo(who, at)
			return s.repairWith(who, at, photo)
		}))
	}),
}

// repairWith shows a photo in a new repair of its owner, and gives the photo back.
func (s *stage) repairWith(who *caller, at column, photo models.ID) models.ID {
	if at == missing {
		return s.missing
	}
	s.made(func(ctx context.Context, tx *store.Store, id models.ID) error {
		hash := sha256.Sum256([]byte(id))
		return tx.AddRepair(ctx, models.Repair{
			ID: id, OrderID: s.rig.ids.next(), Place: s.compound[at].Place, RequesterID: s.owner(who, at).ID, Category: models.RepairLamp,
			State: models.RepairRequested, RequestedAt: s.now(), BodyHash: hash[:], MediaIDs: []models.ID{photo},
			Steps: []models.RepairStep{{State: models.RepairRequested, At: s.now(), ByID: s.owner(who, at).ID}},
		})
	})
	return photo
}
