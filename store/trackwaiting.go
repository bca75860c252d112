package store

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"xunfang/models"
)

// waitingPointRow is a position that lies in no known round. It stands in a table of its own, and sealed, so that no query
// about tracks or cover can show or count it.
type waitingPointRow struct {
	PersonID    models.ID `gorm:"primaryKey"`
	BootID      string    `gorm:"primaryKey"`
	Slot        int64     `gorm:"primaryKey;autoIncrement:false"`
	At          int64
	PointSealed []byte
	RankID      models.ID // last: see replacing
}

func (waitingPointRow) TableName() string { return "track_waiting" }

func (waitingPointRow) replaces() (key []string, rank string) { return trackPointRow{}.replaces() }

func (r waitingPointRow) compareKey(other any) int {
	right := other.(waitingPointRow) //nolint:forcetypeassert // rows of one table
	return cmp.Or(cmp.Compare(r.PersonID, right.PersonID), cmp.Compare(r.BootID, right.BootID), cmp.Compare(r.Slot, right.Slot))
}

const waitingColumn = "track_waiting.point"

func (s *Store) waitingPointRow(point models.TrackPoint) (waitingPointRow, error) {
	row := s.trackPointRow(point)
	text, err := json.Marshal(row)
	return waitingPointRow{
		PersonID: row.PersonID, BootID: row.BootID, Slot: row.Slot, RankID: row.RankID, At: row.At,
		PointSealed: s.sealText(models.Secret(text), waitingColumn, row.PersonID+row.RankID),
	}, err
}

// WaitingPoints gives a person's positions in [from, to) that lie in no known round, by time.
func (s *Store) WaitingPoints(ctx context.Context, person models.ID, from, to time.Time) ([]models.TrackPoint, error) {
	rows := []waitingPointRow{}
	err := s.read(ctx).Where("person_id = ? AND at >= ? AND at < ?", person, millis(from), millis(to)).Order("at").Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	opened := make([]trackPointRow, len(rows))
	for at, row := range rows {
		text, err := s.openText(row.PointSealed, waitingColumn, row.PersonID+row.RankID)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(text.Reveal()), &opened[at]); err != nil {
			return nil, err
		}
	}
	return trackPoints(opened), nil
}

// boundWaiting deletes what a person has waiting beyond models.MaxTrackWaiting, the oldest first, so that what is left does
// not hang on the order in which they came. Without starts of the phone there cannot be more, and nothing need be counted.
func (s *Store) boundWaiting(ctx context.Context, added []waitingPointRow) error {
	for _, row := range added {
		if row.BootID == "" {
			continue
		}
		beyond := []int64{}
		err := s.read(ctx).Model(&waitingPointRow{}).Where("person_id = ?", row.PersonID).
			Order("at DESC").Offset(models.MaxTrackWaiting).Limit(1).Pluck("at", &beyond).Error
		if err != nil || len(beyond) == 0 {
			return translate(err)
		}
		done := s.write(ctx).Where("person_id = ? AND at <= ?", row.PersonID, beyond[0]).Delete(&waitingPointRow{})
		return translate(done.Error) // of one person, as all that is added at once
	}
	return nil
}

// forgetWaiting deletes positions that nothing has claimed in time, no more than forgetBatch and those that share the last
// one's millisecond.
func (s *Store) forgetWaiting(ctx context.Context, before time.Time) (int64, error) {
	aged := []int64{}
	err := s.read(ctx).Model(&waitingPointRow{}).Where("at < ?", millis(before)).Order("at").Limit(forgetBatch).Pluck("at", &aged).Error
	if err != nil || len(aged) == 0 {
		return 0, translate(err)
	}
	return s.erase(ctx, "DELETE FROM track_waiting WHERE at <= ?", aged[len(aged)-1])
}
