package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"xunfang/models"
)

// OpImportStation is the audit's word for an import, which is no operation of the API.
const OpImportStation models.Operation = "importStation"

// ImportCount is what an import did, or would do, to the things of one kind.
type ImportCount struct {
	Kind                             string // "compounds", "people", "roles", …
	Added, Updated, Unchanged, Ended int
}

// String writes what is not nothing.
func (c ImportCount) String() string {
	parts := []string{}
	for _, part := range []struct {
		count int
		word  string
	}{{c.Added, "added"}, {c.Updated, "updated"}, {c.Unchanged, "unchanged"}, {c.Ended, "ended"}} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.word))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// ImportReport tells what an import did, kind by kind.
type ImportReport struct{ Counts []ImportCount }

// Of gives the count of one kind.
func (r ImportReport) Of(kind string) ImportCount {
	for _, count := range r.Counts {
		if count.Kind == kind {
			return count
		}
	}
	return ImportCount{Kind: kind}
}

// Changes is how many things were added, updated or ended.
func (r ImportReport) Changes() int {
	changes := 0
	for _, count := range r.Counts {
		changes += count.Added + count.Updated + count.Ended
	}
	return changes
}

// String is one line per kind.
func (r ImportReport) String() string {
	text := strings.Builder{}
	for _, count := range r.Counts {
		_, _ = fmt.Fprintf(&text, "%-12s %s\n", count.Kind, count)
	}
	return text.String()
}

// Import makes the database hold what the description says, in one transaction with its audit
// entry: it adds what is new, updates what differs, and keeps what is not described, and what
// the description leaves out of a thing. A role that an earlier import gave to a described
// person ends now when it is no longer described. The hash of a password or of a device's
// secret is written only where there is none yet.
//
// It holds the only writer of SQLite until it is through: a minute for a large new station.
// The callback, if there is one, is told how many rows of how many are written; it begins
// again when the transaction has to.
//
// Errors, with nothing written: CodeAlreadyExists when something with another id has a name,
// phone or account that must be unique, each named in the error's fields; CodeConflict when a
// password or secret was set meanwhile; those of Atomically.
func (s *Store) Import(
	ctx context.Context, description models.Description, now time.Time, progress ...func(done, total int),
) (ImportReport, error) {
	report := ImportReport{}
	err := s.Atomically(ctx, func(tx *Store) error {
		planned, err := tx.plan(ctx, description, now)
		if err != nil {
			return err
		}
		planned.tell = progress
		if err := planned.write(ctx, tx); err != nil {
			return err
		}
		report = planned.report()
		for _, kind := range []string{"checkpoints", "routes", "street_posts", "squads"} {
			if report.Of(kind).Updated == 0 {
				continue
			}
			if err := tx.CoverageGroundChanged(ctx, description.Station.ID, now); err != nil {
				return err
			}
			break
		}
		return tx.Record(ctx, importEntry(s.config.NewID(), description, report, now), "")
	})
	return report, err
}

// PlanImport tells what Import would do now, and writes nothing. Errors: those of Import.
func (s *Store) PlanImport(ctx context.Context, description models.Description, now time.Time) (ImportReport, error) {
	planned, err := s.plan(ctx, description, now)
	if err != nil {
		return ImportReport{}, err
	}
	return planned.report(), nil
}

// MissingSecrets lists the described people who have an account and no password yet, and the
// described devices without a secret, in the description's order: what has to be hashed before
// Import, as hashing is too slow for a transaction.
func (s *Store) MissingSecrets(ctx context.Context, description models.Description) (people, devices []models.ID, err error) {
	station, have := description.Station.ID, map[models.ID]bool{}
	for _, query := range []*gorm.DB{
		s.read(ctx).Model(&personRow{}).Where("password_hash <> ?", ""),
		s.read(ctx).Model(&deviceRow{}).Where("LENGTH(secret_hash) > 0"),
	} {
		ids := []models.ID{}
		err := query.Where("station_id = ?", station).Pluck("id", &ids).Error
		if err != nil {
			return nil, nil, translate(err)
		}
		for _, id := range ids {
			have[id] = true
		}
	}
	for _, person := range description.People {
		if person.Account != "" && !have[person.ID] {
			people = append(people, person.ID)
		}
	}
	for _, device := range description.Devices {
		if !have[device.ID] {
			devices = append(devices, device.ID)
		}
	}
	return people, devices, nil
}

func importEntry(id models.ID, description models.Description, report ImportReport, now time.Time) models.AuditEntry {
	facts := map[string]string{}
	for _, count := range report.Counts {
		facts[count.Kind] = count.String()
	}
	return models.AuditEntry{
		ID: id, StationID: description.Station.ID, At: now, Operation: OpImportStation, ObjectKind: "station",
		ObjectID: description.Station.ID, Outcome: models.AuditAllowed, Facts: facts,
	}
}
