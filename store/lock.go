package store

import (
	"context"
	"slices"

	"gorm.io/gorm/clause"

	"xunfang/models"
)

// Whoever reads a row, changes a part of it and writes it back takes its lock first, or the change that
// another makes meanwhile is lost. SQLite has one writer and needs none.

// LockStation keeps a station's row for this transaction; CodeNotFound when there is none.
func (s *Store) LockStation(ctx context.Context, id models.ID) error {
	return lockRow(ctx, s, stationRow{}, id)
}

// LockPerson keeps a person's row for this transaction; CodeNotFound when there is none.
func (s *Store) LockPerson(ctx context.Context, id models.ID) error {
	return lockRow(ctx, s, personRow{}, id)
}

// LockDevice keeps a device's row for this transaction; CodeNotFound when there is none.
func (s *Store) LockDevice(ctx context.Context, id models.ID) error {
	return lockRow(ctx, s, deviceRow{}, id)
}

// LockCompound keeps a compound's row for this transaction; CodeNotFound when there is none.
func (s *Store) LockCompound(ctx context.Context, id models.ID) error {
	return lockRow(ctx, s, compoundRow{}, id)
}

// LockSquad keeps a squad's row for this transaction; CodeNotFound when there is none.
func (s *Store) LockSquad(ctx context.Context, id models.ID) error {
	return lockRow(ctx, s, squadRow{}, id)
}

// LockShift keeps a shift's row for this transaction; CodeNotFound when there is none.
func (s *Store) LockShift(ctx context.Context, id models.ID) error {
	return lockRow(ctx, s, shiftRow{}, id)
}

// LockStreetPost keeps a street post's row for this transaction; CodeNotFound when there is none.
func (s *Store) LockStreetPost(ctx context.Context, id models.ID) error {
	return lockRow(ctx, s, streetPostRow{}, id)
}

// LockRound keeps a round's row for this transaction; CodeNotFound when there is none.
func (s *Store) LockRound(ctx context.Context, id models.ID) error {
	return lockRow(ctx, s, roundRow{}, id)
}

// LockRounds keeps the rows of those of the rounds that are of certain stations, and names them. Whoever names another
// station's does not hold it up.
func (s *Store) LockRounds(ctx context.Context, stations, ids []models.ID) ([]models.ID, error) {
	query := s.write(ctx).Model(roundRow{})
	if s.engine.kind == kindMySQL {
		// MySQL keeps the lock of a row that it found by its id, also when another condition leaves the row out.
		foreign := []models.ID{}
		err := s.read(ctx).Model(roundRow{}).Where("id IN ? AND station_id NOT IN ?", ids, stations).Pluck("id", &foreign).Error
		if err != nil {
			return nil, translate(err)
		}
		ids = slices.DeleteFunc(slices.Clone(ids), func(id models.ID) bool { return slices.Contains(foreign, id) })
		query = query.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	found := []models.ID{}
	if len(ids) == 0 {
		return found, nil
	}
	err := query.Where("id IN ? AND station_id IN ?", ids, stations).Order("id").Pluck("id", &found).Error
	return found, translate(err)
}

func lockRow(ctx context.Context, s *Store, table any, id models.ID) error {
	query := s.write(ctx).Model(table).Where("id = ?", id).Limit(1)
	if s.engine.kind == kindMySQL {
		query = query.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	found := []models.ID{}
	if err := query.Pluck("id", &found).Error; err != nil {
		return translate(err)
	}
	if len(found) == 0 {
		return models.Fail(models.CodeNotFound)
	}
	return nil
}
