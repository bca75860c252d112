package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"xunfang/models"
	"xunfang/store"
	"xunfang/store/testdb"
)

// The list of what a member of rounds may read says the same as the rule about each finding.
func TestSharedFindingsAreThoseOfTheRule(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, night := t.Context(), time.Date(2026, 6, 1, 22, 0, 0, 0, time.UTC)
		chance := rand.New(rand.NewPCG(3, 4))
		minute := func(most int) time.Time { return night.Add(time.Duration(chance.IntN(most)) * time.Minute) }
		name := func(words string, number int) models.ID {
			return models.OrderID(night, models.ID(fmt.Sprint(words, number)))
		}
		station, findings := name("station", 0), []models.Finding{}
		err := s.Atomically(ctx, func(tx *store.Store) error {
			for number := range 6 {
				round := models.Round{ID: name("round", number), StationID: station, State: models.RoundInProgress, StartsAt: night}
				if number%2 == 0 {
					round.EndedAt = minute(20)
				}
				if err := tx.AddRound(ctx, round); err != nil {
					return err
				}
				for person := range 4 {
					member := models.RoundMember{RoundID: round.ID, PersonID: name("person", person), JoinedAt: minute(10), ConfirmedAt: night}
					if chance.IntN(2) == 0 {
						member.LeftAt = member.JoinedAt.Add(time.Duration(chance.IntN(10)) * time.Minute)
					}
					if chance.IntN(5) == 0 {
						member.ConfirmedAt = time.Time{}
					}
					if err := tx.AddRoundMember(ctx, member); err != nil {
						return err
					}
				}
			}
			for number := range 60 {
				id, at := name("finding", number), minute(20)
				findings = append(findings, models.Finding{
					ID: id, OrderID: models.OrderID(at, id), Place: models.Place{Station: station}, FinderID: name("person", number%4),
					Kind: models.FindingOther, Description: "x", RoundID: name("round", number%7), FoundAt: at, PhoneAt: at, ReceivedAt: at,
					State: models.FindingReported,
				})
			}
			return tx.AddFindings(ctx, findings)
		})
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for person := range 4 {
			reader := name("person", person)
			listed, err := s.Findings(ctx, nil, reader, store.FindingFilter{}, store.Page{Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			want := map[models.ID]bool{}
			for _, finding := range findings {
				shared, err := s.FindingShared(ctx, finding, reader)
				if err != nil {
					t.Fatal(err)
				}
				if shared {
					want[finding.ID] = true
				}
			}
			seen += len(listed)
			for _, finding := range listed {
				if !want[finding.ID] {
					t.Errorf("reader %d lists finding %s", person, finding.ID)
				}
			}
			if len(listed) != len(want) {
				t.Errorf("reader %d lists %d findings, the rule says %d", person, len(listed), len(want))
			}
		}
		if seen == 0 || seen == 4*60 {
			t.Errorf("%d findings are shared: the test shows nothing", seen)
		}
	})
}

func TestFindingTextsAreSealed(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 6, 1, 22, 0, 0, 0, time.UTC)
		id := models.OrderID(now, "finding")
		finding := models.Finding{
			ID: id, OrderID: id, Place: models.Place{Station: id}, FinderID: id, Kind: models.FindingOther, Description: "门口有人",
			FoundAt: now, PhoneAt: now, ReceivedAt: now, State: models.FindingReported, Steps: []models.FindingStep{{}},
		}
		err := s.Atomically(ctx, func(tx *store.Store) error {
			if err := tx.AddFindings(ctx, []models.Finding{finding}); err != nil {
				return err
			}
			step := models.FindingStep{State: models.FindingAccepted, At: now, ByID: id, Note: "已去现场"}
			return tx.AdvanceFinding(ctx, finding, step, "")
		})
		if err != nil {
			t.Fatal(err)
		}
		for query, plain := range map[string]string{
			"SELECT description_sealed FROM findings": "门口有人", "SELECT note_sealed FROM finding_steps WHERE ordinal = 2": "已去现场",
		} {
			kept := ""
			if err := s.Read(ctx).Raw(query).Scan(&kept).Error; err != nil || kept == "" || strings.Contains(kept, plain) {
				t.Errorf("%s: %q, %v", query, kept, err)
			}
		}
		read, err := s.Finding(ctx, id)
		if err != nil || read.Description != "门口有人" || len(read.Steps) != 2 || read.Steps[1].Note != "已去现场" {
			t.Errorf("read again: %+v, %v", read, err)
		}
		again := func(tx *store.Store) error { return tx.AddFindings(ctx, []models.Finding{finding}) }
		if err := s.Atomically(ctx, again); models.CodeOf(err) != models.CodeAlreadyExists {
			t.Errorf("the same id again: %v", err)
		}
	})
}

// Whom a finding is told to: who holds a role over its place, now, and may still sign in.
func TestHoldersOver(t *testing.T) {
	testdb.Each(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.Date(2026, 6, 1, 22, 0, 0, 0, time.UTC)
		id := func(name string) models.ID { return models.OrderID(now, models.ID(name)) }
		station, compound := id("station"), id("compound")
		holder := func(ctx context.Context, tx *store.Store, name string, grant models.Grant, disabled time.Time) error {
			err := tx.AddPerson(ctx, models.Person{ID: id(name), StationID: station, Name: models.Secret(name), CreatedAt: now, DisabledAt: disabled})
			if err != nil {
				return err
			}
			grant.ID, grant.PersonID = id("grant "+name), id(name)
			return tx.AddGrant(ctx, grant, now)
		}
		officer := models.Grant{Role: models.RoleOfficer, StartsAt: now.Add(-time.Hour)}
		at := func(place models.Place, ends time.Time) models.Grant {
			grant := officer
			grant.Place, grant.EndsAt = place, ends
			return grant
		}
		here, whole := models.Place{Station: station, Compound: compound}, models.Place{Station: station}
		err := s.Atomically(ctx, func(tx *store.Store) error {
			for name, grant := range map[string]models.Grant{
				"here": at(here, time.Time{}), "whole": at(whole, time.Time{}), "until later": at(here, now.Add(time.Millisecond)),
				"until now": at(here, now), "elsewhere": at(models.Place{Station: station, Compound: id("other")}, time.Time{}),
				"foreign":  at(models.Place{Station: id("far")}, time.Time{}),
				"resident": {Role: models.RoleResident, Place: here, StartsAt: now.Add(-time.Hour)},
			} {
				if err := holder(ctx, tx, name, grant, time.Time{}); err != nil {
					return err
				}
			}
			return holder(ctx, tx, "disabled", at(here, time.Time{}), now)
		})
		if err != nil {
			t.Fatal(err)
		}
		roles := []models.Role{models.RoleOfficer, models.RoleCommander}
		for place, want := range map[models.Place][]string{here: {"here", "whole", "until later"}, whole: {"whole"}} {
			people, err := s.HoldersOver(ctx, roles, place, now)
			names := map[models.ID]bool{}
			for _, name := range want {
				names[id(name)] = true
			}
			for _, person := range people {
				delete(names, person)
			}
			if err != nil || len(people) != len(want) || len(names) > 0 {
				t.Errorf("over %v: %d people, %v; missing %v", place.Level(), len(people), err, names)
			}
		}
	})
}
